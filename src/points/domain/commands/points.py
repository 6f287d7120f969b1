"""Earn and burn: points come in and go out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from points.domain.bounds import NEVER, UNIT_CHARACTERS_MAX, UNSET
from points.domain.calendar.periods import Period
from points.domain.checks import (
    name_problem,
    optional_name_problem,
    time_problem,
)
from points.domain.commands.base import LedgerCommand, Problems, Reads
from points.domain.identity import ISSUANCE, burn_account, member_account
from points.domain.values import Kind


DEFAULT_SINK: Final = "redemption"


@dataclass(frozen=True, slots=True, kw_only=True)
class Earn(LedgerCommand):
    """Asks to add points to a member as a lot.

    Usable from `activate_time` and before `expire_time`. Instead of the one it may
    wait for an event until `cancel_time`, instead of the other live for
    `expire_after` from its activation on. The unit decides what is left out.
    """

    kind: ClassVar[Kind] = Kind.EARN
    expire_time: int = NEVER
    activate_time: int = UNSET
    waits_for: str = ""
    cancel_time: int = NEVER
    expire_after: Period | None = None

    def reads(self) -> Reads:
        """Returns the two accounts between which points move."""
        member = member_account(self.member_id)
        return Reads(accounts=((member, self.unit), (ISSUANCE, self.unit)))

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from LedgerCommand.problems(self)
        yield "expire_time", time_problem(self.expire_time)
        yield "activate_time", time_problem(self.activate_time)
        if self.expire_time <= self.activate_time:
            yield "expire_time", "must be after activate_time"
        if self.waits_for or self.expire_after is not None:
            yield from self._pending_problems()

    def _pending_problems(self) -> Problems:
        problem = optional_name_problem(self.waits_for, UNIT_CHARACTERS_MAX)
        yield "pending.on_event", problem
        yield "pending.cancel_time", time_problem(self.cancel_time)
        if self.waits_for and self.activate_time != UNSET:
            yield "pending", "must not be given together with activate_time"
        if self.expire_after is not None and self.expire_time != NEVER:
            yield "expire_after", "must not be given together with expire_time"
        if self.expire_after is not None and self.expire_after.is_zero:
            yield "expire_after", "must be above zero"


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn(LedgerCommand):
    """Asks to take points from a member for good, into a named sink."""

    kind: ClassVar[Kind] = Kind.BURN
    sink: str = DEFAULT_SINK

    def reads(self) -> Reads:
        """Returns the two accounts between which points move, and the lots."""
        member = member_account(self.member_id)
        accounts = ((member, self.unit), (burn_account(self.sink), self.unit))
        return Reads(accounts=accounts, lots_of=self.unit)

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from LedgerCommand.problems(self)
        yield "sink", name_problem(self.sink, UNIT_CHARACTERS_MAX)
