"""A document is held against what its budgets have paid, and whom it would move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from points.client import PointsClient, PointsError
from points.v1.budget_pb2 import BUDGET_PERIOD_YEAR, FIGURES_SOURCE_SALES
from points.v1.tier_service_pb2 import TierMove
from tests.server.running import Served


DOCUMENT = """
program: shop
units:
  points: {kind: currency, expiry: {after: P12M}}
budgets:
  gifts: {unit: points, fixed: {points: 10, per: DAY}}
ladders:
  status:
    qualifying: {unit: points}
    period: {kind: LIFETIME}
    demote: NONE
    tiers: [{name: low, threshold: 0}, {name: high, threshold: 100}]
rules:
  gift:
    activities: [gift]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    budget: gifts
"""
WHO: Final[dict[str, Any]] = {"operator": "olga", "reason": "spring"}


def with_budget(points: int, per: str = "DAY") -> str:
    """Returns the document with another budget."""
    return DOCUMENT.replace("points: 10, per: DAY", f"points: {points}, per: {per}")


KINDS: Final = """
program: shop
money: {currency: EUR}
units:
  points: {kind: currency, value: {points: 1, money: 1}}
budgets:
  own: {unit: points, per_member: {points: 10, per: DAY}}
  share: {unit: points, ratio: {of: SALES, share: 1/10, per: YEAR}}
  owed: {unit: points, liability: {money: 10}}
  lower: {unit: points, fixed: {points: 10}, overflow: LOWER_RATE, lower_to: 0.5}
rules:
  own:
    activities: [own]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    budget: own
  share:
    activities: [share]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    budget: share
  owed:
    activities: [owed]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    budget: owed
  lower:
    activities: [lower]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    budget: lower
"""


@pytest.fixture
def client(serve: Callable[..., Served]) -> Iterator[PointsClient]:
    """Yields a client of a server whose budget of 10 has paid 8."""
    with PointsClient(serve().address) as client:
        client.apply_program(DOCUMENT, **WHO)
        client.create_member("ada")
        client.record_activity("ada", "gift", quantity=8)
        yield client


@pytest.mark.parametrize("validate_only", [False, True])
def test_a_budget_below_what_it_has_paid_is_refused_with_its_path(
    client: PointsClient, *, validate_only: bool
) -> None:
    with pytest.raises(PointsError) as refused:
        client.apply_program(with_budget(7), validate_only=validate_only, **WHO)

    (violation,) = refused.value.violations
    assert violation.field == "budgets.gifts.fixed.points"
    assert "8 points that it has paid" in violation.description
    assert client.get_program().version.version == 1


def test_a_budget_of_what_it_has_paid_is_taken_and_pays_no_more(
    client: PointsClient,
) -> None:
    client.apply_program(with_budget(8), **WHO)
    with pytest.raises(PointsError) as refused:
        client.record_activity("ada", "gift")

    assert refused.value.reason == "BUDGET_EXHAUSTED"


def test_what_another_period_has_paid_does_not_matter(client: PointsClient) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=2)
    applied = client.apply_program(with_budget(7), effective_time=tomorrow, **WHO)

    assert applied.version.version == 2


def test_a_plan_counts_who_would_move(client: PointsClient) -> None:
    same = client.plan_program(with_budget(20))
    moved = client.plan_program(DOCUMENT.replace("threshold: 100", "threshold: 5"))

    assert (list(same.tier_moves), same.member_count) == ([], 1)
    assert list(moved.tier_moves) == [
        TierMove(ladder="status", from_tier="low", to_tier="high", member_count=1)
    ]


def report_sales(client: PointsClient, money: int) -> None:
    """Reports what was sold in this year so far."""
    about = (FIGURES_SOURCE_SALES, BUDGET_PERIOD_YEAR, money)
    client.report_figures(*about, period_time=datetime.now(UTC), **WHO)


@pytest.fixture
def spender(serve_reused: Callable[..., Served]) -> Iterator[PointsClient]:
    """Yields a client of a server with budgets of other kinds, of 10 that paid 8."""
    with PointsClient(serve_reused().address) as client:
        client.apply_program(KINDS, **WHO)
        for name in ("ada", "bob"):
            client.create_member(name)
        report_sales(client, 100)
        for kind in ("own", "share", "owed"):
            client.record_activity("ada", kind, quantity=8)
        client.record_activity("bob", "own", quantity=5)
        client.record_activity("ada", "lower", quantity=20)
        yield client


@pytest.mark.parametrize(
    ("before", "less", "enough", "path"),
    [
        ("per_member: {points: 10", "points: 7", "points: 8", "own.per_member.points"),
        ("share: 1/10", "share: 7/100", "share: 8/100", "share.ratio.share"),
        ("liability: {money: 10}", "money: 7", "money: 8", "owed.liability.money"),
    ],
)
def test_no_kind_of_budget_is_taken_below_what_it_has_paid(
    spender: PointsClient, before: str, less: str, enough: str, path: str
) -> None:
    field = before.rpartition("{")[2].rstrip("}")
    with pytest.raises(PointsError) as refused:
        spender.apply_program(KINDS.replace(before, before.replace(field, less)), **WHO)

    (violation,) = refused.value.violations
    assert violation.field == f"budgets.{path}"
    assert "8 points that it has paid" in violation.description
    taken = KINDS.replace(before, before.replace(field, enough))
    assert spender.apply_program(taken, **WHO).version.version == 2


def test_a_budget_that_has_paid_at_a_lower_rate_does_not_stop_other_changes(
    spender: PointsClient,
) -> None:
    changed = KINDS.replace("program: shop", "program: shop\ntitle: A shop")

    assert spender.apply_program(changed, **WHO).version.version == 2


def test_money_that_became_less_does_not_stop_other_changes(
    spender: PointsClient,
) -> None:
    report_sales(spender, 10)
    changed = KINDS.replace("program: shop", "program: shop\ntitle: A shop")

    assert spender.apply_program(changed, **WHO).version.version == 2
