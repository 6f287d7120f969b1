"""English bids on real points: who leads, what is held, when it ends."""

from __future__ import annotations

import pytest
from plugins.auction.tests.build import HOUR, MINUTE
from plugins.auction.tests.house import House, freeze, nothing_changes

from points.testing.proofs import assert_idempotent
from points_auction.messages import duration
from points_auction.v1 import auction_service_pb2 as pb


SOFT = pb.SoftClose(
    threshold=duration(2 * MINUTE),
    extension=duration(5 * MINUTE),
    total=duration(12 * MINUTE),
)


def end_of(house: House) -> int:
    return int(house.get().end_time.ToMicroseconds())


def test_a_bid_holds_its_maximum_and_shows_no_more_than_the_price(
    house: House,
) -> None:
    house.create(start_points=10)

    answer = house.bid("ann", 300)

    assert (answer.leading, answer.price, answer.sequence) == (True, 10, 1)
    assert house.all_held() == {"ann": 300}
    assert "300" not in str(house.get())


def test_whoever_is_outbid_has_the_points_back_at_once(house: House) -> None:
    house.create()
    house.bid("ann", 300)

    answer = house.bid("bob", 400)

    assert (answer.leading, answer.price) == (True, 301)
    assert house.all_held() == {"bob": 400}


def test_a_bid_below_the_leaders_maximum_raises_the_price_and_holds_nothing(
    house: House,
) -> None:
    house.create()
    house.bid("ann", 300)

    answer = house.bid("bob", 200)

    assert (answer.leading, answer.price, answer.hold_id) == (False, 201, "")
    assert house.all_held() == {"ann": 300}


def test_a_raise_of_the_own_maximum_holds_the_new_one_in_place_of_the_old(
    house: House,
) -> None:
    house.create()
    house.bid("ann", 300)
    house.bid("ann", 1_000)

    assert house.all_held() == {"ann": 1_000}
    assert house.get().price == 1


def test_a_bid_needs_real_points_even_if_it_is_outbid_at_once(house: House) -> None:
    house.create()
    house.bid("ann", 900)
    house.members("dan", points=50)

    with (
        nothing_changes(house, "ann", "dan"),
        house.bench.refused("INSUFFICIENT_POINTS"),
    ):
        house.bid("dan", 500)


def test_a_repeated_bid_is_made_once(house: House) -> None:
    house.create()

    assert_idempotent(house.bench, house.bid_request("ann", 300))

    assert house.get().bid_count == 1


def test_leaders_are_seen_by_an_alias(house: House) -> None:
    house.create()
    house.bid("ann", 300)
    seen = house.get(viewer_id="ann")

    assert list(seen.leaders) == [seen.alias]
    assert "ann" not in str(house.get())


def test_a_buy_out_ends_the_auction_and_is_paid(house: House) -> None:
    house.create(buyout_points=500)
    house.bid("ann", 300)

    answer = house.bid("bob", 900)
    found = house.settle()

    assert (answer.leading, answer.price) == (True, 500)
    assert found.results[0].member_id == "bob"
    assert house.bench.available("bob") == 500
    assert house.bench.available("ann") == 1_000


def test_a_late_bid_that_changes_something_puts_off_the_end(house: House) -> None:
    end_time = house.create(soft_close=SOFT).end_time.ToMicroseconds()
    house.bench.clock.now = end_time - MINUTE

    answer = house.bid("ann", 300)

    assert answer.end_time.ToMicroseconds() == end_time + 4 * MINUTE


def test_a_late_raise_of_the_own_maximum_does_not(house: House) -> None:
    end_time = house.create(soft_close=SOFT).end_time.ToMicroseconds()
    house.bid("ann", 300)
    house.bench.clock.now = end_time - MINUTE
    house.bid("ann", 400)

    assert end_of(house) == end_time


def test_a_late_raise_does_where_any_bid_counts(house: House) -> None:
    soft_close = pb.SoftClose(any_bid=True)
    soft_close.MergeFrom(SOFT)
    end_time = house.create(soft_close=soft_close).end_time.ToMicroseconds()
    house.bid("ann", 300)
    house.bench.clock.now = end_time - MINUTE
    house.bid("ann", 400)

    assert end_of(house) == end_time + 4 * MINUTE


def test_the_settlement_waits_for_an_end_that_was_put_off(house: House) -> None:
    end_time = house.create(soft_close=SOFT).end_time.ToMicroseconds()
    house.bench.clock.now = end_time - 1
    house.bid("ann", 300)
    house.bench.clock.now = end_time
    house.bench.run_due()

    assert house.get().state == pb.AUCTION_STATE_OPEN
    assert house.close().state == pb.AUCTION_STATE_SETTLED


def test_of_two_items_both_leaders_hold(house: House) -> None:
    house.create(units=2)
    house.bid("ann", 300)
    house.bid("bob", 200)
    house.bid("cem", 250)

    assert house.all_held() == {"ann": 300, "cem": 250}
    assert house.get().price == 201


