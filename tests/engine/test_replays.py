"""Replays: the same request has one effect and one answer, however often it comes."""

from __future__ import annotations

from typing import Any, Final

import pytest

from points.domain.commands import Command
from points.domain.refusals import (
    Frozen,
    InsufficientPoints,
    InvalidArgument,
    MemberNotFound,
    Refusal,
    RequestIdReused,
    UnitUnknown,
)
from points.domain.values import Transaction
from points.engine.engine import Engine
from points.engine.jobs import Outcome
from tests.clock import DAY, NOON, Clock
from tests.domain.build import (
    burn,
    create_member,
    earn,
    freeze_member,
    unfreeze_member,
    update_member,
)
from tests.engine.build import balance, carry_out, outcome_count, record_of, results
from tests.engine.build import result as result_of
from tests.store.build import rows


ADA: Final = create_member(request_id="ada")
TABLES: Final = ("head", "member", "account", "lot", "record")

ACCEPTED: Final[list[tuple[list[Command], Command]]] = [
    ([], create_member(attributes={"name": "Ada"})),
    ([ADA], earn(metadata={"a": "1"})),
    ([ADA], earn(activate_time=NOON + 1, expire_time=NOON + 2)),
    ([ADA, earn(request_id="points")], burn()),
    ([ADA], update_member(attributes={"name": "Ada"}, keys=("name",), etag="1")),
    ([ADA], freeze_member(reason="fraud")),
    ([ADA, freeze_member(request_id="before")], unfreeze_member()),
]

FROZEN: Final[list[tuple[list[Command], Command]]] = [
    ([ADA], create_member()),
    ([], earn()),
    ([ADA], earn(unit="stars")),
    ([ADA], burn(points=1)),
    ([ADA], burn(unit="qualifying_points")),
    ([ADA], burn(sink="void")),
    ([ADA, freeze_member(request_id="before")], earn()),
    ([ADA], unfreeze_member()),
    ([ADA], update_member(etag="9")),
]


def execute_all(engine: Engine, commands: list[Command]) -> None:
    """Carries out commands, one after the other."""
    for command in commands:
        engine.execute(command)


def everything(engine: Engine) -> list[list[Any]]:
    """Returns all rows of all tables."""
    return [
        rows(engine.store, f"SELECT * FROM {name} ORDER BY 1, 2") for name in TABLES
    ]


@pytest.mark.parametrize(("before", "command"), ACCEPTED)
def test_a_repeated_request_gets_the_first_answer(
    engine: Engine, clock: Clock, before: list[Command], command: Command
) -> None:
    execute_all(engine, before)
    first = engine.execute(command)
    clock.advance(DAY)

    again = engine.execute(command)

    assert (first.replayed, again) == (False, Outcome(first.record, replayed=True))


@pytest.mark.parametrize(("before", "command"), ACCEPTED)
def test_a_repeated_request_changes_nothing(
    engine: Engine, clock: Clock, before: list[Command], command: Command
) -> None:
    execute_all(engine, [*before, command])
    first = everything(engine)
    clock.advance(DAY)

    engine.execute(command)

    assert everything(engine) == first


@pytest.mark.parametrize(("before", "command"), FROZEN)
def test_a_repeated_request_is_refused_as_it_was_first(
    engine: Engine, clock: Clock, before: list[Command], command: Command
) -> None:
    execute_all(engine, before)
    first = engine.execute(command)
    clock.advance(DAY)

    again = engine.execute(command)

    assert isinstance(first.record.result, Frozen)
    assert again == Outcome(first.record, replayed=True)


def test_a_refusal_stays_though_its_reason_is_gone(engine: Engine) -> None:
    refused = engine.execute(earn())
    execute_all(engine, [ADA])

    again = engine.execute(earn())

    assert (refused.record.result, again.record.result) == (MemberNotFound("ada"),) * 2


def test_another_request_id_is_decided_anew(engine: Engine) -> None:
    execute_all(engine, [earn(), ADA])

    outcome = engine.execute(earn(request_id="r2"))

    assert isinstance(outcome.record.result, Transaction)


@pytest.mark.parametrize(
    "other",
    [earn(points=101), earn(metadata={"a": "1"}), burn(), freeze_member()],
    ids=["points", "metadata", "kind", "member command"],
)
def test_a_request_id_with_other_content_is_refused(
    engine: Engine, other: Command
) -> None:
    execute_all(engine, [ADA, earn()])

    with pytest.raises(RequestIdReused) as refused:
        engine.execute(other)

    assert refused.value == RequestIdReused("ada", "r1")


