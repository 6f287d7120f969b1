"""Databases of earlier versions: what they were made of stays, and opens for ever.

`frozen/first_tables.*.sql` is what the first migration did to each database when it
was new, word by word, and the rows of a small ledger from then. Neither is ever made
again: what a ledger needs beyond that is a migration of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import Engine as Database
from sqlalchemy import create_engine, event

from points.domain.program import Program
from points.engine.engine import running_engine
from points.store.databases.sqlite import APPLICATION_ID
from points.store.migration import migrate
from points.store.opening import open_store
from points.store.proof.audit import audit
from tests.clock import DAY, NOON, Clock
from tests.domain.build import burn, earn
from tests.engine.build import balance, carry_out, differences


FROZEN: Final = Path(__file__).parent / "frozen"
FIRST: Final = "2026_11_22_first_tables"
OLD_RECORDS: Final = 37
OTHERS: Final = ("INSERT", "SELECT", "UPDATE", "PRAGMA")
"""What a migration does besides what changes the schema."""


def frozen(name: str) -> list[str]:
    """Returns the statements of a file."""
    return (FROZEN / f"first_tables.{name}.sql").read_text().split(";\n")[:-1]


def words(statement: str) -> str:
    """Returns a statement however its lines are broken."""
    return " ".join(statement.split())


@contextmanager
def schema_changes(database: Database) -> Iterator[list[str]]:
    """Yields a list that fills with the statements that change the schema."""
    seen: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not words(statement).startswith(OTHERS):
            seen.append(words(statement))

    event.listen(database, "before_cursor_execute", note)
    yield seen
    event.remove(database, "before_cursor_execute", note)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Yields an empty database of each kind."""
    found = create_engine(database_url)
    yield found
    found.dispose()


@pytest.fixture
def old_url(database: Database) -> str:
    """Returns the URL of a ledger that was made by the first tables alone."""
    with database.begin() as connection:
        for statement in (*frozen(database.dialect.name), *frozen("rows")):
            # Not as a format: there are percent signs and colons in the texts.
            connection.exec_driver_sql(statement.replace("%", "%%"))
        if database.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    return database.url.render_as_string(hide_password=False)


def test_the_first_tables_are_made_as_they_always_were(database: Database) -> None:
    with schema_changes(database) as seen, database.begin() as connection:
        migrate(connection, part_count=3, version=FIRST)

    assert seen == [words(each) for each in frozen(database.dialect.name)]


def test_a_ledger_of_the_first_tables_migrates_and_proves_right(old_url: str) -> None:
    with open_store(old_url, migrating=True) as store:
        found = audit(store.backend)

    assert (found.finding_count, found.counts.records) == (0, OLD_RECORDS)


def test_a_ledger_of_the_first_tables_goes_on(old_url: str, program: Program) -> None:
    clock = Clock(NOON + 4 * DAY)
    with (
        open_store(old_url, migrating=True) as store,
        running_engine(store, program, clock=clock) as engine,
    ):
        before = balance(engine)
        carry_out(engine, earn(request_id="new-1", points=5))
        carry_out(engine, burn(request_id="new-2", points=before + 5))

        assert (balance(engine), differences(store)) == (0, [])
