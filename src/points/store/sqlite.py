"""SQLite: one connection writes, any number read, and the file is ours alone.

Exactly one connection ever writes or checkpoints: SQLite before 3.51.3 can
corrupt a WAL file that two connections reset at once. `synchronous=FULL` makes
each commit durable before it is answered.

Bulk statements carry all their rows in one JSON text, there and back. The driver
gives the interpreter away around every row that it steps over, and a writer that
has to win it back from the busy event loop for each row is ten times slower.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import Engine, Table, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.pool import QueuePool

from points.store.backend import (
    Backend,
    Keyed,
    column_names,
    driver_error_of,
    key_names,
    on_conflict,
)
from points.store.rows import LOT_BEHIND_OWNER, Row
from points.store.schema import claim, document, head, hold, lot
from points.store.session import Session


APPLICATION_ID: Final = 0x506F_696E
"""Marks a file as ours in its header: "Poin"."""

_READERS: Final = 9
"""Connections for reads, one for the feed: more than there are cores gain little."""

_BOTH: Final = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA busy_timeout = 5000",
    "PRAGMA cache_size = -65536",
    "PRAGMA temp_store = MEMORY",
)
_WRITER: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 20000",
    *_BOTH,
)
_READER: Final = (*_BOTH, "PRAGMA query_only = ON", "PRAGMA wal_autocheckpoint = 0")


_encode: Final = msgspec.json.Encoder().encode
_read: Final = msgspec.json.Decoder().decode


class SqliteBackend(Backend):
    """Is a ledger in one file."""

    name = "sqlite"
    driver_error = sqlite3.Error

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writing = _engine(path, _WRITER, "BEGIN IMMEDIATE", connections=1)
        self.reading = _engine(path, _READER, "BEGIN", connections=_READERS)

    def begin(self, raw: Any) -> None:
        """Begins a transaction that writes from the start."""
        raw.execute("BEGIN IMMEDIATE")

    def fetch(
        self, session: Session, keyed: Keyed, keys: Sequence[Row]
    ) -> Sequence[Any]:
        """Returns the rows with these keys."""
        return _rows(session, _fetch_sql(keyed), (_write(keys),))

    def fetch_open_lots(
        self, session: Session, keys: Sequence[Row], *, now: int, limit: int
    ) -> Sequence[Sequence[Row]]:
        """Returns the first usable lots of each (part, member_id, unit)."""
        return _rows(session, _OPEN_LOTS, (now, now, limit, _write(keys)))

    def fetch_lapsed_holds(
        self, session: Session, keys: Sequence[Row], *, now: int
    ) -> Sequence[Any]:
        """Returns the open holds of each (part, member_id, unit) that have lapsed."""
        return _rows(session, _LAPSED_HOLDS, (_write(keys), now))

    def fetch_expired_lots(
        self, session: Session, keys: Sequence[Row], *, now: int
    ) -> Sequence[Any]:
        """Returns the lots of each (part, member_id, unit) that expired undrawn."""
        return _rows(session, _EXPIRED_LOTS, (_write(keys), now))

    def fetch_open_holds(self, session: Session, keys: Sequence[Row]) -> Sequence[Any]:
        """Returns the holds of each (part, member_id) that are open or unsettled."""
        return _rows(session, _OPEN_HOLDS, (_write(keys),))

    def fetch_open_claims(
        self, session: Session, keys: Sequence[Row], *, now: int, limit: int
    ) -> Sequence[Any]:
        """Returns what each (part, member_id) may collect, or a budget get back."""
        return _rows(session, _OPEN_CLAIMS, (_write(keys), now, limit))

    def fetch_undrawn_lots(
        self, session: Session, keys: Sequence[Row], *, limit: int
    ) -> Sequence[Any]:
        """Returns the lots of each (part, member_id) that have points left."""
        return _rows(session, _UNDRAWN_LOTS, (_write(keys), limit))

    def fetch_documents(
        self, session: Session, spans: Sequence[Row], *, limit: int
    ) -> Sequence[Any]:
        """Returns documents of each (part, plugin, collection, owner, start, end)."""
        return _rows(session, _DOCUMENTS, (_write(spans), limit))

    def delete(self, session: Session, table: Table, keys: Sequence[Row]) -> None:
        """Removes the rows with these primary keys."""
        session.execute(_delete_sql(table), (_write(keys),))

    def erase(self, session: Session, keys: Sequence[Row]) -> None:
        """Empties the personal data of all records of each (part, member_id)."""
        session.execute(_ERASE, (_write(keys),))

    def lock_heads(
        self, session: Session, parts: Sequence[int], *, wait: bool
    ) -> Sequence[Any]:
        """Returns the heads: BEGIN IMMEDIATE has locked them all."""
        del wait
        return self.fetch(session, _HEADS, [(part,) for part in parts])

    def save(self, session: Session, table: Table, rows: Sequence[Row]) -> None:
        """Inserts or replaces the rows."""
        session.execute(_save_sql(table), (_write(rows),))

    def update(
        self,
        session: Session,
        table: Table,
        names: Sequence[str],
        rows: Sequence[Row],
    ) -> None:
        """Changes these columns of the rows."""
        session.execute(_update_sql(table, tuple(names)), (_write(rows),))

    def assign(
        self, session: Session, table: Table, assignments: str, keys: Sequence[Row]
    ) -> None:
        """Changes the rows alike; the keys go as the numbers of each part."""
        numbers: dict[int, list[int]] = {}
        for part, number in keys:
            numbers.setdefault(part, []).append(number)
        told = _encode(numbers).decode()
        session.execute(_assign_sql(table, assignments), (told,))

    def insert(self, session: Session, table: Table, rows: Sequence[Row]) -> None:
        """Inserts the rows."""
        session.execute(_insert_sql(table), (_write(rows),))

    def lost(self, error: BaseException) -> bool:
        """Says whether trying again may help: a full disk, a lock, a broken read."""
        return isinstance(driver_error_of(error), sqlite3.OperationalError)


def _write(rows: Sequence[Row]) -> str:
    return _encode(rows).decode()


def _rows(session: Session, sql: str, parameters: Row) -> Sequence[Any]:
    """Returns the rows of a statement that gathers them in one JSON text."""
    text: str = session.execute(sql, parameters).fetchone()[0]
    rows: list[Any] = _read(text)
    return rows


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
        connect_args={"check_same_thread": False},
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


@lru_cache
def _fetch_sql(keyed: Keyed) -> str:
    """Returns the read: SQLite takes CROSS JOIN as an order, so keys drive it."""
    matches = " AND ".join(
        f"{keyed.table.name}.{name} = wanted.value ->> {position}"
        for position, name in enumerate(keyed.key)
    )
    return (
        f"SELECT json_group_array(json_array({keyed.columns}))"  # noqa: S608 - our names
        f" FROM json_each(?) AS wanted"
        f" CROSS JOIN {keyed.table.name} ON {matches}"
    )


@lru_cache
def _insert_sql(table: Table) -> str:
    names = column_names(table)
    values = ", ".join(f"given ->> {position}" for position in range(len(names)))
    # The LIMIT keeps SQLite from writing each row out anew for each of its columns.
    # Without a WHERE the parser takes ON CONFLICT for the ON of a join.
    return (
        f"INSERT INTO {table.name} ({', '.join(names)})"  # noqa: S608 - our names
        f" SELECT {values} FROM (SELECT value AS given FROM json_each(?) LIMIT -1)"
        " WHERE true "
    )


@lru_cache
def _save_sql(table: Table) -> str:
    return _insert_sql(table) + on_conflict(table)


@lru_cache
def _update_sql(table: Table, names: tuple[str, ...]) -> str:
    key = key_names(table)
    places = range(len(key), len(key) + len(names))
    values = (
        f"{name} = given ->> {at}" for name, at in zip(names, places, strict=True)
    )
    matches = (f"{table.name}.{name} = given ->> {at}" for at, name in enumerate(key))
    return (
        f"UPDATE {table.name} SET {', '.join(values)}"  # noqa: S608 - our names
        " FROM (SELECT value AS given FROM json_each(?) LIMIT -1)"
        f" WHERE {' AND '.join(matches)}"
    )


@lru_cache
def _assign_sql(table: Table, assignments: str) -> str:
    return (
        f"UPDATE {table.name} SET {assignments} WHERE (part, number) IN ("  # noqa: S608 - our names
        "SELECT CAST(parts.key AS INTEGER), numbers.value FROM json_each(?) AS parts"
        " CROSS JOIN json_each(parts.value) AS numbers)"
    )


@lru_cache
def _delete_sql(table: Table) -> str:
    key = key_names(table)
    values = ", ".join(f"value ->> {place}" for place in range(len(key)))
    return (
        f"DELETE FROM {table.name} WHERE ({', '.join(key)}) IN ("  # noqa: S608 - our names
        f"SELECT {values} FROM json_each(?))"
    )


_HEADS: Final = Keyed(head, ("part",))

_OPEN_LOTS: Final = f"""
SELECT json_group_array((
       SELECT json_group_array(json_array({", ".join(LOT_BEHIND_OWNER)}))
         FROM (SELECT * FROM lot
                WHERE lot.part = wanted.value ->> 0
                  AND lot.member_id = wanted.value ->> 1
                  AND lot.unit = wanted.value ->> 2
                  AND lot.is_drawn = 0
                  AND lot.expire_time > ?
                  AND lot.activate_time <= ?
                ORDER BY lot.expire_time, lot.number
                LIMIT ?)))
  FROM json_each(?) AS wanted
