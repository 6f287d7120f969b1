"""What is queued for the writer, and what comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from points.domain.commands import (
    ApplyProgram,
    CallPlugin,
    ClaimBatch,
    Command,
    PurgePlugin,
    Reads,
)
from points.domain.documents import DocumentRange
from points.domain.identity import part_of
from points.domain.refusals import BatchAborted, Passing, Refusal
from points.domain.values import Record


class Outcome(NamedTuple):
    """Is what became of a command; `replayed` if an earlier call had done it."""

    record: Record
    replayed: bool


Answer: TypeAlias = Outcome | Passing
"""An outcome, or a refusal that is not stored."""


class Routed(NamedTuple):
    """Is a command with its part and fingerprint: all that the queue can prepare.

    `others` are the other members it touches: part, member id and what is read;
    `documents` are those of plugins that it reads.
    """

    command: Command
    part: int
    fingerprint: str
    others: tuple[tuple[int, str, Reads], ...] = ()
    documents: tuple[DocumentRange, ...] = ()

    def key(self) -> tuple[int, str, str]:
        """Returns where the outcome of the command is found."""
        return self.part, self.command.member_id, self.command.request_id

    def parts(self) -> frozenset[int]:
        """Returns the parts that the command touches."""
        parts = {self.part}
        parts.update(part for part, _, _ in self.others)
        parts.update([each.part for each in self.documents])
        return frozenset(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Is a group of commands that are answered together.

    An `atomic` job is accepted as a whole or not at all; one that is
    `validate_only` is decided and leaves no trace. One that `can_wait` is carried out
    in the gaps that others leave: no caller waits for its answer.
    """

    commands: Sequence[Routed]
    atomic: bool = False
    validate_only: bool = False
    can_wait: bool = False

    def parts(self) -> frozenset[int]:
        """Returns the parts that the job touches."""
        parts = [routed.part for routed in self.commands]
        for routed in self.commands:
            if routed.others or routed.documents:
                parts += routed.parts()
        return frozenset(parts)

    def changes_program(self) -> bool:
        """Says whether what comes behind it is decided under another program."""
        return any(isinstance(each.command, ApplyProgram) for each in self.commands)


def route_everywhere(command: Command, part_count: int) -> list[Routed]:
    """Returns the command once for each part: it concerns the books of all.

    Raises InvalidArgument.
    """
    command.check()
    fingerprint = command.fingerprint()
    return [Routed(command, part, fingerprint) for part in range(part_count)]


def route(command: Command, part_count: int) -> Routed:
    """Returns the command ready for the queue; raises InvalidArgument."""
    command.check()
    others = command.others()
    return Routed(
        command,
        part_of(command.home(), part_count),
        command.fingerprint(),
        tuple((part_of(name, part_count), name, reads) for name, reads in others)
        if others
        else (),
        command.documents if isinstance(command, CallPlugin | PurgePlugin) else (),
    )


def route_claim(claim: ClaimBatch, part_count: int) -> Routed:
    """Returns the claim of a batch ready for the queue; raises InvalidArgument.

    It goes to the part of its request id, for it has no member.
    """
    claim.check()
    return Routed(claim, part_of(claim.request_id, part_count), claim.fingerprint())


def accepted(answers: Sequence[Answer]) -> list[Outcome]:
    """Returns the outcomes of all parts; raises the refusal of the guilty one.

    They come from an atomic job for every part.
    """
    outcomes = []
    for answer in answers:
        if isinstance(answer, BatchAborted):
            continue
        if isinstance(answer, Passing):
            raise answer
        if isinstance(answer.record.result, Refusal):
            raise answer.record.result
        outcomes.append(answer)
    return outcomes
