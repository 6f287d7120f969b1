"""Losses: a connection that breaks, a database that is locked or full."""

from __future__ import annotations

import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from points.store.databases.translating import translated
from points.store.errors import CommitUnknown, StoreError, StoreLost, StoreRejected
from points.store.opening import Store, open_store
from points.store.reads.reader import open_snapshot
from tests.domain.build import record, transaction
from tests.postgresql.proxy import TcpProxy
from tests.store.build import put, rows, run_sql


def record_count(store: Store) -> int:
    """Returns how many records there are, as the writer sees it."""
    with store.backend.writing.connect() as connection:
        count = connection.exec_driver_sql("SELECT count(*) FROM record").scalar_one()
    return int(count)


def test_a_commit_whose_answer_is_lost_is_unknown_and_has_happened(
    distant_store: Store, postgres_proxy: TcpProxy
) -> None:
    postgres_proxy.cut_after(b"COMMIT")

    with pytest.raises(CommitUnknown):
        put(distant_store, record())

    assert record_count(distant_store) == 1


def test_a_commit_that_is_lost_is_unknown_and_has_not_happened(
    distant_store: Store, postgres_proxy: TcpProxy
) -> None:
    postgres_proxy.cut_before(b"COMMIT")

    with pytest.raises(CommitUnknown):
        put(distant_store, record())

    assert record_count(distant_store) == 0


def test_a_connection_that_breaks_before_the_commit_is_lost(
    distant_store: Store, postgres_proxy: TcpProxy
) -> None:
    postgres_proxy.cut_before(b"INSERT INTO record")

    # What is written goes along with the commit: nobody knows how far that came.
    with pytest.raises((StoreLost, CommitUnknown)):
        put(distant_store, record())

    assert record_count(distant_store) == 0


def test_a_database_that_is_away_is_lost(
    distant_store: Store, postgres_proxy: TcpProxy
) -> None:
    postgres_proxy.cut()

    with pytest.raises(StoreLost):
        put(distant_store, record())


def test_a_database_that_comes_back_is_used_again(
    distant_store: Store, postgres_proxy: TcpProxy
) -> None:
    postgres_proxy.cut()
    with pytest.raises(StoreLost):
        put(distant_store, record())
    postgres_proxy.heal()

    put(distant_store, record())

    assert record_count(distant_store) == 1


def test_a_snapshot_of_a_database_that_is_away_is_lost(
    distant_store: Store, postgres_proxy: TcpProxy
) -> None:
    postgres_proxy.cut()

    with pytest.raises(StoreLost), open_snapshot(distant_store.backend) as snapshot:
        snapshot.heads()


@contextmanager
def read_only(database: str) -> Iterator[None]:
    """Has a database take no writes, as a standby does, and ends all its sessions."""
    # Psycopg knows no drivers in the names of URLs.
    url = make_url(database).set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False)) as own:
        own.autocommit = True
        change = sql.SQL("ALTER DATABASE {} ").format(sql.Identifier(own.info.dbname))
        own.execute(change + sql.SQL("SET default_transaction_read_only = on"))
        own.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        yield
        own.execute("SET default_transaction_read_only = off")
        own.execute(change + sql.SQL("RESET ALL"))


@pytest.mark.parametrize("code", ["08006", "25006", "53200", "57014", "58030"])
def test_what_passes_by_itself_is_lost_whatever_was_asked(
    postgresql_store: Store, code: str
) -> None:
    assert postgresql_store.backend.lost(psycopg.errors.lookup(code)())


@pytest.mark.parametrize("code", ["22003", "23505", "42601", "XX001"])
def test_what_comes_again_with_the_same_statement_is_not_lost(
    postgresql_store: Store, code: str
) -> None:
    assert not postgresql_store.backend.lost(psycopg.errors.lookup(code)())


def test_a_database_that_takes_no_writes_for_a_while_is_lost_and_used_again(
    postgres_database: str,
) -> None:
    with open_store(postgres_database, migrating=True) as store:
        with read_only(postgres_database):
            for _ in range(3):
                with pytest.raises((StoreLost, CommitUnknown)):
                    put(store, record())

        put(store, record())

        assert record_count(store) == 1


