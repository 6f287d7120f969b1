"""What changes the program itself, for all members together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar, Final
from zoneinfo import ZoneInfo

from points.domain.bounds import REASON_CHARACTERS_MAX, UNSET
from points.domain.budgets import BudgetForm, BudgetTerms
from points.domain.checks import name_problem, request_id_problem, time_problem
from points.domain.commands.base import DERIVED, Command, Problems, Reads
from points.domain.commands.books import NOBODY
from points.domain.counters import CounterKey
from points.domain.identity import ADJUSTMENT, ISSUANCE, TRANSIT
from points.domain.state import Found
from points.domain.values import Kind
from points.domain.versions import UnitKinds


UTC: Final = ZoneInfo("UTC")

_COUNTED_FORMS: Final = (BudgetForm.FIXED, BudgetForm.RATIO, BudgetForm.LIABILITY)
"""Forms of budgets whose counters all members share, and documents bound."""

_SOURCES: Final = (ISSUANCE, ADJUSTMENT, TRANSIT)
"""Accounts that the first points of any unit in a part come from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplyProgram(Command):
    """Asks to make a document the next version of the program, in one part.

    It is applied by one such command for every part, accepted together or not at
    all. `document` is the canonical text whose SHA-256 is `digest`, and `units` are
    those in it: neither is recorded under the request id but by the digest. It
    begins at `effective_time`, UNSET for now, and if `expected_version` is given,
    that must be the last one applied so far. Its `budgets`, whose periods are those
    of `zone`, are held against what they have paid; `paid_most` says what a budget
    per member has paid who got most, as far as anybody has looked.
    """

    kind: ClassVar[Kind] = Kind.APPLY_PROGRAM
    follows: ClassVar[bool] = True
    digest: str
    document: str = field(metadata=DERIVED)
    units: UnitKinds = field(metadata=DERIVED)
    budgets: tuple[BudgetTerms, ...] = field(default=(), metadata=DERIVED)
    paid_most: tuple[tuple[str, int], ...] = field(default=(), metadata=DERIVED)
    zone: ZoneInfo = field(default=UTC, metadata=DERIVED)
    operator: str
    reason: str
    effective_time: int = UNSET
    expected_version: int = UNSET
    member_id: str = NOBODY

    def reads(self) -> Reads:
        """Returns the accounts that tell which units have come into use."""
        return Reads(names=_SOURCES)

    def follow(self, found: Found, part: int) -> Reads:
        """Returns the counters of what its budgets have paid."""
        del part
        shared = [each for each in self.budgets if each.form in _COUNTED_FORMS]
        keys = [key for each in shared for key in self.keys_of(each, found.now)]
        return Reads(counters=tuple(dict.fromkeys(keys)))

    def keys_of(self, budget: BudgetTerms, now: int) -> list[CounterKey]:
        """Returns the counters of a budget in the period in which the document begins.

        Its own, then that of reported money, if it is a share of any.
        """
        names = (budget.counter_name, budget.figures_name)
        start_time = self.start_of(budget, now)
        return [(name, start_time) for name in names if name]

    def start_of(self, budget: BudgetTerms, now: int) -> int:
        """Returns the beginning of the period in which the document begins."""
        instant = max(now, self.effective_time)
        return budget.period(instant, self.zone).start_time

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "operator", name_problem(self.operator)
        yield "reason", name_problem(self.reason, REASON_CHARACTERS_MAX)
        yield "effective_time", time_problem(self.effective_time)
        yield "expected_version", _version_problem(self.expected_version)
        yield "request_id", request_id_problem(self.request_id)


def _version_problem(version: int) -> str | None:
    return None if version >= UNSET else "must not be negative"
