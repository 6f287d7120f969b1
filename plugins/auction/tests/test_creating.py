"""Auctions are made by their terms and the configuration, listed, and watched."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from plugins.auction.tests.build import DAY, HOUR
from plugins.auction.tests.house import ALL_PAY, SEALED_FIRST, House
from pydantic import ValidationError

from points.domain.refusals import InvalidArgument
from points.testing.proofs import assert_idempotent
from points_auction.messages import timestamp
from points_auction.pages import PAGE_SIZE_MAX
from points_auction.settings import Settings
from points_auction.v1 import auction_service_pb2 as pb


LADDER = {
    "qualifying": {"unit": "qualifying_points"},
    "period": {"kind": "ROLLING", "length": "P12M"},
    "term": "P12M",
    "promote": "AT_ONCE",
    "tiers": [
        {"name": "bronze", "threshold": 0},
        {"name": "gold", "threshold": 100},
    ],
}


def names(house: House, **given: Any) -> tuple[list[str], str]:
    """Returns the ids of a page of auctions, and the token of the next."""
    found = house.bench.call(pb.ListAuctionsRequest(**given))
    return [one.auction_id for one in found.auctions], found.next_page_token


def test_a_page_is_as_long_as_it_may_be(house: House) -> None:
    for number in range(PAGE_SIZE_MAX + 1):
        house.auction_id = f"lot-{number:04}"
        house.create()

    found, token = names(house, page_size=PAGE_SIZE_MAX)
    rest, end = names(house, page_size=PAGE_SIZE_MAX, page_token=token)

    assert len(found) == PAGE_SIZE_MAX
    assert (rest, end) == ([f"lot-{PAGE_SIZE_MAX:04}"], "")


def test_terms_that_no_clock_or_enum_knows_are_refused_by_name(house: House) -> None:
    """As often as callers like: it is not the plugin that fails."""
    for _ in range(10):
        with pytest.raises(InvalidArgument) as refused:
            house.create(
                end_time=Timestamp(seconds=2**62),
                soft_close=pb.SoftClose(threshold=Duration(nanos=-1, seconds=1)),
                unfit_winner=99,
            )

    assert refused.value.violations.keys() == {
        "terms.end_time",
        "terms.soft_close.threshold",
        "terms.unfit_winner",
    }
    house.create()


def test_terms_come_back_as_they_were_given(house: House) -> None:
    given: dict[str, Any] = {
        "title": "a vase",
        "units": 2,
        "start_points": 5,
        "shares": pb.Shares(burn_bp=100),
        "bands": [pb.Band(step_points=2)],
    }
    found = house.create(**given).terms

    for name, value in given.items():
        assert getattr(found, name) == value


def test_making_an_auction_twice_is_refused_and_repeating_it_is_not(
    house: House,
) -> None:
    end_time = timestamp(house.bench.clock() + HOUR)
    terms = pb.AuctionTerms(form=pb.AUCTION_FORM_ENGLISH, end_time=end_time)
    assert_idempotent(
        house.bench, pb.CreateAuctionRequest(auction_id="vase", terms=terms)
    )

    with house.bench.refused("AUCTION_EXISTS", auction_id="vase"):
        house.create()


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("form", {"form": 0}),
        ("end_time", {"length": 0}),
        ("units", {"units": 101}),
        ("bids_max", {"form": ALL_PAY, "bid_points_max": 9}),
    ],
)
def test_terms_that_make_no_sense_are_refused(
    house: House, field: str, given: dict[str, Any]
) -> None:
    with house.bench.refused("TERMS_INVALID", field=field):
        house.create(**given)
    with house.bench.refused("AUCTION_UNKNOWN"):
        house.get()


def test_a_seller_has_to_be_a_member(house: House) -> None:
    with house.bench.refused("MEMBER_NOT_FOUND"):
        house.create(seller_id="nobody")


def test_the_reserve_is_shown_once_bidding_is_over(house: House) -> None:
    house.create(reserve_points=222)
    house.bid("ann", 100)

    assert (house.get().terms.reserve_points, house.get().reserve_met) == (0, False)
    assert house.close().terms.reserve_points == 222


def test_what_is_left_open_comes_from_the_configuration_of_that_time(
    house: House,
) -> None:
    bands = [{"from_points": 0, "step_points": 10}]
    house.bench.configure("auction", {"bands": bands})
    house.create()
    house.bench.configure("auction", {"unit": "gems"})
    house.bid("ann", 100)

    assert house.get().terms.unit == "points"
    assert house.get().minimum_points == 11
    with house.bench.refused("BID_TOO_LOW", minimum="11"):
        house.bid("bob", 10)


def test_only_members_of_the_least_tier_and_above_may_bid(house: House) -> None:
    house.bench.apply(ladders={"status": LADDER})
    house.bench.configure("auction", {"ladders": {"status": ["bronze", "gold"]}})
    house.bench.earn("ann", 100, unit="qualifying_points")
    house.create(ladder="status", minimum_tier="gold")

    assert house.bid("ann", 5).leading
    with house.bench.refused("TIER_TOO_LOW", minimum_tier="gold"):
        house.bid("bob", 50)


def test_a_tier_that_is_not_ranked_is_refused(house: House) -> None:
    with house.bench.refused("TIER_NOT_RANKED", ladder="status", tier="gold"):
        house.create(ladder="status", minimum_tier="gold")


def test_auctions_are_listed_page_by_page_and_by_state(house: House) -> None:
    for house.auction_id in ("urn", "vase", "wand"):
        house.create(length=DAY if house.auction_id == "vase" else HOUR)
    first, token = names(house, page_size=2)
    second, end = names(house, page_size=2, page_token=token)
    house.bench.clock.advance(hours=2)

    assert sorted(first + second) == ["urn", "vase", "wand"]
    assert (len(first), end) == (2, "")
    assert names(house, state=pb.AUCTION_STATE_OPEN)[0] == ["vase"]


@pytest.mark.parametrize("token", ["!", "AA==", "YQA=", "_w==", "YQ==" * 2], ids=str)
def test_a_page_token_that_no_list_has_written_is_refused(
    house: House, token: str
) -> None:
    with house.bench.refused("PAGE_TOKEN_MALFORMED"):
        names(house, page_token=token)


def test_a_watched_auction_is_told_as_it_stands(house: House) -> None:
    house.create(SEALED_FIRST)
    house.bid("ann", 5)
    request = pb.WatchAuctionRequest(auction_id="vase", viewer_id="ann")

    assert house.bench.call(request).auction == house.get(viewer_id="ann")


@pytest.mark.parametrize(
    "settings",
    [
        {"bands": []},
        {"bands": [{"from_points": 5, "step_points": 1}]},
        {"bands": [{"step_points": 0}]},
        {"unfit_winner": "MAYBE"},
        {"colour": "red"},
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(
    settings: dict[str, Any],
) -> None:
    with pytest.raises(ValidationError):
        Settings.model_validate(settings)
