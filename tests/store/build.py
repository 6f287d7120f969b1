"""Helpers of store tests: put things in, take them out, look beneath."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, TypeVar

from sqlalchemy import Connection, Engine, event, text

from points.domain.values import Account, Head, Hold, Lot, Member, Record, Reversal
from points.store.databases.backend import Backend
from points.store.opening import Store
from points.store.writing.batch import Changes, open_batch


Thing = Head | Member | Account | Lot | Hold | Record | Reversal
Kind = TypeVar("Kind")

FRESH: Final = Head(part=7, last_number=0, last_lot_number=0, last_time=0)


def changes(things: Iterable[Thing]) -> Changes:
    """Returns these things as changes."""
    given = list(things)

    def only(kind: type[Kind]) -> list[Kind]:
        return [thing for thing in given if isinstance(thing, kind)]

    heads = only(Head)
    told = {head.part for head in heads}
    missing = {record.part for record in only(Record)} - told
    return Changes(
        heads=[*heads, *(FRESH._replace(part=part) for part in sorted(missing))],
        members=only(Member),
        accounts=only(Account),
        lots=only(Lot),
        records=only(Record),
        holds=only(Hold),
        reversals=only(Reversal),
    )


def changed(*lots: tuple[Lot, Lot]) -> Changes:
    """Returns these changes of lots, each as it was and as it is."""
    return replace(changes([]), changed_lots=lots)


def put(store: Store, *things: Thing) -> None:
    """Writes the things in one batch."""
    with open_batch(store.backend) as batch:
        batch.write(changes(things))


def run_sql(store: Store, *statements: str) -> None:
    """Runs SQL behind the back of the engine."""
    with store.backend.writing.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def rows(store: Store, query: str) -> list[Any]:
    """Returns the rows of a query."""
    with store.backend.reading.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


Statement = tuple[str, Any]


@contextmanager
def statements(backend: Backend) -> Iterator[list[Statement]]:
    """Yields a list that fills with what the writer sends, each with its values."""
    seen: list[Statement] = []
    backend.on_statement = lambda sql, values: seen.append((sql, values))
    try:
        yield seen
    finally:
        backend.on_statement = None


@contextmanager
def reading_statements(engine: Engine) -> Iterator[list[Statement]]:
    """Yields a list that fills with what readers send, each with its values."""
    seen: list[Statement] = []

    def note(
        _connection: Connection,
        _cursor: object,
        statement: str,
        parameters: Any,
        _context: object,
        _executemany: bool,  # noqa: FBT001 - SQLAlchemy's signature
    ) -> None:
        if not statement.startswith("BEGIN"):
            seen.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
