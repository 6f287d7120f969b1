"""Collected claims are taken back, and what paid for them may pay again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from points.domain.commands import ClaimAward, RecordActivity, ShortfallPolicy
from points.domain.refusals import AlreadyReversed, ClaimNotOpen, NotReversible
from points.domain.values import ReasonCode, Record, Transaction
from points.engine.engine import Engine, running_engine
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from points.store.opening import Store
from tests.clock import DAY, Clock
from tests.domain.build import burn, create_member
from tests.domain.undoing import reverse
from tests.engine.build import balance, carry_out, record_of, result
from tests.engine.climbing import climber_of
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")

DOCUMENT: Final = """
program: shop
units:
  points: {kind: currency, expiry: {after: P12M}}
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
_numbers = iter(range(1_000_000))


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with budgets of ten a day, and Ada."""
    program = to_program(load_document(DOCUMENT))
    with running_engine(store, program, clock=clock) as running:
        carry_out(running, create_member(request_id="create"))
        yield running


def given(engine: Engine, kind: str, points: int) -> Record:
    """Returns the record of an activity that is worth so many points."""
    command = RecordActivity(
        member_id="ada",
        request_id=f"a{next(_numbers)}",
        activity_type=kind,
        quantity=points,
    )
    return record_of(*carry_out(engine, command))


def collected(engine: Engine, clock: Clock, kind: str = "shared") -> Record:
    """Returns the record of a claim of 8 points, collected on the day after."""
    given(engine, kind, 9)
    made = given(engine, kind, 8)
    assert isinstance(made.result, Transaction)
    (claim,) = made.result.claims
    clock.advance(DAY)
    command = ClaimAward(
        member_id="ada", request_id="claim", claim_id=claim.place().claim_id()
    )
    return record_of(*carry_out(engine, command))


def taken_back(engine: Engine, record: Record, **fields: Any) -> Any:
    """Returns what the reverse of a transaction comes to."""
    named = {"request_id": f"r{next(_numbers)}"}
    place = record.place().transaction_id()
    return result(*carry_out(engine, reverse(transaction_id=place, **named | fields)))


def used(engine: Engine, kind: str) -> list[int]:
    """Returns what a budget has paid by period, where it has paid anything."""
    if kind == "shared":
        query = "SELECT used FROM counter ORDER BY start_time"
        return [each for (each,) in rows(engine.store, query)]
    counters = climber_of(engine).progress.counters
    return [used for _, (used, _) in sorted(counters.items())]


@pytest.mark.parametrize("kind", ["shared", "own"])
@pytest.mark.parametrize("steps", [[0], [3, 5], [1, 1, 0]])
def test_the_points_and_the_budget_go_back(
    engine: Engine, clock: Clock, kind: str, steps: list[int]
) -> None:
    record = collected(engine, clock, kind)
    before = used(engine, kind)
    for points in steps:
        assert isinstance(taken_back(engine, record, points=points), Transaction)

    assert before == [9, 8]
    assert [each for each in used(engine, kind) if each] == [9]
    assert balance(engine) == 9


def test_nothing_goes_back_into_a_period_that_is_over(
    engine: Engine, clock: Clock
) -> None:
    record = collected(engine, clock)
    clock.advance(DAY)
    taken_back(engine, record)

    assert used(engine, "shared") == [9, 8]


def test_each_point_is_taken_back_once(engine: Engine, clock: Clock) -> None:
    record = collected(engine, clock)
    taken_back(engine, record)

    assert isinstance(taken_back(engine, record), AlreadyReversed)


def test_what_was_taken_back_is_not_offered_again(engine: Engine, clock: Clock) -> None:
    record = collected(engine, clock)
    taken_back(engine, record)
    assert isinstance(record.result, Transaction)
    (claim,) = record.result.claims
    again = ClaimAward(
        member_id="ada", request_id="again", claim_id=claim.place().claim_id()
    )

    assert isinstance(result(*carry_out(engine, again)), ClaimNotOpen)


def test_what_was_spent_is_owed_if_so_wished(engine: Engine, clock: Clock) -> None:
    record = collected(engine, clock)
    carry_out(engine, burn(points=15, request_id="burn"))
    done = taken_back(engine, record, shortfall_policy=ShortfallPolicy.SHORTFALL)

    assert isinstance(done, Transaction)
    query = "SELECT shortfall FROM account WHERE account = 'member:ada'"
    assert rows(engine.store, query) == [(6,)]


def test_a_claim_is_no_burn(engine: Engine, clock: Clock) -> None:
    record = collected(engine, clock)

    assert isinstance(
        taken_back(engine, record, reason_code=ReasonCode.REFUND), NotReversible
    )
