"""How recently, how often and for how much members were active: scores 1 to 5.

Members are compared with each other: a score says in which fifth a member is. The
sweep works the scores out beside the writer, from what the ledger has recorded, and
records those that have changed; rules go by what is recorded.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from points.domain.bounds import NEVER
from points.domain.calendar.periods import Period
from points.domain.calendar.windows import WindowKind, rolling_window, window_of
from points.domain.progress import Move, Progress


SCORE_MAX: Final = 5
"""Highest score: that of the best fifth."""

_KIND: Final = "score/"
"""Begins the names of the counters that keep a member's scores."""


class Scores(NamedTuple):
    """Is in which fifth of those who were active a member is, 5 for the best.

    By how short ago the member's last activity was, by how many there were, and by
    their money. All are 0 for a member who was not active.
    """

    recency: int = 0
    frequency: int = 0
    monetary: int = 0


_NAMES: Final = tuple(f"{_KIND}{field}" for field in Scores._fields)

NO_SCORES: Final = Scores()
"""Is the scores of a member who was not active, or is not scored yet."""


class ScoreChange(NamedTuple):
    """Is a member's scores from now on, of what had happened before `until_time`."""

    scores: Scores
    until_time: int


class Scoring(NamedTuple):
    """Says what is scored: activities of these `types`, `within` a period of days.

    Counted anew with each window, of the days of the `zone` before it began.
    """

    types: frozenset[str]
    within: Period
    each: WindowKind
    zone: ZoneInfo

    def span(self, now: int) -> tuple[int, int]:
        """Returns the instants between which activities are scored at `now`."""
        until_time = window_of(self.each, now, self.zone).start_time
        last = max(0, until_time - 1)
        return rolling_window(self.within, last, self.zone).start_time, until_time


class Deeds(NamedTuple):
    """Is what a member has done in the span: the last instant, how often, the money.

    The money is in minor units of the program's currency.
    """

    last_time: int = 0
    times: int = 0
    money: int = 0

    def joined(self, other: Deeds) -> Deeds:
        """Returns both together."""
        last_time = max(self.last_time, other.last_time)
        return Deeds(last_time, self.times + other.times, self.money + other.money)


def scores_among(deeds: Mapping[str, Deeds]) -> dict[str, Scores]:
    """Returns the scores of members who were active, each compared with all.

    A score is one more than the fifths of the members who have less, rounded down:
    equals score alike, and never more than SCORE_MAX.
    """
    columns = [sorted(column) for column in zip(*deeds.values(), strict=True)]
    # There are few different ones: members share them.
    known: dict[Scores, Scores] = {}
    found: dict[str, Scores] = {}
    for name, done in deeds.items():
        scores = Scores(*map(_score, columns, done))
        found[name] = known.setdefault(scores, scores)
    return found


def _score(column: Sequence[int], value: int) -> int:
    return 1 + SCORE_MAX * bisect_left(column, value) // len(column)


def scores_of(progress: Progress) -> Scores:
    """Returns the scores that are recorded of a member."""
    return Scores(*map(progress.used, _NAMES))


def score_moves(before: Scores, after: Scores) -> Iterator[Move]:
    """Yields what moves a member's progress from some scores to others."""
    for name, old, new in zip(_NAMES, before, after, strict=True):
        if old != new:
            yield Move(name, new - old, NEVER)


def is_score(name: str) -> bool:
    """Says whether a counter of a member's progress keeps a score."""
    return name.startswith(_KIND)
