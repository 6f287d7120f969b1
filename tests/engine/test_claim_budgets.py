"""Claims that nobody collects, items that come back, members who are merged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from points.domain.activities import Item
from points.domain.claims import Claim, ClaimState
from points.domain.commands import (
    ClaimAward,
    Command,
    LapseClaim,
    MergeMembers,
    RecordActivity,
    Reverse,
)
from points.domain.refusals import ClaimNotFound, ClaimNotOpen, NothingDue
from points.domain.values import Kind, Record, Transaction
from points.engine.engine import Engine
from points.engine.sweeper import sweep
from points.store.opening import Store
from points.store.reads.reader import open_snapshot
from tests.clock import DAY, Clock
from tests.domain.undoing import reverse
from tests.engine.build import balance, carry_out, engine_under, record_of, result
from tests.engine.climbing import climber_of
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")

DOCUMENT: Final = """
program: shop
money: {currency: EUR}
units: {points: {kind: currency}}
rules:
  shared:
    activities: [shared]
    awards: [{unit: points, points: {per_quantity: {points: 1}}, items: "true"}]
    budget: all
    claim: {within: P2D}
  own:
    activities: [own]
    awards: [{unit: points, points: {per_quantity: {points: 1}}, items: "true"}]
    budget: each
    claim: {within: P2D}
  plain:
    activities: [shared]
    awards: [{unit: points, points: {per_quantity: {points: 1}}, items: "true"}]
budgets:
  all: {unit: points, fixed: {points: 10, per: MONTH}}
  each: {unit: points, per_member: {points: 10, per: MONTH}}
"""
_numbers = iter(range(1_000_000))


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with budgets of ten a month, Ada and Bob."""
    with engine_under(DOCUMENT, ("ada", "bob"), store, clock) as running:
        yield running


def done(engine: Engine, command: Command) -> Record:
    """Returns the record of a command that is accepted."""
    record = record_of(*carry_out(engine, command))
    assert isinstance(record.result, Transaction), record.result
    return record


def waiting(engine: Engine, kind: str, *quantities: int, member: str = "ada") -> Record:
    """Returns an activity whose points wait: so many for each of its items."""
    items = tuple(Item(f"i{n}", quantity=each) for n, each in enumerate(quantities))
    return done(
        engine,
        RecordActivity(
            member_id=member,
            request_id=f"a{next(_numbers)}",
            activity_type=kind,
            quantity=sum(quantities),
            items=items,
        ),
    )


def claims_of(engine: Engine, member: str, state: ClaimState) -> list[Claim]:
    """Returns the claims of a member in a state."""
    part = engine.route(collect("c1-1-1", member)).part
    with open_snapshot(engine.store.backend) as snapshot:
        now, before = engine.clock(), (2**62, 0)
        return snapshot.claims(
            part, member, state=state, before=before, now=now, limit=9
        )


def collect(claim_id: str, member: str = "ada") -> ClaimAward:
    """Returns the collection of a claim."""
    request_id = f"c{next(_numbers)}"
    return ClaimAward(member_id=member, request_id=request_id, claim_id=claim_id)


def id_of(record: Record) -> str:
    """Returns the id of the one claim of a record."""
    assert isinstance(record.result, Transaction)
    (claim,) = record.result.claims
    return claim.place().claim_id()


def returned(record: Record, **fields: Any) -> Reverse:
    """Returns the reverse of a transaction."""
    named = {"request_id": f"r{next(_numbers)}", "member_id": record.member_id}
    named["transaction_id"] = record.place().transaction_id()
    return reverse(**named | fields)


def used(engine: Engine, kind: str) -> int:
    """Returns what a budget has paid."""
    if kind == "shared":
        found = rows(engine.store, "SELECT used FROM counter")
        return sum(each for (each,) in found)
    counters = climber_of(engine).progress.counters
    return sum(n for name, (n, _) in counters.items() if name.startswith("budget/"))


@pytest.mark.parametrize("kind", ["shared", "own"])
def test_a_budget_may_pay_again_what_nobody_has_collected(
    engine: Engine, clock: Clock, kind: str
) -> None:
    waiting(engine, kind, 10)
    assert used(engine, kind) == 10
    clock.advance(3 * DAY)
    assert sweep(engine).lapsed_claims == 1

    assert used(engine, kind) == 0
    assert [c.points for c in claims_of(engine, "ada", ClaimState.LAPSED)] == [10]
    waiting(engine, kind, 10)
    assert sweep(engine).is_empty


def test_a_claim_gives_nothing_back_before_its_time_nor_twice(
    engine: Engine, clock: Clock
) -> None:
    record = waiting(engine, "shared", 4)
    assert isinstance(record.result, Transaction)
    place = record.result.claims[0].place()
    lapse = LapseClaim.of("ada", place)
    assert isinstance(result(*carry_out(engine, lapse)), NothingDue)
    clock.advance(3 * DAY)
    assert done(engine, lapse).kind is Kind.LAPSE_CLAIM
    again = LapseClaim(member_id="ada", request_id="again", claim=place)

    assert isinstance(result(*carry_out(engine, again)), NothingDue)
    assert used(engine, "shared") == 0


