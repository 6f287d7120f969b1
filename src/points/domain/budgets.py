"""What a budget is and how much of it is left, in whole points.

A budget has a counter of what it has paid, by period or for ever. What it may pay
comes from its terms, from money that is reported for the period, or from what was
paid ahead. Fractions are rounded down, once, so that nothing is paid beyond them.
"""

from __future__ import annotations

from enum import StrEnum
from fractions import Fraction
from math import floor
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from points.domain.calendar.windows import Window, WindowKind, window_of
from points.domain.counters import FUNDS_PREFIX


class BudgetForm(StrEnum):
    """Tells what a budget pays from."""

    FIXED = "FIXED"
    """So many points in each period."""

    PER_MEMBER = "PER_MEMBER"
    """So many points for each member in each period."""

    RATIO = "RATIO"
    """A share of the money that is reported for the period."""

    LIABILITY = "LIABILITY"
    """As long as all points outstanding are not worth more than an amount."""

    PREFUNDED = "PREFUNDED"
    """What was paid ahead, and not a point more."""

    UNLIMITED = "UNLIMITED"
    """Whatever is asked for; nothing is counted."""


class Level(NamedTuple):
    """Is where a counter stands; the default is a counter that never moved."""

    used: int = 0
    granted: int = 0


_NONE: Final = Level()


class BudgetTerms(NamedTuple):
    """Is what the program says of a budget.

    `points` are those of one period, or what may be outstanding at most. A budget
    of form RATIO gives `rate` points for each minor unit reported of `source`.
    """

    name: str
    unit: str
    form: BudgetForm
    points: int = 0
    per: WindowKind = WindowKind.LIFETIME
    source: str = ""
    rate: Fraction = Fraction(0)

    @property
    def counter_name(self) -> str:
        """Returns the name of the counter of what it has paid."""
        is_prefunded = self.form is BudgetForm.PREFUNDED
        return f"{FUNDS_PREFIX if is_prefunded else 'budget:'}{self.name}"

    @property
    def figures_name(self) -> str:
        """Returns the name of the counter of reported money, empty if it has none."""
        return figures_name(self.source, self.per) if self.source else ""

    def period(self, instant: int, zone: ZoneInfo) -> Window:
        """Returns the period that an instant lies in."""
        return window_of(self.per, instant, zone)

    def total(self, own: Level = _NONE, figures: Level = _NONE) -> int:
        """Returns what it may pay in the period, paid or not; never below zero."""
        match self.form:
            case BudgetForm.RATIO:
                return max(0, floor(figures.granted * self.rate))
            case BudgetForm.FIXED | BudgetForm.PER_MEMBER:
                return self.points
            case BudgetForm.LIABILITY | BudgetForm.PREFUNDED:
                return max(0, self.points + own.granted)
            case BudgetForm.UNLIMITED:
                raise ValueError(self.name)

    def left(self, own: Level = _NONE, figures: Level = _NONE) -> int:
        """Returns what it may still pay; never below zero."""
        return max(0, self.total(own, figures) - own.used)


def figures_name(source: str, per: str) -> str:
    """Returns the name of the counter of money reported by such periods."""
    return f"figures:{source}/{per}"
