"""Time in chains: that never come back, that take turns, that have several ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import pytest

from points_wheel.longrun import ROOTS_MAX, SCALE, TooMuch, time_shares


def shares(chain: Sequence[Mapping[int, int]]) -> list[Fraction]:
    """Returns the shares of all time, rounded to what is seen of them."""
    found = time_shares(chain, steps_max=1_000)
    return [Fraction(share, SCALE).limit_denominator(10_000) for share in found]


def test_a_state_alone_has_all_the_time() -> None:
    assert shares([{0: 7}]) == [1]


def test_a_chain_that_never_comes_back_to_its_start_ends() -> None:
    assert shares([{1: 1}, {2: 1}, {2: 1, 1: 3}]) == [0, Fraction(3, 7), Fraction(4, 7)]


def test_turns_are_shared_evenly() -> None:
    assert shares([{1: 1}, {2: 5}, {0: 2}]) == [Fraction(1, 3)] * 3


def test_a_state_that_is_seldom_left_has_nearly_all_the_time() -> None:
    assert shares([{1: 1, 0: 998}, {0: 1}]) == [
        Fraction(999, 1_000),
        Fraction(1, 1_000),
    ]


def test_each_of_several_ends_has_its_chance() -> None:
    # One in four ends where two take turns, the others where one stays.
    chain = [{0: 9, 1: 1, 2: 3}, {3: 1}, {2: 1}, {1: 1}]
    assert shares(chain) == [0, Fraction(1, 8), Fraction(3, 4), Fraction(1, 8)]


def test_what_can_happen_once_in_longer_than_time_still_ends() -> None:
    rare = {0: 1 << 400, 1: 1}
    assert shares([rare, {1: 1}]) == [0, 1]


def test_a_chain_that_takes_too_many_steps_or_ends_is_given_up() -> None:
    mesh = [dict.fromkeys(range(30), 1) for _ in range(30)]
    with pytest.raises(TooMuch):
        time_shares(mesh, steps_max=100)
    ends = ROOTS_MAX + 1
    fan = [dict.fromkeys(range(1, ends + 1), 1), *({n: 1} for n in range(1, ends + 1))]
    with pytest.raises(TooMuch):
        time_shares(fan, steps_max=1_000)
