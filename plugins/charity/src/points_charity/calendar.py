"""Local years of receipts, and the days on which recurring donations are due."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo


NEVER: Final = 2**63 - 1
"""Is the end of what never ends, in microseconds since 1970 UTC."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS: Final = 12


class Every(StrEnum):
    """Tells how often a recurring donation is given."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


def year_of(instant: int, zone: str) -> int:
    """Returns the local year that an instant lies in."""
    return _local(instant, zone).year


def occurrence(start_time: int, every: Every, number: int, zone: str) -> int:
    """Returns when the recurrence of a number is due, the first one having 0.

    At the local time of the start; months that are too short have it on their last
    day, and the next has the day of the start again.
    """
    start = _local(start_time, zone)
    if every is Every.MONTH:
        months = start.month - 1 + number
        year, month = start.year + months // _MONTHS, months % _MONTHS + 1
        day = min(start.day, monthrange(year, month)[1])
        due = start.replace(year=year, month=month, day=day)
    else:
        due = start + timedelta(days=number * (7 if every is Every.WEEK else 1))
    return (due - _EPOCH) // timedelta(microseconds=1)


def _local(instant: int, zone: str) -> datetime:
    moment = _EPOCH + timedelta(microseconds=instant)
    return moment.astimezone(ZoneInfo(zone))
