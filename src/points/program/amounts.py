"""How many points an award has before and after factors, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from points.domain.activities import Item
from points.program.asking import Asking
from points.program.cel.compiling import Expression
from points.program.document.earning import (
    Curve,
    Stack,
    StepBy,
    StepMode,
    Stepped,
)
from points.program.document.earning import Step as StepModel
from points.program.rounding import Exact, shown, times
from points.program.rulebook import Factor, ReadyAward


class Step(NamedTuple):
    """Is one step of working out an award: why, and the points from then on."""

    why: str
    points: Exact

    def __str__(self) -> str:
        return f"{self.why}: {shown(self.points)}"


class Base(NamedTuple):
    """Is what an award begins with, and the items that it is for."""

    step: Step
    items: tuple[Item, ...]


def base_of(ready: ReadyAward, rule_id: str, asking: Asking) -> Base:
    """Returns the points before factors; raises ExpressionFailed.

    A formula below zero comes to nothing.
    """
    points, items = ready.award.points, asking.activity.items
    if points.per_money:
        return _per_money(ready, asking)
    if points.per_quantity:
        return _per_quantity(ready, asking)
    if points.fixed is not None:
        return Base(Step("fixed", points.fixed), items)
    if points.stepped:
        return Base(_stepped(points.stepped, asking), items)
    if points.curve:
        return Base(_curve(points.curve, rule_id, asking), items)
    assert ready.formula is not None
    value = int(ready.formula.value(asking.activation))
    return Base(Step("formula", max(0, value)), items)


def _per_money(ready: ReadyAward, asking: Asking) -> Base:
    items, money = asking.activity.items, asking.money
    if ready.items:
        items = _matching(ready.items, asking)
        money = times(sum(item.money for item in items), asking.exchange)
    points = times(money, ready.rate)
    return Base(Step(f"{ready.per} of {shown(money)} in money", points), items)


def _per_quantity(ready: ReadyAward, asking: Asking) -> Base:
    items, quantity = asking.activity.items, asking.activity.quantity
    if ready.items:
        items = _matching(ready.items, asking)
        quantity = sum(item.quantity for item in items)
    points = times(quantity, ready.rate)
    return Base(Step(f"{ready.per} of {quantity}", points), items)


def _matching(condition: Expression, asking: Asking) -> tuple[Item, ...]:
    return tuple(
        item
        for item in asking.activity.items
        if condition.value(asking.item_activation(item))
    )


def _stepped(stepped: Stepped, asking: Asking) -> Step:
    by_money = stepped.by is StepBy.MONEY
    size = asking.money if by_money else asking.activity.quantity
    if stepped.mode is StepMode.SLICES:
        return Step(f"slices of {shown(size)}", _sliced(stepped.steps, size))
    reached = [step for step in stepped.steps if step.at <= size]
    if not reached:
        return Step(f"no step is reached by {shown(size)}", 0)
    return Step(f"step {reached[-1].at} reached", reached[-1].points)


def _sliced(steps: tuple[StepModel, ...], size: Exact) -> Exact:
    ends: list[Exact] = [*(step.at for step in steps[1:]), size]
    slices = [
        max(0, min(end, size) - step.at) * step.points / step.each
        for step, end in zip(steps, ends, strict=True)
    ]
    return sum(slices, Fraction(0))


def _curve(curve: Curve, rule_id: str, asking: Asking) -> Step:
    earlier = asking.facts.times.get((rule_id, curve.window), 0)
    points = curve.points[earlier] if earlier < len(curve.points) else curve.beyond
    return Step(f"time {earlier + 1} of its {curve.window}", points)


def raised(base: Exact, ready: ReadyAward, asking: Asking) -> Iterator[Step]:
    """Yields the steps that the factors make, in the declared order."""
    found = [(each, _factor(each, asking)) for each in ready.factors]
    applied = [(each, factor) for each, factor in found if factor is not None]
    rivals = [f for each, f in applied if each.multiplier.stack is Stack.HIGHEST]
    highest: Fraction | None = max(rivals, default=None)
    points = base
    for each, factor in applied:
        match each.multiplier.stack:
            case Stack.MULTIPLY:
                points = times(points, factor)
            case Stack.ADD:
                points = max(0, points + times(base, factor - 1))
            case Stack.HIGHEST:
                if factor != highest:
                    continue
                points, highest = times(points, factor), None
        sign = "+" if each.multiplier.stack is Stack.ADD else "x"
        yield Step(f"{each.name} {sign} {shown(factor)}", points)


def _factor(factor: Factor, asking: Asking) -> Fraction | None:
    if not _applies(factor, asking):
        return None
    found = _found(factor, asking)
    return None if found == 1 else found


def _applies(factor: Factor, asking: Asking) -> bool:
    if not factor.life.holds(asking.activity.occur_time):
        return False
    if factor.weekdays and asking.local.isoweekday() not in factor.weekdays:
        return False
    if factor.hours and not _within_hours(factor.hours, asking):
        return False
    return factor.when is None or bool(factor.when.value(asking.activation))


def _within_hours(hours: tuple[int, int], asking: Asking) -> bool:
    since, until = hours
    minute = asking.local.hour * 60 + asking.local.minute
    if since < until:
        return since <= minute < until
    return minute >= since or minute < until


def _found(factor: Factor, asking: Asking) -> Fraction | None:
    multiplier, activity = factor.multiplier, asking.activity
    if multiplier.factor is not None:
        return multiplier.factor
    if multiplier.tiers is not None:
        tier = asking.facts.tiers.get(multiplier.tiers.ladder, "")
        return multiplier.tiers.factors.get(tier)
    if multiplier.segments is not None:
        factors = multiplier.segments.items()
        return max((each for name, each in factors if asking.is_in(name)), default=None)
    if multiplier.sub_programs is not None:
        factors_by_name = multiplier.sub_programs
        named = (name for name in asking.sub_programs if name in factors_by_name)
        return factors_by_name.get(next(named, ""))
    if multiplier.channels is not None:
        return multiplier.channels.get(activity.channel)
    return _partner_rate(asking)


def _partner_rate(asking: Asking) -> Fraction | None:
    name, rulebook = asking.activity.partner, asking.rulebook
    life = rulebook.partners.get(name)
    if life is None or not life.holds(asking.activity.occur_time):
        return None
    return rulebook.document.partners[name].rate
