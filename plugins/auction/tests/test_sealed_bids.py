"""Sealed bids: changed and withdrawn until the close, and seen by nobody."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest
from plugins.auction.tests.build import HOUR
from plugins.auction.tests.house import (
    COVER,
    SEALED_FIRST,
    SEALED_SECOND,
    House,
    nothing_changes,
)

from points.domain.identity import part_of
from points.domain.values import Transaction
from points.store.reads.reader import open_snapshot
from points.testing.bench import PARTS
from points_auction.messages import duration
from points_auction.v1 import auction_service_pb2 as pb


SALT = b"sixteen bytes or more"


def commitment(points: int, salt: bytes = SALT) -> bytes:
    return sha256(b"%d:%s" % (points, salt)).digest()


def reveal(house: House, member_id: str, points: int, salt: bytes = SALT) -> Any:
    request = pb.RevealBidRequest(
        auction_id=house.auction_id, member_id=member_id, points=points, salt=salt
    )
    return house.bench.call(request)


def paid(auction: Any) -> list[tuple[str, int]]:
    return [(one.member_id, one.points) for one in auction.results]


@pytest.mark.parametrize(("form", "price"), [(SEALED_FIRST, 420), (SEALED_SECOND, 310)])
def test_the_highest_sealed_bid_wins_and_all_others_have_theirs_back(
    house: House, form: pb.AuctionForm.ValueType, price: int
) -> None:
    house.create(form)
    house.bid("ann", 310)
    house.bid("bob", 420)
    house.bid("cem", 150)

    assert house.all_held() == {"ann": COVER, "bob": COVER, "cem": COVER}
    assert paid(house.close()) == [("bob", price)]
    assert house.all_held() == {}
    assert house.bench.available("bob") == 1_000 - price


def test_two_items_go_at_the_third_price(house: House) -> None:
    house.create(SEALED_SECOND, units=2)
    house.bid("ann", 310)
    house.bid("bob", 420)
    house.bid("cem", 150)

    assert paid(house.close()) == [("bob", 150), ("ann", 150)]


def test_the_earlier_of_equal_bids_wins(house: House) -> None:
    house.create(SEALED_SECOND)
    house.bid("bob", 300)
    house.bid("ann", 300)

    assert paid(house.close()) == [("bob", 300)]


def test_a_changed_bid_holds_the_same_cover_and_loses_its_place(house: House) -> None:
    house.create(SEALED_FIRST)
    house.bid("ann", 300)
    house.bid("bob", 200)
    house.bid("ann", 200)

    assert house.all_held() == {"ann": COVER, "bob": COVER}
    assert paid(house.close()) == [("bob", 200)]


def test_a_withdrawn_bid_is_as_if_it_had_not_been_made(house: House) -> None:
    house.create(SEALED_SECOND, withdrawable=True)
    house.bid("ann", 300)
    house.bid("bob", 200)

    assert house.withdraw("ann").voided_points == COVER
    assert house.all_held() == {"bob": COVER}
    with nothing_changes(house, "ann"), house.bench.refused("BID_UNKNOWN"):
        house.withdraw("ann")
    assert paid(house.close()) == [("bob", 1)]


def test_a_bid_may_be_made_again_after_it_was_withdrawn(house: House) -> None:
    house.create(SEALED_SECOND, withdrawable=True)
    house.bid("ann", 300)
    house.withdraw("ann")
    house.bid("ann", 400)

    assert house.all_held() == {"ann": COVER}
    assert house.get().bidder_count == 1


def test_nobody_reads_an_amount_before_the_close(house: House) -> None:
    house.create(SEALED_SECOND, reserve_points=222)
    answer = house.bid("ann", 317)
    seen = house.get(viewer_id="ann")
    (listed,) = house.bench.call(pb.ListAuctionsRequest()).auctions

    own = house.bids(member_id="ann")

    for told in (answer, seen, listed, own):
        assert "317" not in str(told)
        assert "222" not in str(told)
    assert seen.bid_count == 1


def test_the_ledger_tells_the_same_whatever_was_bid(house: House) -> None:
    """Two bidders do the same but for the points; their statements differ in ids."""
    house.create(SEALED_SECOND)
    for name, points in (("ann", 317), ("bob", 41)):
        house.bid(name, points)
        house.bid(name, points + 1)
    told = [statement(house, name) for name in ("ann", "bob")]

    assert told[0] == told[1]
    assert {points for _, _, points in told[0]} == {COVER}


def statement(house: House, name: str) -> list[tuple[str, str, int]]:
    """Returns what a member's statement tells: kind, unit and points of each move."""
    with open_snapshot(house.bench.engine.store.backend) as snapshot:
        found = snapshot.transactions(
            part_of(name, PARTS), name, before=2**63 - 1, conditions=(), limit=100
        )
    return [
        (record.kind, unit, points)
        for record in found
        if isinstance(record.result, Transaction)
        for _, _, unit, points in record.result.postings
    ]


