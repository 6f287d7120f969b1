"""Members as plugins see them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Final

from points.domain.ladders import Climber
from points.domain.program import Program
from points.domain.values import Member
from points.plugin.context import MemberView


_NO_TIERS: Final[Mapping[str, str]] = MappingProxyType({})


def untiered_view_of(member: Member) -> MemberView:
    """Returns a member as plugins see it, under a program without ladders."""
    return _view(member, _NO_TIERS)


def view_of(climber: Climber, program: Program, now: int) -> MemberView:
    """Returns a member as plugins see it, in the tiers of now."""
    return _view(climber.member, _Tiers(climber, program, now))


def _view(member: Member, tiers: Mapping[str, str]) -> MemberView:
    return MemberView(
        member.member_id,
        member.state.value,
        member.attributes,
        member.create_time,
        tiers,
    )


class _Tiers(Mapping[str, str]):
    """Is the tiers of a member at an instant, worked out once somebody looks.

    Most who ask for a member look at its state alone.
    """

    def __init__(self, climber: Climber, program: Program, now: int) -> None:
        self._climber = climber
        self._program = program
        self._now = now

    @cached_property
    def _found(self) -> dict[str, str]:
        ladders = self._program.ladders
        if ladders is None:
            return {}
        climber, now = self._climber, self._now
        return {
            name: ladders.standing(name, climber, now).tier for name in ladders.names
        }

    def __getitem__(self, ladder: str) -> str:
        return self._found[ladder]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def __repr__(self) -> str:
        return repr(self._found)