def test_a_url_says_in_which_schema_a_ledger_is(postgres_database: str) -> None:
    with open_store(postgres_database, migrating=True) as store:
        run_sql(store, "CREATE SCHEMA mine")
        put(store, record())
    mine = make_url(postgres_database).update_query_dict(
        {"options": "-csearch_path=mine", "application_name": "nightly"}
    )
    url = mine.render_as_string(hide_password=False)

    with open_store(url, migrating=True) as store:
        assert record_count(store) == 0
        put(store, record())
        names = rows(store, "SELECT current_setting('application_name')")

    assert names == [("nightly",)]


def test_damage_that_postgresql_finds_is_told_with_what_to_do(
    postgresql_store: Store,
) -> None:
    found = "RAISE 'invalid page in block 7' USING ERRCODE = 'data_corrupted'"
    backend = postgresql_store.backend

    with (
        pytest.raises(StoreRejected) as rejected,
        translated(backend),
        backend.reading.connect() as connection,
    ):
        connection.exec_driver_sql(f"DO $$ BEGIN {found}; END $$")

    assert str(rejected.value) == (
        "the database is damaged (invalid page in block 7): restore a backup"
    )


def test_what_no_driver_raised_is_not_lost(store: Store) -> None:
    assert store.backend.lost(ValueError()) is False


@pytest.fixture
def file_store(sqlite_url: str) -> Iterator[Store]:
    """Yields a store in a SQLite file of this test alone."""
    with open_store(sqlite_url) as opened:
        yield opened


def test_a_sqlite_file_that_another_program_holds_is_lost(file_store: Store) -> None:
    with file_store.backend.writing.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 1")

    with closing(sqlite3.connect(file_store.place)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreLost, match="locked"):
            put(file_store, record())


ROOM_BYTES = 256 * 1024


@contextmanager
def full_disk() -> Iterator[None]:
    """Leaves every file of this process little room to grow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_sqlite_file_on_a_full_disk_works_again_once_there_is_room(
    file_store: Store,
) -> None:
    large = record(result=transaction(reason="x" * 4 * ROOM_BYTES))
    with full_disk(), pytest.raises(StoreError):
        put(file_store, large)

    put(file_store, large)

    assert record_count(file_store) == 1


REFUSE_AT_COMMIT = {
    "sqlite": (
        "CREATE TABLE allowed (channel TEXT PRIMARY KEY)",
        (
            "CREATE TABLE doubled (channel TEXT"
            " REFERENCES allowed (channel) DEFERRABLE INITIALLY DEFERRED)"
        ),
        (
            "CREATE TRIGGER breaks AFTER INSERT ON record"
            " WHEN (SELECT count(*) FROM record WHERE channel = NEW.channel) > 1"
            " BEGIN INSERT INTO doubled VALUES (NEW.channel); END"
        ),
    ),
    "postgresql": (
        (
            "ALTER TABLE record ADD CONSTRAINT channel_once"
            " UNIQUE (channel) DEFERRABLE INITIALLY DEFERRED"
        ),
    ),
}
"""Makes a database refuse a second record of a channel, but only at the commit."""

SECOND_OF_CHANNEL = record(number=2, request_id="r2")


def test_a_commit_that_the_database_refuses_is_rejected(fresh_store: Store) -> None:
    run_sql(fresh_store, *REFUSE_AT_COMMIT[fresh_store.backend.name])
    put(fresh_store, record())

    with pytest.raises(StoreRejected):
        put(fresh_store, SECOND_OF_CHANNEL)


def test_a_commit_that_the_database_refuses_leaves_a_store_that_works(
    fresh_store: Store,
) -> None:
    run_sql(fresh_store, *REFUSE_AT_COMMIT[fresh_store.backend.name])
    put(fresh_store, record())
    with pytest.raises(StoreError):
        put(fresh_store, SECOND_OF_CHANNEL)

    put(fresh_store, record(number=2, request_id="r2", channel="purchase"))

    assert record_count(fresh_store) == 2
