"""What counts towards tiers, by local day, and the days that periods hold.

A day is a number: days since 1970-01-01 on the calendar of the program's zone.
What is taken back is taken from the day on which it was given, so that no day is
ever below zero and a sum over fewer days is never a greater one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from points.domain.calendar.periods import Period
from points.domain.calendar.spans import Span, clipped, first_day, last_day
from points.domain.calendar.zones import local_date
from points.domain.progress import Move, Progress, counter_name


Amounts: TypeAlias = Mapping[int, int]
"""Is what was gathered on each day; a day without anything is left out."""

Qualified: TypeAlias = Mapping[str, Amounts]
"""Is the amounts by measure: a ladder, or one of several things that it counts."""

_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_DAYS_MAX: Final = 8_192
"""Most days whose period is remembered: two decades."""

_KIND: Final = "ladder"
"""Begins the name of each counter of a member that counts towards tiers."""

_NAMES_MAX: Final = 16_384
"""Most names of counters that are remembered: two years of twenty ladders."""

DAY_MAX: Final = date.max.toordinal() - _EPOCH_ORDINAL
"""Last day of the calendar."""

DAY_MIN: Final = date.min.toordinal() - _EPOCH_ORDINAL
"""First day of the calendar."""


class Days(NamedTuple):
    """Is the days from `first` to `last`, both included."""

    first: int
    last: int

    def holds(self, day: int) -> bool:
        """Says whether the day is one of them."""
        return self.first <= day <= self.last


LIFETIME: Final = Days(DAY_MIN, DAY_MAX)
"""All days there are."""

LIFETIME_DAY: Final = 0
"""The one day under which a ladder without a period gathers everything."""


def day_number(day: date) -> int:
    """Returns the number of a date."""
    return day.toordinal() - _EPOCH_ORDINAL


def day_date(number: int) -> date:
    """Returns the date of a number."""
    return date.fromordinal(number + _EPOCH_ORDINAL)


def day_of(instant: int, zone: ZoneInfo) -> int:
    """Returns the day of the zone that holds an instant."""
    return day_number(local_date(instant, zone))


def added(amounts: Amounts, day: int, amount: int) -> Amounts:
    """Returns the amounts after one more; a negative one takes back, to zero."""
    after = max(0, amounts.get(day, 0) + amount)
    others = {each: there for each, there in amounts.items() if each != day}
    return others | {day: after} if after else others


def gathered(amounts: Amounts, days: Days) -> int:
    """Returns the sum over the days."""
    first, last = days
    return sum([there for day, there in amounts.items() if first <= day <= last])


def pruned(amounts: Amounts, first: int) -> Amounts:
    """Returns the amounts from a day on."""
    if all(day >= first for day in amounts):
        return amounts
    return {day: there for day, there in amounts.items() if day >= first}


@lru_cache(maxsize=_DAYS_MAX)
def calendar_days(span: Span, day: int) -> Days:
    """Returns the days of the span that holds the day."""
    within = day_date(day)
    return Days(day_number(first_day(span, within)), day_number(last_day(span, within)))


@lru_cache(maxsize=_DAYS_MAX)
def rolling_days(length: Period, day: int) -> Days:
    """Returns the days of a period that ends with the day, included.

    P12M is the day and all since the same date a year ago, which is out.
    """
    try:
        before = day_number(length.before(day_date(day)))
    except OverflowError:
        return Days(DAY_MIN, day)
    return Days(min(before + 1, day), day)


@lru_cache(maxsize=_DAYS_MAX)
def anniversary_days(created: int, day: int) -> Days:
    """Returns the year of the member that holds the day.

    It begins with the date of creation in each year, 29 February on the 28th in
    other years. The first one holds all days before, too.
    """
    start, within = day_date(created), day_date(day)
    if day < created:
        return anniversary_days(created, created)
    year = within.year - (_anniversary(start, within.year) > within)
    first = DAY_MIN if year == start.year else day_number(_anniversary(start, year))
    if year == date.max.year:
        return Days(first, DAY_MAX)
    return Days(first, day_number(_anniversary(start, year + 1)) - 1)


def _anniversary(start: date, year: int) -> date:
    return clipped(year, start.month, start.day)


def qualifying_move(measure: str, day: int, by: int, end_time: int) -> Move:
    """Returns what moves the amount of a day, which counts until `end_time`."""
    return Move(counter_name(_KIND, measure, str(day)), by, end_time)


def qualified_of(progress: Progress) -> Qualified:
    """Returns what a member has gathered, by measure and day; nothing below zero."""
    found: dict[str, dict[int, int]] = {}
    for name, (used, _) in progress.counters.items():
        place = _place(name) if used > 0 else None
        if place is not None:
            measure, day = place
            if measure not in found:
                found[measure] = {}
            found[measure][day] = used
    return found


# Members gather on the same days: a year of names is read over and over.
@lru_cache(maxsize=_NAMES_MAX)
def _place(name: str) -> tuple[str, int] | None:
    """Returns the measure and day of a counter, None for a counter of other things."""
    kind, _, key = name.partition("/")
    if kind != _KIND:
        return None
    measure, _, day = key.rpartition("/")
    return measure, int(day)


def takes_back(moves: Iterable[Move]) -> bool:
    """Says whether any of the moves takes back what counts towards tiers."""
    return any(each.by < 0 and each.name.startswith(f"{_KIND}/") for each in moves)
