"""A document is in force at once: on the server that applied it, and on all others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

import pytest

from points.client import PointsClient, Refused
from points.domain.program import Program
from points.v1.budget_pb2 import BUDGET_PERIOD_DAY, FIGURES_SOURCE_REVENUE
from points.v1.budget_service_pb2 import ListBudgetsRequest
from points.v1.consistency_pb2 import Consistency
from points.v1.segment_service_pb2 import ListSegmentsRequest
from points.v1.tier_service_pb2 import (
    GetStandingRequest,
    ListStandingsRequest,
    PreviewTiersRequest,
)
from tests.server.conftest import ANYWHERE
from tests.server.running import LoopThread, served


DOCUMENT: Final = """
program: owing
zone: Asia/Tokyo
money: {currency: EUR}
units:
  points: {kind: currency, value: {points: 100, money: 100}}
  merits: {kind: growth}
segments:
  newcomers: {title: New, when: "member.days < 30"}
ladders:
  status:
    qualifying: {unit: merits}
    period: {kind: LIFETIME}
    demote: NONE
    tiers: [{name: low, threshold: 0}, {name: high, threshold: 100}]
budgets:
  owed: {unit: points, liability: {money: 5000}}
  gifts: {unit: points, per_member: {points: 1000}}
rules:
  gift:
    activities: [gift]
    awards: [{unit: points, points: {fixed: 800}}]
    budget: gifts
"""
SIGNED: Final[dict[str, Any]] = {"operator": "olga", "reason": "month's end"}


class Pair(NamedTuple):
    """Is who applies documents, and who asks about them: of another server or not."""

    applying: PointsClient
    asking: PointsClient


@pytest.fixture(params=["itself on SQLite", "another on PostgreSQL"])
def pair(
    request: pytest.FixtureRequest,
    loop_thread: LoopThread,
    shared_program: Program,
    sqlite_url: str,
) -> Iterator[Pair]:
    """Yields clients of the server that applies documents, and of one that is asked."""
    is_another = request.param.startswith("another")
    url = request.getfixturevalue("postgres_database") if is_another else sqlite_url
    with ExitStack() as stack:

        def client() -> PointsClient:
            running = served(loop_thread, url, shared_program, ANYWHERE)
            address = stack.enter_context(running).address
            return stack.enter_context(PointsClient(address))

        applying = client()
        asking = client() if is_another else applying
        applying.create_member("ada")
        asking.get_member("ada")
        yield Pair(applying, asking)


def applied(pair: Pair, document: str = DOCUMENT) -> Consistency:
    """Applies a document; returns what reads must be as fresh as."""
    answer = pair.applying.apply_program(document, **SIGNED)
    return Consistency(at_least_as_fresh=answer.revision)


def test_what_a_document_names_is_known_at_once(pair: Pair) -> None:
    fresh = applied(pair)
    asked = pair.asking
    ladder: dict[str, Any] = {"ladder": "status", "consistency": fresh}

    standing = asked.tiers.GetStanding(GetStandingRequest(member_id="ada", **ladder))
    listed = asked.tiers.ListStandings(ListStandingsRequest(tiers=["low"], **ladder))
    moves = asked.tiers.PreviewTiers(PreviewTiersRequest(consistency=fresh))
    segments = asked.segments.ListSegments(ListSegmentsRequest()).segments
    budgets = asked.budgets.ListBudgets(ListBudgetsRequest(consistency=fresh)).budgets

    assert standing.standings[0].tier == "low"
    assert [one.member_id for one in listed.standings] == []
    assert moves.member_count == 1
    assert [one.name for one in segments] == ["newcomers"]
    assert [one.budget for one in budgets] == ["gifts", "owed"]
    assert asked.get_budget("owed").budget.unit == "points"


def test_what_is_outstanding_is_measured_for_a_budget_that_is_new(pair: Pair) -> None:
    pair.applying.earn("ada", 10_000, reason="gift")
    applied(pair)

    measure = pair.asking.measure_liability("owed", **SIGNED).measure

    assert (measure.outstanding, measure.relief) == (10_000, -10_000)


def test_a_period_is_of_the_zone_that_is_in_force(pair: Pair) -> None:
    applied(pair)
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)

    reported = pair.asking.report_figures(
        FIGURES_SOURCE_REVENUE, BUDGET_PERIOD_DAY, 5, period_time=noon, **SIGNED
    )

    start = reported.report.start_time.ToDatetime(UTC)
    assert start == datetime(2026, 3, 1, 15, tzinfo=UTC)


def test_a_budget_is_not_made_less_than_one_member_got_of_it(pair: Pair) -> None:
    applied(pair)
    pair.applying.record_activity("ada", "gift")

    with pytest.raises(Refused, match="must not be below the 800"):
        pair.asking.apply_program(DOCUMENT.replace("1000", "500"), **SIGNED)
