"""Where a rolling window may end that holds enough: looked at once, from end to end.

To add a stretch up anew for each event that might be its last takes the square of how
many there are. So what each step has in a stretch is carried along as the stretch
rolls, roughly: never less than it counts. Only where that is enough it is added up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from points_tasks.config import Step, Task
from points_tasks.entries import Aggregator, Entries, Entry


def ends_that_may_do(
    task: Task, entries: tuple[Entries, ...], carried: Sequence[int], length: int
) -> Iterator[int]:
    """Yields, in order, the instants of events with which enough may be reached.

    Stretches are of `length` microseconds up to and with an event; no other one is
    the first to hold what the task needs.
    """
    rolls = [
        _Roll(step, own, over)
        for step, own, over in zip(task.steps, entries, carried, strict=True)
    ]
    needed = task.steps_needed or len(rolls)
    for end in sorted({entry.time for step in entries for entry in step}):
        enough = [roll.holds_enough(end - length, end) for roll in rolls]
        if sum(enough) >= needed:
            yield end


class _Roll:
    """Is what one step has in a stretch that rolls on."""

    def __init__(self, step: Step, entries: Entries, carried: int) -> None:
        self._step, self._carried = step, carried
        self._entries = sorted(entries, key=_time)
        self._first = self._behind = 0
        self._sum = 0
        self._keys: Counter[str] = Counter()

    def holds_enough(self, after: int, until: int) -> bool:
        """Says whether a step may be done in a stretch; none is before the last."""
        entries = self._entries
        while self._behind < len(entries) and entries[self._behind].time <= until:
            self._move(entries[self._behind], 1)
            self._behind += 1
        while self._first < self._behind and entries[self._first].time <= after:
            self._move(entries[self._first], -1)
            self._first += 1
        return self._has() + self._carried >= self._step.target

    def _has(self) -> int:
        """Returns no less than what the step counts of the stretch."""
        if self._step.aggregator in (Aggregator.DISTINCT, Aggregator.STREAK):
            return len(self._keys)
        return self._sum

    def _move(self, entry: Entry, sign: int) -> None:
        # The highest of some is no more than their sum, for all are above zero.
        self._sum += sign * entry.value
        self._keys[entry.key] += sign
        if not self._keys[entry.key]:
            del self._keys[entry.key]


def _time(entry: Entry) -> int:
    return entry.time
