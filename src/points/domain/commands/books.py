"""What concerns the books of all members together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from points.domain.bounds import REASON_CHARACTERS_MAX, UNSET
from points.domain.checks import name_problem, request_id_problem, time_problem
from points.domain.commands.base import Command, Problems, Reads
from points.domain.values import Kind


NOBODY: Final = ""
"""Stands where records have their member: no member has an empty id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseBooks(Command):
    """Asks to close the books of one part up to an instant.

    The books are closed by one such command for every part, accepted together or
    not at all. `until_time` is the first instant that stays open.
    """

    kind: ClassVar[Kind] = Kind.CLOSE_BOOKS
    until_time: int
    operator: str
    reason: str
    member_id: str = NOBODY

    def reads(self) -> Reads:
        """Returns the trial balance of the part."""
        return Reads(books_until=self.until_time)

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "until_time", _until_problem(self.until_time)
        yield "operator", name_problem(self.operator)
        yield "reason", name_problem(self.reason, REASON_CHARACTERS_MAX)
        yield "request_id", request_id_problem(self.request_id)


def _until_problem(instant: int) -> str | None:
    return "is required" if instant == UNSET else time_problem(instant)
