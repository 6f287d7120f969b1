"""Transfer: points of one member become another one's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from points.domain.bounds import POINTS_MAX, UNIT_CHARACTERS_MAX
from points.domain.checks import name_problem, optional_name_problem
from points.domain.commands.base import LedgerCommand, Problems, Reads
from points.domain.identity import (
    TRANSIT,
    fee_account,
    member_account,
    shortfall_account,
)
from points.domain.values import Kind


DEFAULT_FEE_ACCOUNT: Final = "transfer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer(LedgerCommand):
    """Asks to give points to another member, who gets `points` of them.

    The giver pays `fee_points` besides, into `fee:<fee_account>`.
    """

    kind: ClassVar[Kind] = Kind.TRANSFER
    to_member_id: str
    fee_points: int = 0
    fee_account: str = ""

    def reads(self) -> Reads:
        """Returns the accounts that points leave and reach, and the giver's lots."""
        names = [member_account(self.member_id), TRANSIT]
        if self.fee_points:
            names.append(self.fee_to())
        accounts = tuple((name, self.unit) for name in names)
        return Reads(accounts=accounts, lots_of=self.unit)

    def others(self) -> tuple[tuple[str, Reads], ...]:
        """Returns the receiver, with the accounts in the receiver's part."""
        to = self.to_member_id
        names = (member_account(to), shortfall_account(to), TRANSIT)
        return ((to, Reads(accounts=tuple((name, self.unit) for name in names))),)

    def fee_to(self) -> str:
        """Returns the name of the house account that the fee goes to."""
        return fee_account(self.fee_account or DEFAULT_FEE_ACCOUNT)

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from LedgerCommand.problems(self)
        yield "to_member_id", name_problem(self.to_member_id)
        yield "fee_points", self._fee_problem()
        problem = optional_name_problem(self.fee_account, UNIT_CHARACTERS_MAX)
        if self.fee_account and not self.fee_points:
            problem = "must not be given without fee_points"
        yield "fee_account", problem

    def _fee_problem(self) -> str | None:
        if self.fee_points < 0:
            return f"must be zero or above, not {self.fee_points}"
        if self.points + self.fee_points > POINTS_MAX:
            return f"must be at most {POINTS_MAX} together with points"
        return None
