"""Versions of the program: what comes behind one is decided under it, everywhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import replace
from hashlib import sha256
from typing import Any, Final

import pytest

from points.domain.program import Program, program_of
from points.domain.refusals import (
    BatchAborted,
    ProgramChanged,
    RequestIdReused,
    UnitInUse,
    UnitUnknown,
)
from points.domain.values import Record, Transaction
from points.domain.versions import AppliedProgram, ProgramVersion
from points.engine.engine import Engine, running_engine
from points.engine.jobs import Answer, Job, Outcome, route_everywhere
from points.engine.programs import Programs
from points.store.opening import Store, open_store
from points.store.proof.audit import audit
from points.store.reads.reader import open_snapshot
from tests.clock import DAY, NOON, Clock
from tests.domain.build import apply_program, create_member, earn
from tests.engine.build import answers, held_engine, job, result, results
from tests.store.build import rows, run_sql, statements


PARTS: Final = 3
UNITS: Final = "points,miles"


def program_in(document: str) -> Program:
    """Returns the program of a document of these tests: codes of units."""
    return program_of(
        currency_units=document.split(","),
        growth_units=("qualifying_points",),
        sinks=("redemption",),
    )


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """Yields a store with few parts on each database."""
    with open_store(database_url, migrating=True, part_count=PARTS) as opened:
        yield opened


def start(stack: ExitStack, store: Store, program: Program, clock: Clock) -> Engine:
    """Runs an engine that knows the documents of these tests."""
    running = running_engine(store, program, clock=clock, compile_document=program_in)
    return stack.enter_context(running)


@pytest.fixture
def engine(store: Store, program: Program, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with Ada in it."""
    with ExitStack() as stack:
        running = start(stack, store, program, clock)
        running.execute(create_member())
        yield running


def applying(engine: Engine, document: str, **fields: Any) -> Future[Any]:
    """Queues a document for all parts."""
    future: Future[Sequence[Answer]] = Future()
    validate_only = fields.pop("validate_only", False)
    program = program_in(document)
    units = tuple((unit.code, unit.spendable) for unit in program.units.values())
    command = replace(
        apply_program(request_id=f"apply {document}"),
        document=document,
        digest=sha256(document.encode()).hexdigest(),
        units=units,
        **fields,
    )
    routed = route_everywhere(command, engine.store.part_count)
    todo = Job(commands=routed, atomic=True, validate_only=validate_only)
    engine.submit([(todo, future)])
    return future


def apply(engine: Engine, document: str, **fields: Any) -> Sequence[Answer]:
    """Applies a document in all parts."""
    return answers(applying(engine, document, **fields))


def versions(found: Sequence[Answer]) -> set[int]:
    """Returns the versions that the parts have made of a document."""
    told = [result(answer) for answer in found]
    assert all(isinstance(each, ProgramVersion) for each in told), told
    return {each.version for each in told if isinstance(each, ProgramVersion)}


def earned(engine: Engine, unit: str, request_id: str) -> Record:
    """Returns the record of an earn of Ada."""
    return engine.execute(earn(unit=unit, request_id=request_id)).record


def heads(store: Store) -> set[Any]:
    """Returns what the heads say was applied last."""
    return {version for (version,) in rows(store, "SELECT program_version FROM head")}


def test_all_parts_have_the_same_version(engine: Engine) -> None:
    assert versions(apply(engine, UNITS)) == {1}
    assert versions(apply(engine, f"{UNITS},stars")) == {2}

    assert heads(engine.store) == {2}
    assert audit(engine.store.backend).differences == []


def test_the_next_command_is_decided_under_it(engine: Engine) -> None:
    before = earned(engine, "stars", "e1")
    apply(engine, f"{UNITS},stars")

    after = earned(engine, "stars", "e2")

    assert isinstance(before.result, UnitUnknown)
    assert isinstance(after.result, Transaction)
    assert (before.program_version, after.program_version) == (0, 1)
    assert engine.program.version == 1


def test_commands_of_the_same_moment_are_decided_in_their_order(
    store: Store, program: Program
) -> None:
    with held_engine(store, program, create_member(), compile_document=program_in) as (
        engine,
        gate,
    ):
        futures: list[Future[Any]] = []
        for number in (1, 2):
            future: Future[Sequence[Answer]] = Future()
            command = earn(unit="stars", request_id=f"e{number}")
            if number == 2:
                applied = applying(engine, f"{UNITS},stars")
            engine.submit([(job(engine, command), future)])
            futures.append(future)
        gate.open.set()

        found = [answers(future)[0] for future in futures]

        assert versions(answers(applied)) == {1}
    assert results(found) == [UnitUnknown, Transaction]
    assert audit(store.backend).differences == []


def test_a_version_waits_for_its_time(engine: Engine, clock: Clock) -> None:
    apply(engine, f"{UNITS},stars", effective_time=NOON + DAY)
    before = earned(engine, "stars", "e1")
    clock.advance(DAY)

    after = earned(engine, "stars", "e2")

    assert (before.program_version, after.program_version) == (0, 1)
    assert isinstance(after.result, Transaction)
    assert audit(engine.store.backend).differences == []


def test_a_restart_keeps_the_version(
    store: Store, program: Program, clock: Clock
) -> None:
    with ExitStack() as stack:
        apply(start(stack, store, program, clock), f"{UNITS},stars")
    with ExitStack() as stack:
        engine = start(stack, store, program, clock)

        assert engine.program.version == 1
        assert "stars" in engine.program.units


