"""PostgreSQL through psycopg 3: several server processes, each with its writer.

Bulk statements carry one array per column, as its text: a few times cheaper than a
parameter per value, and than an array that psycopg writes item by item. `%b` sends
that text as it is, so these statements go to the driver as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
import psycopg
from sqlalchemy import Engine, Table, create_engine
from sqlalchemy.engine import URL

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


_READERS: Final = 9
"""Connections for reads of one server process, one of them for its feed."""

_CONNECT_SECONDS: Final = 5
"""Patience with a server that does not answer at all."""

_WRITER_OPTIONS: Final = " ".join(
    f"-c {name}={value}"
    for name, value in {
        # Every statement of the writer looks up keys. Plans are cached while the
        # tables are small and must still be right when they are large.
        "enable_seqscan": "off",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
        "lock_timeout": "10s",
        "idle_in_transaction_session_timeout": "60s",
        "default_transaction_isolation": "read\\ committed",
    }.items()
)
_READER_OPTIONS: Final = (
    "-c default_transaction_read_only=on"
    " -c default_transaction_isolation=repeatable\\ read"
    " -c statement_timeout=60s"
)

_ARRAY_TYPES: Final = {
    "integer": "int4",
    "small_integer": "int2",
    "big_integer": "int8",
    "text": "text",
}

_encode: Final = msgspec.json.Encoder().encode
_NUL: Final = "\0"

_TRY_AGAIN: Final = frozenset(
    {
        "40001",  # serialization failure
        "40P01",  # deadlock
        "55P03",  # lock not available in time
        "53300",  # too many connections
        "57P01",  # the administrator ended the connection
        "57P02",  # the server crashed
        "57P03",  # the server is starting up
        "25P03",  # idle in transaction for too long
        "53100",  # disk full
    }
)


class PostgresqlBackend(Backend):
    """Is a ledger in a PostgreSQL database."""

    name = "postgresql"
    driver_error = psycopg.Error

    def __init__(self, url: URL) -> None:
        self.writing = _engine(url, _WRITER_OPTIONS, connections=2)
        self.reading = _engine(url, _READER_OPTIONS, connections=_READERS)

    def begin(self, raw: Any) -> None:
        """Does nothing: psycopg begins with the first statement."""

    def fetch(
        self, session: Session, keyed: Keyed, keys: Sequence[Row]
    ) -> Sequence[Any]:
        """Returns the rows with these keys."""
        rows: Sequence[Any] = session.execute(
            _fetch_sql(keyed), _columns(keys)
        ).fetchall()
        return rows

    def fetch_open_lots(
        self, session: Session, keys: Sequence[Row], *, now: int, limit: int
    ) -> Sequence[Sequence[Row]]:
        """Returns the first usable lots of each (part, member_id, unit)."""
        rows = session.execute(
            _OPEN_LOTS, (*_columns(keys), now, now, limit)
        ).fetchall()
        found: list[list[Row]] = [[] for _ in keys]
        for row in rows:
            found[row[0] - 1].append(row[1:])
        return found

    def fetch_lapsed_holds(
        self, session: Session, keys: Sequence[Row], *, now: int
    ) -> Sequence[Any]:
        """Returns the open holds of each (part, member_id, unit) that have lapsed."""
        rows: Sequence[Any] = session.execute(
            _LAPSED_HOLDS, (*_columns(keys), now)
        ).fetchall()
        return rows

    def fetch_expired_lots(
        self, session: Session, keys: Sequence[Row], *, now: int
    ) -> Sequence[Any]:
        """Returns the lots of each (part, member_id, unit) that expired undrawn."""
        rows: Sequence[Any] = session.execute(
            _EXPIRED_LOTS, (*_columns(keys), now)
        ).fetchall()
        return rows

    def fetch_open_holds(self, session: Session, keys: Sequence[Row]) -> Sequence[Any]:
        """Returns the holds of each (part, member_id) that are open or unsettled."""
        rows: Sequence[Any] = session.execute(_OPEN_HOLDS, _columns(keys)).fetchall()
        return rows

    def fetch_open_claims(
        self, session: Session, keys: Sequence[Row], *, now: int, limit: int
    ) -> Sequence[Any]:
        """Returns what each (part, member_id) may collect, or a budget get back."""
        rows: Sequence[Any] = session.execute(
            _OPEN_CLAIMS, (*_columns(keys), now, limit)
        ).fetchall()
        return rows

    def fetch_undrawn_lots(
        self, session: Session, keys: Sequence[Row], *, limit: int
    ) -> Sequence[Any]:
        """Returns the lots of each (part, member_id) that have points left."""
        rows: Sequence[Any] = session.execute(
            _UNDRAWN_LOTS, (*_columns(keys), limit)
        ).fetchall()
        return rows

    def fetch_documents(
        self, session: Session, spans: Sequence[Row], *, limit: int
    ) -> Sequence[Any]:
        """Returns documents of each (part, plugin, collection, owner, start, end)."""
        rows: Sequence[Any] = session.execute(
            _DOCUMENTS, (*_columns(spans), limit)
        ).fetchall()
        return rows

    def delete(self, session: Session, table: Table, keys: Sequence[Row]) -> None:
        """Removes the rows with these primary keys."""
        session.execute(_delete_sql(table), _columns(keys))

    def erase(self, session: Session, keys: Sequence[Row]) -> None:
        """Empties the personal data of all records of each (part, member_id)."""
        session.execute(_ERASE, _columns(keys))

    def lock_heads(
        self, session: Session, parts: Sequence[int], *, wait: bool
    ) -> Sequence[Any]:
        """Locks the heads in the order of the parts, so that nothing deadlocks."""
        sql = _LOCK if wait else _LOCK + " SKIP LOCKED"
        rows: Sequence[Any] = session.execute(sql, (list(parts),)).fetchall()
        return rows

    def save(self, session: Session, table: Table, rows: Sequence[Row]) -> None:
        """Inserts or replaces the rows."""
        session.execute(_save_sql(table), _columns(rows))

    def update(
        self,
        session: Session,
        table: Table,
        names: Sequence[str],
        rows: Sequence[Row],
    ) -> None:
        """Changes these columns of the rows."""
        session.execute(_update_sql(table, tuple(names)), _columns(rows))

    def assign(
        self, session: Session, table: Table, assignments: str, keys: Sequence[Row]
    ) -> None:
        """Changes the rows alike."""
        session.execute(_assign_sql(table, assignments), _columns(keys))

    def insert(self, session: Session, table: Table, rows: Sequence[Row]) -> None:
        """Inserts the rows."""
        session.execute(_insert_sql(table), _columns(rows))

    def lost(self, error: BaseException) -> bool:
        """Says whether trying again may help: a lost connection, a conflict."""
        raw = driver_error_of(error)
        state = getattr(raw, "sqlstate", None)
        unreachable = state is None and isinstance(raw, psycopg.OperationalError)
        return unreachable or state in _TRY_AGAIN


def _engine(url: URL, options: str, *, connections: int) -> Engine:
    return create_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        connect_args={
            "options": options,
            "connect_timeout": _CONNECT_SECONDS,
            "application_name": "points",
        },
    )


def _columns(rows: Sequence[Row]) -> tuple[str, ...]:
    """Turns rows into one array per column, as `_array` takes it."""
    return tuple(map(_column, zip(*rows, strict=True)))


def _column(values: Sequence[Any]) -> str:
    """Returns the values as the text of an array.

    That is several times faster to make than a binary array, item by item.
    """
    if isinstance(values[0], str):
        return _texts(values)
    return "{" + _encode(values)[1:-1].decode() + "}"


def _texts(values: Sequence[str]) -> str:
    """Returns texts as the text of an array, all of them quoted at once.

    A NUL stands between them meanwhile. No text may have one: raises psycopg's
    DataError, as PostgreSQL would.
    """
    text = _NUL.join(values)
    if text.count(_NUL) >= len(values):
        message = "PostgreSQL text fields cannot contain NUL (0x00) bytes"
        raise psycopg.DataError(message)
    quoted = text.replace("\\", r"\\").replace('"', r"\"")
    return '{"' + quoted.replace(_NUL, '","') + '"}'


def _array(table: Table, name: str) -> str:
    """Returns an array parameter of the column's type."""
    kind = _ARRAY_TYPES[table.c[name].type.__visit_name__]
    return f"%b::text::{kind}[]"


