"""Settlement: who pays what to whom, whatever has become of them meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.auction.tests.build import HOUR
from plugins.auction.tests.house import (
    ALL_PAY,
    ENGLISH,
    SEALED_FIRST,
    SEALED_SECOND,
    House,
    erase,
    freeze,
    limit,
    nothing_changes,
    void_hold,
)

from points.testing.proofs import assert_idempotent
from points_auction.settlement import SPARE_COUNT
from points_auction.v1 import auction_service_pb2 as pb


SHARES = pb.Shares(fee_bp=500, burn_bp=1_000, charity_bp=250, charity_member_id="well")
NEXT = pb.UNFIT_WINNER_NEXT


def sold(house: House, price: int = 801, **given: Any) -> None:
    """Makes an English auction that ann wins at a price, with shares for all."""
    house.members("sam", "well", points=0)
    terms = {"seller_id": "sam", "shares": SHARES, **given}
    house.create(ENGLISH, **terms)
    house.bid("ann", 1_000)
    house.bid("bob", price - 1)


def parts(result: Any) -> tuple[int, int, int, int]:
    return (
        result.seller_points,
        result.charity_points,
        result.fee_points,
        result.burned_points,
    )


def test_what_the_winner_pays_is_split_to_the_point(house: House) -> None:
    sold(house)
    (result,) = house.close().results

    assert (result.member_id, result.points) == ("ann", 801)
    assert parts(result) == (661, 20, 40, 80)
    assert house.bench.available("ann") == 199
    assert house.bench.available("sam") == 661
    assert house.bench.available("well") == 20
    assert house.all_held() == {}


def test_a_seller_who_cannot_be_paid_loses_the_proceeds_and_the_fee(
    house: House,
) -> None:
    sold(house)
    freeze(house, "sam")
    (result,) = house.close().results

    assert parts(result) == (0, 20, 0, 781)
    assert house.bench.available("sam") == 0


def test_a_charity_that_cannot_be_paid_has_its_part_burned(house: House) -> None:
    sold(house)
    erase(house, "well")
    (result,) = house.close().results

    assert parts(result) == (661, 0, 40, 100)


def test_a_seller_who_may_have_no_more_loses_the_proceeds_too(house: House) -> None:
    sold(house)
    limit(house, "sam", ceiling=100)
    (result,) = house.close().results

    assert parts(result) == (0, 20, 0, 781)
    assert house.bench.available("sam") == 0
    assert house.bench.available("ann") == 199


def test_a_winner_who_may_neither_give_nor_burn_keeps_the_points_and_wins_nothing(
    house: House,
) -> None:
    sold(house, shares=None)
    limit(house, "ann", floor=900)
    found = house.close()

    assert (found.results[0].unsold, found.paid_points) == (True, 0)
    assert (found.sold_count, house.bench.available("ann")) == (0, 1_000)
    assert house.all_held() == {}


def test_a_winner_frozen_before_the_settlement_pays_nothing(house: House) -> None:
    sold(house)
    freeze(house, "ann")
    (result,) = house.close().results

    assert (result.member_id, result.points, result.unsold) == ("ann", 0, True)
    assert house.all_held() == {}
    assert house.bench.balances("ann").available == 1_000


def test_a_winner_whose_hold_an_operator_has_voided_pays_nothing(
    house: House,
) -> None:
    house.create()
    void_hold(house, "ann", house.bid("ann", 500).hold_id)
    (result,) = house.close().results

    assert (result.unsold, house.bench.available("ann")) == (True, 1_000)


@pytest.mark.parametrize("units", [1, 2])
def test_a_bid_whose_hold_an_operator_has_voided_sets_no_price(
    house: House, units: int
) -> None:
    house.members("dan")
    house.create(SEALED_SECOND, units=units)
    for name, points in (("ann", 900), ("dan", 850), ("cem", 100))[2 - units :]:
        house.bid(name, points)
    void_hold(house, "bob", house.bid("bob", 800).hold_id)

    assert [one.points for one in house.close().results] == [100] * units
    assert house.all_held() == {}


def test_however_many_are_voided_the_next_one_sets_the_price(house: House) -> None:
    gone = [f"gone-{number:02}" for number in range(SPARE_COUNT + 5)]
    house.members(*gone)
    house.create(SEALED_SECOND)
    house.bid("ann", 900)
    house.bid("bob", 50)
    for name in gone:
        void_hold(house, name, house.bid(name, 500).hold_id)

    (result,) = house.close().results

    assert (result.member_id, result.points) == ("ann", 50)


def test_the_next_sealed_bidder_wins_in_place_of_one_who_is_frozen(
    house: House,
) -> None:
    house.create(SEALED_SECOND, unfit_winner=NEXT)
    for name, points in (("ann", 300), ("bob", 200), ("cem", 100)):
        house.bid(name, points)
    freeze(house, "ann")
    (result,) = house.close().results

    assert (result.member_id, result.points) == ("bob", 100)
    assert house.all_held() == {}


def test_an_erased_all_pay_bidder_does_not_win(house: House) -> None:
    house.create(ALL_PAY, bids_max=3, bid_points_max=400, unfit_winner=NEXT)
    house.bid("ann", 300)
    house.bid("bob", 200)
    erase(house, "ann")

    assert [one.member_id for one in house.close().results] == ["bob"]


def test_however_many_are_frozen_the_next_one_wins(house: House) -> None:
    house.create(SEALED_FIRST, unfit_winner=NEXT)
    frozen = [f"m{n}" for n in range(2 * SPARE_COUNT + 7)]
    house.members(*frozen)
    for name in frozen:
        house.bid(name, 500)
        freeze(house, name)
    house.bid("ann", 7)
    house.bid("bob", 5)

    (result,) = house.close().results

    assert (result.member_id, result.points) == ("ann", 7)
    assert house.all_held() == {}


def test_points_that_would_have_expired_pay_and_come_back(house: House) -> None:
    house.members("dan", "eve", points=0)
    for name in ("dan", "eve"):
        house.earn(name, 300, lifetime=HOUR)
    house.create(SEALED_FIRST, length=2 * HOUR, cover_points=300)
    house.bid("dan", 300)
    house.bid("eve", 200)
    (result,) = house.close().results

    assert (result.member_id, result.points) == ("dan", 300)
    assert house.bench.available("eve") == 300

    house.bench.advance(hours=2)
    assert house.bench.available("eve") == 0


def test_an_auction_without_bids_is_settled(house: House) -> None:
    house.create()

    assert house.close().state == pb.AUCTION_STATE_SETTLED


def test_leaders_below_the_reserve_have_their_points_back(house: House) -> None:
    house.create(units=2, reserve_points=100)
    house.bid("bob", 60)
    house.bid("ann", 200)
    found = house.close()

    assert [(one.member_id, one.points) for one in found.results] == [("ann", 100)]
    assert house.all_held() == {}


def test_an_operator_may_settle_what_is_due_but_nothing_earlier(house: House) -> None:
    house.create()
    house.bid("ann", 300)
    request = pb.SettleRequest(auction_id="vase")

    with nothing_changes(house, "ann"), house.bench.refused("AUCTION_NOT_ENDED"):
        house.bench.call(request)
    house.bench.clock.advance(hours=1)
    assert_idempotent(house.bench, request)
    assert house.get().state == pb.AUCTION_STATE_SETTLED
    with nothing_changes(house, "ann"):
        house.bench.call(request)
        house.bench.run_due()


@pytest.mark.parametrize("form", [ENGLISH, SEALED_FIRST])
def test_a_cancelled_auction_gives_everything_back(
    house: House, form: pb.AuctionForm.ValueType
) -> None:
    house.create(form)
    house.bid("ann", 300)
    house.bid("bob", 400)
    found = house.cancel()

    assert (found.state, list(found.results)) == (pb.AUCTION_STATE_CANCELLED, [])
    assert house.all_held() == {}
    with house.bench.refused("AUCTION_ENDED"):
        house.bid("cem", 500)
    assert house.close().state == pb.AUCTION_STATE_CANCELLED


def test_a_settled_auction_is_not_cancelled(house: House) -> None:
    house.create()
    house.bid("ann", 300)
    house.close()

    with nothing_changes(house, "ann"), house.bench.refused("AUCTION_ENDED"):
        house.cancel()


def test_a_cancellation_says_who_and_why(house: House) -> None:
    house.create()
    request = house.cancel_request()
    request.reason = ""

    with nothing_changes(house), house.bench.refused("TERMS_INVALID", field="reason"):
        house.bench.call(request)
