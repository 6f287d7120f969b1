"""Works shared counters out from the records of all parts: what verification compares.

A counter is moved from every part, and moves add up in any order.
"""

from __future__ import annotations

from collections.abc import Iterator

from points.domain.counters import Counter, CounterKey, counter_part
from points.domain.funding import BudgetResult
from points.domain.plugin_calls import PluginCall
from points.domain.values import Record, Transaction


class CounterSums:
    """Is where all counters stand after the records that were added."""

    def __init__(self, part_count: int) -> None:
        self._part_count = part_count
        self._counters: dict[CounterKey, Counter] = {}

    def add(self, record: Record) -> None:
        """Adds what a record moved."""
        result = record.result
        if not isinstance(result, Transaction | BudgetResult | PluginCall):
            return
        for move in result.counters:
            found = self._counters.get(move.key())
            if found is None:
                part = counter_part(move.name, self._part_count)
                found = Counter(part, *move[:3])
            used, granted = found.used + move.used, found.granted + move.granted
            moved = found._replace(used=used, granted=granted, end_time=move.end_time)
            self._counters[move.key()] = moved

    def all(self) -> list[Counter]:
        """Returns the counters in the order of their rows."""
        return sorted(self._counters.values())

    def broken(self) -> Iterator[tuple[int, str]]:
        """Yields the part of each counter beyond its own bounds, and says so."""
        for counter in self.all():
            if not counter.is_whole:
                told = f"{counter.used} of {counter.granted}"
                yield counter.part, f"counter {counter.name!r} has used {told}"