@lru_cache
def _fetch_sql(keyed: Keyed) -> str:
    arrays = ", ".join(_array(keyed.table, name) for name in keyed.key)
    names = ", ".join(keyed.key)
    matches = " AND ".join(
        f"{keyed.table.name}.{name} = wanted.{name}" for name in keyed.key
    )
    return (
        f"SELECT {keyed.columns} FROM unnest({arrays}) AS wanted ({names})"  # noqa: S608 - our names
        f" JOIN {keyed.table.name} ON {matches}"
    )


@lru_cache
def _insert_sql(table: Table) -> str:
    names = column_names(table)
    arrays = ", ".join(_array(table, name) for name in names)
    return (
        f"INSERT INTO {table.name} ({', '.join(names)})"  # noqa: S608 - our names
        f" SELECT * FROM unnest({arrays}) "
    )


@lru_cache
def _update_sql(table: Table, names: tuple[str, ...]) -> str:
    given = (*key_names(table), *names)
    arrays = ", ".join(_array(table, name) for name in given)
    values = ", ".join(f"{name} = given.{name}" for name in names)
    return (
        f"UPDATE {table.name} SET {values}"  # noqa: S608 - our names
        f" FROM unnest({arrays}) AS given ({', '.join(given)})"
        f" WHERE {_matches(table)}"
    )


@lru_cache
def _assign_sql(table: Table, assignments: str) -> str:
    key = key_names(table)
    arrays = ", ".join(_array(table, name) for name in key)
    return (
        f"UPDATE {table.name} SET {assignments}"  # noqa: S608 - our names
        f" FROM unnest({arrays}) AS given ({', '.join(key)})"
        f" WHERE {_matches(table)}"
    )


