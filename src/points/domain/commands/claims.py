"""Claims: awards that a member collects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar, Self

from points.domain.bounds import REASON_CHARACTERS_MAX
from points.domain.budgets import BudgetForm
from points.domain.checks import name_problem, optional_name_problem
from points.domain.claims import Claim, ClaimPlace
from points.domain.commands.base import NO_READS, Command, Problems, Reads
from points.domain.counters import CounterKey
from points.domain.identity import ISSUANCE, RESERVED_PREFIX, member_account
from points.domain.state import Found
from points.domain.values import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAward(Command):
    """Asks to collect an award that waits for it: its points are minted now."""

    kind: ClassVar[Kind] = Kind.CLAIM
    follows: ClassVar[bool] = True
    claim_id: str
    reason: str = ""

    def reads(self) -> Reads:
        """Returns the claim."""
        place = ClaimPlace.of_claim(self.claim_id)
        return NO_READS if place is None else Reads(claims=(place,))

    def follow(self, found: Found, part: int) -> Reads:
        """Returns accounts and counters of the claim, if it is the member's."""
        place = ClaimPlace.of_claim(self.claim_id)
        claim = found.claim(place) if place and place.part == part else None
        if claim is None or claim.member_id != self.member_id:
            return NO_READS
        names = (member_account(self.member_id), ISSUANCE)
        return Reads(
            accounts=tuple((name, claim.unit) for name in names),
            progress=bool(claim.budget),
            counters=_counters_of(claim.budget, found),
        )

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from Command.problems(self)
        yield "claim_id", name_problem(self.claim_id)
        yield "reason", optional_name_problem(self.reason, REASON_CHARACTERS_MAX)


@dataclass(frozen=True, slots=True, kw_only=True)
class LapseClaim(Command):
    """Asks to record that the time of a claim is over; only the server itself does."""

    kind: ClassVar[Kind] = Kind.LAPSE_CLAIM
    follows: ClassVar[bool] = True
    claim: ClaimPlace

    @classmethod
    def of(cls, member_id: str, claim: ClaimPlace) -> Self:
        """Returns the one command that ends the claim, the same for everybody."""
        request_id = f"{RESERVED_PREFIX}lapse/{claim.claim_id()}"
        return cls(member_id=member_id, request_id=request_id, claim=claim)

    def reads(self) -> Reads:
        """Returns the claim."""
        return Reads(claims=(self.claim,), progress=True)

    def follow(self, found: Found, part: int) -> Reads:
        """Returns the counter that gets something back."""
        claim = found.claim(self.claim)
        if claim is None or claim.part != part:
            return NO_READS
        return Reads(counters=reserved_counters((claim,), found.now))

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "member_id", name_problem(self.member_id)
        yield "request_id", name_problem(self.request_id)


def reserved_counters(claims: Iterable[Claim], now: int) -> tuple[CounterKey, ...]:
    """Returns the shared counters that claims would give something back to."""
    moves = (move for each in claims for move in each.reserve.back(each.points, now)[1])
    return tuple(dict.fromkeys(move.key() for move in moves))


def _counters_of(name: str, found: Found) -> tuple[CounterKey, ...]:
    """Returns the shared counters that a budget looks at now."""
    budget = found.program.budgets.get(name)
    if budget is None or budget.form is BudgetForm.UNLIMITED:
        return ()
    start_time = budget.period(found.now, found.program.zone).start_time
    is_own = budget.form is BudgetForm.PER_MEMBER
    names = ("" if is_own else budget.counter_name, budget.figures_name)
    return tuple((each, start_time) for each in names if each)
