"""Collected claims are taken back, and what paid for them may pay again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from points.domain.commands import ClaimAward, ShortfallPolicy
from points.domain.refusals import AlreadyReversed, ClaimNotOpen, NotReversible
from points.domain.values import ReasonCode, Transaction
from points.engine.engine import Engine, running_engine
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from points.store.opening import Store
from tests.clock import DAY, Clock
from tests.domain.build import burn, create_member
from tests.engine.build import balance, carry_out, result
from tests.engine.collecting import collected, document, taken_back, used
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with budgets of ten a day, and Ada."""
    program = to_program(load_document(document()))
    with running_engine(store, program, clock=clock) as running:
        carry_out(running, create_member(request_id="create"))
        yield running


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
