"""What budgets are paid from, as it is recorded."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from points.domain.bounds import NEVER
from points.domain.budgets import figures_name
from points.domain.counters import FUNDS_PREFIX, CounterMove


class BudgetFunding(NamedTuple):
    """Is points paid ahead into a prefunded budget, or taken back if below zero.

    `left` is what the budget could still pay right after it.
    """

    budget: str
    unit: str
    points: int
    left: int
    operator: str
    reason: str

    @property
    def counters(self) -> tuple[CounterMove, ...]:
        """Returns what it moved."""
        name = f"{FUNDS_PREFIX}{self.budget}"
        return (CounterMove(name, 0, NEVER, granted=self.points),)


class FiguresReport(NamedTuple):
    """Is the money that is reported for one period so far, in minor units.

    It stands in the place of `money_before`, which was reported until then.
    """

    source: str
    period: str
    start_time: int
    end_time: int
    money: int
    money_before: int
    operator: str
    reason: str

    @property
    def counters(self) -> tuple[CounterMove, ...]:
        """Returns what it moved."""
        name = figures_name(self.source, self.period)
        by = self.money - self.money_before
        return (CounterMove(name, self.start_time, self.end_time, granted=by),)


class LiabilityMeasure(NamedTuple):
    """Is how many points of a unit were outstanding, and what that leaves a budget.

    `relief` is what the budget had paid by then less what was outstanding: so much
    of it has been burned or has expired. It is below zero if more is outstanding
    than the budget has paid, and stands in the place of `relief_before`.
    """

    budget: str
    unit: str
    outstanding: int
    relief: int
    relief_before: int
    operator: str
    reason: str

    @property
    def counters(self) -> tuple[CounterMove, ...]:
        """Returns what it moved."""
        by = self.relief - self.relief_before
        return (CounterMove(f"budget:{self.budget}", 0, NEVER, granted=by),)


BudgetResult: TypeAlias = BudgetFunding | FiguresReport | LiabilityMeasure
"""What a command about budgets comes to."""
