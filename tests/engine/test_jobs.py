"""Jobs: independent commands are decided alone, atomic ones together or not at all."""

from __future__ import annotations

from typing import Final

from points.domain.refusals import (
    BatchAborted,
    InsufficientPoints,
    InvalidArgument,
    LimitExceeded,
    MemberNotFound,
)
from points.domain.values import Member, Transaction
from points.engine.engine import Engine
from points.engine.jobs import Job, Outcome
from tests.clock import NOON
from tests.domain.build import burn, create_member, earn
from tests.engine.build import (
    balance,
    carry_out,
    differences,
    outcome_count,
    record_of,
    result,
    results,
)


ADA: Final = create_member(request_id="ada")
TOO_MUCH: Final = burn(request_id="too much", points=1_000)
LATER: Final = earn(request_id="later", effective_time=NOON + 1)


def test_commands_of_a_job_are_decided_in_their_order(engine: Engine) -> None:
    found = carry_out(
        engine, ADA, earn(), burn(request_id="r2"), burn(request_id="r3", points=1)
    )

    assert results(found) == [Member, Transaction, Transaction, InsufficientPoints]


def test_records_are_numbered_in_the_order_of_the_commands(engine: Engine) -> None:
    found = carry_out(engine, ADA, earn(), TOO_MUCH, burn(request_id="r2"))

    assert [record_of(one).number for one in found] == [1, 2, 3, 4]


def test_a_refusal_leaves_its_neighbours_untouched(engine: Engine) -> None:
    found = carry_out(engine, ADA, earn(), TOO_MUCH, LATER, burn(request_id="r2"))

    assert results(found) == [
        Member,
        Transaction,
        InsufficientPoints,
        InvalidArgument,
        Transaction,
    ]


def test_what_was_refused_on_the_way_is_undone_to_the_last_point(
    engine: Engine,
) -> None:
    """The member's account has room, the issuance of the part has none left."""
    most = 2**63 - 1
    carry_out(engine, ADA, earn(points=most), burn(request_id="r2", points=most))

    (answer,) = carry_out(engine, earn(request_id="r3", unit="points", points=1))

    assert isinstance(result(answer), LimitExceeded)
    assert (balance(engine), differences(engine.store)) == (0, [])


def test_an_atomic_job_is_accepted_as_a_whole(engine: Engine) -> None:
    found = carry_out(engine, ADA, earn(), burn(request_id="r2"), atomic=True)

    assert results(found) == [Member, Transaction, Transaction]
    assert outcome_count(engine.store) == 3


def test_an_atomic_job_is_refused_as_a_whole(engine: Engine) -> None:
    carry_out(engine, ADA)

    found = carry_out(engine, earn(), TOO_MUCH, burn(request_id="r2"), atomic=True)

    assert [result(one) for one in found] == [
        BatchAborted(1),
        InsufficientPoints("ada", "points", 100, 1_000),
        BatchAborted(1),
    ]


def test_a_refused_atomic_job_leaves_no_trace(engine: Engine) -> None:
    carry_out(engine, ADA)

    carry_out(engine, earn(), TOO_MUCH, burn(request_id="r2"), atomic=True)

    assert (outcome_count(engine.store), balance(engine)) == (1, 0)


def test_the_guilty_command_of_an_atomic_job_has_no_place_in_the_ledger(
    engine: Engine,
) -> None:
    carry_out(engine, ADA)

    _, guilty = carry_out(engine, earn(), TOO_MUCH, atomic=True)

    assert record_of(guilty).number == 0


def test_a_command_that_passes_stops_an_atomic_job_too(engine: Engine) -> None:
    carry_out(engine, ADA)

    found = carry_out(engine, earn(), LATER, atomic=True)

    assert results(found) == [BatchAborted, InvalidArgument]


def test_a_job_behind_a_refused_atomic_one_does_not_see_it(engine: Engine) -> None:
    carry_out(engine, ADA)
    carry_out(engine, earn(), TOO_MUCH, atomic=True)

    (answer,) = carry_out(engine, burn(request_id="r2", points=1))

    assert result(answer) == InsufficientPoints("ada", "points", 0, 1)


def test_a_refused_atomic_job_may_be_repeated_once_it_can_succeed(
    engine: Engine,
) -> None:
    carry_out(engine, ADA)
    commands = (earn(), TOO_MUCH)
    carry_out(engine, *commands, atomic=True)
    carry_out(engine, earn(request_id="more", points=900))

    found = carry_out(engine, *commands, atomic=True)

    assert results(found) == [Transaction, Transaction]


def test_an_atomic_job_replays_what_was_done_before(engine: Engine) -> None:
    carry_out(engine, ADA)
    (first,) = carry_out(engine, earn())

    found = carry_out(engine, earn(), burn(request_id="r2"), atomic=True)

    assert found[0] == Outcome(record_of(first), replayed=True)


def test_a_stored_refusal_stops_an_atomic_job(engine: Engine) -> None:
    carry_out(engine, ADA, TOO_MUCH)

    found = carry_out(engine, earn(), TOO_MUCH, atomic=True)

    assert results(found) == [BatchAborted, InsufficientPoints]


def test_a_validated_atomic_job_tells_who_would_be_guilty(engine: Engine) -> None:
    carry_out(engine, ADA)

    found = carry_out(engine, earn(), TOO_MUCH, atomic=True, validate_only=True)

    assert results(found) == [BatchAborted, InsufficientPoints]


def test_a_job_may_touch_many_parts(engine: Engine) -> None:
    names = [f"m{number}" for number in range(100)]
    created = [create_member(member_id=name) for name in names]
    earned = [earn(member_id=name, request_id="r2") for name in names]

    found = carry_out(engine, *created, *earned, atomic=True)

    assert results(found) == [Member] * 100 + [Transaction] * 100
    assert differences(engine.store) == []


def test_an_unknown_member_is_refused_without_an_account_being_made(
    engine: Engine,
) -> None:
    (answer,) = carry_out(engine, earn())

    assert result(answer) == MemberNotFound("ada")
    assert differences(engine.store) == []


def test_a_job_of_no_commands_changes_no_program() -> None:
    assert not Job(commands=[], atomic=True).changes_program()