def test_the_last_microsecond_is_in_and_the_end_is_out(house: House) -> None:
    end_time = house.create(length=HOUR).end_time.ToMicroseconds()
    house.bench.clock.now = end_time - 1

    assert house.bid("ann", 5).leading

    house.bench.clock.now = end_time
    with nothing_changes(house, "bob"), house.bench.refused("AUCTION_ENDED"):
        house.bid("bob", 50)


@pytest.mark.parametrize(
    ("points", "reason", "metadata"),
    [
        (9, "BID_TOO_LOW", {"minimum": "10"}),
        (800, "BID_TOO_HIGH", {"maximum": "700"}),
    ],
)
def test_a_bid_out_of_bounds_is_refused(
    house: House, points: int, reason: str, metadata: dict[str, str]
) -> None:
    house.create(start_points=10, bid_points_max=700)

    with nothing_changes(house, "ann"), house.bench.refused(reason, **metadata):
        house.bid("ann", points)


def test_a_bid_below_the_increment_is_refused(house: House) -> None:
    bands = [pb.Band(step_points=5), pb.Band(from_points=100, step_points=20)]
    house.create(bands=bands, start_points=100)
    house.bid("ann", 300)

    with (
        nothing_changes(house, "ann", "bob"),
        house.bench.refused("BID_TOO_LOW", minimum="120", points="119"),
    ):
        house.bid("bob", 119)


def test_a_leader_has_to_raise_to_bid_again(house: House) -> None:
    house.create()
    house.bid("ann", 300)

    with nothing_changes(house, "ann"), house.bench.refused("BID_NOT_RAISED"):
        house.bid("ann", 300)


def test_nobody_bids_on_the_own_item(house: House) -> None:
    house.create(seller_id="ann")

    with nothing_changes(house, "ann"), house.bench.refused("SELF_BID"):
        house.bid("ann", 300)


def test_the_charity_that_gets_a_part_does_not_bid(house: House) -> None:
    shares = pb.Shares(charity_bp=500, charity_member_id="bob")
    house.create(seller_id="ann", shares=shares)

    with nothing_changes(house, "bob"), house.bench.refused("SELF_BID"):
        house.bid("bob", 300)


def test_bids_of_a_member_are_limited(house: House) -> None:
    house.create(bids_max=2)

    assert house.bid("ann", 10).bids_left == 1
    assert house.bid("ann", 20).bids_left == 0
    with nothing_changes(house, "ann"), house.bench.refused("BID_LIMIT_REACHED"):
        house.bid("ann", 30)


def test_a_bid_before_the_start_is_refused(house: House) -> None:
    end_time = house.create().end_time
    house.auction_id = "later"
    house.create(start_time=end_time, length=2 * HOUR)

    with nothing_changes(house, "ann"), house.bench.refused("AUCTION_NOT_STARTED"):
        house.bid("ann", 300)


def test_an_unknown_auction_and_an_unknown_member_are_named(house: House) -> None:
    with house.bench.refused("AUCTION_UNKNOWN", auction_id="vase"):
        house.bid("ann", 300)

    house.create()
    with house.bench.refused("MEMBER_NOT_FOUND"):
        house.bid("nobody", 300)


def test_an_english_bid_is_not_withdrawn(house: House) -> None:
    house.create()
    house.bid("ann", 300)

    with nothing_changes(house, "ann"), house.bench.refused("WITHDRAWAL_NOT_ALLOWED"):
        house.withdraw("ann")


def test_a_frozen_member_does_not_bid(house: House) -> None:
    house.create()
    freeze(house, "ann")

    with nothing_changes(house, "ann"), house.bench.refused("MEMBER_FROZEN"):
        house.bid("ann", 300)


def test_a_leader_who_is_frozen_and_outbid_has_the_points_back(house: House) -> None:
    house.create()
    house.bid("ann", 300)
    freeze(house, "ann")
    house.bid("bob", 400)

    assert house.all_held() == {"bob": 400}


@pytest.mark.parametrize("points", [0, -5, 2**63 - 1])
def test_points_that_cannot_be_bid_are_refused(house: House, points: int) -> None:
    house.create()
    reason = "BID_TOO_LOW" if points < 1 else "BID_TOO_HIGH"

    with nothing_changes(house, "ann"), house.bench.refused(reason):
        house.bid("ann", points)


def test_who_only_asks_whether_a_bid_would_do_is_not_told_what_others_bid(
    house: House,
) -> None:
    house.create()
    house.members("ann", "bob")
    house.bid("ann", 437)
    before = house.get()

    answer = house.bid("bob", 900, validate_only=True)

    assert answer == pb.BidResponse()
    assert house.get() == before
    with house.bench.refused("BID_TOO_LOW"):
        house.bid("bob", 1, validate_only=True)
