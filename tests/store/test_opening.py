"""Opening: what a server finds at its URL, and what it says when that is wrong."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

import pytest
from filelock import FileLock

from points.store.errors import StoreRefused
from points.store.opening import (
    Store,
    open_store,
    open_store_to_fill,
    open_store_to_read,
)
from points.store.proof.audit import audit
from tests.domain.build import record
from tests.postgresql.ports import free_port
from tests.store.build import put, rows, run_sql


def refusal(url: str, *, migrating: bool = False) -> str:
    """Returns why the store cannot be opened for a server."""
    with (
        pytest.raises(StoreRefused) as refused,
        open_store(url, migrating=migrating),
    ):
        pass
    return str(refused.value)


def refusal_to_read(url: str) -> str:
    """Returns why the store cannot be opened to read."""
    with pytest.raises(StoreRefused) as refused, open_store_to_read(url):
        pass
    return str(refused.value)


def test_what_was_written_is_there_after_opening_again(database_url: str) -> None:
    with open_store(database_url, migrating=True) as store:
        put(store, record())

    with open_store(database_url) as store:
        assert rows(store, "SELECT number FROM record") == [(1,)]


def test_a_store_is_read_beside_a_running_server(
    fresh_store: Store, database_url: str
) -> None:
    put(fresh_store, record())

    with open_store_to_read(database_url) as store:
        assert rows(store, "SELECT number FROM record") == [(1,)]


def test_a_reader_knows_the_number_of_parts(database_url: str) -> None:
    with open_store(database_url, migrating=True, part_count=3):
        pass

    with open_store_to_read(database_url) as store:
        assert store.part_count == 3


def test_a_newer_version_is_left_alone(database_url: str) -> None:
    with open_store(database_url, migrating=True) as store:
        future = "UPDATE alembic_version_core SET version_num = '2999_01_01_future'"
        run_sql(store, future)

    assert refusal(database_url, migrating=True) == (
        f"{store.place} was written by a newer version of points"
        " (2999_01_01_future): update points"
    )


def test_a_newer_version_is_not_read(database_url: str) -> None:
    with open_store(database_url, migrating=True) as store:
        future = "UPDATE alembic_version_core SET version_num = '2999_01_01_future'"
        run_sql(store, future)

    assert "newer version" in refusal_to_read(database_url)


def test_a_ledger_that_lacks_a_part_is_not_served(database_url: str) -> None:
    with open_store(database_url, migrating=True) as store:
        run_sql(store, "DELETE FROM head WHERE part = 63")

    assert refusal(database_url) == f"{store.place} is damaged: run points verify"


def test_a_ledger_that_lacks_a_part_is_read_to_verify_it(database_url: str) -> None:
    with open_store(database_url, migrating=True) as store:
        run_sql(store, "DELETE FROM head WHERE part = 63")

    with open_store_to_read(database_url) as store:
        assert audit(store.backend).differences == ["part 63: has no head"]


def test_a_ledger_that_lacks_its_layout_is_damaged(database_url: str) -> None:
    with open_store(database_url, migrating=True) as store:
        run_sql(store, "DELETE FROM layout")

    assert "lacks its layout: restore a backup" in refusal(database_url)
    assert "lacks its layout: restore a backup" in refusal_to_read(database_url)


def test_a_file_that_is_filled_in_vain_is_gone(sqlite_url: str) -> None:
    with suppress(KeyError), open_store_to_fill(sqlite_url, part_count=4) as store:
        place = Path(store.place)
        raise KeyError

    assert [each.name for each in place.parent.iterdir()] == [f"{place.name}.lock"]


def test_a_file_that_was_there_stays_whatever_fails(sqlite_url: str) -> None:
    with open_store(sqlite_url) as store:
        place = Path(store.place)

    with suppress(KeyError), open_store_to_fill(sqlite_url, part_count=4):
        raise KeyError

    assert place.exists()


def test_who_comes_second_touches_nothing_of_the_first(sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    lock = Path(f"{path}.lock")

    # The first has the lock, and is about to make its file.
    with FileLock(lock):
        with (
            pytest.raises(StoreRefused, match="another server has"),
            open_store_to_fill(sqlite_url, part_count=4),
        ):
            pass

        assert (lock.exists(), path.exists()) == (True, False)


def test_an_empty_postgresql_database_is_not_migrated_by_itself(
    postgres_database: str,
) -> None:
    said = refusal(postgres_database)

    assert said.endswith(
        "needs a migration: run points migrate with the same --database-url"
    )


def test_a_reader_does_not_migrate(postgres_database: str) -> None:
    assert "needs a migration" in refusal_to_read(postgres_database)


def test_a_password_is_not_shown(postgres_database: str) -> None:
    url = postgres_database.replace("postgres@", "postgres:secret@")

    assert "secret" not in refusal(url)


def test_a_postgresql_that_is_down_is_said_to_be() -> None:
    place = f"127.0.0.1:{free_port()}/points"

    said = refusal(f"postgresql://ada:secret@{place}")

    assert re.match(
        rf"cannot open postgresql\+psycopg://ada:\*\*\*@{place}: .*Connection refused",
        said,
    )


def test_a_postgresql_database_that_is_missing_is_said_to_be(
    postgres_database: str,
) -> None:
    said = refusal(f"{postgres_database}_missing")

    assert "does not exist" in said


def test_what_cannot_be_the_name_of_a_host_is_said_to_be_none() -> None:
    url = "postgresql+psycopg://ada@a..b/points"

    assert refusal_to_read(url) == (
        f"cannot open {url}: no host can have that name: give another --database-url"
    )
