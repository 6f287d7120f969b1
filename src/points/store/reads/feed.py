"""Reads the records behind a position, of all parts in one statement.

Parts are numbered without gaps, so the records of a part between two numbers are
found by its primary key, and one that is missing is noticed.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, TextClause, func, select, text

from points.domain.changes import Position
from points.domain.refusals import ResumeTokenTooOld
from points.domain.values import Record
from points.store import schema
from points.store.texts.rows import Row, record_of


@dataclass(frozen=True, slots=True)
class Change:
    """Is a record in the feed with the position right behind it.

    The record is read out of its row only when it is asked for: most watchers
    skip most changes.
    """

    row: Row
    position: Position

    @property
    def part(self) -> int:
        """Returns the part of the record."""
        return int(self.row[0])

    @property
    def number(self) -> int:
        """Returns the number of the record within its part."""
        return int(self.row[1])

    @property
    def member_id(self) -> str:
        """Returns the member that the command addressed."""
        return str(self.row[2])

    @property
    def kind(self) -> str:
        """Returns the kind of the command."""
        return str(self.row[4])

    @property
    def channel(self) -> str:
        """Returns the channel of the command."""
        return str(self.row[5])

    def record(self) -> Record:
        """Returns the record."""
        return record_of(self.row)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Is a piece of the feed: its changes in order, and the position behind them.

    `complete` says whether it goes all the way to where it was asked to.
    """

    changes: Sequence[Change]
    position: Position
    complete: bool


def changes_between(
    connection: Connection,
    start: Position,
    end: Position,
    *,
    limit: int,
    parts: Collection[int] | None = None,
) -> Stretch:
    """Returns the changes behind `start`, up to `end` or so many, in commit order.

    At least one, unless there is none. Changes of different parts come in the
    order of their time, as far as they were read. With `parts` only theirs are
    read; the position stays where it is in the others until the end is reached, so
    that it is good for readers of other parts, too. Raises ResumeTokenTooOld if
    records are missing.
    """
    spans = _spans(start, end, limit, parts)
    if not spans:
        return Stretch((), end, complete=True)
    rows = _rows(connection, spans)
    if len(rows) < sum(high - low for _, low, high in spans):
        raise ResumeTokenTooOld(_oldest(connection).token())
    # Time never runs backwards in a part, so each part keeps its order.
    rows.sort(key=_order)
    taken = _taken(rows, end)[:limit]
    changes: list[Change] = []
    position = start
    for row in taken:
        position = position.after(row[0], row[1])
        changes.append(Change(row, position))
    if any(position.numbers[part] < end.numbers[part] for part, _, _ in spans):
        return Stretch(changes, position, complete=False)
    return Stretch(changes, end, complete=True)


def _spans(
    start: Position, end: Position, limit: int, parts: Collection[int] | None
) -> list[tuple[int, int, int]]:
    """Returns part, number before the first, and last number of what to read.

    What is asked for is shared out among the parts that have something.
    """
    behind = [
        (part, low, high)
        for part, (low, high) in enumerate(zip(start.numbers, end.numbers, strict=True))
        if low < high and (parts is None or part in parts)
    ]
    share = max(1, limit // max(1, len(behind)))
    return [(part, low, min(high, low + share)) for part, low, high in behind]


def _taken(rows: list[Row], end: Position) -> list[Row]:
    """Returns the rows before which nothing is missing.

    Of a part that was not read to its end, something may come between what was
    read of the others.
    """
    last_rows = {row[0]: row for row in rows}
    cut_off = [
        _order(row) for part, row in last_rows.items() if row[1] < end.numbers[part]
    ]
    if not cut_off:
        return rows
    horizon = min(cut_off)
    return [row for row in rows if _order(row) <= horizon]


def _order(row: Row) -> tuple[int, int, int]:
    """Returns record time, part and number."""
    return row[9], row[0], row[1]


def _rows(connection: Connection, spans: list[tuple[int, int, int]]) -> list[Row]:
    if connection.dialect.name == "sqlite":
        # One JSON text, there and back: see `points.store.databases.sqlite`.
        found = connection.execute(_SQLITE, {"wanted": json.dumps(spans)})
        rows: list[Any] = json.loads(found.scalar_one())
        return rows
    parts, lows, highs = (list(column) for column in zip(*spans, strict=True))
    values = {"parts": parts, "lows": lows, "highs": highs}
    longest = max(high - low for _, low, high in spans)
    found = connection.execute(_POSTGRESQL, values | {"longest": longest})
    return [tuple(row) for row in found.fetchall()]


def _oldest(connection: Connection) -> Position:
    """Returns the position before the first record of each part that is kept."""
    rows = connection.execute(_FIRST).fetchall()
    return Position(tuple(last if first is None else first - 1 for last, first in rows))


_COLUMNS: Final = ", ".join(f"record.{column.name}" for column in schema.record.columns)

_SQLITE: Final[TextClause] = text(f"""
SELECT json_group_array(json_array({_COLUMNS}))
  FROM json_each(:wanted) AS wanted
 CROSS JOIN record ON record.part = wanted.value ->> 0
                  AND record.number > wanted.value ->> 1
                  AND record.number <= wanted.value ->> 2
""")  # noqa: S608 - our names

# The LIMIT cuts nothing off: it keeps the planner from turning this into a join
# that reads the whole table.
_POSTGRESQL: Final[TextClause] = text(f"""
SELECT {_COLUMNS}
  FROM unnest(CAST(:parts AS int4[]), CAST(:lows AS int8[]), CAST(:highs AS int8[]))
       AS wanted (part, low, high)
 CROSS JOIN LATERAL (
       SELECT * FROM record AS kept
        WHERE kept.part = wanted.part
          AND kept.number > wanted.low
          AND kept.number <= wanted.high
        ORDER BY kept.number
        LIMIT CAST(:longest AS int8)) AS record
""")  # noqa: S608 - our names

_FIRST: Final = select(
    schema.head.c.last_number,
    select(func.min(schema.record.c.number))
    .where(schema.record.c.part == schema.head.c.part)
    .scalar_subquery(),
).order_by(schema.head.c.part)
