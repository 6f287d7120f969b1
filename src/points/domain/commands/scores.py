"""Scores: the sweep records how members compare with each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from points.domain.checks import name_problem
from points.domain.commands.base import Command, Problems, Reads
from points.domain.scores import SCORE_MAX, Scores
from points.domain.values import Kind


_READS: Final = Reads(progress=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreMember(Command):
    """Asks to record a member's scores: what the server does by itself.

    They are of what had happened before `until_time`.
    """

    kind: ClassVar[Kind] = Kind.SCORE
    scores: Scores
    until_time: int

    def reads(self) -> Reads:
        """Returns the member's progress, which keeps the scores."""
        return _READS

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "member_id", name_problem(self.member_id)
        if not all(0 <= score <= SCORE_MAX for score in self.scores):
            yield "scores", f"must be 0 to {SCORE_MAX}"
