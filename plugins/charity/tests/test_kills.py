"""Kills at every point of every chunk: nothing is lost, done twice or left over."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import cycle

import pytest
from plugins.charity.tests.appeals import SECTION, Appeals

from points.testing.proofs import CrashPoint, crash_at
from points_charity import returning, settling
from points_charity.v1 import charity_service_pb2 as pb
from tests.postgresql.plugins import ON_BOTH_DATABASES


pytestmark = ON_BOTH_DATABASES

DONORS = [f"d{number}" for number in range(5)]
POINTS = range(60, 65)
"""What each of the donors gives: 310 together, and the goal is 300."""


def killed_at_each_point(appeals: Appeals, step: Callable[[], object]) -> None:
    """Does a step that is killed at each point in turn, and then once more."""
    for point in CrashPoint:
        with crash_at(appeals.bench, point):
            step()
        if point is CrashPoint.ANSWER:  # it was committed: there is no more of it
            return


def held(appeals: Appeals) -> int:
    """Returns the points that are still held of donors and sponsor."""
    names = (*DONORS, "sponsor")
    return sum(appeals.bench.balances(name).held for name in names)


def over(appeals: Appeals, monkeypatch: pytest.MonkeyPatch, *givers: str) -> None:
    """Lets a campaign of these donors end, to be settled two by two."""
    monkeypatch.setattr(settling, "STEP", 2)
    appeals.fund(200, "roof")
    for name, points in zip(givers, POINTS, strict=False):
        appeals.bench.member(name, points=100)
        appeals.give(points, "roof", name)
    appeals.bench.clock.advance(days=10)


def is_settled(appeals: Appeals) -> bool:
    """Says whether the campaign has come to its end."""
    state = appeals.campaign("roof").state
    return state in (pb.CAMPAIGN_STATE_SUCCEEDED, pb.CAMPAIGN_STATE_FAILED)


def kill_until(appeals: Appeals, is_done: Callable[[Appeals], bool]) -> int:
    """Has the jobs run, killed again and again; returns how often they were.

    The engine dies in each of its batches once, each time at the next point.
    """
    for count, point in zip(range(50), cycle(CrashPoint), strict=False):
        if is_done(appeals):
            return count
        with crash_at(appeals.bench, point):
            appeals.bench.run_due()
    raise AssertionError("is not done after 50 kills")


def test_a_settlement_that_is_killed_in_every_chunk_pays_everything_once(
    appeals: Appeals, monkeypatch: pytest.MonkeyPatch
) -> None:
    over(appeals, monkeypatch, *DONORS)

    assert kill_until(appeals, is_settled) >= 9
    campaign = appeals.campaign("roof")
    assert (campaign.state, campaign.raised) == (pb.CAMPAIGN_STATE_SUCCEEDED, 310)
    assert (campaign.matched, held(appeals)) == (200, 0)
    assert [appeals.bench.available(name) for name in DONORS] == [40, 39, 38, 37, 36]
    assert appeals.bench.available("sponsor") == 800
    given = [appeals.donations(name)[0] for name in DONORS]
    assert [each.receipt for each in given] == [
        f"roof-2026-{number:06}" for number in range(1, 6)
    ]


def test_a_failed_campaign_that_is_killed_in_every_chunk_gives_everything_back(
    appeals: Appeals, monkeypatch: pytest.MonkeyPatch
) -> None:
    over(appeals, monkeypatch, *DONORS[:4])

    assert kill_until(appeals, is_settled) >= 6
    assert appeals.campaign("roof").state == pb.CAMPAIGN_STATE_FAILED
    assert held(appeals) == 0
    assert {appeals.bench.available(name) for name in DONORS[:4]} == {100}
    assert appeals.bench.available("sponsor") == 1_000


def test_a_match_that_is_killed_in_every_step_goes_back_once(
    appeals: Appeals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returning, "STEP", 2)
    spring = {"cause": "reef", "matching": {"ratio": 1}}
    appeals.bench.configure("charity", {**SECTION, "campaigns": {"spring": spring}})
    for name in DONORS:
        appeals.bench.member(name, points=10)
        appeals.fund(10, "spring", name)
    donation = appeals.give(50)
    assert held(appeals) == 0

    assert appeals.reverse(donation).match_returned == 20
    assert kill_until(appeals, lambda _: held(appeals) == 50) >= 2
    appeals.bench.run_due()

    assert held(appeals) == 50
    assert appeals.campaign("spring").raised == 0


def test_a_disbursement_that_is_killed_is_money_once(appeals: Appeals) -> None:
    appeals.give(100)
    request = pb.DisburseRequest(
        campaign_id="spring", operator="olga", request_id="money"
    )
    killed_at_each_point(appeals, partial(appeals.bench.call, request))

    assert appeals.bench.call(request).money == 33
    assert appeals.bench.call(pb.ListCausesRequest()).causes[0].paid["EUR"] == 33
    with appeals.bench.refused("NOTHING_TO_DISBURSE"):
        appeals.disburse()


def test_a_round_that_is_killed_while_it_closes_is_split_once(appeals: Appeals) -> None:
    appeals.fund(100, "wish")
    appeals.give(25, "b")
    appeals.give(25, "b", "bob")
    appeals.bench.clock.advance(days=10)
    killed_at_each_point(appeals, appeals.bench.run_due)
    appeals.bench.run_due()

    assert appeals.campaign("b").matched == 50  # (5 + 5)^2 - 50
    assert appeals.bench.balances("sponsor").held == 0
    assert appeals.bench.available("sponsor") == 950


def test_receipts_have_no_gaps_however_often_the_server_is_killed(
    appeals: Appeals,
) -> None:
    receipts = []
    for number in range(4):
        request = pb.DonateRequest(
            member_id="alice",
            campaign_id="spring",
            points=10,
            request_id=f"gift-{number}",
        )
        killed_at_each_point(appeals, partial(appeals.bench.call, request))
        receipts.append(appeals.bench.call(request).donation.receipt)
        with appeals.bench.refused("DONATION_SIZE"):
            appeals.give(1)  # a refusal between them takes no number

    assert receipts == [f"spring-2026-{number:06}" for number in range(1, 5)]
    assert appeals.bench.available() == 960
