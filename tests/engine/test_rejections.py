"""Rejections: one guilty command among innocent ones, and books that break."""

from __future__ import annotations

from typing import Final

import pytest
from structlog.testing import capture_logs

from points.domain.books import BooksBroken
from points.domain.bounds import NEVER
from points.domain.identity import part_of
from points.domain.program import Program
from points.domain.refusals import Internal, ServerStopping, StoreUnavailable
from points.domain.values import Member, Transaction
from points.engine.engine import Engine
from points.store.opening import Store
from tests.domain.build import burn, create_member, earn
from tests.engine.build import (
    answers,
    carry_out,
    differences,
    held_engine,
    only_answer,
    outcome_count,
    result,
    results,
    run_sql,
    submit,
)


ADA: Final = create_member(request_id="ada")
MALLORY: Final = create_member(member_id="mallory")

REFUSE_MALLORY: Final = {
    "sqlite": (
        "CREATE TRIGGER no_mallory BEFORE INSERT ON member"
        " WHEN NEW.member_id = 'mallory'"
        " BEGIN SELECT RAISE(ABORT, 'not her'); END"
    ),
    "postgresql": (
        "ALTER TABLE member ADD CONSTRAINT no_mallory CHECK (member_id <> 'mallory')"
    ),
}


@pytest.fixture
def strict_store(fresh_store: Store) -> Store:
    """Returns a store whose database refuses a member that the engine accepts."""
    run_sql(fresh_store, REFUSE_MALLORY[fresh_store.backend.name])
    return fresh_store


@pytest.mark.parametrize("guilty", [0, 3, 6])
def test_only_the_job_that_the_database_rejects_fails(
    strict_store: Store, program: Program, guilty: int
) -> None:
    with held_engine(strict_store, program, ADA) as (engine, _gate):
        commands = [earn(request_id=f"e{number}") for number in range(6)]
        futures = [submit(engine, command) for command in commands]
        futures.insert(guilty, submit(engine, MALLORY))

    kinds = [type(result(only_answer(future))) for future in futures]
    assert kinds == [Internal if n == guilty else Transaction for n in range(7)]


def test_a_job_that_fails_leaves_no_trace(
    strict_store: Store, program: Program
) -> None:
    with held_engine(strict_store, program, ADA) as (engine, _gate):
        submit(engine, earn())
        submit(engine, MALLORY)
        submit(engine, burn(request_id="r2"))

    assert outcome_count(strict_store, "mallory") == 0
    assert differences(strict_store) == []


def test_only_the_command_that_the_database_rejects_fails(
    strict_store: Store, program: Program
) -> None:
    """In a job whose commands are independent of one another."""
    with held_engine(strict_store, program, ADA) as (engine, _gate):
        found = submit(engine, earn(), MALLORY, burn(request_id="r2"))

    assert results(answers(found)) == [Transaction, Internal, Transaction]


def test_an_atomic_job_that_the_database_rejects_fails_as_a_whole(
    strict_store: Store, program: Program
) -> None:
    with held_engine(strict_store, program, ADA) as (engine, _gate):
        found = submit(engine, earn(), MALLORY, atomic=True)

    assert results(answers(found)) == [Internal] * 2


def test_the_writer_goes_on_after_a_rejection(
    strict_store: Store, program: Program
) -> None:
    with held_engine(strict_store, program, ADA) as (engine, gate):
        gate.open.set()
        carry_out(engine, MALLORY)

        (answer,) = carry_out(engine, earn())

    assert isinstance(result(answer), Transaction)


def test_only_the_job_whose_record_cannot_be_read_fails(
    store: Store, program: Program
) -> None:
    with held_engine(store, program, ADA) as (engine, _gate):
        run_sql(store, "UPDATE record SET body = 'x' WHERE request_id = 'ada'")
        futures = [submit(engine, command) for command in (earn(), ADA, MALLORY)]

    kinds = [type(result(only_answer(future))) for future in futures]
    assert kinds == [Transaction, Internal, Member]


def test_a_failure_has_an_id_that_the_log_has_too(
    store: Store, program: Program
) -> None:
    with (
        capture_logs() as lines,
        held_engine(store, program, ADA) as (engine, _gate),
    ):
        run_sql(store, "UPDATE record SET body = 'x' WHERE request_id = 'ada'")
        failed = submit(engine, ADA)

    refusal = result(only_answer(failed))
    assert isinstance(refusal, Internal)
    assert [line["error_id"] for line in lines] == [refusal.error_id]


def rob(store: Store) -> None:
    """Takes points off Ada's account, and leaves her lots alone."""
    run_sql(
        store,
        "UPDATE account SET balance = balance - 1 WHERE account = 'member:ada'",
    )


def break_books(engine: Engine) -> Internal:
    """Burns more than the account has: nothing but the check of the books sees it."""
    carry_out(engine, ADA, earn())
    rob(engine.store)
    (answer,) = carry_out(engine, burn(request_id="r2"))
    refusal = result(answer)
    assert isinstance(refusal, Internal)
    return refusal


def test_a_burn_that_breaks_the_books_fails(engine: Engine) -> None:
    assert len(break_books(engine).error_id) == 12


def test_a_burn_that_breaks_the_books_is_not_committed(engine: Engine) -> None:
    break_books(engine)

    assert outcome_count(engine.store) == 2


def test_a_writer_with_broken_books_says_why(engine: Engine) -> None:
    before = engine.writer.broken

    break_books(engine)

    assert before is None
    assert isinstance(engine.writer.broken, BooksBroken)
    assert "is below its floor" in str(engine.writer.broken)


def test_a_writer_with_broken_books_takes_no_more_jobs(engine: Engine) -> None:
    break_books(engine)

    with pytest.raises(ServerStopping):
        submit(engine, earn(request_id="r3"))


def test_jobs_that_wait_behind_broken_books_are_not_carried_out(
    store: Store, program: Program
) -> None:
    part = part_of("ada", store.part_count)
    with held_engine(store, program, ADA, batch_limit=2) as (engine, _gate):
        run_sql(
            store,
            f"INSERT INTO lot VALUES ({part}, 9, 'ada', 'points', 50, 50,"
            f" 0, 0, {NEVER}, 9, 0, '', '', '', 0, 0, 0, '')",
        )
        earned = submit(engine, earn(), create_member(member_id="bob"))
        broken = submit(engine, burn(request_id="r2"), burn(request_id="r3", points=50))
        behind = submit(engine, earn(request_id="r4"))

    kinds = [results(answers(future)) for future in (earned, broken, behind)]
    assert kinds == [
        [Transaction, Member],
        [Internal, Internal],
        [StoreUnavailable],
    ]
