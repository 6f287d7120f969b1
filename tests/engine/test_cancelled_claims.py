"""Claims whose lots were cancelled: a reverse gives their budget all of it back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from points.domain.commands import CancelLot, ClaimAward, RecordActivity
from points.domain.refusals import AlreadyReversed
from points.domain.values import Record, Transaction
from points.engine.engine import Engine, running_engine
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from points.store.opening import Store
from tests.clock import DAY, Clock
from tests.domain.build import create_member
from tests.domain.undoing import reverse
from tests.engine.build import balance, carry_out, record_of, result
from tests.engine.climbing import climber_of
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")

DOCUMENT: Final = """
program: shop
units:
  points: {kind: currency, expiry: {after: P12M}, pending: {after: P3D}}
sinks: [redemption]
rules:
  shared:
    activities: [shared]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    budget: all
  own:
    activities: [own]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    budget: each
budgets:
  all: {unit: points, fixed: {points: 10, per: DAY}, overflow: QUEUE}
  each: {unit: points, per_member: {points: 10, per: DAY}, overflow: QUEUE}
"""


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with points that wait for three days, and Ada."""
    program = to_program(load_document(DOCUMENT))
    with running_engine(store, program, clock=clock) as running:
        carry_out(running, create_member(request_id="create"))
        yield running


def collected(engine: Engine, clock: Clock, kind: str) -> Record:
    """Returns the record of a claim of 8 points, collected on the day after."""
    for number, points in enumerate((9, 8)):
        made = carry_out(
            engine,
            RecordActivity(
                member_id="ada",
                request_id=f"a{number}",
                activity_type=kind,
                quantity=points,
            ),
        )
    told = record_of(*made).result
    assert isinstance(told, Transaction)
    clock.advance(DAY)
    claim_id = told.claims[0].place().claim_id()
    command = ClaimAward(member_id="ada", request_id="claim", claim_id=claim_id)
    return record_of(*carry_out(engine, command))


def cancel(engine: Engine, record: Record) -> None:
    """Cancels the lot of a claim."""
    assert isinstance(record.result, Transaction)
    lot_id = record.result.lots[0].place().lot_id()
    command = CancelLot(
        member_id="ada", request_id="cancel", lot_id=lot_id, reason="returned"
    )
    assert isinstance(result(*carry_out(engine, command)), Transaction)


def taken_back(engine: Engine, record: Record, request_id: str, points: int = 0) -> Any:
    """Returns what the reverse of a transaction comes to."""
    place = record.place().transaction_id()
    command = reverse(transaction_id=place, request_id=request_id, points=points)
    return result(*carry_out(engine, command))


def used(engine: Engine, kind: str) -> list[int]:
    """Returns what a budget has paid by period, where it has paid anything."""
    if kind == "shared":
        found = [u for (u,) in rows(engine.store, "SELECT used FROM counter")]
    else:
        found = [u for u, _ in climber_of(engine).progress.counters.values()]
    return sorted(each for each in found if each)


@pytest.mark.parametrize("kind", ["shared", "own"])
@pytest.mark.parametrize("before", [0, 3])
def test_a_claim_that_was_cancelled_gives_its_budget_all_of_it_back(
    engine: Engine, clock: Clock, kind: str, before: int
) -> None:
    record = collected(engine, clock, kind)
    if before:
        taken_back(engine, record, "some", before)
    cancel(engine, record)
    assert used(engine, kind) == sorted([8 - before, 9])

    found = taken_back(engine, record, "rest")

    assert isinstance(found, Transaction)
    assert found.postings == ()
    assert used(engine, kind) == [9]
    clock.advance(3 * DAY)
    assert balance(engine) == 9


@pytest.mark.parametrize("points", [0, 1])
def test_it_does_so_once(engine: Engine, clock: Clock, points: int) -> None:
    record = collected(engine, clock, "shared")
    cancel(engine, record)
    taken_back(engine, record, "first")

    again = taken_back(engine, record, "again", points)

    assert again == AlreadyReversed(record.place().transaction_id(), 0, points)
    assert used(engine, "shared") == [9]


def test_points_that_were_cancelled_are_not_there_to_be_taken_back(
    engine: Engine, clock: Clock
) -> None:
    record = collected(engine, clock, "shared")
    cancel(engine, record)

    refused = taken_back(engine, record, "one", 1)

    assert refused == AlreadyReversed(record.place().transaction_id(), 0, 1)
    assert used(engine, "shared") == [8, 9]


def test_nothing_goes_back_into_a_period_that_is_over(
    engine: Engine, clock: Clock
) -> None:
    record = collected(engine, clock, "shared")
    cancel(engine, record)
    clock.advance(DAY)

    assert isinstance(taken_back(engine, record, "late"), Transaction)
    assert used(engine, "shared") == [8, 9]
