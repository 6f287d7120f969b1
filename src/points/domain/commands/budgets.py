"""What budgets are paid from: points paid ahead, and money that is reported.

Neither has a member. Each is decided in the part of the counter that it moves, and
its request id is unique among what has no member in there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import ClassVar, Final

from points.domain.bounds import (
    POINTS_MAX,
    REASON_CHARACTERS_MAX,
    UNIT_CHARACTERS_MAX,
    UNSET,
)
from points.domain.budgets import figures_name
from points.domain.calendar.windows import WindowKind
from points.domain.checks import name_problem, points_problem, request_id_problem
from points.domain.commands.base import Command, Problems, Reads
from points.domain.commands.books import NOBODY
from points.domain.counters import FUNDS_PREFIX, counter_home
from points.domain.values import Kind


class FiguresSource(StrEnum):
    """Names the money that is reported."""

    REVENUE = "REVENUE"
    SALES = "SALES"
    PROFIT = "PROFIT"
    """May be below zero, and then pays nothing."""


class FundDirection(StrEnum):
    """Tells whether points are paid ahead, or what is left of them is taken back."""

    PAY = "PAY"
    TAKE_BACK = "TAKE_BACK"


_PERIODS: Final = tuple(WindowKind)


@dataclass(frozen=True, slots=True, kw_only=True)
class FundBudget(Command):
    """Asks to pay points ahead into a prefunded budget, or to take some back."""

    kind: ClassVar[Kind] = Kind.FUND_BUDGET
    member_id: str = NOBODY
    budget: str
    points: int
    operator: str
    reason: str
    direction: FundDirection = FundDirection.PAY

    def home(self) -> str:
        """Returns the text whose part it is decided in: that of its counter."""
        return counter_home(f"{FUNDS_PREFIX}{self.budget}")

    def reads(self) -> Reads:
        """Returns the account of the budget."""
        return Reads(counters=((f"{FUNDS_PREFIX}{self.budget}", 0),))

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "budget", name_problem(self.budget, UNIT_CHARACTERS_MAX)
        yield "points", points_problem(self.points)
        yield "operator", name_problem(self.operator)
        yield "reason", name_problem(self.reason, REASON_CHARACTERS_MAX)
        yield "request_id", request_id_problem(self.request_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFigures(Command):
    """Asks to keep the money of one period so far, in minor units.

    It stands in the place of what was reported for the period before. `start_time`
    is the first instant of the period in the program's zone, 0 for LIFETIME.
    """

    kind: ClassVar[Kind] = Kind.REPORT_FIGURES
    member_id: str = NOBODY
    source: str
    period: str
    start_time: int
    money: int
    operator: str
    reason: str

    def home(self) -> str:
        """Returns the text whose part it is decided in: that of its counter."""
        return counter_home(self._name)

    def reads(self) -> Reads:
        """Returns the counter of the period."""
        return Reads(counters=((self._name, self.start_time),))

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "source", _choice_problem(self.source, tuple(FiguresSource))
        yield "period", _choice_problem(self.period, _PERIODS)
        yield "money", self._money_problem()
        yield "operator", name_problem(self.operator)
        yield "reason", name_problem(self.reason, REASON_CHARACTERS_MAX)
        yield "request_id", request_id_problem(self.request_id)

    @property
    def _name(self) -> str:
        return figures_name(self.source, self.period)

    def _money_problem(self) -> str | None:
        # Half of int64, so that one report in the place of another is no overflow.
        lowest = -MONEY_MAX if self.source == FiguresSource.PROFIT else 0
        if lowest <= self.money <= MONEY_MAX:
            return None
        return f"must lie between {lowest} and {MONEY_MAX}"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureLiability(Command):
    """Asks to keep how many points of a budget's unit are outstanding.

    `outstanding` are those of all members, held ones included, and `used` is what
    the budget had paid, both seen in one snapshot; UNSET where that knew no such
    budget.
    """

    kind: ClassVar[Kind] = Kind.MEASURE_LIABILITY
    member_id: str = NOBODY
    budget: str
    operator: str
    reason: str
    outstanding: int = UNSET
    used: int = 0

    def home(self) -> str:
        """Returns the text whose part it is decided in: that of its counter."""
        return counter_home(f"budget:{self.budget}")

    def reads(self) -> Reads:
        """Returns the counter of the budget."""
        return Reads(counters=((f"budget:{self.budget}", 0),))

    def fingerprint(self) -> str:
        """Returns the digest of what the caller asks: not of what was measured."""
        asked = replace(self, outstanding=0, used=0)
        return Command.fingerprint(asked)

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield "budget", name_problem(self.budget, UNIT_CHARACTERS_MAX)
        yield "operator", name_problem(self.operator)
        yield "reason", name_problem(self.reason, REASON_CHARACTERS_MAX)
        yield "request_id", request_id_problem(self.request_id)


MONEY_MAX: Final = POINTS_MAX // 2
"""Most money that is reported, in minor units."""


def _choice_problem(text: str, choices: tuple[str, ...]) -> str | None:
    return None if text in choices else f"must be one of {', '.join(choices)}"
