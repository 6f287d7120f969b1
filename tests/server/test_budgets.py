"""Budgets are funded and read, as callers see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from points.client import PointsClient, Refused, to_timestamp
from points.domain.program import Program
from points.program.bridge import to_program
from points.v1.budget_pb2 import (
    BUDGET_PERIOD_DAY,
    BUDGET_PERIOD_LIFETIME,
    BUDGET_PERIOD_MONTH,
    BUDGET_PERIOD_QUARTER,
    FIGURES_SOURCE_PROFIT,
    FIGURES_SOURCE_REVENUE,
    FUND_DIRECTION_TAKE_BACK,
    Budget,
)
from points.v1.budget_service_pb2 import FundBudgetRequest, ReportFiguresRequest
from tests.program.build import document
from tests.server.failures import failure_of, invalid
from tests.server.running import Served


ABOUT: Final[dict[str, Any]] = {"zone": "Europe/Berlin", "sinks": ["redemption"]}
BUDGETS: Final[dict[str, dict[str, Any]]] = {
    "ads": {"prefunded": "hotel"},
    "friends": {"per_member": {"points": 30, "per": "MONTH"}},
    "owed": {"liability": {"money": 5_000}},
    "sales": {"ratio": {"of": "REVENUE", "share": "0.01", "per": "MONTH"}},
    "thanks": {"unlimited": True},
    "words": {"fixed": {"points": 100, "per": "QUARTER"}},
}
SIGNED: Final[dict[str, Any]] = {"operator": "olga", "reason": "invoice 7"}
NOVEMBER: Final = datetime(2025, 11, 12, tzinfo=UTC)


@pytest.fixture
def program() -> Program:
    """Returns a program with a budget of each form."""
    budgets = {name: {"unit": "points"} | each for name, each in BUDGETS.items()}
    return to_program(
        document(budgets=budgets, partners={"hotel": {"rate": 1}}, **ABOUT)
    )


@pytest.fixture
def running(serve_reused: Callable[..., Served], program: Program) -> Served:
    """Returns a server whose program has budgets."""
    return serve_reused(program)


@pytest.fixture
def budgets(running: Served) -> Iterator[PointsClient]:
    """Yields a client of that server."""
    with PointsClient(running.address) as client:
        yield client


def refusal(call: Callable[[], object]) -> Refused:
    """Returns the refusal of a call."""
    with pytest.raises(Refused) as refused:
        call()
    return refused.value


def berlin(day: int, month: int) -> Any:
    """Returns the beginning of a winter's day in Berlin."""
    moment = datetime(2025, month, day, tzinfo=UTC) - timedelta(hours=1)
    return to_timestamp(moment)


def test_fund_budget_pays_points_ahead(budgets: PointsClient) -> None:
    response = budgets.fund_budget("ads", 10, **SIGNED)

    funding = response.funding
    assert (funding.budget, funding.unit) == ("ads", "points")
    assert (funding.points, funding.left) == (10, 10)
    assert (funding.operator, funding.reason) == ("olga", "invoice 7")
    assert funding.HasField("record_time")
    assert response.revision
    assert not response.replayed
    assert budgets.get_budget("ads").budget.left == 10


def test_a_repeated_funding_is_done_once(budgets: PointsClient) -> None:
    first = budgets.fund_budget("ads", 10, request_id="r1", **SIGNED)
    again = budgets.fund_budget("ads", 10, request_id="r1", **SIGNED)

    assert (again.funding, again.replayed) == (first.funding, True)
    assert budgets.get_budget("ads").budget.total == 10


def test_no_more_is_taken_back_than_is_left(budgets: PointsClient) -> None:
    back: dict[str, Any] = {"direction": FUND_DIRECTION_TAKE_BACK, **SIGNED}
    budgets.fund_budget("ads", 10, **SIGNED)

    refused = refusal(lambda: budgets.fund_budget("ads", 11, **back))
    assert refused.reason == "BUDGET_EXHAUSTED"
    assert refused.metadata["left"] == "10"
    assert budgets.fund_budget("ads", 10, **back).funding.points == -10


@pytest.mark.parametrize(
    ("budget", "reason"),
    [("none", "BUDGET_UNKNOWN"), ("words", "BUDGET_OF_OTHER_FORM")],
)
def test_only_prefunded_budgets_of_the_program_are_paid_ahead(
    budgets: PointsClient, budget: str, reason: str
) -> None:
    refused = refusal(lambda: budgets.fund_budget(budget, 1, **SIGNED))
    assert refused.reason == reason


def test_funding_that_is_only_validated_changes_nothing(budgets: PointsClient) -> None:
    found = budgets.fund_budget("ads", 10, validate_only=True, **SIGNED)

    assert found.funding.left == 10
    assert budgets.get_budget("ads").budget.left == 0


def test_report_figures_replaces_what_was_reported(budgets: PointsClient) -> None:
    about = (FIGURES_SOURCE_REVENUE, BUDGET_PERIOD_MONTH)
    dated: dict[str, Any] = {"period_time": NOVEMBER, **SIGNED}
    budgets.report_figures(*about, 1_000, **dated)
    report = budgets.report_figures(*about, 2_599, **dated).report

    assert (report.source, report.period) == about
    assert (report.start_time, report.end_time) == (berlin(1, 11), berlin(1, 12))
    assert (report.money, report.money_before) == (2_599, 1_000)
    budget = budgets.get_budget("sales", period_time=NOVEMBER).budget
    # One percent of it, in points of one minor unit, rounded down.
    assert (budget.total, budget.used, budget.left) == (25, 0, 25)
    assert (budget.source, budget.money) == (FIGURES_SOURCE_REVENUE, 2_599)
    assert budgets.get_budget("sales").budget.total == 0


