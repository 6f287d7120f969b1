"""Calls that fund budgets and tell what is left of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from points.client.connection import Connection
from points.client.requests import given_or_new, to_timestamp
from points.v1.budget_pb2 import (
    FUND_DIRECTION_PAY,
    Budget,
    BudgetPeriod,
    FiguresSource,
    FundDirection,
)
from points.v1.budget_service_pb2 import (
    FundBudgetRequest,
    FundBudgetResponse,
    GetBudgetRequest,
    GetBudgetResponse,
    ListBudgetsRequest,
    MeasureLiabilityRequest,
    MeasureLiabilityResponse,
    ReportFiguresRequest,
    ReportFiguresResponse,
)
from points.v1.consistency_pb2 import Consistency


class BudgetCalls(Connection):
    """Has the calls of the budget service."""

    def fund_budget(
        self,
        budget: str,
        points: int,
        *,
        operator: str,
        reason: str,
        direction: FundDirection.ValueType = FUND_DIRECTION_PAY,
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> FundBudgetResponse:
        """Pays points ahead into a prefunded budget, or takes some back.

        Args:
            budget: Prefunded budget of the program.
            points: Points, above zero.
            operator: Who answers for it, 1 to 128 characters.
            reason: Why, 1 to 256 characters.
            direction: Which way they go.
            request_id: Made up if absent.
            validate_only: Does every check and changes nothing.
        """
        request = FundBudgetRequest(
            budget=budget,
            points=points,
            direction=direction,
            operator=operator,
            reason=reason,
            request_id=given_or_new(request_id),
            validate_only=validate_only,
        )
        return self._call(self.budgets.FundBudget, request)

    def report_figures(
        self,
        source: FiguresSource.ValueType,
        period: BudgetPeriod.ValueType,
        money: int,
        *,
        operator: str,
        reason: str,
        period_time: datetime | None = None,
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> ReportFiguresResponse:
        """Reports the money of one period so far, in the place of what was reported.

        Args:
            source: What the money is.
            period: Kind of the period.
            money: Minor units of the program's currency.
            operator: Who reports it, 1 to 128 characters.
            reason: Why, or where it comes from, 1 to 256 characters.
            period_time: Any instant within the period; absent for LIFETIME alone.
            request_id: Made up if absent.
            validate_only: Does every check and changes nothing.
        """
        request = ReportFiguresRequest(
            source=source,
            period=period,
            period_time=None if period_time is None else to_timestamp(period_time),
            money=money,
            operator=operator,
            reason=reason,
            request_id=given_or_new(request_id),
            validate_only=validate_only,
        )
        return self._call(self.budgets.ReportFigures, request)

    def measure_liability(
        self,
        budget: str,
        *,
        operator: str,
        reason: str,
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> MeasureLiabilityResponse:
        """Counts the points outstanding for a budget that is bound by them.

        Args:
            budget: Budget of form LIABILITY.
            operator: Who measures, 1 to 128 characters.
            reason: Why, 1 to 256 characters.
            request_id: Made up if absent.
            validate_only: Does every check and changes nothing.
        """
        request = MeasureLiabilityRequest(
            budget=budget,
            operator=operator,
            reason=reason,
            request_id=given_or_new(request_id),
            validate_only=validate_only,
        )
        return self._call(self.budgets.MeasureLiability, request)

    def get_budget(
        self,
        budget: str,
        *,
        period_time: datetime | None = None,
        consistency: Consistency | None = None,
    ) -> GetBudgetResponse:
        """Tells what a budget may pay and has paid, in the present period if not told.

        Args:
            budget: Budget of the program.
            period_time: Any instant within the period.
            consistency: How fresh the answer must be.
        """
        request = GetBudgetRequest(
            budget=budget,
            period_time=None if period_time is None else to_timestamp(period_time),
            consistency=consistency,
        )
        return self._call(self.budgets.GetBudget, request)

    def list_budgets(
        self, *, page_size: int = 0, consistency: Consistency | None = None
    ) -> Iterator[Budget]:
        """Yields the budgets of the program by name, page by page."""
        request = ListBudgetsRequest(page_size=page_size, consistency=consistency)
        for page in self._pages(self.budgets.ListBudgets, request):
            yield from page.budgets
