"""Local dates and minutes of a document as instants."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from points.domain.bounds import NEVER
from points.domain.calendar.zones import start_of_day, utc_offset


_REMEMBERED: Final = 4_096
"""Moments kept: the two ends of a thousand rules, twice over."""

_DATE_CHARACTERS: Final = len("2026-11-27")
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - of a local clock


@lru_cache(maxsize=_REMEMBERED)
def instant_of(moment: str, zone: ZoneInfo) -> int:
    """Returns the instant of a date, its start, or of a minute of the zone.

    The first one, if the clocks show the minute twice.
    """
    if len(moment) == _DATE_CHARACTERS:
        return start_of_day(date.fromisoformat(moment), zone)
    local = datetime.fromisoformat(moment).replace(tzinfo=zone)
    offset = local.utcoffset() or timedelta()
    shown = local.replace(tzinfo=None) - _EPOCH
    return (shown - offset) // timedelta.resolution


def moment_problem(moment: str, zone: ZoneInfo) -> str | None:
    """Says what is wrong with a minute that the clocks leave out or show twice."""
    if len(moment) == _DATE_CHARACTERS:
        return None
    instant = instant_of(moment, zone)
    local = (datetime.fromisoformat(moment) - _EPOCH) // timedelta.resolution
    if instant + utc_offset(instant, zone) != local:
        return f"is left out by the clocks of {zone.key}: take another minute"
    other = datetime.fromisoformat(moment).replace(tzinfo=zone, fold=1)
    if other.utcoffset() != other.replace(fold=0).utcoffset():
        return f"comes twice on the clocks of {zone.key}: take another minute"
    return None


def life_of(since: str | None, until: str | None, zone: ZoneInfo) -> tuple[int, int]:
    """Returns the first instant of a life and the one after its last."""
    start = 0 if since is None else instant_of(since, zone)
    return start, NEVER if until is None else instant_of(until, zone)
