"""A program with ladders, and earns by which members climb them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from points.domain.commands import Earn
from points.domain.identity import part_of
from points.domain.ladders import Climber
from points.domain.program import Program
from points.domain.standings import Standing
from points.engine.engine import Engine
from points.engine.programs import Programs, cannot_compile
from points.program.bridge import to_program
from points.store.reads.reader import open_snapshot
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


def gather(points: int, request_id: str, member_id: str = "ada") -> Earn:
    """Returns an earn of the unit that counts towards the ladder."""
    return Earn(
        member_id=member_id,
        request_id=request_id,
        unit="miles",
        points=points,
        reason="flight",
    )


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
