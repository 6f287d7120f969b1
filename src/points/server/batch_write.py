"""BatchWrite: many commands in one call."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Final

from points.domain.bounds import BATCH_COMMANDS_MAX
from points.domain.commands import ClaimBatch, batch_content
from points.domain.personal import impersonal, is_personal
from points.domain.refusals import (
    BatchAborted,
    InvalidArgument,
    Passing,
    Refusal,
    RequestIdReused,
)
from points.engine.jobs import Answer, Job, Outcome, Routed
from points.server import requests
from points.server.errors import Guilty, refusal_message
from points.server.outcomes import fill_outcome_of
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
        ServerStopping, Guilty for the command that stops an atomic batch, and
        RequestIdReused for the id of a batch with other content.
        """
        _check_size(request)
        _check_mode(request)
        prepared = [self._prepare(command) for command in request.commands]
        claim = self._claim(request, prepared) if request.request_id else None
        if request.mode == pb.BATCH_MODE_ATOMIC:
            claimed, answers = await self._atomic(claim, prepared)
        else:
            claimed, answers = await self._independent(claim, prepared)
        response = pb.BatchWriteResponse(
            replayed=claimed is not None and _is_replay(claimed, answers),
            revision=revision_of([a.record for a in answers if isinstance(a, Outcome)]),
        )
        for command, answer in zip(request.commands, answers, strict=True):
            _fill_outcome(response.outcomes.add(), command, answer)
        return response

    def _prepare(self, command: pb.BatchCommand) -> Routed | InvalidArgument:
        try:
            return self._writes.route(requests.batch_command(command))
        except InvalidArgument as refusal:
            return refusal

    def _claim(
        self,
        request: pb.BatchWriteRequest,
        prepared: Sequence[Routed | InvalidArgument],
    ) -> Routed:
        return self._writes.route_claim(
            ClaimBatch(
                request_id=request.request_id,
                command_count=len(prepared),
                is_atomic=request.mode == pb.BATCH_MODE_ATOMIC,
                content=batch_content([_content(item) for item in prepared]),
            )
        )

    async def _atomic(
        self, claim: Routed | None, prepared: Sequence[Routed | InvalidArgument]
    ) -> tuple[Answer | None, Sequence[Answer]]:
        """Decides the claim as the first of the commands: all of it or nothing."""
        for index, item in enumerate(prepared):
            if isinstance(item, InvalidArgument):
                raise Guilty(item, index)
        commands = [item for item in prepared if isinstance(item, Routed)]
        claims = [claim] if claim else []
        job = Job(commands=[*claims, *commands], atomic=True)
        answers = await self._writes.submit(job)
        claimed, rest = answers[: len(claims)], answers[len(claims) :]
        for index, answer in enumerate(answers, start=-len(claims)):
            refusal = _refusal(answer)
            if refusal is not None and not isinstance(refusal, BatchAborted):
                raise refusal if index < 0 else Guilty(refusal, index)
        return next(iter(claimed), None), rest

    async def _independent(
        self, claim: Routed | None, prepared: Sequence[Routed | InvalidArgument]
    ) -> tuple[Answer | None, Sequence[Answer]]:
        """Decides the claim first: what it has kept out has done nothing."""
        claimed = await self._claimed(claim) if claim else None
        return claimed, await self._slices(prepared)

    async def _claimed(self, claim: Routed) -> Answer:
        (answer,) = await self._writes.submit(Job(commands=[claim]))
        if isinstance(answer, Passing):
            raise answer
        return answer

    async def _slices(
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


def _content(item: Routed | InvalidArgument) -> Sequence[str]:
    """Returns what tells a command from others; one that is none, what is wrong.

    What may be personal is left out, for a claim has no member to be erased with:
    that a command has other metadata is found by its own request id.
    """
    if isinstance(item, InvalidArgument):
        return [str(item)]
    command, told = item.command, item.fingerprint
    if is_personal(command):
        told = impersonal(command).fingerprint()
    return [told, command.request_id]


def _is_replay(claimed: Answer, answers: Sequence[Answer]) -> bool:
    """Says whether an earlier call had done all of a batch.

    A command that is malformed, or whose own id was used before, is never done.
    """
    return all(
        answer.replayed
        if isinstance(answer, Outcome)
        else isinstance(answer, InvalidArgument | RequestIdReused)
        for answer in (claimed, *answers)
    )


def _refusal(answer: Answer) -> Refusal | None:
    result = answer if isinstance(answer, Passing) else answer.record.result
    return result if isinstance(result, Refusal) else None


def _fill_outcome(
    outcome: pb.BatchOutcome, command: pb.BatchCommand, answer: Answer
) -> None:
    """Writes one outcome in its place; a refusal that is not stored stands there too.

    Of a thousand outcomes each copy would cost as much as deciding one of them.
    """
    if isinstance(answer, Outcome):
        fill_outcome_of(outcome.outcome, answer.record)
        outcome.replayed = answer.replayed
        return
    name = command.WhichOneof("command")
    request = getattr(command, name) if name else None
    outcome.outcome.refusal.CopyFrom(refusal_message(answer))
    outcome.outcome.member_id = request.member_id if request else ""
    outcome.outcome.request_id = request.request_id if request else ""
