"""A program with ladders, and a command by which members climb them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from points.domain import decisions
from points.domain.commands import Command, Reads
from points.domain.decisions.common import existing_member
from points.domain.decisions.standings import stand_after
from points.domain.identity import CORE_CHANNEL, part_of
from points.domain.ladders import Climber
from points.domain.program import Program
from points.domain.standings import Standing
from points.domain.state import Decision, Stamp, State
from points.domain.values import Kind, Transaction
from points.engine.engine import Engine
from points.engine.programs import Programs, cannot_compile
from points.program.bridge import to_program
from points.store.reader import open_snapshot
from tests.program.build import document
from tests.program.build_standing import TIERS, YEAR


LADDER: Final[dict[str, Any]] = {
    "qualifying": {"unit": "miles"},
    "period": YEAR,
    "term": "P12M",
    "tiers": TIERS,
}


def program_with(**ladders: Any) -> Program:
    """Returns a program with the ladder `status`, and others or with changes."""
    found = {"status": LADDER} | ladders
    return to_program(document(ladders=found, sinks=["burn"]))


def changed(**parts: Any) -> Program:
    """Returns the program with parts of its ladder changed."""
    return program_with(status=LADDER | parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gather(Command):
    """Asks to let a member gather, or to take it back: what an activity will do."""

    kind: ClassVar[Kind] = Kind.ACTIVITY
    amount: int

    def reads(self) -> Reads:
        """Returns what standings are worked out from."""
        return Reads(progress=True, standings=True)


def decide_gather(
    command: Gather, state: State, program: Program, stamp: Stamp
) -> Decision:
    """Returns the moves and the standings after them."""
    member = existing_member(state, stamp, command.member_id)
    assert program.ladders is not None
    moves = program.ladders.moves_of(
        stamp.now,
        {"miles": command.amount},
        0,
        "visit",
        member_create_time=member.create_time,
    )
    standings = stand_after(program, state, stamp, member, moves)
    before = state.progress(stamp.part, command.member_id)
    transaction = Transaction((), 0, "gather", {}, moves=moves, standings=standings)
    return Decision(
        result=transaction,
        effective_time=stamp.now,
        channel=CORE_CHANNEL,
        progress=before.after(moves, {}, stamp.now),
        standings=standings,
    )


@contextmanager
def gathering() -> Iterator[None]:
    """Lets engines decide `Gather` for the length of the block."""
    decisions._DECIDERS[Gather] = decide_gather  # noqa: SLF001 - for tests alone
    try:
        yield
    finally:
        del decisions._DECIDERS[Gather]  # noqa: SLF001 - as above


def gather(amount: int, request_id: str, member_id: str = "ada") -> Gather:
    """Returns the command."""
    return Gather(member_id=member_id, request_id=request_id, amount=amount)


def climber_of(engine: Engine, member_id: str = "ada") -> Climber:
    """Returns a member with what is stored."""
    part = part_of(member_id, engine.store.part_count)
    with open_snapshot(engine.store.backend) as snapshot:
        member = snapshot.member(part, member_id)
        assert member is not None
        return snapshot.climber(member)


def stored(engine: Engine, member_id: str = "ada") -> Standing | None:
    """Returns the standing of a member as it is stored."""
    return climber_of(engine, member_id).stored("status")


def shown(engine: Engine, member_id: str = "ada") -> Standing:
    """Returns the standing of a member as a read works it out."""
    ladders = engine.program.ladders
    assert ladders is not None
    return ladders.standing("status", climber_of(engine, member_id), engine.clock())


def under(engine: Engine, program: Program) -> Engine:
    """Returns the engine with another program to look at standings with."""
    return replace(engine, programs=Programs(program, cannot_compile))
