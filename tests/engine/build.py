"""Helpers of engine tests: jobs, writers that wait for us, and what is left behind."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from points.domain.commands import Command
from points.domain.identity import part_of
from points.domain.program import Program
from points.domain.refusals import Passing
from points.domain.values import Record, Result
from points.engine.engine import Engine, running_engine
from points.engine.jobs import Answer, Job, Outcome
from points.engine.programs import Compile, cannot_compile
from points.engine.writer import WriterLimits
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from points.store.opening import Store
from points.store.proof.audit import audit
from points.store.reads.reader import open_snapshot
from tests.clock import Clock
from tests.domain.build import create_member


PATIENCE_SECONDS = 30
"""No answer takes as long, unless it never comes."""


def job(engine: Engine, *commands: Command, **fields: bool) -> Job:
    """Returns a job of these commands."""
    routed = [engine.route(command) for command in commands]
    return Job(commands=routed, **fields)


def submit(engine: Engine, *commands: Command, **fields: bool) -> Future[Any]:
    """Queues a job and returns what will hold its answers."""
    future: Future[Sequence[Answer]] = Future()
    engine.submit([(job(engine, *commands, **fields), future)])
    return future


def answers(future: Future[Any]) -> Sequence[Answer]:
    """Waits for the answers of a job."""
    found: Sequence[Answer] = future.result(PATIENCE_SECONDS)
    return found


def carry_out(engine: Engine, *commands: Command, **fields: bool) -> Sequence[Answer]:
    """Carries out a job and returns its answers."""
    return answers(submit(engine, *commands, **fields))


def only_answer(future: Future[Any]) -> Answer:
    """Waits for the answer of a job of one command."""
    (answer,) = answers(future)
    return answer


def result(answer: Answer) -> Result:
    """Returns what a command came to, be it stored or not."""
    return answer if isinstance(answer, Passing) else answer.record.result


def results(found: Sequence[Answer]) -> list[type[object]]:
    """Returns the kinds of things that commands came to."""
    return [type(result(answer)) for answer in found]


def record_of(answer: Answer) -> Record:
    """Returns the record of an answer that has one."""
    assert isinstance(answer, Outcome)
    return answer.record


def balance(engine: Engine, member_id: str = "ada", unit: str = "points") -> int:
    """Returns what a member has available."""
    part = part_of(member_id, engine.store.part_count)
    with open_snapshot(engine.store.backend) as snapshot:
        found = snapshot.balances(part, member_id, now=engine.clock())
    return sum(one.available for one in found if one.unit == unit)


def differences(store: Store) -> list[str]:
    """Returns what the audit finds."""
    return audit(store.backend).differences


def outcome_count(store: Store, member_id: str = "ada") -> int:
    """Returns how many outcomes are stored for a member."""
    query = text("SELECT count(*) FROM record WHERE member_id = :member_id")
    with store.backend.writing.connect() as connection:
        count = connection.execute(query, {"member_id": member_id}).scalar_one()
    return int(count)


def run_sql(store: Store, *statements: str) -> None:
    """Runs SQL behind the back of the engine."""
    with store.backend.writing.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@dataclass
class Gate:
    """Is the way in which answers are delivered: it can be closed for a while.

    While it is closed the writer stands still in it, and whatever is submitted
    meanwhile goes into its next batch.
    """

    reached: threading.Event = field(default_factory=threading.Event)
    open: threading.Event = field(default_factory=threading.Event)
    sizes: list[int] = field(default_factory=list)

    def __call__(self, batch: Sequence[tuple[Any, Sequence[Answer]]]) -> None:
        """Delivers the answers of a batch once the gate is open."""
        self.reached.set()
        self.open.wait(PATIENCE_SECONDS)
        self.sizes.append(len(batch))
        for future, found in batch:
            future.set_result(found)


@contextmanager
def engine_under(
    document: str, names: Sequence[str], store: Store, clock: Clock
) -> Iterator[Engine]:
    """Runs an engine under a document, with members of these names."""
    program = to_program(load_document(document))
    with running_engine(store, program, clock=clock) as running:
        for name in names:
            carry_out(running, create_member(member_id=name, request_id="create"))
        yield running


@contextmanager
def held_engine(
    store: Store,
    program: Program,
    command: Command,
    *,
    compile_document: Compile = cannot_compile,
    **limits: Any,
) -> Iterator[tuple[Engine, Gate]]:
    """Runs an engine that has carried out a command and stands in a closed gate."""
    gate = Gate()
    with running_engine(
        store,
        program,
        clock=Clock(),
        compile_document=compile_document,
        deliver=gate,
        limits=WriterLimits(**limits),
    ) as engine:
        submit(engine, command)
        gate.reached.wait(PATIENCE_SECONDS)
        try:
            yield engine, gate
        finally:
            gate.open.set()