"""  # noqa: S608 - our names

_LAPSED_HOLDS: Final = f"""
SELECT json_group_array(json_array({Keyed(hold, ("part", "number")).columns}))
  FROM json_each(?) AS wanted
 CROSS JOIN hold ON hold.part = wanted.value ->> 0
                AND hold.member_id = wanted.value ->> 1
                AND hold.unit = wanted.value ->> 2
                AND hold.state = 'OPEN'
                AND hold.lapse_time <= ?
"""  # noqa: S608 - our names

_EXPIRED_LOTS: Final = f"""
SELECT json_group_array(json_array({Keyed(lot, ("part", "number")).columns}))
  FROM json_each(?) AS wanted
 CROSS JOIN lot ON lot.part = wanted.value ->> 0
               AND lot.member_id = wanted.value ->> 1
               AND lot.unit = wanted.value ->> 2
               AND lot.is_drawn = 0
               AND lot.expire_time <= ?
"""  # noqa: S608 - our names

_UNDRAWN_LOTS: Final = f"""
SELECT json_group_array(json_array({Keyed(lot, ("part", "number")).columns}))
  FROM json_each(?) AS wanted
 CROSS JOIN lot ON lot.part = wanted.value ->> 0 AND lot.number IN (
       SELECT undrawn.number FROM lot AS undrawn
        WHERE undrawn.part = wanted.value ->> 0
          AND undrawn.member_id = wanted.value ->> 1
          AND undrawn.is_drawn = 0
        LIMIT ?)
