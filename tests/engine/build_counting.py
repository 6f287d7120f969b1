"""A command that moves shared counters, and nothing else that matters.

Whether a counter has room is asked in the decision, and which counters there are is
known only once the member is: as it is of everything that is paid from a budget.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from points.domain import decisions
from points.domain.bounds import NEVER
from points.domain.budgets import BudgetForm, BudgetTerms
from points.domain.commands import Burn, FundBudget, Reads, ReportFigures
from points.domain.counters import CounterMove
from points.domain.decisions.burn import decide_burn
from points.domain.program import Program
from points.domain.refusals import BudgetExhausted
from points.domain.state import Decision, Found, Stamp, State
from points.domain.values import Transaction
from tests.domain.build import PROGRAM


BUDGET: Final = "partners"
FUNDS: Final = f"funds:{BUDGET}"


def funded_program() -> Program:
    """Returns a program with a prefunded budget and one that is fixed."""
    terms = [
        BudgetTerms(BUDGET, "points", BudgetForm.PREFUNDED),
        BudgetTerms("words", "points", BudgetForm.FIXED, 10),
    ]
    return replace(PROGRAM, budgets={each.name: each for each in terms})


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidBurn(Burn):
    """Burns a point that takes one of each counter it names.

    Those that are `found_late` it does not declare: they show when it is decided.
    """

    follows = True
    names: tuple[str, ...] = (FUNDS,)
    statically: bool = False
    found_late: tuple[str, ...] = ()

    def reads(self) -> Reads:
        """Returns what a burn reads, and maybe the counters."""
        reads = Burn.reads(self)
        return reads._replace(counters=self._keys()) if self.statically else reads

    def follow(self, found: Found, part: int) -> Reads:
        """Returns the counters, of members who exist."""
        exists = found.member(part, self.member_id) is not None
        return Reads(counters=self._keys() if exists else ())

    def _keys(self) -> tuple[tuple[str, int], ...]:
        return tuple((name, 0) for name in self.names)


def _decide(
    command: PaidBurn, state: State, program: Program, stamp: Stamp
) -> Decision:
    decision = decide_burn(command, state, program, stamp)
    names = (*command.names, *command.found_late)
    for name in names:
        counter = state.counter(name, 0)
        left = counter.granted - counter.used
        if name == FUNDS and command.points > left:
            raise BudgetExhausted(BUDGET, "points", left, command.points)
    moves = tuple(CounterMove(name, 0, NEVER, used=command.points) for name in names)
    assert isinstance(decision.result, Transaction)
    result = decision.result._replace(counters=moves)
    return decision._replace(result=result, counters=moves)


@contextmanager
def counting() -> Iterator[None]:
    """Lets engines decide paid burns for the length of the block."""
    deciders = decisions._DECIDERS  # noqa: SLF001 - there is no such command yet
    deciders[PaidBurn] = _decide
    try:
        yield
    finally:
        del deciders[PaidBurn]


_PAID_BURN: Final = PaidBurn(
    member_id="ada", request_id="r1", unit="points", points=1, reason="a reward"
)
_FUND: Final = FundBudget(
    request_id="f1", budget=BUDGET, points=10, operator="olga", reason="invoice 7"
)
_REPORT: Final = ReportFigures(
    request_id="f1",
    source="REVENUE",
    period="LIFETIME",
    start_time=0,
    money=1_000,
    operator="olga",
    reason="books of the shop",
)


def paid_burn(**fields: Any) -> PaidBurn:
    """Returns a burn of one point of Ada, paid by the prefunded budget."""
    return replace(_PAID_BURN, **fields)


def fund(**fields: Any) -> FundBudget:
    """Returns ten points paid ahead."""
    return replace(_FUND, **fields)


def report(**fields: Any) -> ReportFigures:
    """Returns a report of all revenue there has ever been."""
    return replace(_REPORT, **fields)
