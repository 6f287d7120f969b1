"""PostgreSQL through psycopg 3: several server processes, each with its writer.

Bulk statements carry one array per column, as its text: a few times cheaper than a
parameter per value, and than an array that psycopg writes item by item. `%b` sends
that text as it is, so these statements go to the driver as they are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import msgspec
import psycopg
from sqlalchemy import Engine, Table, create_engine
from sqlalchemy.engine import URL

from points.store.databases.backend import Backend, Keyed, Rows, driver_error_of
from points.store.databases.postgresql_sql import (
    DOCUMENTS,
    ERASE,
    EXPIRED_LOTS,
    GLANCES,
    LAPSED_HOLDS,
    LOCK,
    OPEN_CLAIMS,
    OPEN_HOLDS,
    OPEN_LOTS,
    UNDRAWN_LOTS,
    assign_sql,
    delete_sql,
    fetch_sql,
    insert_sql,
    save_sql,
    update_sql,
)
from points.store.databases.session import Session
from points.store.schema import document
from points.store.texts.rows import LOT_PLAIN, Row


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


_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder().decode
_POSITION: Final = itemgetter(0)
_NO_LOTS: Final = ((),) * (len(LOT_PLAIN) + 1)
_NUL: Final = "\0"

_TRY_AGAIN: Final = (
    "08",  # connection exception
    "25006",  # read-only: a standby, or a primary that became one
    "25P03",  # idle in transaction for too long
    "40001",  # serialization failure
    "40P01",  # deadlock
    "53",  # too many connections, no memory, disk full
    "55P03",  # lock not available in time
    "57",  # cancelled, or ended, by an administrator or a crash; starting up
    "58",  # the server's own system failed it
)
"""Beginnings of codes for what passes, whatever it was that was asked.