@lru_cache
def _delete_sql(table: Table) -> str:
    key = key_names(table)
    arrays = ", ".join(_array(table, name) for name in key)
    return (
        f"DELETE FROM {table.name}"  # noqa: S608 - our names
        f" USING unnest({arrays}) AS given ({', '.join(key)})"
        f" WHERE {_matches(table)}"
    )


def _matches(table: Table) -> str:
    names = key_names(table)
    return " AND ".join(f"{table.name}.{name} = given.{name}" for name in names)


@lru_cache
def _save_sql(table: Table) -> str:
    return _insert_sql(table) + on_conflict(table)


_LOCK: Final = (
    f"SELECT {Keyed(head, ('part',)).columns} FROM head"  # noqa: S608 - our names
    " WHERE part = ANY(%b::int4[]) ORDER BY part FOR NO KEY UPDATE"
)

_OPEN_LOTS: Final = f"""
SELECT wanted.position, {", ".join(LOT_BEHIND_OWNER)}
  FROM unnest(%b::text::int4[], %b::text::text[], %b::text::text[])
       WITH ORDINALITY AS wanted (part, member_id, unit, position)
 CROSS JOIN LATERAL (
       SELECT * FROM lot AS open
        WHERE open.part = wanted.part
          AND open.member_id = wanted.member_id
          AND open.unit = wanted.unit
          AND open.is_drawn = 0
          AND open.expire_time > %b::int8
          AND open.activate_time <= %b::int8
        ORDER BY open.expire_time, open.number
        LIMIT %b::int8) AS lot
"""  # noqa: S608 - our names

_LAPSED_HOLDS: Final = f"""
SELECT {Keyed(hold, ("part", "number")).columns}
  FROM unnest(%b::text::int4[], %b::text::text[], %b::text::text[])
       AS wanted (part, member_id, unit)
  JOIN hold ON hold.part = wanted.part
           AND hold.member_id = wanted.member_id
           AND hold.unit = wanted.unit
           AND hold.state = 'OPEN'
           AND hold.lapse_time <= %b::int8
"""  # noqa: S608 - our names

_DOCUMENTS: Final = f"""
SELECT {Keyed(document, ("part",)).columns}
  FROM unnest(%b::text::int4[], %b::text[], %b::text[], %b::text[], %b::text[],
              %b::text[])
       AS wanted (part, plugin, collection, owner, first_key, last_key)
 CROSS JOIN LATERAL (
       SELECT * FROM document AS mine
        WHERE mine.part = wanted.part
          AND mine.plugin = wanted.plugin
          AND mine.collection = wanted.collection
          AND mine.owner = wanted.owner
          AND mine.key >= wanted.first_key
          AND mine.key <= wanted.last_key
        ORDER BY mine.key
        LIMIT %b::int8) AS document
"""  # noqa: S608 - our names

_EXPIRED_LOTS: Final = f"""
SELECT {Keyed(lot, ("part", "number")).columns}
  FROM unnest(%b::text::int4[], %b::text::text[], %b::text::text[])
       AS wanted (part, member_id, unit)
  JOIN lot ON lot.part = wanted.part
          AND lot.member_id = wanted.member_id
          AND lot.unit = wanted.unit
          AND lot.is_drawn = 0
          AND lot.expire_time <= %b::int8
"""  # noqa: S608 - our names

_UNDRAWN_LOTS: Final = f"""
SELECT {Keyed(lot, ("part", "number")).columns}
  FROM unnest(%b::text::int4[], %b::text::text[]) AS wanted (part, member_id)
 CROSS JOIN LATERAL (
       SELECT * FROM lot AS undrawn
        WHERE undrawn.part = wanted.part
          AND undrawn.member_id = wanted.member_id
          AND undrawn.is_drawn = 0
        LIMIT %b::int8) AS lot
"""  # noqa: S608 - our names

_ERASE: Final = """
UPDATE record SET personal = ''
  FROM unnest(%b::text::int4[], %b::text::text[]) AS wanted (part, member_id)
 WHERE record.part = wanted.part
   AND record.member_id = wanted.member_id
   AND record.personal <> ''
"""

_OPEN_HOLDS: Final = f"""
SELECT {Keyed(hold, ("part", "number")).columns}
  FROM unnest(%b::text::int4[], %b::text::text[]) AS wanted (part, member_id)
  JOIN hold ON hold.part = wanted.part
           AND hold.member_id = wanted.member_id
           AND hold.state = 'OPEN'
"""  # noqa: S608 - our names

_OPEN_CLAIMS: Final = f"""
SELECT {Keyed(claim, ("part",)).columns}
  FROM unnest(%b::text::int4[], %b::text::text[]) AS wanted (part, member_id)
 CROSS JOIN LATERAL (
       SELECT * FROM claim AS open
        WHERE open.part = wanted.part
          AND open.member_id = wanted.member_id
          AND open.state = 'OPEN'
          AND (open.lapse_time > %b::int8 OR open.reserve <> '')
        ORDER BY open.number, open.position
        LIMIT %b::int8) AS claim
"""  # noqa: S608 - our names
