"""Whole parts read from end to end, bit by bit: what audit and export share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, exists, literal, select

from points.domain.counter_sums import CounterSums
from points.domain.crossings import Crossings
from points.domain.replay import PartReplay
from points.domain.values import Transaction
from points.store.reads.fetcher import rows_of
from points.store.texts.rows import record_of


UNREADABLE: Final = (
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    ValueError,
)
"""What a damaged row may raise while it is read."""


class Tables:
    """Reads tables part by part, and asks nothing of the parts that have no rows.

    Most parts of a young ledger are empty, and every question takes its time.
    """

    def __init__(self, connection: Connection, part_count: int, *tables: Any) -> None:
        self.connection = connection
        self._filled = frozenset(_filled(connection, part_count, tables))

    def has(self, table: Any, part: int) -> bool:
        """Says whether a part of a table has any rows."""
        return (table.name, part) in self._filled

    def rows(self, table: Any, part: int, order: Any = None) -> Iterator[Any]:
        """Returns the rows of a part, read ahead a little."""
        if not self.has(table, part):
            return iter(())
        return rows_of(self.connection, table, part, order)


def _filled(
    connection: Connection, part_count: int, tables: Sequence[Any]
) -> Iterator[tuple[str, int]]:
    """Yields table and part wherever there are rows: one look at each key."""
    parts = select(literal(0).label("part")).cte("parts", recursive=True)
    following = select(parts.c.part + 1).where(parts.c.part < part_count - 1)
    parts = parts.union_all(following)
    looks = [exists().where(table.c.part == parts.c.part) for table in tables]
    for part, *found in connection.execute(select(parts.c.part, *looks)):
        yield from (
            (table.name, part)
            for table, is_there in zip(tables, found, strict=True)
            if is_there
        )


class Whole:
    """Is what is worked out of all parts together."""

    def __init__(self, part_count: int) -> None:
        self.crossings = Crossings()
        self.counters = CounterSums(part_count)


def add_row(replay: PartReplay, whole: Whole, row: Any) -> list[str]:
    """Adds a row of `record` to what is worked out; returns what is wrong with it."""
    number, is_transaction = row[1], row[6]
    try:
        read = record_of(row)
        problems = [*replay.add(read), *whole.crossings.add(read)]
        whole.counters.add(read)
    except UNREADABLE as error:
        return [f"record {number} cannot be read: {error!r}"]
    if bool(is_transaction) != isinstance(read.result, Transaction):
        problems.append(f"record {number} is_transaction: {is_transaction}")
    return problems
