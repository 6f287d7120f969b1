"""BudgetService: budgets are funded, and what is left of them is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from points.domain.bounds import POINTS_MAX, UNIT_CHARACTERS_MAX, UNSET
from points.domain.budgets import BudgetTerms, Level
from points.domain.calendar.windows import LIFETIME, Window, WindowKind, window_of
from points.domain.checks import name_problem
from points.domain.commands import FundBudget, MeasureLiability, ReportFigures
from points.domain.commands.budgets import FundDirection
from points.domain.counters import Counter, counter_part
from points.domain.funding import BudgetFunding, FiguresReport, LiabilityMeasure
from points.domain.refusals import InvalidArgument
from points.server.budget_answers import (
    PERIOD_NAMES,
    SOURCE_NAMES,
    budget_message,
    funding_message,
    measure_message,
    report_message,
)
from points.server.instants import instant
from points.server.paging import cut, page_size_of, read_token, write_token
from points.server.reads import Reads, View
from points.server.writes import Writes, revision_of
from points.store.texts.rows import Row
from points.v1 import budget_pb2
from points.v1 import budget_service_pb2 as pb
from points.v1.consistency_pb2 import Consistency


_OWED: Final = ("member", "held")
"""Accounts of points that members can come for."""

_DIRECTIONS: Final = {
    budget_pb2.FUND_DIRECTION_UNSPECIFIED: FundDirection.PAY,
    budget_pb2.FUND_DIRECTION_PAY: FundDirection.PAY,
    budget_pb2.FUND_DIRECTION_TAKE_BACK: FundDirection.TAKE_BACK,
}


class BudgetService:
    """Answers the calls of `points.v1.BudgetService`."""

    def __init__(self, writes: Writes, reads: Reads) -> None:
        self._writes = writes
        self._reads = reads

    async def fund_budget(self, request: pb.FundBudgetRequest) -> pb.FundBudgetResponse:
        """Pays points ahead, or takes some back."""
        outcome = await self._writes.execute(
            _funding(request), validate_only=request.validate_only
        )
        funding = outcome.record.result
        assert isinstance(funding, BudgetFunding)
        return pb.FundBudgetResponse(
            funding=funding_message(funding, outcome.record.record_time),
            revision=revision_of([outcome.record]),
            replayed=outcome.replayed,
        )

    async def report_figures(
        self, request: pb.ReportFiguresRequest
    ) -> pb.ReportFiguresResponse:
        """Keeps the money of a period so far."""
        zone = await self._reads.of_all(Consistency(), lambda v: v.program.zone)
        outcome = await self._writes.execute(
            _report(request, zone), validate_only=request.validate_only
        )
        report = outcome.record.result
        assert isinstance(report, FiguresReport)
        return pb.ReportFiguresResponse(
            report=report_message(report, outcome.record.record_time),
            revision=revision_of([outcome.record]),
            replayed=outcome.replayed,
        )

    async def measure_liability(
        self, request: pb.MeasureLiabilityRequest
    ) -> pb.MeasureLiabilityResponse:
        """Counts the points outstanding, in one snapshot with what was paid."""
        command = MeasureLiability(
            request_id=request.request_id,
            budget=request.budget,
            operator=request.operator,
            reason=request.reason,
        )
        command.check()

        def read(view: View) -> MeasureLiability:
            terms = view.program.budgets.get(request.budget)
            return self._measured(view, command, terms) if terms else command

        measured = await self._reads.of_all(Consistency(), read)
        outcome = await self._writes.execute(
            measured, validate_only=request.validate_only
        )
        measure = outcome.record.result
        assert isinstance(measure, LiabilityMeasure)
        return pb.MeasureLiabilityResponse(
            measure=measure_message(measure, outcome.record.record_time),
            revision=revision_of([outcome.record]),
            replayed=outcome.replayed,
        )

    async def get_budget(self, request: pb.GetBudgetRequest) -> pb.GetBudgetResponse:
        """Tells what a budget has paid and has left."""
        problem = name_problem(request.budget, UNIT_CHARACTERS_MAX)
        if problem:
            raise InvalidArgument({"budget": problem})
        moment = instant(request, "period_time")

        def read(view: View) -> pb.GetBudgetResponse:
            terms = view.program.budget(request.budget)
            at_time = view.now if moment == UNSET else moment
            (budget,) = self._told(view, [terms], at_time)
            return pb.GetBudgetResponse(budget=budget, revision=view.revision())

        return await self._reads.of_all(request.consistency, read)

    async def list_budgets(
        self, request: pb.ListBudgetsRequest
    ) -> pb.ListBudgetsResponse:
        """Lists the budgets of the program."""
        size = page_size_of(request)
        (after,) = read_token(request, start=("",))

        def read(view: View) -> pb.ListBudgetsResponse:
            budgets = view.program.budgets
            names = sorted(name for name in budgets if name > after)
            wanted = [budgets[name] for name in names[: size + 1]]
            found = self._told(view, wanted, view.now)
            page = cut(found, size, _itself)
            last = page.last
            return pb.ListBudgetsResponse(
                budgets=page.messages,
                next_page_token=write_token(request, (last.budget,)) if last else "",
                revision=view.revision(),
            )

        return await self._reads.of_all(request.consistency, read)

    def _measured(
        self, view: View, command: MeasureLiability, terms: BudgetTerms
    ) -> MeasureLiability:
        lines = view.snapshot.trial_balance()
        own = (line for line in lines if line.unit == terms.unit)
        outstanding = sum(line.points for line in own if line.account in _OWED)
        key, _ = self._keys(terms, LIFETIME)
        used = _level(view.snapshot.counters([key]).get(key)).used
        # More than a counter holds is more than any budget allows.
        outstanding = min(outstanding, POINTS_MAX)
        return replace(command, outstanding=outstanding, used=used)

    def _told(
        self,
        view: View,
        wanted: Sequence[BudgetTerms],
        at_time: int,
    ) -> list[budget_pb2.Budget]:
        """Returns the budgets in the periods that an instant lies in."""
        periods = [each.period(at_time, view.program.zone) for each in wanted]
        pairs = list(zip(wanted, periods, strict=True))
        keys = [self._keys(terms, period) for terms, period in pairs]
        found = view.snapshot.counters([key for pair in keys for key in pair])
        levels = [[_level(found.get(key)) for key in pair] for pair in keys]
        return [
            budget_message(terms, period, *level)
            for (terms, period), level in zip(pairs, levels, strict=True)
        ]

    def _keys(self, terms: BudgetTerms, period: Window) -> tuple[Row, Row]:
        """Returns where its own counter and that of its figures are.

        There is none of an empty name, and none that members have of their own.
        """
        names = (terms.counter_name, terms.figures_name)
        count = self._reads.part_count
        own, figures = (
            (counter_part(name, count), name, period.start_time) for name in names
        )
        return own, figures


def _funding(request: pb.FundBudgetRequest) -> FundBudget:
    direction = _DIRECTIONS.get(request.direction)
    if direction is None:
        raise InvalidArgument({"direction": "must be PAY or TAKE_BACK"})
    return FundBudget(
        request_id=request.request_id,
        budget=request.budget,
        points=request.points,
        direction=direction,
        operator=request.operator,
        reason=request.reason,
    )


def _report(request: pb.ReportFiguresRequest, zone: ZoneInfo) -> ReportFigures:
    """Returns the command; an unknown number is a name that is refused."""
    moment = instant(request, "period_time")
    period = PERIOD_NAMES.get(request.period, "")
    is_lifetime = period in ("", WindowKind.LIFETIME)
    if moment == UNSET and not is_lifetime:
        raise InvalidArgument({"period_time": "is required"})
    start_time = 0
    if not is_lifetime:
        kind = WindowKind(period)
        start_time = window_of(kind, moment, zone).start_time
    return ReportFigures(
        request_id=request.request_id,
        source=SOURCE_NAMES.get(request.source, ""),
        period=period,
        start_time=start_time,
        money=request.money,
        operator=request.operator,
        reason=request.reason,
    )


def _level(counter: Counter | None) -> Level:
    return Level(counter.used, counter.granted) if counter else Level()


_Message = TypeVar("_Message")


def _itself(message: _Message) -> _Message:
    return message