def test_a_reused_request_id_changes_nothing(engine: Engine) -> None:
    execute_all(engine, [ADA, earn()])
    before = everything(engine)

    with pytest.raises(RequestIdReused):
        engine.execute(earn(points=101))

    assert everything(engine) == before


def test_a_request_id_belongs_to_one_member(engine: Engine) -> None:
    bob = create_member(member_id="bob")
    execute_all(engine, [create_member(), bob])

    assert outcome_count(engine.store) + outcome_count(engine.store, "bob") == 2


def test_a_malformed_command_is_not_even_queued(engine: Engine) -> None:
    with pytest.raises(InvalidArgument) as refused:
        engine.execute(earn(points=0))

    assert refused.value == InvalidArgument({"points": "must be above zero, not 0"})


def test_a_refusal_that_passes_is_not_stored(engine: Engine) -> None:
    execute_all(engine, [ADA])
    with pytest.raises(InvalidArgument):
        engine.execute(earn(effective_time=NOON + 1))

    assert outcome_count(engine.store) == 1


def test_what_passed_may_succeed_later(engine: Engine, clock: Clock) -> None:
    execute_all(engine, [ADA])
    with pytest.raises(InvalidArgument):
        engine.execute(earn(effective_time=NOON + 1))
    clock.advance(1)

    outcome = engine.execute(earn(effective_time=NOON + 1))

    assert isinstance(outcome.record.result, Transaction)


def test_a_request_twice_in_one_batch_has_one_effect(engine: Engine) -> None:
    execute_all(engine, [ADA])

    first, again = carry_out(engine, earn(), earn())

    assert (first, again) == (
        Outcome(record_of(first), replayed=False),
        Outcome(record_of(first), replayed=True),
    )
    assert balance(engine) == 100


def test_a_request_id_twice_in_one_batch_with_other_content_is_refused(
    engine: Engine,
) -> None:
    execute_all(engine, [ADA])

    found = carry_out(engine, earn(), earn(points=1))

    assert results(found) == [Transaction, RequestIdReused]


@pytest.mark.parametrize(("before", "command"), [*ACCEPTED, *FROZEN])
def test_what_is_only_validated_leaves_no_trace(
    engine: Engine, before: list[Command], command: Command
) -> None:
    execute_all(engine, before)
    unchanged = everything(engine)

    engine.execute(command, validate_only=True)

    assert everything(engine) == unchanged


@pytest.mark.parametrize(("before", "command"), [*ACCEPTED, *FROZEN])
def test_what_is_only_validated_is_told_what_would_happen(
    engine: Engine, before: list[Command], command: Command
) -> None:
    execute_all(engine, before)

    validated = engine.execute(command, validate_only=True)
    carried_out = engine.execute(command)

    assert (validated.record.number, validated.replayed) == (0, False)
    assert validated.record.result == carried_out.record.result


def test_validating_what_was_done_before_replays_it(engine: Engine) -> None:
    execute_all(engine, [ADA])
    first = engine.execute(earn())

    validated = engine.execute(earn(), validate_only=True)

    assert validated == Outcome(first.record, replayed=True)


def test_validating_a_reused_request_id_is_refused(engine: Engine) -> None:
    execute_all(engine, [ADA, earn()])

    with pytest.raises(RequestIdReused):
        engine.execute(earn(points=1), validate_only=True)


def test_validated_commands_of_a_job_see_one_another(engine: Engine) -> None:
    execute_all(engine, [ADA])

    found = carry_out(
        engine, earn(), burn(request_id="r2"), burn(request_id="r3"), validate_only=True
    )

    assert results(found) == [Transaction, Transaction, InsufficientPoints]


def test_commands_behind_a_validated_one_do_not_see_it(engine: Engine) -> None:
    execute_all(engine, [ADA])
    engine.execute(earn(), validate_only=True)

    outcome = engine.execute(burn(request_id="r2"))

    assert outcome.record.result == InsufficientPoints("ada", "points", 0, 100)


def test_a_stored_refusal_is_the_result_of_its_record(engine: Engine) -> None:
    execute_all(engine, [ADA])

    outcome = engine.execute(earn(unit="stars"))

    refusal: Refusal = UnitUnknown("stars")
    assert result_of(outcome) == refusal