"""  # noqa: S608 - our names

_DOCUMENTS: Final = f"""
SELECT json_group_array(json_array({Keyed(document, ("part",)).columns}))
  FROM json_each(?) AS wanted
 CROSS JOIN document ON document.part = wanted.value ->> 0
                    AND document.plugin = wanted.value ->> 1
                    AND document.collection = wanted.value ->> 2
                    AND document.owner = wanted.value ->> 3
                    AND document.key IN (
       SELECT mine.key FROM document AS mine
        WHERE mine.part = wanted.value ->> 0
          AND mine.plugin = wanted.value ->> 1
          AND mine.collection = wanted.value ->> 2
          AND mine.owner = wanted.value ->> 3
          AND mine.key >= wanted.value ->> 4
          AND mine.key <= wanted.value ->> 5
        ORDER BY mine.key
        LIMIT ?)
"""  # noqa: S608 - our names

# SQLite knows nothing of how many rows there are: without a bound on every column
# of the index it would look through the whole part.
_ERASE: Final = """
UPDATE record SET personal = ''
 WHERE (part, number) IN (
       SELECT mine.part, mine.number
         FROM json_each(?) AS wanted
        CROSS JOIN record AS mine ON mine.part = wanted.value ->> 0
                                 AND mine.member_id = wanted.value ->> 1
                                 AND mine.request_id > '')
   AND personal <> ''
"""

_OPEN_HOLDS: Final = f"""
SELECT json_group_array(json_array({Keyed(hold, ("part", "number")).columns}))
  FROM json_each(?) AS wanted
 CROSS JOIN hold INDEXED BY hold_open ON hold.part = wanted.value ->> 0
                AND hold.member_id = wanted.value ->> 1
                AND hold.state = 'OPEN'
"""  # noqa: S608 - our names

_OPEN_CLAIMS: Final = f"""
SELECT json_group_array(json_array({Keyed(claim, ("part",)).columns}))
  FROM json_each(?) AS wanted
 CROSS JOIN claim ON claim.part = wanted.value ->> 0
                 AND claim.member_id = wanted.value ->> 1
                 AND claim.state = 'OPEN'
                 AND claim.number IN (
       SELECT open.number FROM claim AS open INDEXED BY claim_open
        WHERE open.part = wanted.value ->> 0
          AND open.member_id = wanted.value ->> 1
          AND open.state = 'OPEN'
          AND (open.lapse_time > ? OR open.reserve <> '')
        ORDER BY open.number
        LIMIT ?)
"""  # noqa: S608 - our names
