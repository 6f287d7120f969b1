"""Percentages add up to exactly one hundred."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points_wheel.disclosure import millionths, percent


def test_thirds_add_up() -> None:
    found = millionths({"a": 1, "b": 1, "c": 1})
    assert [percent(share) for share in found.values()] == [
        "33.3334",
        "33.3333",
        "33.3333",
    ]


@given(weights=st.lists(st.integers(0, 2**80), min_size=1, max_size=64))
def test_shares_add_up_and_are_at_most_one_millionth_off(weights: list[int]) -> None:
    if not sum(weights):
        weights = [1, *weights]
    named = {str(number): weight for number, weight in enumerate(weights)}
    shares = millionths(named)
    assert sum(shares.values()) == 1_000_000
    for name, weight in named.items():
        exact = Fraction(weight * 1_000_000, sum(weights))
        assert abs(shares[name] - exact) < 1


def test_odds_of_nothing_cannot_be_disclosed() -> None:
    with pytest.raises(ValueError, match="cannot be disclosed"):
        millionths({"a": 0})