def test_the_cover_is_what_may_be_bid_unless_it_is_told(house: House) -> None:
    made = house.create(SEALED_SECOND, cover_points=0, bid_points_max=700)
    house.bid("ann", 3)

    assert made.terms.cover_points == 700
    assert house.all_held() == {"ann": 700}


def test_a_sealed_auction_without_a_cover_is_not_made(house: House) -> None:
    with house.bench.refused("TERMS_INVALID", field="cover_points"):
        house.create(SEALED_SECOND, cover_points=0)


def test_under_a_cover_the_winner_pays_the_price_alone(house: House) -> None:
    house.create(SEALED_SECOND, cover_points=500)
    house.bid("ann", 317)
    house.bid("bob", 41)

    assert house.all_held() == {"ann": 500, "bob": 500}
    assert paid(house.close()) == [("ann", 41)]
    assert house.all_held() == {}
    assert house.bench.available("ann") == 959


def test_a_bid_above_the_cover_is_refused(house: House) -> None:
    house.create(SEALED_SECOND, cover_points=500)

    with nothing_changes(house, "ann"), house.bench.refused("BID_TOO_HIGH"):
        house.bid("ann", 501)


def test_a_reserve_that_nobody_meets_sells_nothing(house: House) -> None:
    house.create(SEALED_FIRST, reserve_points=500)
    house.bid("ann", 499)
    found = house.close()

    assert (list(found.results), found.sold_count) == ([], 0)
    assert house.bench.available("ann") == 1_000


def revealing(house: House, **given: Any) -> None:
    """Makes an auction in which ann bids 300 and bob 200, both as commitments."""
    terms = {"cover_points": 400, "reveal": duration(HOUR), **given}
    house.create(SEALED_FIRST, **terms)
    house.bid("ann", 0, commitment=commitment(300))
    house.bid("bob", 0, commitment=commitment(200))
    house.bench.clock.advance(hours=1)


def test_a_commitment_is_ranked_once_it_is_revealed(house: House) -> None:
    revealing(house)

    assert house.get().state == pb.AUCTION_STATE_REVEALING
    reveal(house, "ann", 300)
    reveal(house, "bob", 200)
    house.bench.clock.advance(hours=1)
    assert paid(house.settle()) == [("ann", 300)]
    assert house.all_held() == {}


def test_who_does_not_reveal_forfeits(house: House) -> None:
    revealing(house, forfeit_points=50)
    reveal(house, "bob", 200)
    house.bench.clock.advance(hours=1)

    assert paid(house.settle()) == [("bob", 200)]
    assert house.all_held() == {}
    assert house.bench.available("ann") == 950
    assert house.get().paid_points == 250


@pytest.mark.parametrize(
    ("points", "salt"), [(301, SALT), (300, SALT + b"!"), (300, b"short")]
)
def test_what_was_not_committed_to_is_not_revealed(
    house: House, points: int, salt: bytes
) -> None:
    revealing(house)

    with nothing_changes(house, "ann"), house.bench.refused("COMMITMENT_MISMATCH"):
        reveal(house, "ann", points, salt)


def test_bids_are_revealed_after_the_end_and_before_the_settlement(
    house: House,
) -> None:
    revealing(house)
    house.bench.clock.advance(hours=-1)

    with house.bench.refused("REVEAL_NOT_OPEN"):
        reveal(house, "ann", 300)
    house.bench.clock.advance(hours=2)
    with house.bench.refused("REVEAL_NOT_OPEN"):
        reveal(house, "ann", 300)


@pytest.mark.parametrize(
    ("points", "given"),
    [(300, {}), (300, {"commitment": bytes(32)}), (0, {"commitment": bytes(31)})],
)
def test_where_bids_are_revealed_points_are_not_told(
    house: House, points: int, given: dict[str, Any]
) -> None:
    house.create(SEALED_FIRST, cover_points=400, reveal=duration(HOUR))

    with house.bench.refused("COMMITMENT_MALFORMED"):
        house.bid("ann", points, **given)
