"""Dutch accepts and all-pay bids: paid at once."""

from __future__ import annotations

from typing import Any

from plugins.auction.tests.build import MINUTE
from plugins.auction.tests.house import ALL_PAY, DUTCH, House, limit, nothing_changes

from points.domain.values.members import Velocity
from points_auction.messages import duration
from points_auction.v1 import auction_service_pb2 as pb


FALL = pb.Fall(step_points=10, tick=duration(MINUTE), floor_points=50)
LIMITS: dict[str, Any] = {"bids_max": 5, "bid_points_max": 400}


def test_the_first_to_accept_pays_the_price_of_that_instant(house: House) -> None:
    house.create(DUTCH, start_points=100, fall=FALL, seller_id="cem")
    house.bench.clock.advance(minutes=3)

    answer = house.bid("ann", 90)

    assert (answer.leading, answer.price) == (True, 70)
    assert house.bench.available("ann") == 930
    assert house.bench.available("cem") == 1_070
    assert house.get().state == pb.AUCTION_STATE_SETTLED
    with nothing_changes(house, "bob"), house.bench.refused("AUCTION_ENDED"):
        house.bid("bob", 90)


def test_a_price_above_the_bidders_limit_is_not_accepted(house: House) -> None:
    house.create(DUTCH, start_points=100, fall=FALL)
    house.bench.clock.advance(minutes=2, microseconds=-1)

    with (
        nothing_changes(house, "ann"),
        house.bench.refused("PRICE_ABOVE_LIMIT", price="90", points="80"),
    ):
        house.bid("ann", 80)


def test_a_price_that_a_limit_does_not_let_go_is_not_accepted(house: House) -> None:
    house.create(DUTCH, start_points=100, fall=FALL, units=2, seller_id="cem")
    given = Velocity("TRANSFER", "DAY", points_max=99)
    limit(house, "ann", velocities=(given,))
    limit(house, "bob", velocities=(given, Velocity("BURN", "DAY", points_max=150)))

    house.bid("ann", 100)
    assert house.get().results[0].burned_points == 100  # what cannot go burns
    with (
        nothing_changes(house, "bob"),
        house.bench.refused("PRICE_NOT_PAID", points="100"),
    ):
        house.bid("bob", 100)


def test_items_are_accepted_until_none_is_left(house: House) -> None:
    house.create(DUTCH, start_points=100, fall=FALL, units=2)
    house.bid("ann", 100)
    assert house.get().price == 100
    house.bench.clock.advance(minutes=1)
    house.bid("bob", 100)
    found = house.get()

    assert [(one.member_id, one.points) for one in found.results] == [
        ("ann", 100),
        ("bob", 90),
    ]
    assert (found.state, found.paid_points) == (pb.AUCTION_STATE_SETTLED, 190)


def test_what_nobody_accepts_stays_unsold(house: House) -> None:
    house.create(DUTCH, start_points=100, fall=FALL)
    found = house.close()

    assert (found.state, found.sold_count) == (pb.AUCTION_STATE_SETTLED, 0)


def test_all_pay_bids_are_burned_at_once_and_the_highest_total_wins(
    house: House,
) -> None:
    house.create(ALL_PAY, **LIMITS)
    house.bid("ann", 200)
    house.bid("bob", 150)
    house.bid("bob", 100)

    assert house.bench.available("ann") == 800
    assert house.bench.available("bob") == 750
    found = house.close()
    assert [one.member_id for one in found.results] == ["bob"]
    assert found.paid_points == 450
    assert house.bench.available("ann") == 800


def test_the_highest_single_bid_wins_where_that_counts(house: House) -> None:
    house.create(ALL_PAY, score=pb.AUCTION_SCORE_SINGLE, **LIMITS)
    house.bid("ann", 200)
    house.bid("bob", 150)
    house.bid("bob", 150)

    assert [one.member_id for one in house.close().results] == ["ann"]


def test_who_reached_a_total_first_wins_a_tie(house: House) -> None:
    house.create(ALL_PAY, **LIMITS)
    house.bid("ann", 100)
    house.bid("bob", 200)
    house.bid("ann", 100)

    assert [one.member_id for one in house.close().results] == ["bob"]


def test_all_that_a_member_pays_is_bounded(house: House) -> None:
    house.create(ALL_PAY, **LIMITS)
    house.bid("ann", 300)

    with (
        nothing_changes(house, "ann"),
        house.bench.refused("BID_TOO_HIGH", maximum="100"),
    ):
        house.bid("ann", 101)


def test_a_cancelled_all_pay_auction_pays_everything_back(house: House) -> None:
    house.create(ALL_PAY, **LIMITS)
    house.bid("ann", 200)
    house.bid("ann", 100)
    house.bid("bob", 150)
    found = house.cancel()

    assert (found.state, found.paid_points) == (pb.AUCTION_STATE_CANCELLED, 0)
    assert house.bench.available("ann") == 1_000
    assert house.bench.available("bob") == 1_000