def test_a_claim_gives_nothing_back_into_a_period_that_is_over(
    engine: Engine, clock: Clock
) -> None:
    waiting(engine, "shared", 4)
    clock.advance(40 * DAY)

    assert sweep(engine).is_empty
    assert used(engine, "shared") == 4


@pytest.mark.parametrize("kind", ["shared", "own"])
def test_what_was_collected_stays_paid_until_it_is_reversed(
    engine: Engine, clock: Clock, kind: str
) -> None:
    activity = waiting(engine, kind, 4)
    taken = done(engine, collect(id_of(activity)))
    clock.advance(3 * DAY)
    sweep(engine)
    done(engine, returned(activity))
    assert used(engine, kind) == 4
    for points in (1, 3):
        done(engine, returned(taken, points=points))

    assert used(engine, kind) == 0
    assert balance(engine) == 0


@pytest.mark.parametrize("kind", ["shared", "own"])
def test_a_returned_item_takes_its_points_out_of_what_waits(
    engine: Engine, kind: str
) -> None:
    activity = waiting(engine, kind, 3, 4)
    done(engine, returned(activity, item_ids=("i0",)))
    assert used(engine, kind) == 4
    done(engine, collect(id_of(activity)))

    assert balance(engine) == (8 if kind == "shared" else 4)


@pytest.mark.parametrize("steps", [[()], [("i0",), ("i1",)], [("i1",), ()]])
@pytest.mark.parametrize("kind", ["shared", "own"])
def test_a_returned_activity_leaves_nothing_to_collect(
    engine: Engine, clock: Clock, kind: str, steps: list[tuple[str, ...]]
) -> None:
    activity = waiting(engine, kind, 3, 4)
    for items in steps:
        done(engine, returned(activity, item_ids=items))
    answer = result(*carry_out(engine, collect(id_of(activity))))

    assert answer == ClaimNotOpen(id_of(activity), "REVERSED")
    assert used(engine, kind) == balance(engine) == 0
    assert claims_of(engine, "ada", ClaimState.OPEN) == []
    clock.advance(3 * DAY)
    assert sweep(engine).is_empty


@pytest.mark.parametrize("kind", ["shared", "own"])
@pytest.mark.parametrize("is_swept", [False, True])
def test_what_has_lapsed_stays_lapsed_when_its_activity_is_returned(
    engine: Engine, clock: Clock, *, kind: str, is_swept: bool
) -> None:
    activity = waiting(engine, kind, 3, 4)
    clock.advance(3 * DAY)
    if is_swept:
        sweep(engine)
    done(engine, returned(activity, item_ids=("i0",)))
    done(engine, returned(activity))
    sweep(engine)

    (claim,) = claims_of(engine, "ada", ClaimState.LAPSED)
    assert (claim.points, used(engine, kind), balance(engine)) == (7, 0, 0)


def merge(engine: Engine) -> None:
    """Lets Ada become Bob."""
    command = MergeMembers(
        member_id="ada",
        request_id="merge",
        into_member_id="bob",
        operator="olga",
        reason="one and the same",
    )
    done(engine, command)


def test_the_survivor_of_a_merge_collects_what_waited(engine: Engine) -> None:
    before = id_of(waiting(engine, "shared", 4))
    waiting(engine, "own", 2)
    merge(engine)
    found = claims_of(engine, "bob", ClaimState.OPEN)
    for claim in found:
        done(engine, collect(claim.place().claim_id(), "bob"))

    assert sorted(claim.points for claim in found) == [2, 4]
    assert balance(engine, "bob") == 10
    gone = result(*carry_out(engine, collect(before, "bob")))
    assert gone == ClaimNotFound(before)


@pytest.mark.parametrize("kind", ["shared", "own"])
def test_what_the_survivor_does_not_collect_goes_back_to_the_budget(
    engine: Engine, clock: Clock, kind: str
) -> None:
    waiting(engine, kind, 4)
    merge(engine)
    clock.advance(3 * DAY)
    assert sweep(engine).lapsed_claims == 1

    assert used(engine, "shared") == 0
    bob = climber_of(engine, "bob").progress.counters
    assert not [name for name in bob if name.startswith("budget/")]


def test_a_claim_that_had_lapsed_unswept_is_merged_and_given_back_once(
    engine: Engine, clock: Clock
) -> None:
    waiting(engine, "shared", 4)
    clock.advance(3 * DAY)
    merge(engine)

    assert sweep(engine).lapsed_claims == 1
    assert used(engine, "shared") == 0
    assert sweep(engine).is_empty
