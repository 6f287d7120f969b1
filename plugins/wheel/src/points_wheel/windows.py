"""Local windows that limits, stocks and budgets count in: half-open, by a zone's days.

Day boundaries are converted by the zone, so that days of 23 and 25 hours are whole.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo


NEVER: Final = 2**63 - 1
"""Is the end of what never ends, in microseconds since 1970 UTC."""

SECOND: Final = 1_000_000
"""Microseconds of a second."""

LATEST: Final = 253_402_300_799 * SECOND
"""Is the last second that a Timestamp can tell: that of the year 9999."""

DAY: Final = 86_400 * SECOND
"""Microseconds of a day of 24 hours, for deadlines."""

WINDOW_MAX: Final = 32 * DAY
"""Longer than any window that ends: a month, and an hour for a change of clocks."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_OF_MONTH_AHEAD: Final = timedelta(days=32)


class Per(StrEnum):
    """Tells how long something is counted: in days, weeks from Monday or months."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"
    LIFETIME = "LIFETIME"


class Window(NamedTuple):
    """Is the time from `start_time` on and before `end_time`."""

    start_time: int
    end_time: int


def window_of(per: Per, instant: int, zone: str) -> Window:
    """Returns the window of the kind that an instant lies in."""
    if per is Per.LIFETIME:
        return Window(0, NEVER)
    moment = _EPOCH + timedelta(microseconds=instant)
    return _window(per, moment.astimezone(ZoneInfo(zone)).date(), zone)


@lru_cache(maxsize=256)
def _window(per: Per, day: date, zone: str) -> Window:
    first, behind = _days(per, day)
    return Window(_start_of(first, zone), _start_of(behind, zone))


def _days(per: Per, day: date) -> tuple[date, date]:
    if per is Per.DAY:
        return day, day + timedelta(days=1)
    if per is Per.WEEK:
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=7)
    first = day.replace(day=1)
    return first, (first + _FIRST_OF_MONTH_AHEAD).replace(day=1)


def _start_of(day: date, zone: str) -> int:
    """Returns the first instant of a local day.

    Midnight may be skipped by a change of clocks: its conversion is then the change.
    """
    midnight = datetime.combine(day, time(), ZoneInfo(zone))
    return (midnight - _EPOCH) // timedelta(microseconds=1)
