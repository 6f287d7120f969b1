"""Streaks, derived from the marks of a calendar: never stored, always recomputed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, NamedTuple

from points_checkin.spans import Mark, Span, Spans


NO_DAY: Final = 0
"""Stands for no day at all: ordinals begin with 1."""

_EARNED: Final = frozenset({Mark.SIGNED, Mark.MADE_UP})


class Mode(StrEnum):
    """Tells what a campaign counts.

    CONSECUTIVE counts days without a missed one between them, and CYCLE likewise,
    with a position that begins anew after every `cycle_days`. CALENDAR counts the
    days of a period, CUMULATIVE those of a lifetime: missed days do not matter.
    """

    CONSECUTIVE = "CONSECUTIVE"
    CYCLE = "CYCLE"
    CALENDAR = "CALENDAR"
    CUMULATIVE = "CUMULATIVE"


class Period(StrEnum):
    """Tells what a CALENDAR campaign counts within; weeks begin on Monday."""

    WEEK = "WEEK"
    MONTH = "MONTH"
    CYCLE = "CYCLE"


GAPS_MATTER: Final = frozenset({Mode.CONSECUTIVE, Mode.CYCLE})
"""Modes in which a missed day costs something."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Says how days are counted.

    `decay` is how much of the count each missed day takes, down to `floor`; 0 means
    that a missed day takes all. `anchor` is the day that periods of `cycle_days` are
    counted from. `counts_frozen` has frozen days count as if they were signed.
    """

    mode: Mode
    cycle_days: int = 7
    period: Period = Period.MONTH
    anchor: int = 1
    decay: int = 0
    floor: int = 0
    counts_frozen: bool = False

    @property
    def counting(self) -> frozenset[Mark]:
        """Returns the marks that count."""
        return _EARNED | {Mark.FROZEN} if self.counts_frozen else _EARNED


class Step(NamedTuple):
    """Is the days of one span within a streak, and the count before them."""

    first: int
    last: int
    before: int
    counts: bool


class Streak(NamedTuple):
    """Is days that are counted together; the first one tells it from all others."""

    first: int
    last: int
    counted: int
    steps: tuple[Step, ...]


def streaks_of(spans: Spans, rules: Rules) -> tuple[Streak, ...]:
    """Returns all streaks that a calendar holds, in their order.

    One begins with a day that counts, and may be kept by days that do not.
    """
    found: list[Streak] = []
    for span in _pieces(spans, rules):
        before = found[-1] if found else None
        kept = before and kept_count(before, span.first, rules)
        if before and kept is not None:
            found[-1] = _longer(before, span, kept, rules)
        elif span.mark in rules.counting:
            found.append(_begun(span))
    return tuple(found)


def streak_at(streaks: tuple[Streak, ...], day: int) -> Streak | None:
    """Returns the streak that holds a day, or None."""
    for one in streaks:
        if one.first <= day <= one.last:
            return one
    return None


def kept_count(streak: Streak, day: int, rules: Rules) -> int | None:
    """Returns what a streak still counts on a later day; None if it is over by then.

    The days between its last one and that day were missed.
    """
    match rules.mode:
        case Mode.CUMULATIVE:
            return streak.counted
        case Mode.CALENDAR:
            over = day >= period_end(streak.first, rules)
            return None if over else streak.counted
    return _left(streak.counted, day - streak.last - 1, rules)


def count_on(streak: Streak, day: int) -> int:
    """Returns what a streak counted at the end of one of its days."""
    for first, last, before, counts in streak.steps:
        if first <= day <= last:
            return before + (day - first + 1 if counts else 0)
    return 0


def reached_on(streak: Streak, count: int) -> int:
    """Returns the first day on which a streak counted up to a number, or NO_DAY."""
    for step in streak.steps:
        if step.counts and step.before < count <= count_on(streak, step.last):
            return step.first + count - step.before - 1
    return NO_DAY


def position(count: int, rules: Rules) -> int:
    """Returns where a count stands: within its cycle, if there are cycles."""
    if rules.mode is Mode.CYCLE and count:
        return (count - 1) % rules.cycle_days + 1
    return count


def period_start(day: int, rules: Rules) -> int:
    """Returns the first day of the period that holds a day."""
    match rules.period:
        case Period.WEEK:
            return day - (day - 1) % 7
        case Period.MONTH:
            return date.fromordinal(day).replace(day=1).toordinal()
    return day - (day - rules.anchor) % rules.cycle_days


def period_end(day: int, rules: Rules) -> int:
    """Returns the first day after the period that holds a day."""
    match rules.period:
        case Period.WEEK:
            return period_start(day, rules) + 7
        case Period.MONTH:
            # The 28th and four days is always in the next month.
            later = date.fromordinal(day).replace(day=28).toordinal() + 4
            return period_start(later, rules)
    return period_start(day, rules) + rules.cycle_days


def _left(count: int, missed: int, rules: Rules) -> int | None:
    if not missed:
        return count
    # Decay stops at the floor, but never lifts what is below it.
    left = max(min(count, rules.floor), count - rules.decay * missed)
    return left if rules.decay and left else None


def _begun(span: Span) -> Streak:
    step = Step(span.first, span.last, 0, counts=True)
    return Streak(span.first, span.last, span.length, (step,))


def _longer(streak: Streak, span: Span, kept: int, rules: Rules) -> Streak:
    step = Step(span.first, span.last, kept, counts=span.mark in rules.counting)
    count = kept + (span.length if step.counts else 0)
    return Streak(streak.first, span.last, count, (*streak.steps, step))


def _pieces(spans: Spans, rules: Rules) -> Iterator[Span]:
    """Yields the spans, cut where the periods of a calendar end."""
    for span in spans:
        rest = span
        while (
            rules.mode is Mode.CALENDAR and period_end(rest.first, rules) <= rest.last
        ):
            end = period_end(rest.first, rules)
            yield rest._replace(last=end - 1)
            rest = rest._replace(first=end)
        yield rest
