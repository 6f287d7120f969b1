"""Which day it is for somebody, and when that day begins and ends.

A day is a date of a zone's clocks that begins at a time of day. Days follow each
other without gap or overlap, whatever the clocks do: one begins once they never
again show an earlier date. A beginning that the clocks jump over is the jump
itself; a date that a zone left out altogether is empty. Days are proleptic
Gregorian ordinals, instants microseconds since 1970 UTC.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final


SECOND: Final = 1_000_000
DAY: Final = 86_400 * SECOND

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS_MAX: Final = 8_192
"""Most days whose beginning is remembered: two decades of one kind of day."""


@dataclass(frozen=True, slots=True)
class Days:
    """Is the days of a zone, each beginning `starts_minutes` after midnight."""

    zone: tzinfo
    starts_minutes: int = 0

    def at(self, instant: int) -> int:
        """Returns the day that holds an instant."""
        return _day(instant, self.zone, self.starts_minutes)

    def start(self, day: int) -> int:
        """Returns the first instant of a day."""
        return _start(day, self.zone, self.starts_minutes)

    def end(self, day: int) -> int:
        """Returns the first instant after a day."""
        return self.start(day + 1)

    def empty(self, first: int, last: int) -> frozenset[int]:
        """Returns the days, of those from the first to the last, that never were."""
        lasted = self.start(last + 1) - self.start(first)
        # Clocks that are put forward for summer do not leave out half a day.
        if lasted > (last - first + 1) * DAY - DAY // 2:
            return frozenset()
        span = range(first, last + 1)
        return frozenset(day for day in span if self.start(day) == self.end(day))


@lru_cache(maxsize=_DAYS_MAX)
def text_of(day: int) -> str:
    """Returns a day as it is written: 2026-03-29."""
    return date.fromordinal(day).isoformat()


# All calls of a batch ask for the same instant.
@lru_cache(maxsize=64)
def _day(instant: int, zone: tzinfo, starts_minutes: int) -> int:
    clock = _shown(instant, zone) - timedelta(minutes=starts_minutes)
    shown = clock.toordinal()
    return shown if _start(shown, zone, starts_minutes) <= instant else shown - 1


@lru_cache(maxsize=_DAYS_MAX)
def _start(day: int, zone: tzinfo, starts_minutes: int) -> int:
    midnight = datetime.fromordinal(day)
    clock = midnight + timedelta(minutes=starts_minutes)
    first, second = (_instant(clock, zone, fold) for fold in (0, 1))
    if first > second:
        return _first_shown(clock, zone, range(second, first))
    taken_back = first < second and _shown(second - 1, zone) < clock
    return second if taken_back else first


def _instant(clock: datetime, zone: tzinfo, fold: int) -> int:
    return (clock.replace(tzinfo=zone, fold=fold) - _EPOCH) // timedelta.resolution


def _shown(instant: int, zone: tzinfo) -> datetime:
    """Returns what the clocks of a zone show."""
    return datetime.fromtimestamp(instant // SECOND, zone).replace(tzinfo=None, fold=0)


def _first_shown(clock: datetime, zone: tzinfo, around: range) -> int:
    # A time that does not exist lies within a jump: `around` holds it.
    ahead = bisect_left(
        around, x=True, key=lambda instant: _shown(instant, zone) >= clock
    )
    return around.start + ahead
