"""What budgets pay of awards, and how far their counters move.

Pure: the caller reads the counters that `budget_counters_of` names, and writes the
moves together with the awards. Counters with a `member_id` are that member's own;
all others are shared by everybody: `points.domain.counters` says how they are read
and moved in one transaction.

Budgets are asked after caps, in the order of the awards, and count what is paid.
A reverse gives back by `points.domain.counters.returned`, a cancelled lot nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import floor
from types import MappingProxyType
from typing import Final, NamedTuple

from points.domain.activities import Activity
from points.domain.budgets import BudgetForm, BudgetTerms, Level
from points.domain.calendar.windows import Window
from points.domain.refusals import BudgetExhausted
from points.program.amounts import Step
from points.program.document.bounds import BudgetOverflow
from points.program.earning import Award
from points.program.facts import Facts
from points.program.rounding import shown, split
from points.program.rulebook import Rulebook


class BudgetCounter(NamedTuple):
    """Is one counter of a budget; `member_id` is empty if everybody shares it."""

    name: str
    window: Window
    member_id: str = ""


class Paid(NamedTuple):
    """Is awards as budgets pay them, and how far each counter moves with them.

    `queued` are awards that a budget could not pay: each waits for it as a whole.
    Their remainders are carried already, as those of awards that are paid.
    """

    awards: tuple[Award, ...]
    moves: Mapping[BudgetCounter, int]
    queued: tuple[Award, ...] = ()


_UNCOUNTED: Final[Mapping[BudgetCounter, int]] = MappingProxyType({})


def budget_counters_of(
    rulebook: Rulebook, activity: Activity, facts: Facts, awards: Sequence[Award]
) -> tuple[BudgetCounter, ...]:
    """Returns the counters that the awards' budgets look at, each once.

    Those of reported money are among them: they are read and never moved.
    """
    found: dict[BudgetCounter, None] = {}
    for award in awards:
        budget = budget_of(award, rulebook)
        if budget is not None:
            found |= dict.fromkeys(_counters(budget, rulebook, activity, facts))
    return tuple(found)


def pay_from_budgets(
    rulebook: Rulebook,
    activity: Activity,
    facts: Facts,
    awards: Sequence[Award],
    used: Mapping[BudgetCounter, Level],
) -> Paid:
    """Returns what the budgets of the awards' rules pay.

    An award that its budget covers is paid. Otherwise, as the budget declares, the
    whole activity is refused (raises BudgetExhausted), or the award waits as a
    whole, or what is over is paid by the lower factor, rounded down; that counts
    as used, too. A counter that the caller leaves out never moved.
    """
    if not any(budget_of(award, rulebook) for award in awards):
        return Paid(tuple(awards), _UNCOUNTED)
    paying = _Paying(rulebook, activity, facts, used)
    paid = [award for each in awards for award in paying.pay(each)]
    return Paid(tuple(paid), paying.moves, tuple(paying.queued))


class _Paying:
    def __init__(
        self,
        rulebook: Rulebook,
        activity: Activity,
        facts: Facts,
        used: Mapping[BudgetCounter, Level],
    ) -> None:
        self._rulebook = rulebook
        self._activity = activity
        self._facts = facts
        self._used = used
        self.moves: dict[BudgetCounter, int] = {}
        self.queued: list[Award] = []

    def pay(self, award: Award) -> Iterator[Award]:
        """Yields the award as it is paid now, unless it has to wait."""
        budget = budget_of(award, self._rulebook)
        if budget is None or not award.points:
            yield award
            return
        own, left = self._left(budget)
        if award.points <= left:
            self._move(own, award.points)
            yield _explained(award, budget.name, left - award.points)
            return
        model = self._rulebook.document.budgets[budget.name]
        match model.overflow:
            case BudgetOverflow.REFUSE:
                raise BudgetExhausted(budget.name, budget.unit, left, award.points)
            case BudgetOverflow.QUEUE:
                self.queued.append(_waiting(award, budget.name, left))
            case BudgetOverflow.LOWER_RATE:
                assert model.lower_to is not None
                lowered = _lowered(award, budget.name, left, model.lower_to)
                self._move(own, lowered.points)
                yield lowered

    def _left(self, budget: BudgetTerms) -> tuple[BudgetCounter, int]:
        own, *more = _counters(budget, self._rulebook, self._activity, self._facts)
        levels = [self._used.get(each, Level()) for each in (own, *more)]
        used = levels[0].used + self.moves.get(own, 0)
        return own, budget.left(levels[0]._replace(used=used), *levels[1:])

    def _move(self, counter: BudgetCounter, points: int) -> None:
        if points:
            self.moves[counter] = self.moves.get(counter, 0) + points


def _explained(award: Award, name: str, left: int) -> Award:
    step = Step(f"budget {name} pays, {left} left", award.points)
    return award._replace(steps=(*award.steps, step))


def _waiting(award: Award, name: str, left: int) -> Award:
    step = Step(f"waits for budget {name}, {left} left", award.points)
    return award._replace(steps=(*award.steps, step))


def _lowered(award: Award, name: str, left: int, factor: Fraction) -> Award:
    over = award.points - left
    points = left + floor(over * factor)
    other = f"the other {over} x {shown(factor)} rounded down"
    step = Step(f"budget {name} pays {left}, {other}", points)
    weights = [share for _, share in award.shares]
    shares = split(points, weights) if weights else []
    ids = [item_id for item_id, _ in award.shares]
    return award._replace(
        points=points,
        steps=(*award.steps, step),
        shares=tuple(zip(ids, shares, strict=True)),
    )


def budget_of(award: Award, rulebook: Rulebook) -> BudgetTerms | None:
    """Returns the budget that counts the award; None if it is paid from nothing."""
    name = rulebook.document.rules[award.rule_id].budget
    budget = rulebook.budgets[name] if name else None
    if budget is None or budget.form is BudgetForm.UNLIMITED:
        return None
    return budget if budget.unit == award.unit else None


def _counters(
    budget: BudgetTerms, rulebook: Rulebook, activity: Activity, facts: Facts
) -> Iterator[BudgetCounter]:
    """Yields the budget's own counter, then that of the money it is a share of."""
    window = budget.period(activity.occur_time, rulebook.zone)
    is_own = budget.form is BudgetForm.PER_MEMBER
    yield BudgetCounter(budget.counter_name, window, facts.member_id if is_own else "")
    if budget.figures_name:
        yield BudgetCounter(budget.figures_name, window)
