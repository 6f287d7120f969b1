"""Counters that members share: what budgets have paid, and caps for everybody.

A counter has a name and the window that it counts in. It lives in the part of its
name, wherever the members are who move it, and that part is locked with theirs:
two commands never move it at once.

For a command: name its counters in `Reads.counters` (of `reads` or of `follow`),
look at them with `State.counter`, and put what they move by into
`Decision.counters`, and into the result, for replay adds the moves of all results
up again. A counter that only the decision finds out is read, too, at the cost of a
second batch: `State.counter` sees to it. `returned` is what a cancellation gives
back.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from points.domain.bounds import POINTS_MAX
from points.domain.identity import part_of
from points.domain.refusals import LimitExceeded


FUNDS_PREFIX: Final = "funds:"
"""Begins the names of prefunded accounts, which are never used beyond their grants."""

CounterKey: TypeAlias = tuple[str, int]
"""Is the name of a counter, and the beginning of its window."""


class CounterMove(NamedTuple):
    """Is how far a counter goes: what is used and what is granted, of either sign."""

    name: str
    start_time: int
    end_time: int
    used: int = 0
    granted: int = 0

    def key(self) -> CounterKey:
        """Returns which counter it is."""
        return self.name, self.start_time


class Counter(NamedTuple):
    """Is what was used within one window, and what was granted by hand.

    `granted` is points paid ahead, reported money or the points by which what is
    owed has gone down, as the name says. Nothing is ever used below zero.
    """

    part: int
    name: str
    start_time: int
    end_time: int
    used: int = 0
    granted: int = 0

    @property
    def is_whole(self) -> bool:
        """Says whether it is within its own bounds."""
        is_covered = not self.name.startswith(FUNDS_PREFIX) or self.used <= self.granted
        return self.used >= 0 and is_covered

    def key(self) -> CounterKey:
        """Returns which counter it is."""
        return self.name, self.start_time

    def moved(self, move: CounterMove) -> Counter:
        """Returns the counter after a move; raises LimitExceeded beyond int64."""
        used, granted = self.used + move.used, self.granted + move.granted
        if max(used, abs(granted)) > POINTS_MAX:
            raise LimitExceeded(self.name, "", POINTS_MAX)
        return self._replace(end_time=move.end_time, used=used, granted=granted)


def counter_home(name: str) -> str:
    """Returns the text whose part a counter lives in: the same in every window."""
    return f"counter:{name}"


def counter_part(name: str, part_count: int) -> int:
    """Returns the part of a counter."""
    return part_of(counter_home(name), part_count)


def returned(move: CounterMove, points: int, now: int) -> CounterMove | None:
    """Returns the move that gives points of another one back, at most all it used.

    None once its window is over: a period that has ended is not paid from again.
    """
    back = min(points, move.used)
    if back <= 0 or not is_open(move, now):
        return None
    return move._replace(used=-back, granted=0)


def is_open(move: CounterMove, now: int) -> bool:
    """Says whether the window of a move has begun and not ended."""
    return move.start_time <= now < move.end_time
