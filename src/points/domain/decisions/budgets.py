"""Budgets: what is paid ahead, and what is reported; nothing is paid twice."""

from __future__ import annotations

from points.domain.bounds import UNSET
from points.domain.budgets import BudgetForm, BudgetTerms, Level
from points.domain.calendar.windows import WindowKind, window_of
from points.domain.commands import FundBudget, MeasureLiability, ReportFigures
from points.domain.commands.budgets import FundDirection
from points.domain.funding import (
    BudgetFunding,
    BudgetResult,
    FiguresReport,
    LiabilityMeasure,
)
from points.domain.identity import CORE_CHANNEL
from points.domain.program import Program
from points.domain.refusals import (
    BudgetExhausted,
    BudgetOfOtherForm,
    BudgetUnknown,
    InvalidArgument,
)
from points.domain.state import Decision, Stamp, State


def decide_fund_budget(
    command: FundBudget, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the points paid ahead or taken back.

    Raises BudgetUnknown, BudgetOfOtherForm, BudgetExhausted (less is left than is
    to be taken back) and LimitExceeded, in this order.
    """
    budget = _budget(command.budget, BudgetForm.PREFUNDED, program)
    left = _left(budget, state)
    is_payment = command.direction is FundDirection.PAY
    if not is_payment and command.points > left:
        raise BudgetExhausted(budget.name, budget.unit, left, command.points)
    points = command.points if is_payment else -command.points
    funding = BudgetFunding(
        budget=budget.name,
        unit=budget.unit,
        points=points,
        left=left + points,
        operator=command.operator,
        reason=command.reason,
    )
    return _decision(funding, stamp)


def decide_report_figures(
    command: ReportFigures, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the money of the period, in the place of what was reported before.

    What has been paid stays paid: a report below that leaves nothing to pay.
    Raises InvalidArgument if `start_time` begins no such period of the program.
    """
    start_time = command.start_time
    if start_time > stamp.now:
        raise InvalidArgument({"start_time": "must not lie ahead"})
    period = window_of(WindowKind(command.period), start_time, program.zone)
    if period.start_time != start_time:
        what = f"must begin a {command.period} in {program.zone.key}"
        raise InvalidArgument({"start_time": what})
    (key,) = command.reads().counters
    report = FiguresReport(
        source=command.source,
        period=command.period,
        start_time=start_time,
        end_time=period.end_time,
        money=command.money,
        money_before=state.counter(*key).granted,
        operator=command.operator,
        reason=command.reason,
    )
    return _decision(report, stamp)


def decide_measure_liability(
    command: MeasureLiability, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns what is known of the points outstanding.

    What the budget pays after the measure counts on top of it, and what is burned
    or expires after it counts at the next one: never too little is outstanding.
    Raises BudgetUnknown, BudgetOfOtherForm and LimitExceeded, in this order.
    """
    budget = _budget(command.budget, BudgetForm.LIABILITY, program)
    if command.outstanding == UNSET:  # it came to be behind the snapshot
        raise BudgetUnknown(command.budget)
    measure = LiabilityMeasure(
        budget=budget.name,
        unit=budget.unit,
        outstanding=command.outstanding,
        relief=command.used - command.outstanding,
        relief_before=state.counter(budget.counter_name, 0).granted,
        operator=command.operator,
        reason=command.reason,
    )
    return _decision(measure, stamp)


def check_counters(decision: Decision, state: State) -> None:
    """Raises LimitExceeded if a shared counter would leave int64."""
    for move in decision.counters:
        state.counter(*move.key()).moved(move)


def _decision(result: BudgetResult, stamp: Stamp) -> Decision:
    return Decision(
        result=result,
        effective_time=stamp.now,
        channel=CORE_CHANNEL,
        counters=result.counters,
    )


def _budget(name: str, form: BudgetForm, program: Program) -> BudgetTerms:
    budget = program.budget(name)
    if budget.form is not form:
        raise BudgetOfOtherForm(name, budget.form, form)
    return budget


def _left(budget: BudgetTerms, state: State) -> int:
    counter = state.counter(budget.counter_name, 0)
    return budget.left(Level(counter.used, counter.granted))
