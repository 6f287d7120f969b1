"""Merge and erase: the two ends of a member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from points.domain.bounds import REASON_CHARACTERS_MAX
from points.domain.checks import name_problem
from points.domain.commands.base import Command, Problems, Reads
from points.domain.identity import TRANSIT, member_account, shortfall_account
from points.domain.values import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class EndMember(Command):
    """Asks for what cannot be undone, so somebody answers for it."""

    operator: str
    reason: str

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from Command.problems(self)
        yield "operator", name_problem(self.operator)
        yield "reason", name_problem(self.reason, REASON_CHARACTERS_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeMembers(EndMember):
    """Asks to move everything that a member has to another one."""

    kind: ClassVar[Kind] = Kind.MERGE
    into_member_id: str

    def reads(self) -> Reads:
        """Returns all that the member has and owes, in every unit."""
        return Reads(
            names=_names(self.member_id),
            open_holds=True,
            undrawn_lots=True,
            progress=True,
            open_claims=True,
        )

    def others(self) -> tuple[tuple[str, Reads], ...]:
        """Returns the member who gets it, with the accounts of every unit."""
        names = _names(self.into_member_id)
        reads = Reads(names=names, progress=True, standings=True)
        return ((self.into_member_id, reads),)

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from EndMember.problems(self)
        yield "into_member_id", name_problem(self.into_member_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class EraseMember(EndMember):
    """Asks to erase what is personal of a member; the books stay."""

    kind: ClassVar[Kind] = Kind.ERASE_MEMBER

    def reads(self) -> Reads:
        """Returns the holds that must not be open, and what plugins keep."""
        return Reads(open_holds=True, all_documents=True)


def _names(member_id: str) -> tuple[str, ...]:
    return member_account(member_id), shortfall_account(member_id), TRANSIT
