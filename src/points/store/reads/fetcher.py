"""Statements of one snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import Connection, Select, select


ROWS_AT_A_TIME: Final = 1_000
"""Rows read ahead: memory stays small however long the history is."""


class Fetcher:
    """Runs statements on the connection of a snapshot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _all(self, statement: Select[Any], **values: object) -> Sequence[Any]:
        return self._connection.execute(statement, values).fetchall()

    def _one(self, statement: Select[Any], **values: object) -> Any:
        return self._connection.execute(statement, values).fetchone()


def rows_of(
    connection: Connection, table: Any, part: int, order: Any = None
) -> Iterator[Any]:
    """Returns the rows of a part, read ahead a little."""
    statement = select(table).where(table.c.part == part)
    if order is not None:
        statement = statement.order_by(order)
    options = {"yield_per": ROWS_AT_A_TIME}
    return iter(connection.execute(statement, execution_options=options))
