"""Budgets of a document below what they have paid: their makers would not know it.

Only where the document leaves a budget less than the program in force does: one that
has paid at a lower rate, or whose reported money became less, has paid more than it
may already, and that is no reason to refuse every document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from points.domain.bounds import POINTS_MAX
from points.domain.budgets import BudgetForm, BudgetTerms, Level
from points.domain.commands import ApplyProgram
from points.domain.counters import CounterKey
from points.domain.program import Program
from points.domain.state import State


_FIELDS: Final = {
    BudgetForm.FIXED: "fixed.points",
    BudgetForm.PER_MEMBER: "per_member.points",
    BudgetForm.RATIO: "ratio.share",
    BudgetForm.LIABILITY: "liability.money",
}
"""Field of the document that says what a budget of each form may pay."""


def overspent(
    command: ApplyProgram, state: State, program: Program, now: int
) -> Iterator[tuple[str, str]]:
    """Yields the field of each budget that has paid more than it would have.

    In the period in which the document begins, and what is wrong with it. Prefunded
    budgets are paid ahead, whatever a document says.
    """
    for budget in command.budgets:
        if budget.form not in _FIELDS:
            continue
        levels = _levels(command, budget, state, now)
        paid, total = levels[0].used, budget.total(*levels)
        before = program.budgets.get(budget.name)
        is_alike = before and _is_alike(before, budget)
        was = before.total(*levels) if before and is_alike else POINTS_MAX
        if was > total < paid:
            yield f"budgets.{budget.name}.{_FIELDS[budget.form]}", _told(budget, paid)


def _levels(
    command: ApplyProgram, budget: BudgetTerms, state: State, now: int
) -> tuple[Level, ...]:
    """Returns where the budget's counter stands, then that of reported money.

    Of a budget per member, where the counter of who was paid most stands.
    """
    if budget.form is BudgetForm.PER_MEMBER:
        return (Level(dict(command.paid_most).get(budget.name, 0)),)
    return tuple(_level(key, state) for key in command.keys_of(budget, now))


def _level(key: CounterKey, state: State) -> Level:
    counter = state.counter(*key)
    return Level(counter.used, counter.granted)


def _is_alike(before: BudgetTerms, budget: BudgetTerms) -> bool:
    """Says whether a budget counts as before: only what it may pay may differ."""
    return before == budget._replace(points=before.points, rate=before.rate)


def _told(budget: BudgetTerms, paid: int) -> str:
    whom = "one member" if budget.form is BudgetForm.PER_MEMBER else "all"
    what = f"must not be below the {paid} {budget.unit} that it has paid"
    return f"{what} {whom} in the period in which it begins"
