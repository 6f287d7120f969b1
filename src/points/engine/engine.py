"""The engine as the rest of the program sees it: a writer and a clock on a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import time_ns
from typing import Any

from points.domain.commands import CallPlugin, Command
from points.domain.program import Program
from points.domain.refusals import Passing
from points.domain.values import Head
from points.domain.versions import PROGRAM_PART
from points.engine.jobs import (
    Answer,
    Job,
    Outcome,
    Routed,
    accepted,
    route,
    route_everywhere,
)
from points.engine.plugins.calls import Ground
from points.engine.plugins.plugins import Plugins
from points.engine.programs import Compile, Programs, cannot_compile
from points.engine.writer import Deliver, Writer, WriterLimits
from points.store.opening import Store
from points.store.reads.reader import Snapshot, open_snapshot


@dataclass(frozen=True, slots=True)
class Engine:
    """Carries out commands on a store, each under the program then in force."""

    writer: Writer
    store: Store
    programs: Programs
    clock: Callable[[], int]
    plugins: Plugins = field(default_factory=Plugins)

    def execute_everywhere(self, command: Command) -> list[Outcome]:
        """Carries out one command in every part, or in none, and waits for it.

        Raises InvalidArgument and the refusal of any part, stored or not.
        """
        done: Future[Sequence[Answer]] = Future()
        routed = route_everywhere(command, self.store.part_count)
        self.submit([(Job(commands=routed, atomic=True), done)])
        return accepted(done.result())

    @property
    def program(self) -> Program:
        """Returns the program in force now, as far as this process knows."""
        return self.programs.at(self.clock())

    def program_of(self, snapshot: Snapshot, head: Head, *, now: int) -> Program:
        """Returns the program in force at an instant, as a snapshot sees it.

        It may have been applied by another process: `head` tells, of any part.
        """
        self.programs.learn(head.program_version, snapshot.programs)
        return self.programs.at(now)

    def submit(self, jobs: Sequence[tuple[Job, object]]) -> None:
        """Queues jobs; their tickets are delivered with the answers, once durable.

        Raises QueueFull and ServerStopping, with nothing queued.
        """
        self.writer.submit(jobs)

    def route(self, command: Command) -> Routed:
        """Returns the command ready for the queue; raises InvalidArgument.

        And PluginDisabled, for a call of a plugin that does not take part.
        """
        if isinstance(command, CallPlugin):
            now = self.clock()
            ground = Ground(self.store.part_count, self.programs.at(now), now)
            command = self.plugins.prepared(command, ground)
        return route(command, self.store.part_count)

    def execute(self, command: Command, *, validate_only: bool = False) -> Outcome:
        """Carries out one command and waits for it: for scripts and tests.

        Raises InvalidArgument and every refusal that is not stored; a stored
        refusal is the result of the outcome's record.
        """
        done: Future[Sequence[Answer]] = Future()
        routed = self.route(command)
        job = Job(commands=[routed], validate_only=validate_only)
        self.submit([(job, done)])
        (answer,) = done.result()
        if isinstance(answer, Passing):
            raise answer
        return answer


@contextmanager
def running_engine(
    store: Store,
    program: Program,
    *,
    compile_document: Compile = cannot_compile,
    clock: Callable[[], int] | None = None,
    deliver: Deliver | None = None,
    limits: WriterLimits | None = None,
    on_commit: Callable[[], None] = lambda: None,
    plugins: Plugins | None = None,
) -> Iterator[Engine]:
    """Runs a writer on the store for the length of the block.

    `program` is in force until one was applied; `compile_document` makes programs
    of the documents that are.
    At the end all that waits is carried out first. `deliver` takes the answers
    of each batch in the writer's thread; without it tickets
    are futures, as `execute` uses them. `on_commit` is called in the same thread
    after each commit: it has to be cheap, and must not raise. `plugins` holds those
    that take part: none without it.
    """
    tell_time = clock or system_clock
    programs = Programs(program, compile_document)
    taking_part = plugins or Plugins()
    _learn_all(programs, store)
    writer = Writer(
        store.backend,
        programs,
        part_count=store.part_count,
        clock=tell_time,
        deliver=deliver or _set_results,
        limits=limits,
        on_commit=on_commit,
        plugins=taking_part,
    )
    writer.start()
    try:
        yield Engine(writer, store, programs, tell_time, taking_part)
    finally:
        writer.stop()


def _learn_all(programs: Programs, store: Store) -> None:
    with open_snapshot(store.backend) as snapshot:
        programs.learn(snapshot.head(PROGRAM_PART).program_version, snapshot.programs)


def system_clock() -> int:
    """Returns the machine's time in whole microseconds since 1970."""
    return time_ns() // 1_000


def _set_results(batch: Sequence[tuple[Any, Sequence[Answer]]]) -> None:
    for future, answers in batch:
        # One whose caller has given up takes no result.
        if future.set_running_or_notify_cancel():
            future.set_result(answers)
