"""ListBids: what members and others are told of bids, and when."""

from __future__ import annotations

import pytest
from plugins.auction.tests.build import HOUR, MINUTE
from plugins.auction.tests.house import (
    ALL_PAY,
    DUTCH,
    ENGLISH,
    SEALED_FIRST,
    House,
)

from points_auction.messages import duration
from points_auction.v1 import auction_service_pb2 as pb


def points(found: pb.ListBidsResponse) -> dict[str, int]:
    """Returns the points of each bid that is told."""
    return {one.member_id: one.points for one in found.bids}


def test_a_member_is_told_of_the_own_bid_alone(house: House) -> None:
    house.create()
    house.bid("ann", 300)
    house.bid("bob", 200)
    (own,) = house.bids(member_id="bob").bids
    (leader,) = house.bids(member_id="ann").bids

    assert (own.points, own.sequence, own.bid_count) == (200, 2, 1)
    assert (own.leading, own.hold_id) == (False, "")
    assert leader.leading
    assert leader.alias == house.get().leaders[0]
    assert leader.hold_id
    assert not house.bids(member_id="cem").bids


def test_bids_of_all_are_told_once_bidding_is_over(house: House) -> None:
    house.create(SEALED_FIRST)
    house.bid("ann", 300)
    house.bid("bob", 200)
    with house.bench.refused("BIDS_HIDDEN"):
        house.bids()
    assert points(house.bids(member_id="ann")) == {"ann": 0}

    house.bench.clock.advance(hours=1)
    assert points(house.bids()) == {"ann": 300, "bob": 200}
    house.settle()
    assert points(house.bids()) == {"ann": 300, "bob": 200}


def test_revealed_bids_stay_hidden_while_others_may_reveal(house: House) -> None:
    house.create(SEALED_FIRST, reveal=duration(HOUR))
    house.bid("ann", 0, commitment=bytes(32))
    house.bench.clock.advance(hours=1)
    with house.bench.refused("BIDS_HIDDEN"):
        house.bids()
    house.bench.clock.advance(hours=1)
    assert points(house.bids()) == {"ann": 0}


def test_sealed_bids_of_an_auction_that_was_called_off_are_told_to_nobody(
    house: House,
) -> None:
    house.create(SEALED_FIRST)
    house.bid("ann", 300)
    house.cancel()
    house.settle()
    with house.bench.refused("BIDS_HIDDEN"):
        house.bids()
    assert points(house.bids(member_id="ann")) == {"ann": 0}


def test_the_maximum_of_a_proxy_stays_with_its_member(house: House) -> None:
    house.create(ENGLISH)
    house.bid("ann", 300)
    house.bid("bob", 200)
    house.close()

    assert points(house.bids()) == {"ann": 0, "bob": 0}
    assert points(house.bids(member_id="ann")) == {"ann": 300}


def test_what_was_paid_at_once_is_told(house: House) -> None:
    house.create(ALL_PAY, bids_max=5, bid_points_max=500)
    house.bid("ann", 30)
    house.bid("ann", 40)
    (own,) = house.bids(member_id="ann").bids
    assert (own.points, own.paid_points, own.bid_count) == (70, 70, 2)

    house.auction_id = "urn"
    fall = pb.Fall(step_points=10, tick=duration(MINUTE), floor_points=50)
    house.create(DUTCH, start_points=100, fall=fall, units=2)
    house.bench.clock.advance(minutes=2)
    house.bid("ann", 90)
    (own,) = house.bids(member_id="ann").bids
    assert (own.points, own.paid_points) == (80, 80)


def test_bids_are_listed_page_by_page(house: House) -> None:
    house.create(SEALED_FIRST)
    for name in ("ann", "bob", "cem"):
        house.bid(name, 100)
    house.bench.clock.advance(hours=1)
    first = house.bids(page_size=2)
    second = house.bids(page_size=2, page_token=first.next_page_token)

    assert list(points(first)) == ["ann", "bob"]
    assert list(points(second)) == ["cem"]
    assert not second.next_page_token
    with house.bench.refused("PAGE_TOKEN_MALFORMED"):
        house.bids(page_token="?")  # noqa: S106 - a token of a page


@pytest.mark.parametrize("page_size", [0, -1, 10_000])
def test_any_size_of_a_page_is_answered(house: House, page_size: int) -> None:
    house.create()
    house.bid("ann", 300)
    house.close()
    assert len(house.bids(page_size=page_size).bids) == 1
