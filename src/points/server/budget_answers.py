"""Budgets to protobuf, and their names back."""

from __future__ import annotations

from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from points.domain.bounds import NEVER
from points.domain.budgets import BudgetForm, BudgetTerms, Level
from points.domain.calendar.windows import Window
from points.domain.funding import BudgetFunding, FiguresReport, LiabilityMeasure
from points.domain.values import Record
from points.server.instants import timestamp
from points.v1 import budget_pb2 as pb
from points.v1 import outcome_pb2


_FORMS: Final = {
    name.removeprefix("FORM_"): number for name, number in pb.Budget.Form.items()
}
_PERIODS: Final = {
    name.removeprefix("BUDGET_PERIOD_"): number
    for name, number in pb.BudgetPeriod.items()
}
_SOURCES: Final = {
    name.removeprefix("FIGURES_SOURCE_"): number
    for name, number in pb.FiguresSource.items()
}
PERIOD_NAMES: Final = {number: name for name, number in _PERIODS.items() if number}
"""Periods by their numbers."""

SOURCE_NAMES: Final = {number: name for name, number in _SOURCES.items() if number}
"""Sources of figures by their numbers."""


def funding_message(funding: BudgetFunding, record_time: int) -> pb.BudgetFunding:
    """Returns points paid ahead as a message."""
    return pb.BudgetFunding(**funding._asdict(), record_time=timestamp(record_time))


def report_message(report: FiguresReport, record_time: int) -> pb.FiguresReport:
    """Returns reported money as a message."""
    return pb.FiguresReport(
        source=_SOURCES[report.source],
        period=_PERIODS[report.period],
        start_time=_edge(report.start_time),
        end_time=_edge(report.end_time),
        money=report.money,
        money_before=report.money_before,
        operator=report.operator,
        reason=report.reason,
        record_time=timestamp(record_time),
    )


def measure_message(measure: LiabilityMeasure, record_time: int) -> pb.LiabilityMeasure:
    """Returns points outstanding as a message."""
    return pb.LiabilityMeasure(**measure._asdict(), record_time=timestamp(record_time))


def fill_outcome(message: outcome_pb2.Outcome, record: Record) -> None:
    """Writes what a record says of budgets into an outcome."""
    match record.result:
        case BudgetFunding() as funding:
            told = funding_message(funding, record.record_time)
            message.budget_funding.CopyFrom(told)
        case FiguresReport() as report:
            message.figures_report.CopyFrom(report_message(report, record.record_time))
        case LiabilityMeasure() as measure:
            found = measure_message(measure, record.record_time)
            message.liability_measure.CopyFrom(found)


def budget_message(
    terms: BudgetTerms, window: Window, own: Level, figures: Level
) -> pb.Budget:
    """Returns a budget in one period, with where its counters stand, as a message."""
    message = pb.Budget(
        budget=terms.name,
        unit=terms.unit,
        form=_FORMS[terms.form],
        period=_PERIODS[terms.per],
        start_time=_edge(window.start_time),
        end_time=_edge(window.end_time),
    )
    if terms.form is BudgetForm.UNLIMITED:
        return message
    message.total = terms.total(own, figures)
    if terms.form is not BudgetForm.PER_MEMBER:
        message.used = own.used
        message.left = terms.left(own, figures)
    if terms.form is BudgetForm.LIABILITY:
        message.outstanding = own.used - own.granted
    if terms.source:
        message.source = _SOURCES[terms.source]
        message.money = figures.granted
    return message


def _edge(instant: int) -> Timestamp | None:
    """Returns an end of a period; None where all of time has it."""
    return timestamp(instant) if 0 < instant < NEVER else None
