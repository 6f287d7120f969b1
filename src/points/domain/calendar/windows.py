"""Stretches of time that limits and caps count in.

Windows of one kind follow each other without gap or overlap.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from points.domain.bounds import NEVER
from points.domain.calendar.periods import Period
from points.domain.calendar.spans import Span, first_day, last_day
from points.domain.calendar.zones import (
    SECOND,
    end_of_day,
    local_date,
    start_of_day,
    utc_offset,
)


_HOUR: Final = 3_600 * SECOND
_WINDOWS_MAX: Final = 1_024
"""Most windows that are remembered: a year of days for three kinds."""


class WindowKind(StrEnum):
    """Names the windows of a limit."""

    HOUR = "HOUR"
    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    QUARTER = "QUARTER"
    YEAR = "YEAR"
    LIFETIME = "LIFETIME"


class Window(NamedTuple):
    """Is the time from `start_time` on and before `end_time`."""

    start_time: int
    end_time: int


LIFETIME: Final = Window(0, NEVER)
"""The one window of all time."""

_SPANS: Final = {
    WindowKind.DAY: Span.DAY,
    WindowKind.WEEK: Span.WEEK,
    WindowKind.MONTH: Span.MONTH,
    WindowKind.QUARTER: Span.QUARTER,
    WindowKind.YEAR: Span.YEAR,
}


def window_of(kind: WindowKind, instant: int, zone: ZoneInfo) -> Window:
    """Returns the window of the kind that holds an instant from 1970 on.

    An HOUR runs from one full hour of the zone's clocks to the next and is never
    longer than a real one: an hour that the clocks show twice is two windows,
    and a change of less than an hour cuts the window it falls in. A window that
    the year 9999 cuts off ends NEVER.
    """
    if kind is WindowKind.LIFETIME:
        return LIFETIME
    if kind is WindowKind.HOUR:
        return _hour(instant, zone)
    return _days(_SPANS[kind], local_date(instant, zone), zone)


def rolling_window(period: Period, instant: int, zone: ZoneInfo) -> Window:
    """Returns the days of the period that ends with the instant's day, included.

    P1D is that day alone, P7D the day and the six before it, P12M the day and
    all since the same date a year ago, which is out. Nothing is before 1970, and
    a period of zero holds nothing.
    """
    return _days_up_to(period, local_date(instant, zone), zone)


@lru_cache(maxsize=_WINDOWS_MAX)
def _days_up_to(period: Period, day: date, zone: ZoneInfo) -> Window:
    try:
        start = end_of_day(period.before(day), zone)
    except OverflowError:
        start = 0
    return Window(max(0, start), end_of_day(day, zone))


@lru_cache(maxsize=_WINDOWS_MAX)
def _days(span: Span, day: date, zone: ZoneInfo) -> Window:
    start = start_of_day(first_day(span, day), zone)
    return Window(start, end_of_day(last_day(span, day), zone))


def _hour(instant: int, zone: ZoneInfo) -> Window:
    offset = utc_offset(instant, zone)
    start = instant - (instant + offset) % _HOUR
    end = start + _HOUR
    if utc_offset(start, zone) != offset:
        start = _change(range(start, instant), offset, zone, to=True)
    if utc_offset(end - 1, zone) != offset:
        end = _change(range(instant, end), offset, zone, to=False)
    return Window(start, end)


def _change(around: range, offset: int, zone: ZoneInfo, *, to: bool) -> int:
    """Returns when the clocks change to the offset, or away from it."""
    ahead = bisect_left(
        around, x=True, key=lambda each: (utc_offset(each, zone) == offset) is to
    )
    return around.start + ahead
