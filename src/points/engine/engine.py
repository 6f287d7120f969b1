"""The engine as the rest of the program sees it: a writer and a clock on a store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from time import time_ns
from typing import Any

from points.domain.commands import Command
from points.domain.program import Program
from points.domain.refusals import Passing
from points.engine.jobs import Answer, Job, Outcome, route
from points.engine.writer import Deliver, Writer, WriterLimits
from points.store.opening import Store


@dataclass(frozen=True, slots=True)
class Engine:
    """Carries out commands of a program on a store."""

    writer: Writer
    store: Store
    program: Program
    clock: Callable[[], int]

    def submit(self, jobs: Sequence[tuple[Job, object]]) -> None:
        """Queues jobs; their tickets are delivered with the answers, once durable.

        Raises QueueFull and ServerStopping, with nothing queued.
        """
        self.writer.submit(jobs)

    def execute(self, command: Command, *, validate_only: bool = False) -> Outcome:
        """Carries out one command and waits for it: for scripts and tests.

        Raises InvalidArgument and every refusal that is not stored; a stored
        refusal is the result of the outcome's record.
        """
        done: Future[Sequence[Answer]] = Future()
        routed = route(command, self.store.part_count)
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
    clock: Callable[[], int] | None = None,
    deliver: Deliver | None = None,
    limits: WriterLimits | None = None,
    on_commit: Callable[[], None] = lambda: None,
) -> Iterator[Engine]:
    """Runs a writer on the store for the length of the block.

    At the end all that waits is carried out first. `deliver` takes the answers
    of each batch in the writer's thread; without it tickets
    are futures, as `execute` uses them. `on_commit` is called in the same thread
    after each commit: it has to be cheap, and must not raise.
    """
    tell_time = clock or system_clock
    writer = Writer(
        store.backend,
        program,
        part_count=store.part_count,
        clock=tell_time,
        deliver=deliver or _set_results,
        limits=limits,
        on_commit=on_commit,
    )
    writer.start()
    try:
        yield Engine(writer, store, program, tell_time)
    finally:
        writer.stop()


def system_clock() -> int:
    """Returns the machine's time in whole microseconds since 1970."""
    return time_ns() // 1_000


def _set_results(batch: Sequence[tuple[Any, Sequence[Answer]]]) -> None:
    for future, answers in batch:
        # One whose caller has given up takes no result.
        if future.set_running_or_notify_cancel():
            future.set_result(answers)
