"""The engine against the naive model: whatever is asked, both say the same.

`poe model` asks for much more than the suite does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from points.domain.commands.reversal import ShortfallPolicy
from points.domain.program import Program
from points.engine.engine import running_engine
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from points.store.opening import open_store
from tests.clock import DAY, Clock
from tests.engine.model.asking import PARTS, Asking
from tests.engine.model.machine import LedgerMachine
from tests.engine.model.program import DOCUMENT
from tests.engine.model.program_machine import ProgramMachine
from tests.moderation import TIMES


_M = TypeVar("_M", bound=Asking)
EXAMPLES: Final = {"sqlite": 12, "postgresql": 4}
"""Examples on each database: what differs between them shows in few."""
STEPS: Final = 30
ITEMS: Final = [(1, 1), (2, 2)]
BOB: Final = {"name": "bob", "days": 0, "items": ITEMS}
ADA: Final = {**BOB, "name": "ada"}
BACK: Final = {"which": -1, "policy": ShortfallPolicy.STOP, "chosen": (0,)}
FROM_POOL: Final = {**BACK, "of_pool": True}
FROM_EARNER: Final = {**BACK, "of_pool": False}
SELDOM: Final[list[tuple[str, dict[str, Any]]]] = [
    ("begin", {}),
    ("prepare", {"pool": "company"}),
    ("order", {**ADA, "quantity": 5}),
    ("buy", {**ADA, "money": 3_000}),
    ("take_back", FROM_EARNER),
    ("go", {**ADA, "quantity": 3, "kind": "late"}),
    ("take_back", FROM_EARNER),
    ("go", {**ADA, "quantity": 5, "kind": "late"}),
    ("take_back", FROM_EARNER),
    ("take_back", {**FROM_EARNER, "chosen": (1,)}),
    ("go", {**BOB, "quantity": 5, "kind": "walk"}),
    ("take_back", FROM_POOL),
    ("write", {**BOB, "quantity": 2}),
    ("take_back", FROM_EARNER),
    ("order", {**BOB, "quantity": 3}),
    ("take_back", FROM_POOL),
    ("arrive", {"which": 0, "name": "ada", "own": True, "is_lost": True}),
    ("order", {**BOB, "quantity": 3}),
    ("take_back", FROM_POOL),
    ("wait_long", {"span": 2 * DAY}),
    ("sweep", {}),
    ("order", {**BOB, "quantity": 4}),
    ("change", {"name": "ada", "into": "eve", "what": "vanish"}),
    ("take_back", FROM_POOL),
    ("take_back", {**FROM_POOL, "chosen": ()}),
    ("order", {**ADA, "name": "eve", "quantity": 4}),
]
"""Steps that random examples take together but seldom."""


@contextmanager
def machine_on(url: str, program: Program, kind: type[_M]) -> Iterator[type[_M]]:
    """Yields a machine on a small ledger; its examples share the ledger."""
    with (
        open_store(url, migrating=True, part_count=PARTS) as store,
        running_engine(store, program, clock=Clock()) as engine,
    ):
        yield type("OneLedger", (kind,), {"engine": engine, "clock": engine.clock})


def run(machine: type[Asking]) -> None:
    """Lets a machine ask, as often as its database is worth."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES[machine.engine.store.backend.name] * TIMES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            # Explaining a failure runs it hundreds of times more.
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


# Making a failure small may take five minutes, and passing never does.
@pytest.mark.timeout(400 + 60 * TIMES)
def test_the_engine_does_what_the_model_does(
    database_url: str, program: Program
) -> None:
    with machine_on(database_url, program, LedgerMachine) as machine:
        run(machine)


@pytest.mark.timeout(400 + 60 * TIMES)
def test_activities_claims_budgets_tiers_and_pools_are_as_in_the_model(
    database_url: str,
) -> None:
    program = to_program(load_document(DOCUMENT))
    with machine_on(database_url, program, ProgramMachine) as machine:
        run(machine)


def test_items_of_pools_that_were_merged_away_come_back_as_in_the_model(
    database_url: str,
) -> None:
    program = to_program(load_document(DOCUMENT))
    with machine_on(database_url, program, ProgramMachine) as kind:
        machine = kind()
        for name, drawn in SELDOM:
            getattr(machine, name)(**drawn)
            machine.everything_agrees()
            machine.everything_earned_agrees()
            machine.points_come_from_somewhere()
        machine.teardown()