https://www.postgresql.org/docs/current/errcodes-appendix.html
"""


class PostgresqlBackend(Backend):
    """Is a ledger in a PostgreSQL database."""

    name = "postgresql"
    readers = 3
    driver_error = psycopg.Error

    def __init__(self, url: URL) -> None:
        self.writing = _engine(url, _WRITER_OPTIONS, connections=2)
        self.reading = _engine(url, _READER_OPTIONS, connections=_READERS)
        # One statement is a snapshot by itself: no BEGIN, and nothing to roll back.
        self._glancing = self.reading.execution_options(isolation_level="AUTOCOMMIT")

    @contextmanager
    def transaction(self, raw: Any) -> Iterator[None]:
        """Begins a transaction whose statements go out in one stream.

        Only rows are waited for: what is written goes along with the commit.
        """
        # Else psycopg would begin by itself, and wait for that.
        raw.autocommit = True
        try:
            with raw.pipeline():
                raw.execute("BEGIN")
                yield
                raw.execute("COMMIT")
        except BaseException:
            _roll_back(raw)
            raise
        raw.autocommit = False

    def ask(self, session: Session, keyed: Keyed, keys: Sequence[Row]) -> Rows:
        """Returns the rows with these keys."""
        return _rows(session, fetch_sql(keyed), _columns(keys))

    def ask_open_lots(
        self, session: Session, keys: Sequence[Row], *, now: int, limit: int
    ) -> Rows:
        """Returns the first usable lots of each (part, member_id, unit)."""
        rows = _rows(session, OPEN_LOTS, (*_columns(keys), now, now, limit))
        return lambda: _lots_by_key(rows(), len(keys))

    def ask_lapsed_holds(
        self, session: Session, keys: Sequence[Row], *, now: int
    ) -> Rows:
        """Returns the open holds of each (part, member_id, unit) that have lapsed."""
        return _rows(session, LAPSED_HOLDS, (*_columns(keys), now))

    def ask_expired_lots(
        self, session: Session, keys: Sequence[Row], *, now: int
    ) -> Rows:
        """Returns the lots of each (part, member_id, unit) that expired undrawn."""
        return _rows(session, EXPIRED_LOTS, (*_columns(keys), now))

    def ask_open_holds(self, session: Session, keys: Sequence[Row]) -> Rows:
        """Returns the holds of each (part, member_id) that are open or unsettled."""
        return _rows(session, OPEN_HOLDS, _columns(keys))

    def ask_open_claims(
        self, session: Session, keys: Sequence[Row], *, now: int, limit: int
    ) -> Rows:
        """Returns what each (part, member_id) may collect, or a budget get back."""
        return _rows(session, OPEN_CLAIMS, (*_columns(keys), now, limit))

    def ask_undrawn_lots(
        self, session: Session, keys: Sequence[Row], *, limit: int
    ) -> Rows:
        """Returns the lots of each (part, member_id) that have points left."""
        return _rows(session, UNDRAWN_LOTS, (*_columns(keys), limit))

    def ask_documents(
        self, session: Session, spans: Sequence[Row], *, limit: int
    ) -> Rows:
        """Returns documents of each (part, plugin, collection, owner, start, end)."""
        return _rows(session, DOCUMENTS, (*_columns(spans), limit))

    def fetch_glances(self, keys: Sequence[Row], *, now: int) -> Sequence[Any]:
        """Returns what there is of each (part, member_id, own, held)."""
        with self._glancing.connect() as connection:
            told = (now, *_columns(keys))
            rows: Sequence[Any] = _decode(
                connection.exec_driver_sql(GLANCES, told).scalar_one()
            )
        return rows

    def delete_documents(self, session: Session, keys: Sequence[Row]) -> None:
        """Removes the documents with these keys."""
        session.execute(delete_sql(document), _columns(keys))

    def erase(self, session: Session, keys: Sequence[Row]) -> None:
        """Empties the personal data of all records of each (part, member_id)."""
        session.execute(ERASE, _columns(keys))

    def lock_heads(
        self, session: Session, parts: Sequence[int], *, wait: bool
    ) -> Sequence[Any]:
        """Locks the heads in the order of the parts, so that nothing deadlocks."""
        sql = LOCK if wait else LOCK + " SKIP LOCKED"
        rows: Sequence[Any] = session.execute(sql, (list(parts),)).fetchall()
        return rows

    def save(self, session: Session, table: Table, rows: Sequence[Row]) -> None:
        """Inserts or replaces the rows."""
        session.execute(save_sql(table), _columns(rows))

    def update(
        self,
        session: Session,
        table: Table,
        names: Sequence[str],
        rows: Sequence[Row],
    ) -> None:
        """Changes these columns of the rows."""
        session.execute(update_sql(table, tuple(names)), _columns(rows))

    def assign(
        self, session: Session, table: Table, assignments: str, keys: Sequence[Row]
    ) -> None:
        """Changes the rows alike."""
        session.execute(assign_sql(table, assignments), _columns(keys))

    def insert(self, session: Session, table: Table, rows: Sequence[Row]) -> None:
        """Inserts the rows."""
        session.execute(insert_sql(table), _columns(rows))

    def lost(self, error: BaseException) -> bool:
        """Says whether trying again may help: a lost connection, a conflict."""
        raw = driver_error_of(error)
        state = getattr(raw, "sqlstate", None)
        if state is None:
            return isinstance(raw, psycopg.OperationalError)
        return bool(state.startswith(_TRY_AGAIN))


def _engine(url: URL, options: str, *, connections: int) -> Engine:
    """Returns the engine of a URL, whose own settings hold where ours say nothing."""
    given = url.normalized_query
    asked = given.get("options", (os.environ.get("PGOPTIONS", ""),))
    ours = {"connect_timeout": _CONNECT_SECONDS, "application_name": "points"}
    return create_engine(
        url.difference_update_query(["options"]),
        pool_size=connections,
        max_overflow=0,
        connect_args={
            # Of two that say the same the last one counts.
            "options": " ".join((*asked, options)),
            **{name: value for name, value in ours.items() if name not in given},
        },
    )


def _roll_back(raw: Any) -> None:
    """Undoes what has been done.

    What psycopg itself undoes has it forget all the statements that it has prepared.
    """
    if not raw.closed:
        raw.pgconn.exec_(b"ROLLBACK")
        raw.autocommit = False


def _rows(session: Session, sql: str, parameters: Row) -> Rows:
    """Returns what waits for the rows of a statement."""
    rows: Rows = session.execute(sql, parameters).fetchall
    return rows


def _lots_by_key(rows: Sequence[Any], count: int) -> Sequence[Sequence[Sequence[Any]]]:
    """Returns the lots of so many keys, as the columns of `lots_of`."""
    found: list[Sequence[Sequence[Any]]] = [_NO_LOTS] * count
    # The lots of a key come one behind the other, but for what nobody promises.
    for position, of_key in groupby(sorted(rows, key=_POSITION), key=_POSITION):
        _, *plain, rare = zip(*of_key, strict=True)
        if any(rare):
            rare = tuple(each and _decode(each) for each in rare)
        found[position - 1] = (*plain, rare)
    return found


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
