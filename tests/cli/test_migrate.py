"""`points migrate`."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import make_url

from points.store.opening import open_store
from tests.cli.conftest import Ended, Points


def test_a_database_is_migrated_for_a_server(
    points: Points, postgres_database: str
) -> None:
    ended = points("migrate", f"--database-url={postgres_database}")

    place = make_url(postgres_database).render_as_string()
    assert ended == Ended(0, f"{place} is up to date (64 parts)\n", "")
    with open_store(postgres_database) as store:
        assert store.part_count == 64


def test_a_migration_can_be_repeated(points: Points, postgres_database: str) -> None:
    first = points("migrate", f"--database-url={postgres_database}")

    assert points("migrate", f"--database-url={postgres_database}") == first


def test_migrations_of_several_processes_wait_for_one_another(
    process: Points, postgres_database: str
) -> None:
    flag = f"--database-url={postgres_database}"
    with ThreadPoolExecutor(2) as threads:
        ended = list(threads.map(lambda _: process("migrate", flag), range(2)))

    assert [(one.status, one.err) for one in ended] == [(0, ""), (0, "")]


def test_a_new_ledger_has_as_many_parts_as_told(points: Points, folder: Path) -> None:
    ended = points("migrate", "--parts=7", "--database-url=sqlite:///seven.db")

    assert ended.out == f"{folder / 'seven.db'} is up to date (7 parts)\n"


def test_the_parts_of_a_ledger_never_change(points: Points, folder: Path) -> None:
    points("migrate", "--parts=7", "--database-url=sqlite:///seven.db")

    ended = points("migrate", "--parts=8", "--database-url=sqlite:///seven.db")

    assert ended.out == f"{folder / 'seven.db'} is up to date (7 parts)\n"
