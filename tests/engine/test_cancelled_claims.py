"""Claims whose lots were cancelled: a reverse gives their budget all of it back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from points.domain.commands import CancelLot
from points.domain.refusals import AlreadyReversed
from points.domain.values import Record, Transaction
from points.engine.engine import Engine, running_engine
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from points.store.opening import Store
from tests.clock import DAY, Clock
from tests.domain.build import create_member
from tests.engine.build import balance, carry_out, result
from tests.engine.collecting import collected, document, taken_back, used


pytestmark = pytest.mark.usefixtures("whole_books")


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with points that wait for three days, and Ada."""
    program = to_program(load_document(document(", pending: {after: P3D}")))
    with running_engine(store, program, clock=clock) as running:
        carry_out(running, create_member(request_id="create"))
        yield running


def cancel(engine: Engine, record: Record) -> None:
    """Cancels the lot of a claim."""
    assert isinstance(record.result, Transaction)
    lot_id = record.result.lots[0].place().lot_id()
    command = CancelLot(
        member_id="ada", request_id="cancel", lot_id=lot_id, reason="returned"
    )
    assert isinstance(result(*carry_out(engine, command)), Transaction)


@pytest.mark.parametrize("kind", ["shared", "own"])
@pytest.mark.parametrize("before", [0, 3])
def test_a_claim_that_was_cancelled_gives_its_budget_all_of_it_back(
    engine: Engine, clock: Clock, kind: str, before: int
) -> None:
    record = collected(engine, clock, kind)
    if before:
        taken_back(engine, record, points=before)
    cancel(engine, record)
    assert used(engine, kind) == [9, 8 - before]

    found = taken_back(engine, record)

    assert isinstance(found, Transaction)
    assert found.postings == ()
    assert [each for each in used(engine, kind) if each] == [9]
    clock.advance(3 * DAY)
    assert balance(engine) == 9


@pytest.mark.parametrize("points", [0, 1])
def test_it_does_so_once(engine: Engine, clock: Clock, points: int) -> None:
    record = collected(engine, clock, "shared")
    cancel(engine, record)
    taken_back(engine, record)

    again = taken_back(engine, record, points=points)

    assert again == AlreadyReversed(record.place().transaction_id(), 0, points)
    assert used(engine, "shared") == [9, 0]


def test_points_that_were_cancelled_are_not_there_to_be_taken_back(
    engine: Engine, clock: Clock
) -> None:
    record = collected(engine, clock, "shared")
    cancel(engine, record)

    refused = taken_back(engine, record, points=1)

    assert refused == AlreadyReversed(record.place().transaction_id(), 0, 1)
    assert used(engine, "shared") == [9, 8]


def test_nothing_goes_back_into_a_period_that_is_over(
    engine: Engine, clock: Clock
) -> None:
    record = collected(engine, clock, "shared")
    cancel(engine, record)
    clock.advance(DAY)

    assert isinstance(taken_back(engine, record), Transaction)
    assert used(engine, "shared") == [9, 8]
