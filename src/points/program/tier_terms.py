"""When qualification periods, tier terms and graces begin and end."""

from __future__ import annotations

from bisect import bisect_left
from datetime import date
from typing import Final

from points.domain.bounds import NEVER
from points.domain.calendar.periods import Period
from points.domain.calendar.policies import Rounding
from points.domain.calendar.spans import Span, last_day
from points.domain.calendar.zones import ONE_DAY, start_of_day
from points.domain.qualifying import (
    DAY_MAX,
    DAY_MIN,
    LIFETIME,
    Days,
    anniversary_days,
    calendar_days,
    day_date,
    day_number,
    day_of,
    rolling_days,
)
from points.program.document.ladders import Grace, PeriodKind, Promotion
from points.program.ladders import ReadyLadder


_SPANS: Final = {
    Rounding.END_OF_WEEK: Span.WEEK,
    Rounding.END_OF_MONTH: Span.MONTH,
    Rounding.END_OF_QUARTER: Span.QUARTER,
    Rounding.END_OF_HALF: Span.HALF,
    Rounding.END_OF_YEAR: Span.YEAR,
}
_DRIFT_DAYS: Final = 5
"""Most days by which a period on and a period back miss where one has begun."""


def period_days(ready: ReadyLadder, day: int, created: int) -> Days:
    """Returns the days of the qualification period that holds the day.

    A rolling period is the one that ends with it. `created` is the day on which
    the member was created, with which anniversaries begin.
    """
    period = ready.ladder.period
    if period.span:
        return calendar_days(period.span, day)
    if period.length:
        return rolling_days(period.length, day)
    if period.kind is PeriodKind.ANNIVERSARY:
        return anniversary_days(created, day)
    return LIFETIME


def is_whole(ready: ReadyLadder) -> bool:
    """Says whether periods follow each other, each to be judged as a whole."""
    return ready.ladder.period.kind in (PeriodKind.CALENDAR, PeriodKind.ANNIVERSARY)


def next_period(ready: ReadyLadder, day: int, created: int) -> int:
    """Returns the first day of the period after the one that holds the day.

    A rolling period begins anew with each day.
    """
    return period_days(ready, day, created).last + 1


def term_end(ready: ReadyLadder, day: int, created: int) -> int:
    """Returns when a tier term that begins with the day is over.

    Where whole periods are judged it lasts to the end of that in which its length
    ends. NEVER past the year 9999, and on a ladder without terms.
    """
    if ready.ladder.term is None:
        return NEVER
    try:
        last = day_number(ready.ladder.term.after(day_date(day))) - 1
    except OverflowError:
        return NEVER
    return start_of(ready, _to_period_end(ready, last, created) + 1)


def grace_end(ready: ReadyLadder, until_time: int) -> int:
    """Returns when a tier is lost whose term ends at an instant."""
    if until_time == NEVER:
        return NEVER
    first = day_date(day_of(until_time, ready.zone))
    try:
        last = day_number(_last_of_grace(ready.ladder.grace, first))
    except OverflowError:
        return NEVER
    return max(until_time, start_of(ready, last + 1))


def judged_from(ready: ReadyLadder, until_time: int) -> int:
    """Returns the first day that counts for a term that ends at an instant.

    The length of the term before its end: the period in which the tier was
    reached has begun earlier.
    """
    if ready.ladder.term is None or until_time == NEVER:
        return DAY_MIN
    try:
        before = ready.ladder.term.before(day_date(day_of(until_time, ready.zone)))
    except OverflowError:
        return DAY_MIN
    return day_number(before)


def counts_until(ready: ReadyLadder, day: int, created: int) -> int:
    """Returns an instant from which on what was gathered on the day never counts.

    It promotes in its period or the one after, and keeps a tier for a term more.
    """
    if ready.ladder.period.kind is PeriodKind.LIFETIME:
        return NEVER
    last = _last_holding(ready, day, created)
    if ready.ladder.promote is Promotion.NEXT_PERIOD and last < DAY_MAX:
        last = period_days(ready, last + 1, created).last
    if ready.ladder.term is None:
        return start_of(ready, last + 1)
    return grace_end(ready, term_end(ready, min(last + 1, DAY_MAX), created))


def _last_holding(ready: ReadyLadder, day: int, created: int) -> int:
    """Returns the last day whose period holds the day."""
    length = ready.ladder.period.length
    if length is not None:
        return min(drop_day(length, day) - 1, DAY_MAX)
    return period_days(ready, day, created).last


def drop_day(length: Period, day: int) -> int:
    """Returns the first day whose rolling period no longer holds the day."""
    try:
        about = day_number(length.after(day_date(day)))
    except OverflowError:
        return DAY_MAX + 1
    near = range(about - _DRIFT_DAYS, min(about + _DRIFT_DAYS, DAY_MAX + 1))
    ahead = bisect_left(
        near, x=True, key=lambda each: rolling_days(length, each).first > day
    )
    return near.start + ahead


def start_of(ready: ReadyLadder, day: int) -> int:
    """Returns the first instant of a day; NEVER after the calendar's last."""
    return NEVER if day > DAY_MAX else start_of_day(day_date(day), ready.zone)


def _to_period_end(ready: ReadyLadder, day: int, created: int) -> int:
    return period_days(ready, day, created).last if is_whole(ready) else day


def _last_of_grace(grace: Grace, first: date) -> date:
    # As of an expiry: NONE counts the first day, the others what is reached.
    if grace.round is Rounding.NONE:
        return grace.length.after(first) - ONE_DAY
    reached = grace.length.after(first - ONE_DAY)
    if grace.round is Rounding.END_OF_DAY:
        return reached
    return last_day(_SPANS[grace.round], reached)
