"""Query plans of what merges, erasures and limits need: keys are looked up too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from points.store.opening import Store
from points.store.writing.batch import Batch, Changes, open_batch
from tests.clock import NOON
from tests.store.build import statements


ADA: Final = [(7, "ada")]

STEPS: Final[dict[str, Callable[[Batch], object]]] = {
    "accounts of a name": lambda b: b.accounts_of([(7, "member:ada")])(),
    "undrawn lots": lambda b: b.undrawn_lots(ADA, limit=9)(),
    "lots that came of others": lambda b: b.lots_from([(7, "ada", "points", "l7-1")]),
    "open holds": lambda b: b.open_holds(ADA)(),
    "expired lots": lambda b: b.expired_lots([(7, "ada", "points")], now=NOON)(),
    "erase": lambda b: b.write(
        Changes(heads=(), members=(), accounts=(), lots=(), records=(), erased=ADA)
    ),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_rare_statement_looks_its_member_up(sqlite_store: Store, name: str) -> None:
    with (
        statements(sqlite_store.backend) as seen,
        open_batch(sqlite_store.backend) as batch,
    ):
        STEPS[name](batch)

    ((sql, parameters),) = seen
    found = plan(sqlite_store, sql, parameters)
    assert any("account=?" in step or "member_id=?" in step for step in found)
    assert not any(step.startswith(("SCAN lot", "SCAN record")) for step in found)


@pytest.mark.parametrize("name", STEPS)
def test_a_rare_statement_runs_on_each_database(store: Store, name: str) -> None:
    with open_batch(store.backend) as batch:
        assert not STEPS[name](batch)


def plan(store: Store, sql: str, parameters: Any) -> list[str]:
    """Returns the steps in which SQLite carries a statement out."""
    with store.backend.reading.connect() as connection:
        raw = connection.connection.driver_connection
        assert raw is not None
        cursor = raw.execute(f"EXPLAIN QUERY PLAN {sql}", parameters)
        return [row[3] for row in cursor.fetchall()]
