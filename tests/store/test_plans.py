"""Query plans: whatever touches a table that grows looks keys up in an index.

The statements are those that the writer and the readers really send.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final

import pytest
from sqlalchemy import Connection, Engine

from points.domain.bounds import NEVER
from points.domain.changes import Position
from points.domain.claims import ClaimPlace, ClaimState
from points.domain.filters import Comparison
from points.domain.identity import Place
from points.domain.lots import LotState
from points.domain.refusals import MemberNotFound, ResumeTokenTooOld
from points.domain.values import HoldState
from points.store.databases.backend import Backend
from points.store.opening import Store
from points.store.reads.glances import read_glances
from points.store.reads.reader import Snapshot, open_snapshot
from points.store.reads.reversals import read_reversed
from points.store.texts.canonical import write_result
from points.store.writing.batch import Batch, open_batch
from tests.clock import NOON
from tests.domain.build import account, lot, member, record
from tests.postgresql.server import PostgresServer
from tests.store import more_plans
from tests.store.build import (
    FRESH,
    Statement,
    changed,
    changes,
    reading_statements,
    run_sql,
    statements,
)
from tests.store.cleaning import opened_once


ADA: Final = (5, "ada", "points")
PLACE: Final = ("points", NOON, 1)


def changes_up_to(snapshot: Snapshot, number: int) -> None:
    """Reads changes of a part; where there are none it looks for the oldest."""
    start = Position.beginning(64)
    with suppress(ResumeTokenTooOld):
        snapshot.changes(start, start.after(5, number), limit=1)


def lots_that_are(state: LotState) -> Callable[[Snapshot], object]:
    """Returns the read of a page of lots in a state."""
    return lambda snapshot: snapshot.lots(
        5,
        "ada",
        unit="points",
        open_at=None,
        after=PLACE,
        limit=50,
        states=frozenset({state}),
        now=NOON,
    )


def claims_that_are(snapshot: Snapshot, state: ClaimState) -> object:
    """Reads a page of claims in a state."""
    before = (NEVER, 0)
    return snapshot.claims(5, "ada", state=state, before=before, now=NOON, limit=50)


READS: Final[dict[str, Callable[[Snapshot], object]]] = {
    "head": lambda s: s.head(5),
    "member": lambda s: s.member(5, "ada"),
    "members": lambda s: s.members((5, "ada"), [], 50),
    "frozen members": lambda s: s.members(
        (5, "ada"), [Comparison("state", "=", "FROZEN")], 50
    ),
    "balances": lambda s: s.balances(5, "ada", now=NOON),
    "lots": lambda s: s.lots(5, "ada", unit="", open_at=None, after=PLACE, limit=50),
    "open lots": lambda s: s.lots(
        5, "ada", unit="", open_at=NOON, after=PLACE, limit=50
    ),
    "lots of a unit": lambda s: s.lots(
        5, "ada", unit="points", open_at=None, after=PLACE, limit=50
    ),
    "open lots of a unit": lambda s: s.lots(
        5, "ada", unit="points", open_at=NOON, after=PLACE, limit=50
    ),
    **{f"lots that are {state}": lots_that_are(state) for state in LotState},
    "hold": lambda s: s.hold(Place(5, 1), now=NOON),
    "open holds": lambda s: s.holds(
        5,
        "ada",
        unit="",
        states=[HoldState.OPEN],
        before=NEVER,
        now=NOON,
        limit=50,
    ),
    "holds": lambda s: s.holds(
        5,
        "ada",
        unit="points",
        states=list(HoldState),
        before=NEVER,
        now=NOON,
        limit=50,
    ),
    "lapses": lambda s: s.lapses(5, "ada", now=NOON),
    "record": lambda s: s.record(5, 1),
    "reversed": lambda s: read_reversed(s, 5, [1, 2, 3]),
    "changes": lambda s: changes_up_to(s, 3),
    "outcome": lambda s: s.outcome(5, "ada", "r1"),
    "transactions": lambda s: s.transactions(
        5, "ada", before=NEVER, conditions=[], limit=50
    ),
    "standings of a member": lambda s: s.climber(member()),
    "standings of all": lambda s: s.climbers((5, "ada"), 50),
    "standings of some": lambda s: s.climbers_of([(5, "m1"), (5, "m2")]),
    "standings on a ladder": lambda s: s.listed_standings(
        "status", [], now=NOON, after=(5, "ada"), limit=50
    ),
    "open claims": lambda s: claims_that_are(s, ClaimState.OPEN),
    "collected claims": lambda s: claims_that_are(s, ClaimState.CLAIMED),
    "burns": lambda s: s.transactions(
        5, "ada", before=9, conditions=[Comparison("kind", "=", "BURN")], limit=50
    ),
    **more_plans.READS,
}

WRITES: Final[dict[str, Callable[[Batch], object]]] = {
    "lock": lambda b: b.lock([5, 8], wait=False),
    "lock and wait": lambda b: b.lock([5, 8], wait=True),
    "records": lambda b: b.records([(5, "ada", "r1"), (5, "bob", "r1")]),
    "members": lambda b: b.members([(5, "ada"), (8, "bob")]),
    "accounts": lambda b: b.accounts([(5, "member:ada", "points")]),
    "open lots": lambda b: b.open_lots([ADA], now=NOON, limit=32),
    "lots": lambda b: b.lots([Place(5, 1), Place(8, 1)]),
    "holds": lambda b: b.holds([Place(5, 1), Place(8, 1)]),
    "lapsed holds": lambda b: b.lapsed_holds([ADA], now=NOON),
    "transactions": lambda b: b.transactions([Place(5, 1), Place(8, 1)]),
    "progress": lambda b: b.progress([(5, "ada"), (8, "bob")]),
    "standings": lambda b: b.standings([(5, "ada"), (8, "bob")]),
    "open claims of members": lambda b: b.open_claims(
        [(5, "ada"), (8, "m7")], now=NOON, limit=9
    ),
    "claims": lambda b: b.claims([ClaimPlace(5, 1, 1), ClaimPlace(8, 1, 2)]),
    "reversals": lambda b: b.reversals([Place(5, 1), Place(8, 1)]),
    "counters": lambda b: b.counters([(5, "budget:words", 0), (8, "funds:ads", 0)]),
    "write": lambda b: b.write(changes([FRESH, member(), account(), lot(), record()])),
    "drawn lots": lambda b: b.write(changed((lot(), lot(remaining=0)))),
    "lots drawn in part": lambda b: b.write(changed((lot(), lot(remaining=1)))),
    **more_plans.WRITES,
}

PAGES: Final = ["members", "open lots", "transactions", "burns"]
"""All but the list of all lots, drawn ones included: few want to see those."""


def sent_by_reader(backend: Backend, read: Callable[[Snapshot], object]) -> list[Any]:
    """Returns the statements of a read."""
    with (
        reading_statements(backend.reading) as seen,
        open_snapshot(backend) as snapshot,
    ):
        read(snapshot)
    return seen


def sent_by_writer(backend: Backend, write: Callable[[Batch], object]) -> list[Any]:
    """Returns the statements of a part of a batch."""
    with statements(backend) as seen, open_batch(backend) as batch:
        write(batch)
    return seen


def plan(engine: Engine, sent: list[Statement]) -> str:
    """Returns how the database would carry the statements out, in its own words."""
    explain = {"sqlite": "EXPLAIN QUERY PLAN", "postgresql": "EXPLAIN"}
    with engine.connect() as connection:
        lines = [
            str(tuple(row))
            for sql, values in sent
            for row in _explained(connection, f"{explain[engine.name]} {sql}", values)
        ]
        connection.rollback()
    return "\n".join(lines)


def _explained(connection: Connection, sql: str, values: Any) -> Iterator[Any]:
    return iter(connection.exec_driver_sql(sql, values).fetchall())


def scans(text: str) -> list[str]:
    """Returns the lines of a plan that go through a whole table that grows."""
    tables = (
        "record|lot|account|member|hold|reversal|open|counter|progress|standing|claim"
        "|document"
    )
    whole = rf"(SCAN|Seq Scan on) ({tables})\b"
    return [line for line in text.splitlines() if re.search(whole, line)]


OWNER: Final = "CASE WHEN n % 10 = 0 THEN 'ada' ELSE 'm' || n % 500 END"
BODY: Final = write_result(MemberNotFound("ada")).body
GROWTH: Final = {
    "record": (
        f"SELECT 5, n, {OWNER}, 'r' || n, 'EARN', 'core', 1, '', n, n,"
        f" CASE WHEN n % 10 = 0 THEN n - 1 ELSE 0 END, 0, '{BODY}', '', ''"
        " FROM numbers"
    ),
    "lot": (
        f"SELECT 5, n, {OWNER}, 'points', 9, n % 9, n, 0, n, n, 0, '', '', '', 0, 0,"
        " CASE WHEN n % 9 = 0 THEN 1 ELSE 0 END FROM numbers"
    ),
    "account": (
        "SELECT 5, 'member:m' || n, 'points', 9, 0, 9, 0, 0, '', '', 0 FROM numbers"
    ),
    "member": "SELECT 5, 'm' || n, 'ACTIVE', '{}', n, n, 1, '', '', '' FROM numbers",
    "hold": (
        f"SELECT 5, n, {OWNER}, 'points', 9, '[]', 0, 0,"
        " CASE WHEN n % 9 = 0 THEN 'OPEN' ELSE 'VOIDED' END, n, n, n, 'VOID', 0,"
        " 'redemption', '', n FROM numbers"
    ),
    "reversal": "SELECT 5, n, 1, '' FROM numbers",
    "document": (
        "SELECT 5, 'p' || n % 9, 'card', 'm' || n % 500, 'k' || n, 1, '{}',"
        f" CASE WHEN n % 9 = 0 THEN n ELSE {NEVER} END FROM numbers"
    ),
    "counter": "SELECT 5, 'budget:words', n, n + 1, 0, 0 FROM numbers",
    "progress": "SELECT 5, 'm' || n, '[{},{}]' FROM numbers",
    "claim": (
        f"SELECT 5, n, 1, {OWNER}, 'review', 0, 'points', 9, n, n, '',"
        " CASE WHEN n % 9 = 0 THEN 'OPEN' ELSE 'CLAIMED' END, n,"
        " CASE WHEN n % 2 = 0 THEN '' ELSE 'budget:words' END, 0, n + 9 FROM numbers"
    ),
    "standing": (
        "SELECT 5, 'm' || n, CASE WHEN n % 9 = 0 THEN 'lounge' ELSE 'status' END,"
        f" 't' || n % 4, n, n, n, '', {NEVER},"
        f" CASE WHEN n % 9 = 0 THEN n ELSE {NEVER} END,"
        " 'QUALIFIED', n, 't' || n % 4, n, '', '[]', 0 FROM numbers"
    ),
}


def grow(store: Store) -> None:
    """Fills the tables with 20 000 rows each and lets the planner know."""
    numbers = (
        "WITH RECURSIVE numbers (n) AS"
        " (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 20000)"
    )
    inserts = [f"INSERT INTO {name} {numbers} {q}" for name, q in GROWTH.items()]
    run_sql(store, *inserts, "ANALYZE")


@pytest.fixture(scope="module")
def large_postgres_store(postgres_server: PostgresServer) -> Iterator[Store]:
    """Yields a store on PostgreSQL with tables so large that scans cost."""
    with opened_once(postgres_server) as opened:
        grow(opened)
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def large_store(request: pytest.FixtureRequest) -> Store:
    """Returns a store with many rows; SQLite plans the same without them.

    A small one would do only until autovacuum tells PostgreSQL how small it is.
    """
    names = {"sqlite": "sqlite_store", "postgresql": "large_postgres_store"}
    store: Store = request.getfixturevalue(names[request.param])
    return store


@pytest.mark.parametrize("read", READS.values(), ids=READS)
def test_a_read_looks_keys_up(
    large_store: Store, read: Callable[[Snapshot], object]
) -> None:
    sent = sent_by_reader(large_store.backend, read)

    found = plan(large_store.backend.reading, sent)

    assert (len(sent) > 0, scans(found)) == (True, [])


def test_glances_look_keys_up(large_store: Store) -> None:
    with reading_statements(large_store.backend.reading) as sent:
        read_glances(large_store.backend, [(5, "ada"), (8, "bob")], now=NOON)

    found = plan(large_store.backend.reading, sent)

    assert (len(sent), scans(found)) == (1, [])


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_batch_looks_keys_up(
    large_store: Store, write: Callable[[Batch], object]
) -> None:
    sent = sent_by_writer(large_store.backend, write)

    found = plan(large_store.backend.writing, sent)

    assert (len(sent) > 0, scans(found)) == (True, [])


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_in_the_order_of_an_index(large_store: Store, name: str) -> None:
    sent = sent_by_reader(large_store.backend, READS[name])

    found = plan(large_store.backend.reading, sent)

    assert not re.search(r"Sort\b|TEMP B-TREE", found), found


def test_open_lots_are_read_in_the_order_of_an_index(large_store: Store) -> None:
    sent = sent_by_writer(large_store.backend, WRITES["open lots"])

    found = plan(large_store.backend.writing, sent)

    assert ("lot_draw_order" in found, "Sort" in found, "TEMP" in found) == (
        True,
        False,
        False,
    ), found


@pytest.mark.parametrize("name", ["transactions", "burns", "reversed"])
def test_the_condition_of_a_partial_index_is_no_parameter(
    large_store: Store, name: str
) -> None:
    sent = sent_by_reader(large_store.backend, READS[name])

    # PostgreSQL keeps one plan for all values, which could not count on this one.
    assert not re.search(r"(is_transaction =|reverses >) (%|\?|:)", str(sent))
