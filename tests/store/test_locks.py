"""Locks of PostgreSQL: two writers work on different parts at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import DBAPIError

from points.domain.values import Head
from points.store.errors import StoreLost
from points.store.opening import Store
from points.store.writing.batch import open_batch
from tests.clock import NOON
from tests.store.build import changes


def test_a_locked_part_is_skipped(postgresql_store: Store) -> None:
    backend = postgresql_store.backend
    with open_batch(backend) as one, open_batch(backend) as other:
        one.lock({1, 2}, wait=False)
        heads = other.lock({2, 3}, wait=False)

    assert heads.keys() == {3}


def test_a_lock_ends_with_its_batch(postgresql_store: Store) -> None:
    with open_batch(postgresql_store.backend) as one:
        one.lock({1}, wait=False)

    with open_batch(postgresql_store.backend) as other:
        heads = other.lock({1}, wait=False)

    assert heads.keys() == {1}


def test_who_waits_gets_the_head_that_the_other_left(postgresql_store: Store) -> None:
    backend = postgresql_store.backend
    left = Head(part=1, last_number=1, last_lot_number=0, last_time=NOON)
    about_to_wait = threading.Event()

    def wait_for_part() -> dict[int, Head]:
        with open_batch(backend) as batch:
            about_to_wait.set()
            return batch.lock({1}, wait=True)

    with ThreadPoolExecutor() as pool:
        with open_batch(backend) as one:
            one.lock({1}, wait=False)
            waiting = pool.submit(wait_for_part)
            about_to_wait.wait()
            one.write(changes([left]))
        heads = waiting.result()

    assert heads == {1: left}


def test_readers_do_not_wait_for_a_lock(postgresql_store: Store) -> None:
    with open_batch(postgresql_store.backend) as one:
        one.lock({1}, wait=False)
        with postgresql_store.backend.reading.connect() as connection:
            found = connection.exec_driver_sql("SELECT part FROM head WHERE part = 1")
            rows = found.fetchall()

    assert rows == [(1,)]


def test_two_that_wait_for_each_other_may_try_again(postgresql_store: Store) -> None:
    """Nobody waits so in the engine, where locks are taken in one order."""
    backend = postgresql_store.backend
    holding = threading.Barrier(2)

    def lock(first: int, second: int) -> str:
        try:
            with open_batch(backend) as batch:
                batch.lock({first}, wait=True)
                holding.wait()
                batch.lock({second}, wait=True)
        except StoreLost as error:
            return str(error)
        return ""

    with ThreadPoolExecutor() as pool:
        results = list(pool.map(lock, (1, 2), (2, 1)))

    assert "deadlock detected" in "".join(results)


@pytest.mark.parametrize(
    ("sql", "lost"),
    [
        ("SELECT pg_terminate_backend(pg_backend_pid())", True),
        ("SET LOCAL lock_timeout = '1ms'; SELECT * FROM head FOR UPDATE", True),
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$", True),
        ("DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '53100'; END $$", True),
        ("SELECT 1 / 0", False),
        ("INSERT INTO head VALUES (0, 0, 0, 0)", False),
        ("SELECT * FROM nowhere", False),
    ],
)
def test_what_may_succeed_later_is_told_from_what_never_will(
    postgresql_store: Store, sql: str, *, lost: bool
) -> None:
    backend = postgresql_store.backend
    with open_batch(backend) as holder:
        holder.lock({0}, wait=False)
        with pytest.raises(DBAPIError) as failed, backend.writing.begin() as connection:
            connection.exec_driver_sql(sql)

    assert backend.lost(failed.value) is lost
