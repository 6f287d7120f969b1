"""A set of days, each with a mark: what a calendar remembers, and all it remembers.

Days of one mark that follow each other are one span, so that years of days stay
small. Spans are in the order of their days and never overlap.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from enum import StrEnum
from operator import itemgetter
from typing import Final, NamedTuple, TypeAlias


class Mark(StrEnum):
    """Tells what became of a day; a day without a mark was missed, or is to come.

    In the order of what counts more.
    """

    SIGNED = "SIGNED"
    MADE_UP = "MADE_UP"
    FROZEN = "FROZEN"
    PAUSED = "PAUSED"
    SKIPPED = "SKIPPED"


TAKEN: Final = frozenset({Mark.SIGNED, Mark.MADE_UP})
"""Marks of days that were checked in."""


class Span(NamedTuple):
    """Is days that follow each other, the first and the last among them."""

    first: int
    last: int
    mark: Mark

    @property
    def length(self) -> int:
        """Returns how many days there are."""
        return self.last - self.first + 1


_FIRST: Final = itemgetter(0)
_RANKS: Final = {mark: rank for rank, mark in enumerate(Mark)}

Spans: TypeAlias = tuple[Span, ...]


def mark_of(spans: Spans, day: int) -> Mark | None:
    """Returns the mark of a day, or None."""
    if not spans:
        return None
    at = bisect_right(spans, day, key=_FIRST) - 1
    return spans[at].mark if at >= 0 and day <= spans[at].last else None


def marked(spans: Spans, days: Iterable[int], mark: Mark) -> Spans:
    """Returns the spans with a mark on days that have none yet."""
    added = [Span(day, day, mark) for day in days]
    return tuple(_joined(sorted((*spans, *added)))) if added else spans


def united(mine: Spans, other: Spans) -> Spans:
    """Returns the days of both; one that both have keeps the mark that counts more."""
    found: dict[int, Mark] = {}
    for first, last, mark in (*mine, *other):
        for day in range(first, last + 1):
            found[day] = min(mark, found.get(day, mark), key=_RANKS.__getitem__)
    days = [Span(day, day, found[day]) for day in sorted(found)]
    return tuple(_joined(days)) if days else ()


def unmarked(spans: Spans, day: int) -> Spans:
    """Returns the spans without a day."""
    return tuple(part for span in spans for part in _parted(span, day))


def missing(spans: Spans, first: int, last: int) -> list[int]:
    """Returns the days without a mark from the first to the last."""
    found: list[int] = []
    for span in spans:
        if span.last < first:
            continue
        found.extend(range(first, min(span.first, last + 1)))
        first = span.last + 1
    found.extend(range(first, last + 1))
    return found


def last_of(spans: Spans, mark: Mark) -> int | None:
    """Returns the last day with a mark, or None."""
    for span in reversed(spans):
        if span.mark is mark:
            return span.last
    return None


def count_of(spans: Spans, marks: frozenset[Mark], first: int, last: int) -> int:
    """Returns how many days from the first to the last have one of the marks."""
    return sum(
        max(0, min(span.last, last) - max(span.first, first) + 1)
        for span in spans
        if span.mark in marks
    )


def _joined(spans: list[Span]) -> Iterator[Span]:
    """Yields spans in which neighbours of one mark are one."""
    before = spans[0]
    for span in spans[1:]:
        assert before.last < span.first, "a day has one mark"
        if (before.last + 1, before.mark) == (span.first, span.mark):
            before = before._replace(last=span.last)
        else:
            yield before
            before = span
    yield before


def _parted(span: Span, day: int) -> Iterator[Span]:
    if not span.first <= day <= span.last:
        yield span
        return
    if span.first < day:
        yield span._replace(last=day - 1)
    if day < span.last:
        yield span._replace(first=day + 1)
