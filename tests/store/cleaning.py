"""Empty stores for many tests, far faster than by migrating a database for each."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from points.store.opening import Store, open_store
from tests.postgresql.server import PostgresServer


@contextmanager
def opened_once(server: PostgresServer, *, part_count: int = 64) -> Iterator[Store]:
    """Opens a store on PostgreSQL that many tests use, one after the other."""
    with (
        server.fresh_database() as url,
        open_store(url, migrating=True, part_count=part_count) as store,
    ):
        yield store


@contextmanager
def copied(template: Path, url: str) -> Iterator[Store]:
    """Opens a store at a SQLite URL that begins as a copy of a migrated file."""
    shutil.copy(template, url.removeprefix("sqlite:///"))
    with open_store(url) as store:
        yield store


def migrated_file(folder: Path, *, part_count: int = 64) -> Path:
    """Makes a SQLite file that holds a ledger without members."""
    path = folder / f"{part_count}.db"
    with open_store(f"sqlite:///{path}", part_count=part_count):
        pass
    return path


def empty(store: Store) -> None:
    """Makes a store on PostgreSQL as it was after its migration."""
    heads = f"SELECT part, 0, 0, 0 FROM generate_series(0, {store.part_count - 1})"
    with store.backend.writing.begin() as connection:
        connection.exec_driver_sql("TRUNCATE head, member, account, lot, record")
        connection.exec_driver_sql(f"INSERT INTO head {heads} AS part")
