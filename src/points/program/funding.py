"""The budgets of a document as the domain knows them: in whole points."""

from __future__ import annotations

from fractions import Fraction
from math import floor

from points.domain.bounds import POINTS_MAX
from points.domain.budgets import BudgetForm, BudgetTerms
from points.program.document.bounds import Budget
from points.program.document.root import ProgramDocument


def budget_terms(document: ProgramDocument) -> dict[str, BudgetTerms]:
    """Returns the terms of each budget of a document, which has been checked."""
    return {
        name: _terms(name, budget, _worth(budget.unit, document))
        for name, budget in document.budgets.items()
    }


def _terms(name: str, budget: Budget, worth: Fraction) -> BudgetTerms:
    """Returns the terms; `worth` is the points of a minor unit of money."""
    unit = budget.unit
    if budget.fixed:
        points, per = budget.fixed.points, budget.fixed.per
        return BudgetTerms(name, unit, BudgetForm.FIXED, points, per)
    if budget.per_member:
        points, per = budget.per_member.points, budget.per_member.per
        return BudgetTerms(name, unit, BudgetForm.PER_MEMBER, points, per)
    if budget.ratio:
        source, rate = budget.ratio.of.value, budget.ratio.share * worth
        terms = BudgetTerms(name, unit, BudgetForm.RATIO, per=budget.ratio.per)
        return terms._replace(source=source, rate=rate)
    if budget.liability:
        points = min(POINTS_MAX, floor(budget.liability.money * worth))
        return BudgetTerms(name, unit, BudgetForm.LIABILITY, points)
    form = BudgetForm.PREFUNDED if budget.prefunded else BudgetForm.UNLIMITED
    return BudgetTerms(name, unit, form)


def _worth(unit: str, document: ProgramDocument) -> Fraction:
    value = document.units[unit].value
    return Fraction(value.points, value.money) if value else Fraction(0)


def all_budgets(document: ProgramDocument) -> tuple[BudgetTerms, ...]:
    """Returns the terms of all budgets, in their order."""
    return tuple(budget_terms(document).values())
