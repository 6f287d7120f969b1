"""Fixtures: engines, and what they log."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
import structlog

from points.domain.program import Program
from points.engine.engine import Engine, running_engine
from points.store.opening import Store
from points.store.proof.audit import audit
from tests.clock import DAY, NOON, Clock
from tests.domain.build import create_member, earn
from tests.engine.build import carry_out, differences
from tests.engine.build_plugins import with_members
from tests.engine.shop import Shop


@pytest.fixture(scope="package", autouse=True)
def _plain_logs() -> Iterator[None]:
    """Prints what the engine logs without the values of all variables."""
    plain = structlog.dev.ConsoleRenderer(
        exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(processors=[structlog.processors.add_log_level, plain])
    yield
    structlog.reset_defaults()


@pytest.fixture
def whole_books(store: Store) -> Iterator[None]:
    """Checks after a test that the records tell the same as the state."""
    yield
    assert audit(store.backend).differences == []


@pytest.fixture
def make_engine(program: Program, clock: Clock) -> Iterator[Callable[..., Engine]]:
    """Yields a function that runs an engine on a store until the test ends."""
    with ExitStack() as stack:

        def run(store: Store, **options: Any) -> Engine:
            options = {"clock": clock, **options}
            return stack.enter_context(running_engine(store, program, **options))

        yield run


@pytest.fixture
def shop(make_engine: Callable[..., Engine], store: Store) -> Engine:
    """Returns an engine with the shop, Ada and Bob, who have 100 points each."""
    return with_members(make_engine(store, plugins=Shop().plugins()))


@pytest.fixture
def ada(engine: Engine) -> Iterator[Engine]:
    """Yields an engine in which Ada has 100 points for a day and 50 for ever.

    Whatever a test does, the books must be whole after it.
    """
    carry_out(
        engine,
        create_member(request_id="ada"),
        earn(request_id="e1", expire_time=NOON + DAY),
        earn(request_id="e2", points=50),
    )
    yield engine
    assert differences(engine.store) == []
