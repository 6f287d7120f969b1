"""Query plans of reads by time: one range of an index for each list."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from points.domain.bounds import NEVER
from points.domain.refusals import MemberNotFound
from points.store.opening import Store
from points.store.reads.reader import Snapshot, open_snapshot
from points.store.reads.statements import StatementPlace
from points.store.texts.canonical import write_result
from tests.postgresql.server import PostgresServer
from tests.store.build import reading_statements, run_sql
from tests.store.cleaning import emptied, file_opened_once, opened_once
from tests.store.test_plans import plan, scans, sent_by_reader


RECORDS: Final = 20_000

READS: Final[dict[str, Callable[[Snapshot], object]]] = {
    "transactions": lambda s: s.transactions(
        7, "ada", before=NEVER, conditions=[], limit=50
    ),
    "by effective time": lambda s: s.transactions_by_effective_time(
        7, "ada", place=StatementPlace(9_000, 9_000, 9), conditions=[], limit=50
    ),
    "balances of the past": lambda s: s.balances_at(7, "ada", record_time=-1),
    "closes": lambda s: s.closes(before=NEVER, limit=50),
}
IN_ORDER: Final = ["transactions", "by effective time", "balances of the past"]


@pytest.fixture(scope="module")
def grown_sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Yields a store in a SQLite file with many records."""
    with file_opened_once(tmp_path_factory.mktemp("time")) as opened:
        yield grown(opened)


@pytest.fixture(scope="module")
def grown_postgresql_store(postgres_server: PostgresServer) -> Iterator[Store]:
    """Yields a store on PostgreSQL with many records."""
    with opened_once(postgres_server) as opened:
        yield grown(opened)


def grown(store: Store) -> Store:
    """Fills a part with records: every second is Ada's, every tenth dated back."""
    body = write_result(MemberNotFound("ada")).body.replace(":", r"\:")
    run_sql(
        emptied(store),
        "INSERT INTO record WITH RECURSIVE numbers (n) AS"
        f" (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {RECORDS})"
        " SELECT 7, n, CASE WHEN n % 2 = 0 THEN 'ada' ELSE 'm' || n % 500 END,"
        " 'r' || n, 'EARN', 'core', 1, '',"
        f" CASE WHEN n % 10 = 0 THEN n - 7 ELSE n END, n, 0, 0, '{body}', '', ''"
        " FROM numbers",
        "INSERT INTO account WITH RECURSIVE numbers (n) AS"
        " (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5000)"
        " SELECT 7, 'member:m' || n, 'points', 0, 0, 0, 0, 0, '', '', 0 FROM numbers",
        "ANALYZE",
    )
    return store


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """Returns a store with many records on each database."""
    found: Store = request.getfixturevalue(f"grown_{request.param}_store")
    return found


@pytest.mark.parametrize("name", READS)
def test_a_read_looks_keys_up(store: Store, name: str) -> None:
    found = plan(store.backend.reading, sent_by_reader(store.backend, READS[name]))

    assert scans(found) == [], found


@pytest.mark.parametrize("name", IN_ORDER)
def test_a_list_is_read_in_the_order_of_an_index(store: Store, name: str) -> None:
    sent = sent_by_reader(store.backend, READS[name])

    found = plan(store.backend.reading, sent)

    assert not re.search(r"Sort\b|TEMP B-TREE", found), found


def test_what_was_dated_back_has_an_index_of_its_own(store: Store) -> None:
    sent = sent_by_reader(store.backend, READS["by effective time"])

    plans = [plan(store.backend.reading, [statement]) for statement in sent]

    assert ["record_dated_back" in found for found in plans] == [False, True]
    assert "record_statement" in plans[0]


@pytest.mark.parametrize("name", ["transactions", "by effective time"])
def test_a_page_takes_as_many_statements_as_it_has_ranges(
    store: Store, name: str
) -> None:
    with reading_statements(store.backend.reading) as seen:
        found: Any = read(store, READS[name])

    selects = [sql for sql, _ in seen if "SELECT" in sql]
    assert (len(found), len(selects)) == (50, {"transactions": 1}.get(name, 2))


def read(store: Store, what: Callable[[Snapshot], object]) -> object:
    """Returns what is read."""
    with open_snapshot(store.backend) as snapshot:
        return what(snapshot)
