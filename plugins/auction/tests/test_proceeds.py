"""What a winner pays is split to the point."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points_auction.proceeds import Split, burned_instead, split
from points_auction.terms import POINTS_MAX, Shares


SHARES = Shares(fee=500, burn=1_000, charity=333, charity_member_id="charity")


@pytest.mark.parametrize(
    ("points", "parts"),
    [
        (1, Split(seller=1, charity=0, fee=0, burn=0)),
        (19, Split(seller=18, charity=0, fee=0, burn=1)),
        (1_000, Split(seller=817, charity=33, fee=50, burn=100)),
    ],
)
def test_shares_are_rounded_down_and_the_seller_gets_the_rest(
    points: int, parts: Split
) -> None:
    assert split(points, SHARES, has_seller=True) == parts


def test_without_a_seller_the_rest_is_burned() -> None:
    shares = Shares(charity=5_000, charity_member_id="charity")

    assert split(101, shares, has_seller=False) == Split(0, 50, 0, 51)


@given(
    points=st.integers(0, POINTS_MAX),
    shares=st.builds(Shares, *[st.integers(0, 3_333)] * 3),
    seller_id=st.sampled_from(["", "s"]),
)
def test_nothing_is_lost_and_nothing_made(
    points: int, shares: Shares, seller_id: str
) -> None:
    parts = split(points, shares, has_seller=bool(seller_id))

    assert parts.total == points
    assert min(parts) >= 0
    assert (parts.seller > 0) is (bool(seller_id) and points > 0)


def test_what_cannot_be_given_is_burned() -> None:
    parts = Split(seller=80, charity=9, fee=7, burn=4)

    assert burned_instead(parts, seller=True, charity=False) == Split(0, 9, 0, 91)
    assert burned_instead(parts, seller=False, charity=True) == Split(80, 0, 7, 13)
    assert burned_instead(parts, seller=True, charity=True) == Split(0, 0, 0, 100)
    assert burned_instead(parts, seller=False, charity=False) == parts
