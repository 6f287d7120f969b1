"""The engine against the naive model: whatever is asked, both say the same.

`poe model` asks for much more than the suite does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from points.domain.program import Program
from points.engine.engine import running_engine
from points.store.opening import open_store
from tests.clock import Clock
from tests.engine.model.asking import PARTS
from tests.engine.model.machine import LedgerMachine


EXAMPLES: Final = {"sqlite": 20, "postgresql": 6}
STEPS: Final = 30
TIMES: Final = int(os.environ.get("MODEL_TIMES", "1"))
"""How many times as many examples are tried."""


@pytest.fixture
def machine(database_url: str, program: Program) -> Iterator[type[LedgerMachine]]:
    """Yields a machine on a small ledger of each kind; examples share the ledger."""
    with (
        open_store(database_url, migrating=True, part_count=PARTS) as store,
        running_engine(store, program, clock=Clock()) as engine,
    ):
        things = {"engine": engine, "clock": engine.clock}
        yield type("OneLedgerMachine", (LedgerMachine,), things)


# Making a failure small may take five minutes, and passing never does.
@pytest.mark.timeout(400 + 60 * TIMES)
def test_the_engine_does_what_the_model_does(machine: type[LedgerMachine]) -> None:
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