def test_another_engine_obeys_with_its_next_batch(
    postgres_database: str, program: Program
) -> None:
    with ExitStack() as stack:
        one, other = (
            start(
                stack,
                stack.enter_context(open_store(postgres_database, migrating=True)),
                program,
                Clock(),
            )
            for _ in range(2)
        )
        other.execute(create_member())
        apply(one, f"{UNITS},stars")

        assert isinstance(earned(other, "stars", "e1").result, Transaction)
        assert versions(apply(other, f"{UNITS},gems,stars")) == {2}
        assert isinstance(earned(one, "gems", "e2").result, Transaction)


def test_of_two_that_apply_at_once_both_have_a_version(
    postgres_database: str, program: Program
) -> None:
    with ExitStack() as stack:
        stores = [
            stack.enter_context(open_store(postgres_database, migrating=True))
            for _ in range(2)
        ]
        engines = [start(stack, store, program, Clock()) for store in stores]
        futures = [
            applying(engine, f"{UNITS},u{number}{turn}")
            for turn in range(4)
            for number, engine in enumerate(engines)
        ]

        made = [versions(answers(future)) for future in futures]

        assert sorted(map(max, made)) == list(range(1, 9))
        assert all(len(each) == 1 for each in made)
        assert audit(stores[0].backend).differences == []


def test_of_two_that_expect_the_same_version_one_is_told(
    postgres_database: str, program: Program
) -> None:
    with ExitStack() as stack:
        stores = [
            stack.enter_context(open_store(postgres_database, migrating=True))
            for _ in range(2)
        ]
        engines = [start(stack, store, program, Clock()) for store in stores]
        futures = [
            applying(engine, f"{UNITS},u{number}", expected_version=0)
            for number, engine in enumerate(engines)
        ]

        found = [set(results(answers(future))) for future in futures]

    assert sorted(found, key=len) == [{ProgramVersion}, {ProgramChanged, BatchAborted}]


def test_a_unit_in_use_stays_in_every_part(engine: Engine) -> None:
    earned(engine, "miles", "e1")

    found = apply(engine, "points")

    assert set(results(found)) == {UnitInUse, BatchAborted}
    assert (heads(engine.store), engine.program.version) == ({0}, 0)


def test_the_same_content_makes_no_version(engine: Engine) -> None:
    apply(engine, UNITS)

    found = apply(engine, UNITS, request_id="again")

    assert versions(found) == {1}
    assert all(result(answer).unchanged for answer in found)  # type: ignore[union-attr]
    assert heads(engine.store) == {1}
    assert audit(engine.store.backend).differences == []


def test_a_repeated_request_is_answered_as_before(engine: Engine) -> None:
    apply(engine, UNITS)
    apply(engine, f"{UNITS},stars")

    again = apply(engine, UNITS)
    reused = apply(engine, f"{UNITS},gems", request_id=f"apply {UNITS}")

    assert versions(again) == {1}
    assert all(isinstance(each, Outcome) and each.replayed for each in again)
    assert set(results(reused)) == {RequestIdReused, BatchAborted}


def test_what_is_only_validated_leaves_no_version(engine: Engine) -> None:
    assert versions(apply(engine, UNITS, validate_only=True)) == {1}

    assert heads(engine.store) == {0}
    assert rows(engine.store, "SELECT version FROM program_version") == []


def test_a_version_that_cannot_be_read_here_leaves_the_last_good_one(
    store: Store, program: Program, clock: Clock
) -> None:
    with ExitStack() as stack:
        apply(start(stack, store, program, clock), f"{UNITS},stars")
    with running_engine(store, program, clock=clock) as old:
        old.execute(create_member())

        assert isinstance(earned(old, "stars", "e1").result, UnitUnknown)
        assert isinstance(earned(old, "points", "e2").result, Transaction)
    assert audit(store.backend).differences == []


def test_nothing_is_read_for_a_version_that_is_known(engine: Engine) -> None:
    apply(engine, UNITS)
    earned(engine, "points", "e1")
    with statements(engine.store.backend) as seen:
        earned(engine, "points", "e2")

    assert not any("program_version pro" in sql for sql, _ in seen)
    assert not any("FROM program_version" in sql for sql, _ in seen)


def test_a_read_sees_what_another_has_applied(engine: Engine) -> None:
    apply(engine, UNITS)
    with open_snapshot(engine.store.backend) as snapshot:
        (program,) = snapshot.programs(range(1, 2))

    assert (program.version, program.document) == (1, UNITS)


def test_a_version_whose_document_is_lost_is_looked_for_once(program: Program) -> None:
    second = AppliedProgram(0, 2, "", NOON, NOON, "", "", (), UNITS)
    asked: list[range] = []

    def read(wanted: range) -> list[AppliedProgram]:
        asked.append(wanted)
        return [second]

    programs = Programs(program, program_in)
    for _ in range(2):
        programs.learn(2, read)

    assert asked == [range(1, 3)]
    assert [each.version for each in programs.versions] == [2]
    assert (programs.at(NOON - 1).version, programs.at(NOON).version) == (0, 2)


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ("DELETE FROM program_version", "program version 1 has no document"),
        (
            "UPDATE program_version SET document = 'points'",
            "program version 1 has another document than was applied",
        ),
        (
            "UPDATE program_version SET effective_time = 7",
            "program version 1 is stored as",
        ),
        (
            "UPDATE head SET program_version = 0 WHERE part = 2",
            "head has program_version 0, the records say 1",
        ),
        (
            "UPDATE record SET program_version = 3 WHERE part = 1",
            "was decided under program version 3, which was not in force",
        ),
        (
            "UPDATE program_version SET part = 9",
            "does not exist, but program_version has rows of it",
        ),
    ],
)
def test_damage_is_found(engine: Engine, damage: str, told: str) -> None:
    apply(engine, UNITS)
    run_sql(engine.store, damage)

    found = audit(engine.store.backend).differences

    assert any(told in each for each in found), found
