"""What can wait, put aside by the writer until callers leave a gap for it."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from points.engine.gaps import WAYS_MAX, Gaps
from points.engine.waiting import Waiting


class Aside:
    """Keeps jobs that can wait, in their order; used by the writer's thread alone.

    Instants are of a clock that never goes back, in seconds, as in `Gaps`.
    """

    def __init__(self, gaps: Gaps) -> None:
        self._gaps = gaps
        self._jobs: deque[Waiting] = deque()
        self._since = 0.0
        self._ways = 0

    def put(self, waiting: Waiting, now: float) -> None:
        """Puts a job aside, behind all others."""
        if not self._jobs:
            self._since = now
        self._jobs.append(waiting)

    def put_back(self, jobs: Sequence[Waiting]) -> None:
        """Puts jobs that gave way before all others: they wait since they did."""
        self._jobs.extendleft(reversed(jobs))
        self._ways += 1

    def pause(self, now: float) -> float | None:
        """Returns how long to wait for callers, before others; None for ever."""
        return self._gaps.pause(now) if self._jobs else None

    def due(
        self, limit: int, now: float, *, are_callers_waiting: bool
    ) -> list[Waiting]:
        """Takes up as many as there is room for now, up to a limit."""
        if not self._jobs:
            return []
        room = self._gaps.room(
            now, self._since, are_callers_waiting=are_callers_waiting
        )
        return [self._jobs.popleft() for _ in range(min(len(self._jobs), limit, room))]

    def all(self) -> list[Waiting]:
        """Takes up everything."""
        jobs, self._jobs = list(self._jobs), deque()
        return jobs

    def gives_way(self, now: float) -> bool:
        """Says whether what begins now gives way to callers who come meanwhile."""
        return self._ways < WAYS_MAX and not self._gaps.is_late(now, self._since)

    def batch_ended(
        self, began: float, ended: float, *, calls: int, others: int, waiting: int
    ) -> None:
        """Learns of a batch of so many jobs of callers, and others.

        So many callers are `waiting` by now: if there are any behind one that gave
        way no more, the next one does not either, for gaps are shorter than it takes.
        """
        if others and not (waiting and self._ways == WAYS_MAX):
            self._ways = 0
        self._gaps = self._gaps.after(began, ended, calls=calls, others=others)
