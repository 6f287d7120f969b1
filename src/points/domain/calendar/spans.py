"""Weeks, months, quarters, halves and years of dates."""

from __future__ import annotations

from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, date
from enum import StrEnum
from typing import Final


class Span(StrEnum):
    """Names a stretch of whole days; weeks begin on Monday (ISO 8601)."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    HALF = "HALF"
    YEAR = "YEAR"


_WEEK_DAYS: Final = 7
_MONTHS: Final = {Span.MONTH: 1, Span.QUARTER: 3, Span.HALF: 6, Span.YEAR: 12}


def first_day(span: Span, day: date) -> date:
    """Returns the first day of the span that holds the day."""
    if span is Span.DAY:
        return day
    if span is Span.WEEK:
        return date.fromordinal(day.toordinal() - day.weekday())
    months_over = (day.month - 1) % _MONTHS[span]
    return date(day.year, day.month - months_over, 1)


def last_day(span: Span, day: date) -> date:
    """Returns the last day of the span that holds the day.

    The week that the year 9999 cuts off ends with it.
    """
    if span is Span.DAY:
        return day
    first = first_day(span, day)
    if span is Span.WEEK:
        last = first.toordinal() + _WEEK_DAYS - 1
        return date.fromordinal(min(last, date.max.toordinal()))
    return last_of_month(first.year, first.month + _MONTHS[span] - 1)


def last_of_month(year: int, month: int) -> date:
    """Returns the last day of the month; raises OverflowError past the year 9999."""
    return clipped(year, month, 31)


def clipped(year: int, month: int, day: int) -> date:
    """Returns the date, or the month's last day if the month is shorter.

    Raises OverflowError outside of the years 1 to 9999.
    """
    if not MINYEAR <= year <= MAXYEAR:
        raise OverflowError(f"year {year} is outside of the calendar")
    return date(year, month, min(day, monthrange(year, month)[1]))
