"""BatchWrite: many commands in one call."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final

from points.domain.bounds import BATCH_COMMANDS_MAX
from points.domain.refusals import BatchAborted, InvalidArgument, Passing, Refusal
from points.engine.jobs import Answer, Job, Outcome, Routed
from points.server import requests
from points.server.answers import outcome_message
from points.server.errors import Guilty, refusal_message
from points.server.writes import Writes, revision_of
from points.v1 import ledger_service_pb2 as pb


_SLICE: Final = 1_000
"""Commands of an independent batch that are committed together.

More would make other callers wait longer and gain nothing.
"""


class BatchWrite:
    """Answers BatchWrite."""

    def __init__(self, writes: Writes) -> None:
        self._writes = writes

    async def answer(self, request: pb.BatchWriteRequest) -> pb.BatchWriteResponse:
        """Returns an outcome for each command, in the order of the commands.

        Raises InvalidArgument for a batch that is empty or too large, QueueFull,
        ServerStopping, and Guilty for the command that stops an atomic batch.
        """
        _check_size(request)
        _check_mode(request)
        prepared = [self._prepare(command) for command in request.commands]
        if request.mode == pb.BATCH_MODE_ATOMIC:
            answers = await self._atomic(prepared)
        else:
            answers = await self._independent(prepared)
        return pb.BatchWriteResponse(
            outcomes=[
                _outcome(command, answer)
                for command, answer in zip(request.commands, answers, strict=True)
            ],
            revision=revision_of([a.record for a in answers if isinstance(a, Outcome)]),
        )

    def _prepare(self, command: pb.BatchCommand) -> Routed | InvalidArgument:
        try:
            return self._writes.route(requests.batch_command(command))
        except InvalidArgument as refusal:
            return refusal

    async def _atomic(
        self, prepared: Sequence[Routed | InvalidArgument]
    ) -> Sequence[Answer]:
        for index, item in enumerate(prepared):
            if isinstance(item, InvalidArgument):
                raise Guilty(item, index)
        commands = [item for item in prepared if isinstance(item, Routed)]
        answers = await self._writes.submit(Job(commands=commands, atomic=True))
        for index, answer in enumerate(answers):
            refusal = _refusal(answer)
            if refusal is not None and not isinstance(refusal, BatchAborted):
                raise Guilty(refusal, index)
        return answers

    async def _independent(
        self, prepared: Sequence[Routed | InvalidArgument]
    ) -> Sequence[Answer]:
        commands = [item for item in prepared if isinstance(item, Routed)]
        starts = range(0, len(commands), _SLICE)
        jobs = [Job(commands=commands[start : start + _SLICE]) for start in starts]
        decided = chain.from_iterable(await self._writes.submit_all(jobs))
        return [
            item if isinstance(item, InvalidArgument) else next(decided)
            for item in prepared
        ]


def _check_mode(request: pb.BatchWriteRequest) -> None:
    if request.mode not in pb.BatchMode.values():
        raise InvalidArgument({"mode": f"must be a BatchMode, not {request.mode}"})


def _check_size(request: pb.BatchWriteRequest) -> None:
    size = len(request.commands)
    if not 1 <= size <= BATCH_COMMANDS_MAX:
        what = f"must be 1 to {BATCH_COMMANDS_MAX} commands, not {size}"
        raise InvalidArgument({"commands": what})


def _refusal(answer: Answer) -> Refusal | None:
    result = answer if isinstance(answer, Passing) else answer.record.result
    return result if isinstance(result, Refusal) else None


def _outcome(command: pb.BatchCommand, answer: Answer) -> pb.BatchOutcome:
    """Returns one outcome; a refusal that is not stored stands there too."""
    if isinstance(answer, Outcome):
        return pb.BatchOutcome(
            outcome=outcome_message(answer.record), replayed=answer.replayed
        )
    name = command.WhichOneof("command")
    request = getattr(command, name) if name else None
    outcome = pb.BatchOutcome()
    outcome.outcome.refusal.CopyFrom(refusal_message(answer))
    outcome.outcome.member_id = request.member_id if request else ""
    outcome.outcome.request_id = request.request_id if request else ""
    return outcome
