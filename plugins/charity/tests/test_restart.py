"""What a pool of many sponsors comes to in a server that has seen none of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from plugins.charity.tests.appeals import SECTION, Appeals

from points_charity.pools import HOLDS_MAX
from points_charity.reading import SPONSORS
from points_charity.v1 import charity_service_pb2 as pb


def sponsor(number: int) -> str:
    """Returns an id as long as ids may be: of 128 characters of four bytes each."""
    return f"{number:03}".rjust(128, "\N{SPARKLING HEART}")


@pytest.fixture
def fund_by_all(appeals: Appeals) -> Callable[[str], None]:
    """Returns what fills a pool: as many sponsors as it takes give two points each."""
    names = [sponsor(number) for number in range(HOLDS_MAX)]
    for name in names:
        appeals.bench.member(name, points=10)

    def fund(pool_id: str) -> None:
        for name in names:
            appeals.fund(2, pool_id, name)

    return fund


def begin_anew(appeals: Appeals) -> None:
    """Has the server forget whom it has seen."""
    appeals.bench.restart()
    SPONSORS.clear()


def test_a_round_of_many_sponsors_closes_by_itself(
    appeals: Appeals, fund_by_all: Callable[[str], None]
) -> None:
    fund_by_all("wish")
    for name in ("alice", "bob"):
        appeals.give(100, "a", name)
    begin_anew(appeals)

    appeals.bench.advance(days=10)

    assert appeals.campaign("a").matched == 200
    assert appeals.bench.available(sponsor(0)) == 8
    assert appeals.bench.available(sponsor(199)) == 10


def test_a_round_of_many_sponsors_is_closed_by_a_call(
    appeals: Appeals, fund_by_all: Callable[[str], None]
) -> None:
    fund_by_all("wish")
    for name in ("alice", "bob"):
        appeals.give(100, "a", name)
    appeals.bench.clock.advance(days=10)
    begin_anew(appeals)

    closed = appeals.bench.call(pb.CloseRoundRequest(round_id="wish"))

    assert (dict(closed.shares), closed.left) == ({"a": 200}, 200)


def test_a_donation_is_matched_by_many_sponsors(
    appeals: Appeals, fund_by_all: Callable[[str], None]
) -> None:
    spring = {"cause": "reef", "matching": {"ratio": 1}}
    appeals.bench.configure("charity", {**SECTION, "campaigns": {"spring": spring}})
    fund_by_all("spring")
    begin_anew(appeals)

    assert appeals.give(2 * HOLDS_MAX).matched == 2 * HOLDS_MAX


def test_a_campaign_of_many_sponsors_and_donors_is_settled(
    appeals: Appeals, fund_by_all: Callable[[str], None]
) -> None:
    fund_by_all("roof")
    for number in range(60):
        appeals.bench.member(f"d{number}", points=10)
        appeals.give(8, "roof", f"d{number}")
    begin_anew(appeals)

    appeals.bench.advance(days=10)
    appeals.bench.run_due()

    campaign = appeals.campaign("roof")
    assert campaign.state == pb.CAMPAIGN_STATE_SUCCEEDED
    assert (campaign.raised, campaign.matched) == (480, 400)


def test_a_match_of_many_sponsors_goes_back_to_its_pool(
    appeals: Appeals, fund_by_all: Callable[[str], None]
) -> None:
    spring = {"cause": "reef", "matching": {"ratio": 1}}
    appeals.bench.configure("charity", {**SECTION, "campaigns": {"spring": spring}})
    fund_by_all("spring")
    donation = appeals.give(2 * HOLDS_MAX)
    begin_anew(appeals)

    assert appeals.reverse(donation).match_returned == 100
    for _ in range(3):
        appeals.bench.run_due()

    assert appeals.campaign().pool_left == 2 * HOLDS_MAX
    assert appeals.bench.available(sponsor(199)) == 8
    assert appeals.bench.balances(sponsor(199)).held == 2
    assert appeals.bench.available() == 1_000