def test_profit_alone_may_be_below_zero(budgets: PointsClient) -> None:
    def report(source: Any) -> Any:
        lifetime = BUDGET_PERIOD_LIFETIME
        return budgets.report_figures(source, lifetime, -5, **SIGNED).report

    profit = report(FIGURES_SOURCE_PROFIT)
    assert profit.money == -5
    assert not profit.HasField("start_time")
    assert not profit.HasField("end_time")
    assert refusal(lambda: report(FIGURES_SOURCE_REVENUE)).reason == "INVALID_ARGUMENT"


def test_measure_liability_gives_back_what_was_burned(budgets: PointsClient) -> None:
    budgets.create_member("ada")
    budgets.earn("ada", 4_000, reason="a purchase")
    first = budgets.measure_liability("owed", request_id="m1", **SIGNED).measure
    found = budgets.get_budget("owed").budget
    assert (first.outstanding, first.relief, first.relief_before) == (4_000, -4_000, 0)
    assert (found.outstanding, found.total, found.left) == (4_000, 1_000, 1_000)

    budgets.burn("ada", 1_500, reason="a reward")
    assert budgets.get_budget("owed").budget.left == 1_000
    second = budgets.measure_liability("owed", **SIGNED).measure
    assert (second.outstanding, second.relief_before) == (2_500, -4_000)
    assert budgets.get_budget("owed").budget.left == 2_500
    assert budgets.verify_ledger().intact


def test_a_repeated_measure_is_the_first_one(budgets: PointsClient) -> None:
    budgets.create_member("ada")
    first = budgets.measure_liability("owed", request_id="m1", **SIGNED)
    budgets.earn("ada", 4_000, reason="a purchase")
    again = budgets.measure_liability("owed", request_id="m1", **SIGNED)

    assert (again.measure, again.replayed) == (first.measure, True)


def test_what_members_hold_is_outstanding(budgets: PointsClient) -> None:
    budgets.create_member("ada")
    budgets.earn("ada", 100, reason="a purchase")
    budgets.place_hold("ada", 30, reason="an order")

    assert budgets.measure_liability("owed", **SIGNED).measure.outstanding == 100


@pytest.mark.parametrize(
    ("budget", "reason"),
    [("none", "BUDGET_UNKNOWN"), ("ads", "BUDGET_OF_OTHER_FORM")],
)
def test_only_a_liability_is_measured(
    budgets: PointsClient, budget: str, reason: str
) -> None:
    refused = refusal(lambda: budgets.measure_liability(budget, **SIGNED))
    assert refused.reason == reason


def test_get_budget_tells_the_period(budgets: PointsClient) -> None:
    response = budgets.get_budget("words", period_time=NOVEMBER)

    assert response.budget == Budget(
        budget="words",
        unit="points",
        form=Budget.FORM_FIXED,
        period=BUDGET_PERIOD_QUARTER,
        start_time=to_timestamp(datetime(2025, 9, 30, 22, tzinfo=UTC)),
        end_time=to_timestamp(datetime(2025, 12, 31, 23, tzinfo=UTC)),
        total=100,
        used=0,
        left=100,
    )


def test_a_budget_that_is_not_there_is_refused(budgets: PointsClient) -> None:
    assert refusal(lambda: budgets.get_budget("none")).reason == "BUDGET_UNKNOWN"
    assert refusal(lambda: budgets.get_budget("")).reason == "INVALID_ARGUMENT"


@pytest.mark.parametrize("page_size", [0, 1, 4])
def test_list_budgets_tells_them_all_by_name(
    budgets: PointsClient, page_size: int
) -> None:
    found = list(budgets.list_budgets(page_size=page_size))

    assert [budget.budget for budget in found] == list(BUDGETS)
    counted = [b.budget for b in found if b.HasField("left")]
    assert counted == ["ads", "owed", "sales", "words"]
    bounded = {b.budget: b.total for b in found if b.HasField("total")}
    assert bounded == {"ads": 0, "friends": 30, "owed": 5_000, "sales": 0, "words": 100}


def test_what_is_wrong_with_a_request_is_said_field_by_field(
    budgets: PointsClient,
) -> None:
    stub = budgets.budgets
    found = failure_of(stub.FundBudget, FundBudgetRequest())
    turned = failure_of(stub.FundBudget, FundBudgetRequest(direction=9))  # type: ignore[arg-type]
    undated = ReportFiguresRequest(period=BUDGET_PERIOD_DAY)
    unnamed = failure_of(stub.ReportFigures, ReportFiguresRequest())

    assert found.fields == ("budget", "points", "operator", "reason", "request_id")
    assert turned == invalid(direction="must be PAY or TAKE_BACK")
    assert failure_of(stub.ReportFigures, undated) == invalid(period_time="is required")
    told = ("source", "period", "operator", "reason", "request_id")
    assert unnamed.fields == told


def test_the_feed_and_verification_know_of_budgets(budgets: PointsClient) -> None:
    budgets.fund_budget("ads", 10, **SIGNED)
    lifetime = BUDGET_PERIOD_LIFETIME
    budgets.report_figures(FIGURES_SOURCE_PROFIT, lifetime, 5, **SIGNED)

    budgets.measure_liability("owed", **SIGNED)

    changes = budgets.list_changes().changes
    told = {each.kind: each.outcome.WhichOneof("result") for each in changes}
    assert told == {
        "FUND_BUDGET": "budget_funding",
        "REPORT_FIGURES": "figures_report",
        "MEASURE_LIABILITY": "liability_measure",
    }
    assert budgets.verify_ledger().intact


def test_a_program_without_budgets_lists_none(client: PointsClient) -> None:
    assert list(client.list_budgets()) == []
