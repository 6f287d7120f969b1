"""Claims that wait for a budget: what pays them, and when they lapse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from points.domain.bounds import NEVER
from points.domain.refusals import BudgetExhausted
from points.domain.values import Transaction
from points.engine.engine import Engine
from points.store.opening import Store
from tests.clock import DAY, Clock
from tests.engine.build import balance, carry_out, engine_under, result
from tests.engine.build_claims import (
    DOCUMENT,
    claiming,
    listed,
    refused,
    transaction_of,
    waiting,
)
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with rules, and Ada and Bob."""
    with engine_under(DOCUMENT, ("ada", "bob"), store, clock) as running:
        yield running


def paid(engine: Engine) -> list[int]:
    """Returns what the shared budget has paid by period."""
    query = "SELECT used FROM counter WHERE name = 'budget:words' ORDER BY start_time"
    return [used for (used,) in rows(engine.store, query)]


def test_a_claim_with_a_deadline_was_paid_by_its_budget_when_it_was_made(
    engine: Engine, clock: Clock
) -> None:
    (claim,) = waiting(engine, "reserved", quantity=9)
    assert (claim.budget, paid(engine)) == ("", [9])
    clock.now += 2 * DAY

    found = transaction_of(engine, claiming(claim))

    assert found.counters == ()
    assert paid(engine) == [9]


def test_what_a_budget_cannot_pay_waits_for_ever_and_as_a_whole(
    engine: Engine, clock: Clock
) -> None:
    assert waiting(engine, "queued", quantity=8) == []

    (claim,) = waiting(engine, "queued", quantity=3)

    assert (claim.points, claim.budget, claim.lapse_time) == (3, "words", NEVER)
    assert (balance(engine), paid(engine)) == (8, [8])
    clock.now += 9_000 * DAY
    assert listed(engine) == [claim]


def test_a_claim_that_waits_is_paid_from_the_present_period(
    engine: Engine, clock: Clock
) -> None:
    waiting(engine, "queued", quantity=8)
    (claim,) = waiting(engine, "queued", quantity=3)
    told = refused(engine, claiming(claim))
    assert told == BudgetExhausted("words", "points", 2, 3)
    clock.now += DAY

    found = transaction_of(engine, claiming(claim))

    assert paid(engine) == [8, 3]
    (move,) = found.counters
    assert move.start_time <= clock.now < move.end_time
    assert found.awards[0].explanation[1:] == ("budget words pays, 7 left: 3",)
    assert balance(engine) == 11


def test_what_waits_for_a_budget_lapses_only_if_its_rule_says_so(
    engine: Engine, clock: Clock
) -> None:
    waiting(engine, "both", quantity=10)
    (claim,) = waiting(engine, "both", quantity=4)
    assert (claim.budget, claim.lapse_time < NEVER) == ("words", True)

    clock.now = claim.lapse_time - 1

    assert transaction_of(engine, claiming(claim)).balance_after == 4
    assert paid(engine) == [10, 4]


def test_a_budget_of_each_member_pays_claims_too(engine: Engine, clock: Clock) -> None:
    waiting(engine, "own", quantity=4)
    first, second = waiting(engine, "own", quantity=3) + waiting(
        engine, "own", quantity=4
    )
    assert refused(engine, claiming(first)) == BudgetExhausted("each", "points", 1, 3)
    clock.now += DAY

    found = transaction_of(engine, claiming(first))

    assert [move.by for move in found.moves] == [3]
    told = refused(engine, claiming(second))
    assert told == BudgetExhausted("each", "points", 2, 4)
    assert balance(engine) == 7


def test_two_claims_in_one_batch_share_what_is_left(
    engine: Engine, clock: Clock
) -> None:
    waiting(engine, "queued", quantity=10)
    claims = [
        claim
        for name in ("ada", "bob")
        for claim in waiting(engine, "queued", quantity=6, member_id=name)
    ]
    clock.now += DAY

    answers = carry_out(engine, *map(claiming, claims))

    kinds = [type(result(answer)) for answer in answers]
    assert kinds == [Transaction, BudgetExhausted]
    assert paid(engine) == [10, 6]
