"""Reads on demand, within a batch: what a plugin asks for and nobody could foresee.

Most is read while the plugin waits; what its job has touched already is read once
the job was undone, and the job is decided again.

The parts are locked, so the database still has what was there before the batch;
what the batch itself has read or made since is not touched. Parts that are not
locked yet are locked without waiting: where that fails, the next batch reads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from points.domain.commands import Reads
from points.domain.counters import CounterKey
from points.domain.program import Program
from points.domain.values import Head
from points.engine.jobs import Routed
from points.engine.plugins.missing import Look
from points.engine.reading import read_stock
from points.engine.stock import Stock
from points.engine.workspace import Workspace
from points.store.writing.batch import Batch


READS_MAX: Final = 64
"""Most reads on demand for one job in one batch: the next one has room for more."""


@dataclass(frozen=True, slots=True)
class Demand:
    """Reads more into the workspace of a batch. `version` is its last program's."""

    batch: Batch
    workspace: Workspace
    program: Program
    version: int
    lots_limit: int

    def read(self, wanted: Routed) -> bool:
        """Reads all that a command reads; says no if a part cannot be had."""
        found = self._found(wanted)
        if found is not None:
            self.workspace.take_in(found)
        return found is not None

    def read_now(self, wanted: Routed) -> bool:
        """Reads all that a command reads, while the job that asks is under way.

        Says no, too, where lots would come in of members whom the job has touched:
        how these lots are by now would have to be undone with it.
        """
        found = self._found(wanted)
        if found is None:
            return False
        owners = {member_id for _, member_id, _ in found.open_lots}
        if not self.workspace.is_fresh(owners):
            return False
        self.workspace.take_in(found)
        return True

    def _found(self, wanted: Routed) -> Stock | None:
        """Returns what a command reads; None if a part cannot be had."""
        heads = self.workspace.stock.heads
        missing = wanted.parts() - heads.keys()
        locked = self.batch.lock(missing, wait=False) if missing else {}
        if not missing <= locked.keys():
            return None
        all_heads = heads | locked
        if not all(self._is_in_time(all_heads[part]) for part in wanted.parts()):
            return None
        found = self._read(wanted, all_heads)
        # Reading may have found and locked more parts, or found some that are not free.
        shared = {part for parts in found.counter_parts.values() for part in parts}
        is_whole = shared <= found.heads.keys()
        in_time = all(map(self._is_in_time, found.heads.values()))
        return found if is_whole and in_time else None

    def read_counters(self, keys: Iterable[CounterKey]) -> bool:
        """Reads shared counters; says no if the part of one cannot be had."""
        counters = tuple(sorted(keys))
        stock = self.workspace.stock
        asks = Look(member_id="", asks=Reads(counters=counters))
        found = self._read(Routed(asks, min(stock.heads), ""), dict(stock.heads))
        self.workspace.take_in(found)
        return all(key in stock.counters for key in counters)

    def _is_in_time(self, head: Head) -> bool:
        """Says whether what this batch decides may be written behind a head.

        Another server may be ahead, in time or in versions of the program.
        """
        is_past = head.last_time <= self.workspace.now
        return is_past and head.program_version <= self.version

    def _read(self, wanted: Routed, heads: dict[int, Head]) -> Stock:
        return read_stock(
            self.batch,
            [wanted],
            heads,
            now=self.workspace.now,
            part_count=self.workspace.part_count,
            lots_limit=self.lots_limit,
            program=self.program,
        )
