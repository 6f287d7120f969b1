"""A document is held against what its budgets have paid, and whom it would move."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from points.client import PointsClient, PointsError
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
