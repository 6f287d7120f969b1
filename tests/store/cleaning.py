"""Stores that are emptied between tests: far faster than new databases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from points.store.opening import Store, open_store
from points.store.schema import layout, metadata
from tests.postgresql.server import PostgresServer


PARTS: Final = 9
"""Parts of the stores that tests share: an audit asks of each part, full or empty.

Ada, Bob and Eve are in three of them.
"""

_TABLES: Final = [each.name for each in metadata.sorted_tables if each is not layout]


@contextmanager
def opened_once(server: PostgresServer, *, part_count: int = PARTS) -> Iterator[Store]:
    """Opens a store on PostgreSQL that many tests use, one after the other."""
    with (
        server.fresh_database() as url,
        open_store(url, migrating=True, part_count=part_count) as store,
    ):
        yield store


@contextmanager
def file_opened_once(folder: Path, *, part_count: int = PARTS) -> Iterator[Store]:
    """Opens a store in a SQLite file that many tests use, one after the other."""
    url = f"sqlite:///{folder / 'points.db'}"
    with open_store(url, part_count=part_count) as store:
        yield store


@contextmanager
def migrated_once(server: PostgresServer) -> Iterator[str]:
    """Yields the name of a migrated database that others are copies of."""
    with server.fresh_database() as url:
        with open_store(url, migrating=True):
            pass
        yield url.rpartition("/")[2]


def migrated_file(folder: Path) -> Path:
    """Returns a migrated SQLite file that others are copies of."""
    with open_store(f"sqlite:///{folder / 'points.db'}"):
        return folder / "points.db"


def emptied(store: Store) -> Store:
    """Returns the store as it was after its migration."""
    heads = ", ".join(
        f"({part}, 0, 0, 0, 0, 0, 0, '')" for part in range(store.part_count)
    )
    # To truncate all these tables costs PostgreSQL ten times as much as a test leaves.
    statements = [f"DELETE FROM {table}" for table in _TABLES]
    statements.append(f"INSERT INTO head VALUES {heads}")
    with store.backend.writing.begin() as connection:
        if store.backend.name == "postgresql":
            statements = ["; ".join(statements)]
        for statement in statements:
            connection.exec_driver_sql(statement)
    return store
