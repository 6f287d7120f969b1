"""Standings: an operator sets a floor, and the sweep records what time does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from points.domain.bounds import NEVER, REASON_CHARACTERS_MAX, UNIT_CHARACTERS_MAX
from points.domain.checks import name_problem, optional_name_problem, time_problem
from points.domain.commands.base import Command, Problems, Reads
from points.domain.values import Kind


_READS = Reads(standings=True, progress=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStanding(Command):
    """Asks to put a floor under a member on a ladder, or to take it away.

    No `tier` takes it away. It holds before `until_time`, and for ever without.
    """

    kind: ClassVar[Kind] = Kind.SET_STANDING
    ladder: str
    tier: str
    operator: str
    reason: str
    until_time: int = NEVER

    def reads(self) -> Reads:
        """Returns all standings of the member, and what was gathered."""
        return _READS

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from Command.problems(self)
        yield "ladder", name_problem(self.ladder, UNIT_CHARACTERS_MAX)
        yield "tier", optional_name_problem(self.tier, UNIT_CHARACTERS_MAX)
        yield "operator", name_problem(self.operator)
        yield "reason", name_problem(self.reason, REASON_CHARACTERS_MAX)
        yield "until_time", self._until_problem()

    def _until_problem(self) -> str | None:
        if self.until_time == NEVER:
            return None
        if not self.tier:
            return "must be left out if no tier is given"
        return time_problem(self.until_time)


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveDemotionNotice(Command):
    """Asks to announce that a member will lose a tier: the server does by itself."""

    kind: ClassVar[Kind] = Kind.NOTICE
    ladder: str

    def reads(self) -> Reads:
        """Returns all standings of the member, and what was gathered."""
        return _READS

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "member_id", name_problem(self.member_id)
        yield "ladder", name_problem(self.ladder, UNIT_CHARACTERS_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepStandings(Command):
    """Asks to record where a member stands by now: what the server does by itself."""

    kind: ClassVar[Kind] = Kind.SWEEP_STANDINGS

    def reads(self) -> Reads:
        """Returns all standings of the member, and what was gathered."""
        return _READS

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "member_id", name_problem(self.member_id)
