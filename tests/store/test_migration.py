"""Migrations: repeatable, and safe from several processes at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, event, inspect

from points.store.errors import StoreRefused
from points.store.migration import known_versions, newest_version
from points.store.opening import open_store
from points.store.version import NEWEST_VERSION, current_version
from tests.domain.build import record
from tests.store.build import put, rows, run_sql
from tests.store.processes import OtherPython


def migrate(url: str) -> int:
    """Migrates the database and returns how many parts it has."""
    with open_store(url, migrating=True) as store:
        return store.part_count


def test_a_migrated_database_has_the_newest_version(database_url: str) -> None:
    with (
        open_store(database_url, migrating=True) as store,
        store.backend.reading.connect() as connection,
    ):
        version = current_version(connection)

    assert version == NEWEST_VERSION


def test_the_newest_version_is_the_last_of_the_migrations() -> None:
    assert newest_version() == NEWEST_VERSION
    assert NEWEST_VERSION in known_versions()


def test_migrating_again_changes_nothing(database_url: str) -> None:
    with open_store(database_url, migrating=True) as store:
        put(store, record())

    with open_store(database_url, migrating=True) as store:
        assert rows(store, "SELECT count(*) FROM record") == [(1,)]


def test_the_number_of_parts_is_chosen_once(database_url: str) -> None:
    with open_store(database_url, migrating=True, part_count=3):
        pass

    with open_store(database_url, migrating=True, part_count=5) as store:
        assert store.part_count == 3


def test_threads_that_migrate_at_once_all_succeed(postgres_database: str) -> None:
    start = threading.Barrier(4)

    def migrate_together(_number: int) -> int:
        start.wait()
        return migrate(postgres_database)

    with ThreadPoolExecutor() as pool:
        part_counts = list(pool.map(migrate_together, range(4)))

    assert part_counts == [64] * 4


def table_names(url: str) -> set[str]:
    """Returns the names of the tables of a database."""
    database = create_engine(url)
    names = set(inspect(database).get_table_names())
    database.dispose()
    return names


MIGRATING = """
import sys
from points.store.opening import open_store
print("ready", flush=True)
sys.stdin.readline()
with open_store(sys.argv[1], migrating=True) as store:
    print(store.part_count)
"""


def test_processes_that_migrate_at_once_all_succeed(postgres_database: str) -> None:
    processes = [OtherPython(MIGRATING, postgres_database) for _ in range(2)]
    ready = [process.hear() for process in processes]

    for process in processes:
        process.say("go")

    part_counts = [process.last_words() for process in processes]
    assert (ready, part_counts) == (["ready"] * 2, ["64"] * 2)


@contextmanager
def pausing_before_tables_are_looked_up() -> Iterator[tuple[Any, Any]]:
    """Makes this thread wait where it asks for the table `record`.

    Yields two events: it has come there, and it may go on. It goes on by itself
    in the end, for whoever let it wait may be waiting for it.
    """
    reached, go = threading.Event(), threading.Event()
    here = threading.get_ident()

    def pause(_c: Any, _cursor: Any, _sql: str, values: Any, *_rest: Any) -> None:
        looks_up = isinstance(values, dict) and "record" in values.values()
        if looks_up and threading.get_ident() == here and not reached.is_set():
            reached.set()
            go.wait(0.5)

    event.listen(Engine, "before_cursor_execute", pause)
    try:
        yield reached, go
    finally:
        event.remove(Engine, "before_cursor_execute", pause)


def test_a_migration_that_ends_while_another_begins_is_no_other_program(
    postgres_database: str,
) -> None:
    with (
        ThreadPoolExecutor() as pool,
        pausing_before_tables_are_looked_up() as (reached, go),
    ):

        def migrate_meanwhile() -> int:
            reached.wait(10)
            part_count = migrate(postgres_database)
            go.set()
            return part_count

        other = pool.submit(migrate_meanwhile)
        part_count = migrate(postgres_database)

        assert (part_count, other.result()) == (64, 64)


def test_tables_of_another_program_are_left_alone(postgres_database: str) -> None:
    with open_store(postgres_database, migrating=True) as store:
        run_sql(store, "DROP TABLE alembic_version_core")

    with (
        pytest.raises(StoreRefused, match="has tables of another program"),
        open_store(postgres_database, migrating=True),
    ):
        pass


def test_a_migration_that_fails_leaves_nothing(postgres_database: str) -> None:
    with open_store(postgres_database, migrating=True) as store:
        run_sql(store, "DROP TABLE alembic_version_core, record, head")
    with (
        pytest.raises(StoreRefused, match='relation "layout" already exists'),
        open_store(postgres_database, migrating=True),
    ):
        pass

    assert table_names(postgres_database) == {
        "account",
        "counter",
        "hold",
        "layout",
        "lot",
        "member",
        "progress",
        "program_version",
        "reversal",
        "standing",
        "claim",
        "document",
    }
