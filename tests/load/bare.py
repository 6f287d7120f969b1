"""What SQLite's driver does alone: the rows of a ledger, inserted again by a loop."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from typing import Any, Final, NamedTuple

from points.store.opening import open_store, parse_url


class EarnRows(NamedTuple):
    """Is what one earning has left: a record, a lot, and the member's account."""

    record: tuple[Any, ...]
    lot: tuple[Any, ...]
    account: tuple[Any, ...]


_EARNED: Final = """
    SELECT record.*, lot.*, account.* FROM lot
    JOIN record ON record.part = lot.part AND record.number = lot.record_number
    JOIN account ON account.part = lot.part
        AND account.account = 'member:' || lot.member_id AND account.unit = lot.unit
    LIMIT ?"""


def bare_rows(url: str, limit: int) -> list[EarnRows]:
    """Returns the rows of so many earnings of a ledger, beside its server."""
    with closing(_connect(url)) as connection:
        widths = [_width(connection, table) for table in EarnRows._fields]
        found = connection.execute(_EARNED, (limit,)).fetchall()
    first, second = widths[0], widths[0] + widths[1]
    return [EarnRows(row[:first], row[first:second], row[second:]) for row in found]


def insert_rows(url: str, rows: Sequence[EarnRows], batch: int) -> tuple[float, float]:
    """Inserts the rows into an empty ledger, so many to a durable commit.

    Returns the seconds that took, on the clock and of this process's CPU.
    """
    with open_store(url):
        pass  # makes the same tables, with the same indexes
    with closing(_connect(url)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        wall, cpu = time.perf_counter(), time.process_time()
        for start in range(0, len(rows), batch):
            _insert(connection, rows[start : start + batch])
        return time.perf_counter() - wall, time.process_time() - cpu


def _insert(connection: sqlite3.Connection, rows: Sequence[EarnRows]) -> None:
    with connection:
        for table in EarnRows._fields:
            values = [getattr(row, table) for row in rows]
            places = ", ".join("?" * len(values[0]))
            connection.executemany(
                f"INSERT OR REPLACE INTO {table} VALUES ({places})", values
            )


def _width(connection: sqlite3.Connection, table: str) -> int:
    return len(connection.execute(f"PRAGMA table_info({table})").fetchall())


def _connect(url: str) -> sqlite3.Connection:
    return sqlite3.connect(parse_url(url).database or "")
