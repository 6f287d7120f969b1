"""How many points an award has before and after factors, exactly."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, NamedTuple

from points.program.asking import Asking
from points.program.document.earning import Stack, StepBy, StepMode, Stepped
from points.program.facts import Item
from points.program.rounding import shown
from points.program.rulebook import Factor, ReadyAward


ONE: Final = Fraction(1)


class Step(NamedTuple):
    """Is one step of working out an award: why, and the points from then on."""

    why: str
    points: Fraction

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
    if points.fixed is not None:
        return Base(Step("fixed", Fraction(points.fixed)), items)
    if points.per_money or points.per_quantity:
        return _proportional(ready, asking)
    if points.stepped:
        return Base(_stepped(points.stepped, asking), items)
    if points.curve:
        return Base(_curve(ready, rule_id, asking), items)
    assert ready.formula is not None
    value = int(ready.formula.value(asking.activation))
    return Base(Step("formula", Fraction(max(0, value))), items)


def _proportional(ready: ReadyAward, asking: Asking) -> Base:
    points = ready.award.points
    items = _matching(ready, asking)
    if points.per_money:
        money = asking.money
        if ready.items:
            money = sum(item.money for item in items) * asking.exchange
        rate = points.per_money
        why = f"{shown(rate.points)} for each {rate.each} of {shown(money)} in money"
        return Base(Step(why, money * rate.points / rate.each), items)
    assert points.per_quantity is not None
    quantity = asking.activity.quantity
    if ready.items:
        quantity = sum(item.quantity for item in items)
    per = points.per_quantity
    why = f"{shown(per.points)} for each {per.each} of {quantity}"
    return Base(Step(why, quantity * per.points / per.each), items)


def _matching(ready: ReadyAward, asking: Asking) -> tuple[Item, ...]:
    if ready.items is None:
        return asking.activity.items
    condition = ready.items
    return tuple(
        item
        for item in asking.activity.items
        if condition.value(asking.item_activation(item))
    )


def _stepped(stepped: Stepped, asking: Asking) -> Step:
    by_money = stepped.by is StepBy.MONEY
    size = asking.money if by_money else Fraction(asking.activity.quantity)
    if stepped.mode is StepMode.REACHED:
        reached = [step for step in stepped.steps if step.at <= size]
        if not reached:
            return Step(f"no step is reached by {shown(size)}", Fraction(0))
        return Step(f"step {reached[-1].at} reached", reached[-1].points)
    ends = [Fraction(step.at) for step in stepped.steps[1:]] + [size]
    slices = [
        max(Fraction(0), min(end, size) - step.at) * step.points / step.each
        for step, end in zip(stepped.steps, ends, strict=True)
    ]
    return Step(f"slices of {shown(size)}", sum(slices, Fraction(0)))


def _curve(ready: ReadyAward, rule_id: str, asking: Asking) -> Step:
    curve = ready.award.points.curve
    assert curve is not None
    earlier = asking.facts.times.get((rule_id, curve.window), 0)
    points = curve.points[earlier] if earlier < len(curve.points) else curve.beyond
    why = f"time {earlier + 1} of its {curve.window}"
    return Step(why, Fraction(points))


def raised(base: Fraction, ready: ReadyAward, asking: Asking) -> Iterator[Step]:
    """Yields the steps that the factors make, in the declared order."""
    found = [(each, _factor(each, asking)) for each in ready.factors]
    applied = [(each, factor) for each, factor in found if factor is not None]
    rivals = [f for each, f in applied if each.multiplier.stack is Stack.HIGHEST]
    highest: Fraction | None = max(rivals, default=None)
    points = base
    for each, factor in applied:
        match each.multiplier.stack:
            case Stack.MULTIPLY:
                points *= factor
            case Stack.ADD:
                points = max(Fraction(0), points + base * (factor - 1))
            case Stack.HIGHEST:
                if factor != highest:
                    continue
                points, highest = points * factor, None
        sign = "+" if each.multiplier.stack is Stack.ADD else "x"
        yield Step(f"{each.name} {sign} {shown(factor)}", points)


def _factor(factor: Factor, asking: Asking) -> Fraction | None:
    if not _applies(factor, asking):
        return None
    found = _found(factor, asking)
    return None if found == ONE else found


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
