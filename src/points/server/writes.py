"""Jobs to the writer and back: the one place where async and threads meet."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any, Final, TypeVar

from points.domain.commands import ClaimBatch, Command
from points.domain.refusals import Passing, Refusal
from points.domain.revision import write_revision
from points.domain.values import Record
from points.engine.engine import Engine
from points.engine.jobs import (
    Answer,
    Job,
    Outcome,
    Routed,
    route,
    route_claim,
    route_everywhere,
)
from points.server.answers import fill_transaction


Written = TypeVar("Written", bound=Any)
"""A response with a transaction, a revision and whether it is a replay."""

_LOOP_SECONDS_MAX: Final = 0.02
"""Longest wait for the loop: it may be at its end, or in a long step of its own."""


class LoopDelivery:
    """Hands the answers of a whole batch over to the event loop at once.

    It returns when the loop has come round to sending them. Both threads share
    one interpreter: a writer that ran on at once would take the few calls that
    happen to wait, in batches too small to be worth their cost, and would slow
    down the very loop that brings it more.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._handed_out = threading.Event()

    def __call__(self, batch: Sequence[tuple[Any, Sequence[Answer]]]) -> None:
        """Takes the answers in the writer's thread; their tickets are futures."""
        self._handed_out.clear()
        self._loop.call_soon_threadsafe(self._resolve, batch)
        self._handed_out.wait(_LOOP_SECONDS_MAX)

    def _resolve(self, batch: Sequence[tuple[Any, Sequence[Answer]]]) -> None:
        for future, answers in batch:
            if not future.done():
                future.set_result(answers)
        # Behind the calls that go on now, in the order of the loop.
        self._loop.call_soon(self._handed_out.set)


class Writes:
    """Sends jobs to the writer and waits for their answers.

    A caller that goes away cancels its wait, never the job: the command is
    carried out, and its request id finds the outcome.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def execute(self, command: Command, *, validate_only: bool) -> Outcome:
        """Returns the outcome of an accepted command.

        Raises InvalidArgument, QueueFull, ServerStopping, and the refusal of the
        command, stored or not.
        """
        job = Job(commands=(self._engine.route(command),), validate_only=validate_only)
        (answer,) = await self.submit(job)
        if isinstance(answer, Passing):
            raise answer
        if isinstance(answer.record.result, Refusal):
            raise answer.record.result
        return answer

    async def answer(
        self, command: Command, response: Written, *, validate_only: bool
    ) -> Written:
        """Returns the response with the transaction of an accepted command.

        Raises what `execute` raises.
        """
        outcome = await self.execute(command, validate_only=validate_only)
        fill_answer(response, outcome)
        return response

    def submit(self, job: Job) -> asyncio.Future[Sequence[Answer]]:
        """Returns what has the answers to a job; raises QueueFull and ServerStopping.

        No coroutine: each one that a call has to wait through is paid for twice.
        """
        future = asyncio.get_running_loop().create_future()
        self._engine.submit([(job, future)])
        return future

    async def submit_all(self, jobs: Sequence[Job]) -> Sequence[Sequence[Answer]]:
        """Returns the answers to jobs that are queued together, in their order.

        Raises QueueFull and ServerStopping, with none of them queued.
        """
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in jobs]
        self._engine.submit(list(zip(jobs, futures, strict=True)))
        answers: list[Sequence[Answer]] = await asyncio.gather(*futures)
        return answers

    def route_everywhere(self, command: Command) -> Sequence[Routed]:
        """Returns the command for a job on every part; raises InvalidArgument."""
        return route_everywhere(command, self._engine.store.part_count)

    def route(self, command: Command) -> Routed:
        """Returns the command ready for a job; raises InvalidArgument."""
        return route(command, self._engine.store.part_count)

    def route_claim(self, claim: ClaimBatch) -> Routed:
        """Returns the claim of a batch ready for a job; raises InvalidArgument."""
        return route_claim(claim, self._engine.store.part_count)


def fill_answer(response: Written, outcome: Outcome) -> None:
    """Writes an accepted command into its response."""
    fill_transaction(response.transaction, outcome.record)
    response.revision = revision_of([outcome.record])
    response.replayed = outcome.replayed


def revision_of(records: Sequence[Record]) -> str:
    """Returns the revision of a ledger that holds these records."""
    if len(records) == 1:
        return write_revision({records[0].part: records[0].number})
    numbers: dict[int, int] = {}
    for record in records:
        numbers[record.part] = max(record.number, numbers.get(record.part, 0))
    return write_revision(numbers)
