"""Members who are merged: not while what they have paid may still come back."""

from __future__ import annotations

import pytest
from plugins.auction.tests.house import ALL_PAY, House


@pytest.fixture
def paid(house: House) -> House:
    """Returns the house with an all-pay auction in which Ann and Bob have paid."""
    house.members("ann", "bob")
    house.create(ALL_PAY, bids_max=5, bid_points_max=500)
    house.bid("ann", 100)
    house.bid("bob", 60)
    return house


def test_who_has_paid_in_an_open_auction_is_not_merged(paid: House) -> None:
    with paid.bench.refused("BIDS_OPEN"):
        paid.bench.merge("ann", "bob")

    assert paid.bench.balances("ann").available == 1_900


def test_what_was_paid_comes_back_and_then_they_are_merged(paid: House) -> None:
    paid.cancel()

    paid.bench.merge("ann", "bob")

    assert paid.bench.balances("bob").available == 4_000


def test_once_it_is_settled_they_are_merged(paid: House) -> None:
    paid.bench.clock.advance(hours=1)
    paid.settle()

    paid.bench.merge("ann", "bob")

    assert paid.bench.balances("bob").available == 4_000 - 160


def test_who_paid_in_hundreds_of_auctions_is_merged(house: House) -> None:
    house.members("ann", "bob")
    for number in range(300):
        house.auction_id = f"lot-{number}"
        house.create(ALL_PAY, bids_max=5, bid_points_max=500)
        house.bid("ann", 1)
        house.cancel()

    house.bench.merge("ann", "bob")

    assert house.bench.balances("bob").available == 4_000


def test_who_has_bid_with_a_hold_is_merged_once_it_is_over(house: House) -> None:
    house.members("ann", "bob")
    house.create()
    house.bid("ann", 100)
    house.cancel()

    house.bench.merge("ann", "bob")

    assert house.bench.balances("bob").available == 4_000
