"""SQLite: one connection writes, any number read, and the file is ours alone.

Exactly one connection ever writes or checkpoints: SQLite before 3.51.3 can
corrupt a WAL file that two connections reset at once. `synchronous=FULL` makes
each commit durable before it is answered.

Bulk reads carry all their rows in one JSON text, there and back. The driver gives
the interpreter away around every row that it steps over, and a writer that has to
win it back from the busy event loop for each row is ten times slower. Bulk writes are
one step whatever they carry: their values are parameters, which need not be parsed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Engine, Table, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import QueuePool

from points.store.databases.backend import Backend, Keyed, Rows, driver_error_of
from points.store.databases.session import Session
from points.store.databases.sqlite_sql import (
    DELETE_GONE,
    DOCUMENTS,
    ERASE,
    EXPIRED_LOTS,
    GLANCES,
    GONE,
    LAPSED_HOLDS,
    MARK_GONE,
    OPEN_CLAIMS,
    OPEN_HOLDS,
    OPEN_LOTS,
    UNDRAWN_LOTS,
    assign_sql,
    fetch_sql,
    insert_rows_sql,
    insert_sql,
    update_sql,
)
from points.store.schema import head
from points.store.texts.rows import Row


APPLICATION_ID: Final = 0x506F_696E
"""Marks a file as ours in its header: "Poin"."""

_READERS: Final = 9
"""Connections for reads, one for the feed: more than there are cores gain little."""

_BOTH: Final = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA temp_store = MEMORY",
)
_WRITER: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 20000",
    # KiB of the file that it keeps in memory.
    "PRAGMA cache_size = -65536",
    *_BOTH,
)
_READER: Final = (
    *_BOTH,
    "PRAGMA query_only = ON",
    "PRAGMA wal_autocheckpoint = 0",
    # A reader forgets all of it with each commit of the writer: more were only held.
    "PRAGMA cache_size = -8192",
)

_STATEMENTS: Final = 512
"""Statements that a connection keeps prepared: one for each table and room."""

_PARAMETERS_MAX: Final = 32_766
"""Most parameters of a statement, as SQLite is built."""

_HEADS: Final = Keyed(head, ("part",))
_encode: Final = msgspec.json.Encoder().encode
_read: Final = msgspec.json.Decoder().decode


class SqliteBackend(Backend):
    """Is a ledger in one file."""

    name = "sqlite"
    readers = 1
    driver_error = sqlite3.Error

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writing = _engine(path, _WRITER, "BEGIN IMMEDIATE", connections=1)
        self.reading = _engine(path, _READER, "BEGIN", connections=_READERS)

    @contextmanager
    def transaction(self, raw: Any) -> Iterator[None]:
        """Begins a transaction that writes from the start."""
        raw.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            raw.rollback()
            raise
        raw.commit()

    def ask(self, session: Session, keyed: Keyed, keys: Sequence[Row]) -> Rows:
        """Returns the rows with these keys."""
        return _rows(session, fetch_sql(keyed), (_write(keys),))

    def ask_open_lots(
        self, session: Session, keys: Sequence[Row], *, now: int, limit: int
    ) -> Rows:
        """Returns the first usable lots of each (part, member_id, unit)."""
        return _rows(session, OPEN_LOTS, (now, now, limit, _write(keys)))

    def ask_lapsed_holds(
        self, session: Session, keys: Sequence[Row], *, now: int
    ) -> Rows:
        """Returns the open holds of each (part, member_id, unit) that have lapsed."""
        return _rows(session, LAPSED_HOLDS, (_write(keys), now))

    def ask_expired_lots(
        self, session: Session, keys: Sequence[Row], *, now: int
    ) -> Rows:
        """Returns the lots of each (part, member_id, unit) that expired undrawn."""
        return _rows(session, EXPIRED_LOTS, (_write(keys), now))

    def ask_open_holds(self, session: Session, keys: Sequence[Row]) -> Rows:
        """Returns the holds of each (part, member_id) that are open or unsettled."""
        return _rows(session, OPEN_HOLDS, (_write(keys),))

    def ask_open_claims(
        self, session: Session, keys: Sequence[Row], *, now: int, limit: int
    ) -> Rows:
        """Returns what each (part, member_id) may collect, or a budget get back."""
        return _rows(session, OPEN_CLAIMS, (_write(keys), now, limit))

    def ask_undrawn_lots(
        self, session: Session, keys: Sequence[Row], *, limit: int
    ) -> Rows:
        """Returns the lots of each (part, member_id) that have points left."""
        return _rows(session, UNDRAWN_LOTS, (_write(keys), limit))

    def ask_documents(
        self, session: Session, spans: Sequence[Row], *, limit: int
    ) -> Rows:
        """Returns documents of each (part, plugin, collection, owner, start, end)."""
        rows = _rows(session, DOCUMENTS, (limit, _write(spans)))
        return lambda: [
            (*span[:4], *row)
            for span, found in zip(spans, rows(), strict=True)
            for row in found
        ]

    def fetch_glances(self, keys: Sequence[Row], *, now: int) -> Sequence[Any]:
        """Returns what there is of each (part, member_id, own, held)."""
        with self.reading.connect() as connection:
            found = connection.exec_driver_sql(GLANCES, (now, _write(keys)))
            rows: Sequence[Any] = _read(found.scalar_one())
        return rows

    def delete_documents(self, session: Session, keys: Sequence[Row]) -> None:
        """Removes the documents with these keys."""
        session.execute(MARK_GONE, (_write([(*key, GONE) for key in keys]),))
        session.execute(DELETE_GONE, ())

    def erase(self, session: Session, keys: Sequence[Row]) -> None:
        """Empties the personal data of all records of each (part, member_id)."""
        session.execute(ERASE, (_write(keys),))

    def lock_heads(
        self, session: Session, parts: Sequence[int], *, wait: bool
    ) -> Sequence[Any]:
        """Returns the heads: BEGIN IMMEDIATE has locked them all."""
        del wait
        return self.ask(session, _HEADS, [(part,) for part in parts])()

    def save(self, session: Session, table: Table, rows: Sequence[Row]) -> None:
        """Inserts or replaces the rows."""
        _insert(session, table, rows, replacing=True)

    def update(
        self,
        session: Session,
        table: Table,
        names: Sequence[str],
        rows: Sequence[Row],
    ) -> None:
        """Changes these columns of the rows."""
        session.execute(update_sql(table, tuple(names)), (_write(rows),))

    def assign(
        self, session: Session, table: Table, assignments: str, keys: Sequence[Row]
    ) -> None:
        """Changes the rows alike; the keys go as the numbers of each part."""
        numbers: dict[int, list[int]] = {}
        for part, number in keys:
            numbers.setdefault(part, []).append(number)
        told = _encode(numbers).decode()
        session.execute(assign_sql(table, assignments), (told,))

    def insert(self, session: Session, table: Table, rows: Sequence[Row]) -> None:
        """Inserts the rows."""
        _insert(session, table, rows)

    def lost(self, error: BaseException) -> bool:
        """Says whether trying again may help: a full disk, a lock, a broken read."""
        return isinstance(driver_error_of(error), sqlite3.OperationalError)


def _insert(
    session: Session, table: Table, rows: Sequence[Row], *, replacing: bool = False
) -> None:
    """Inserts rows in one statement, or replaces them."""
    width, room = len(rows[0]), room_for(len(rows))
    if room * width >= _PARAMETERS_MAX:
        session.execute(insert_sql(table, replacing=replacing), (_write(rows),))
        return
    sql = insert_rows_sql(table, room, replacing=replacing)
    padding = (None,) * ((room - len(rows)) * width)
    session.execute(sql, (*chain.from_iterable(rows), *padding, len(rows)))


def room_for(count: int) -> int:
    """Returns for how many rows a statement is made that is to take so many.

    At most a quarter more, so that few statements are made for all counts.
    """
    step = max(1, 1 << (count - 1).bit_length() >> 3)
    return -(-count // step) * step


def _write(rows: Sequence[Row]) -> str:
    return _encode(rows).decode()


def _rows(session: Session, sql: str, parameters: Row) -> Rows:
    """Returns the rows of a statement that gathers them in one JSON text."""
    text: str = session.execute(sql, parameters).fetchone()[0]
    return partial(_read, text)


def _engine(
    path: Path, pragmas: Sequence[str], begin: str, *, connections: int
) -> Engine:
    """Returns an engine whose transactions start with `begin`.

    The driver's own BEGIN comes too late: it lets a reading transaction turn
    into a writing one, which SQLite may refuse without waiting.
    """
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_reset_on_return=None if connections == 1 else "rollback",
        connect_args={"check_same_thread": False, "cached_statements": _STATEMENTS},
    )
    event.listen(engine, "connect", _preparer(pragmas))
    event.listen(engine, "begin", lambda opened: opened.exec_driver_sql(begin))
    return engine


def _preparer(pragmas: Sequence[str]) -> Callable[[sqlite3.Connection, object], None]:
    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None
        for pragma in pragmas:
            raw.execute(pragma)

    return prepare
