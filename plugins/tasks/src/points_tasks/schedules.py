"""Times that come again and again, told as in crontab: when windows begin."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from points.plugin import Days


DAYS_MAX: Final = 366 * 9
"""Longest wait for a day that comes: from one 29 February over 2100 to the next."""

_MONTHS: Final = [
    "JAN",
    "FEB",
    "MAR",
    "APR",
    "MAY",
    "JUN",
    "JUL",
    "AUG",
    "SEP",
    "OCT",
    "NOV",
    "DEC",
]
_WEEKDAYS: Final = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Is the minutes of the days on which something begins.

    As crontab has it: where both the days of the month and those of the week are
    restricted, a day of either does.
    """

    minutes: tuple[int, ...]
    month_days: frozenset[int]
    months: frozenset[int]
    week_days: frozenset[int]
    is_either: bool

    def holds(self, day: int) -> bool:
        """Tells whether something begins on a day."""
        return _holds(self, day)


def parse(text: str) -> Schedule:
    """Returns the schedule of `minute hour day month weekday`.

    Each is `*` or a list of numbers, names and ranges, with steps: `0 4 * * MON-FRI`.
    Raises ValueError that says what is wrong.
    """
    fields = text.split()
    if len(fields) != 5:  # noqa: PLR2004 - the five fields of the format
        raise ValueError("must have five fields: minute hour day month weekday")
    minutes, hours = _numbers(fields[0], 0, 59), _numbers(fields[1], 0, 23)
    schedule = Schedule(
        minutes=tuple(sorted(hour * 60 + at for hour in hours for at in minutes)),
        month_days=frozenset(_numbers(fields[2], 1, 31)),
        months=frozenset(_numbers(fields[3], 1, 12, _MONTHS, 1)),
        week_days=frozenset(at % 7 for at in _numbers(fields[4], 0, 7, _WEEKDAYS)),
        is_either=not (fields[2].startswith("*") or fields[4].startswith("*")),
    )
    if not any(schedule.holds(day) for day in range(1, DAYS_MAX)):
        raise ValueError("must be of a day that exists")
    return schedule


def last_begun(schedule: Schedule, days: Days, now: int) -> int | None:
    """Returns the latest beginning until an instant; None if too long ago."""
    today = days.at(now)
    for day in range(today, today - DAYS_MAX, -1):
        begun = [start for start in _starts(schedule, days, day) if start <= now]
        if begun:
            return max(begun)
    return None


def next_begun(schedule: Schedule, days: Days, now: int) -> int | None:
    """Returns the first beginning after an instant; None if it is too far ahead."""
    today = days.at(now)
    for day in range(today, today + DAYS_MAX):
        ahead = [start for start in _starts(schedule, days, day) if start > now]
        if ahead:
            return min(ahead)
    return None


def _starts(schedule: Schedule, days: Days, day: int) -> Iterator[int]:
    # A time that clocks leave out begins where they go on, and one that they show
    # twice when they show it for the last time.
    if schedule.holds(day):
        for minutes in schedule.minutes:
            yield Days(days.zone, minutes).start(day)


@lru_cache(maxsize=4_096)
def _holds(schedule: Schedule, day: int) -> bool:
    shown = date.fromordinal(day)
    if shown.month not in schedule.months:
        return False
    month_day = shown.day in schedule.month_days
    week_day = day % 7 in schedule.week_days
    return month_day or week_day if schedule.is_either else month_day and week_day


def _numbers(
    text: str, low: int, high: int, names: list[str] | None = None, first: int = 0
) -> list[int]:
    """Returns the numbers of a field."""
    named = {name: at for at, name in enumerate(names or (), start=first)}
    return sorted(
        {at for part in text.split(",") for at in _part(part, low, high, named)}
    )


def _part(text: str, low: int, high: int, named: dict[str, int]) -> range:
    span, _, step = text.partition("/")
    first, _, last = span.partition("-")
    if span == "*":
        begin, end = low, high
    else:
        begin = _number(first, low, high, named)
        end = _number(last, low, high, named) if last else (high if step else begin)
    if begin > end:
        raise ValueError(f"{text!r} must not go back")
    return range(begin, end + 1, _number(step, 1, high or 1, {}) if step else 1)


def _number(text: str, low: int, high: int, named: dict[str, int]) -> int:
    number = named.get(text.upper(), -1)
    if number < 0 and text.isascii() and text.isdecimal():
        number = int(text)
    if not low <= number <= high:
        raise ValueError(f"{text!r} must be {low} to {high}")
    return number
