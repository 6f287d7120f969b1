"""What becomes of missed days, decided when somebody comes back or looks."""

from __future__ import annotations

from typing import NamedTuple

from points.plugin.days import Days
from points_checkin.spans import Mark, Spans, last_of, marked, missing


class Pause(NamedTuple):
    """Is days on which nobody has to check in, the end not among them."""

    first: int
    end: int


class Freezes(NamedTuple):
    """Says which freezes are equipped, by their instants, and how they are used.

    Some are used for some of the missed days only if `is_partial`.
    """

    times: tuple[int, ...] = ()
    is_partial: bool = False


class Settled(NamedTuple):
    """Is a calendar whose missed days are dealt with, and the freezes that are left."""

    spans: Spans
    freezes: tuple[int, ...]
    missed_count: int


def settle(
    spans: Spans, day: int, days: Days, pauses: tuple[Pause, ...], freezes: Freezes
) -> Settled:
    """Returns what the days since the last signed one came to, up to before a day.

    In the order of the rules: days that the zone left out and days of a pause cost
    nothing; then a freeze is used for each missed day, the oldest first.
    """
    last = last_of(spans, Mark.SIGNED)
    if last is None or last + 1 >= day:
        return Settled(spans, freezes.times, 0)
    missed = missing(spans, last + 1, day - 1)
    spans, missed = _excused(spans, missed, days, pauses)
    frozen = _frozen(missed, days, freezes)
    return Settled(
        marked(spans, frozen, Mark.FROZEN),
        tuple(sorted(freezes.times)[len(frozen) :]),
        len(missed) - len(frozen),
    )


def _excused(
    spans: Spans, missed: list[int], days: Days, pauses: tuple[Pause, ...]
) -> tuple[Spans, list[int]]:
    if not missed:
        return spans, missed
    empty = days.empty(missed[0], missed[-1])
    skipped = [day for day in missed if day in empty]
    paused = [
        day
        for day in missed
        if day not in empty and any(one.first <= day < one.end for one in pauses)
    ]
    excused = {*skipped, *paused}
    spans = marked(marked(spans, skipped, Mark.SKIPPED), paused, Mark.PAUSED)
    return spans, [day for day in missed if day not in excused]


def _frozen(missed: list[int], days: Days, freezes: Freezes) -> list[int]:
    """Returns the missed days that freezes cover: equipped before the day began."""
    times = sorted(freezes.times)
    covered: list[int] = []
    for day in missed if times else ():
        if len(covered) < len(times) and times[len(covered)] < days.start(day):
            covered.append(day)
    return covered if freezes.is_partial or len(covered) == len(missed) else []
