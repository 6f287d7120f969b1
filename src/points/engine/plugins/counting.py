"""The counters of a plugin as a call under way sees and moves them."""

from __future__ import annotations

from points.domain.bounds import NEVER
from points.domain.counters import CounterMove
from points.domain.refusals import LimitExceeded
from points.domain.state import CountersMissing
from points.engine.plugins.work import Work


class CommandCounters:
    """Is `points.plugin.Counters` of a call under way."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def add(
        self,
        name: str,
        amount: int,
        *,
        limit: int,
        start_time: int = 0,
        end_time: int | None = None,
    ) -> int:
        """Adds to a counter and returns what is left below the limit.

        Raises LimitExceeded if it would go beyond, or below zero.
        """
        self._work.check_writing()
        used = self.used(name, start_time=start_time) + amount
        if not 0 <= used <= limit:
            raise LimitExceeded(name, "", limit)
        full, end = self._name(name), NEVER if end_time is None else end_time
        before = self._work.changed.counters.get((full, start_time))
        moved = amount + (before.used if before else 0)
        move = CounterMove(full, start_time, end, used=moved)
        self._work.changed.counters[move.key()] = move
        return limit - used

    def used(self, name: str, *, start_time: int = 0) -> int:
        """Returns how far the counter has gone."""
        self._work.check_open()
        key = (self._name(name), start_time)
        try:
            stored = self._work.workspace.counter(*key)
        except CountersMissing as missing:
            self._work.need(missing)
        moved = self._work.changed.counters.get(key)
        return stored.used + (moved.used if moved else 0)

    def _name(self, name: str) -> str:
        return f"plugin:{self._work.plugin.name}:{name}"
