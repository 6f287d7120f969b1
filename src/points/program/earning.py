"""Which awards an activity earns, and why.

Deterministic: the same rulebook, activity and facts make the same awards in the
same order, by the ids of rules. Every number is exact until it is rounded, once.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, NamedTuple

from points.domain.activities import Activity, Item
from points.domain.bounds import POINTS_MAX
from points.domain.calendar.windows import WindowKind
from points.program.amounts import Base, Step, base_of, raised
from points.program.asking import Asking
from points.program.cel.batches import Answer
from points.program.cel.compiling import ExpressionFailed
from points.program.document.earning import Award as AwardModel
from points.program.document.earning import FirstTime, Remainder
from points.program.facts import Facts, RemainderKey
from points.program.rounding import Exact, rounded, shown, split, times
from points.program.rulebook import ReadyAward, ReadyRule, Rulebook, Sheet


_NO_REST: Final = Fraction()
_TOO_MANY: Final = f"comes to more than {POINTS_MAX} points"


class Award(NamedTuple):
    """Is points of one unit that one rule gives for one activity.

    `steps` lead from the base to the points. `remainder` is the fraction that is
    carried from now on; None leaves what is carried, if anything, as it was.
    `shares` split the points over the items they are for, by id, so that a return
    takes back what an item has earned.
    """

    rule_id: str
    number: int
    unit: str
    points: int
    steps: tuple[Step, ...]
    remainder: Fraction | None
    shares: tuple[tuple[str, int], ...] = ()

    @property
    def explanation(self) -> str:
        """Returns in words why it is these points."""
        steps = "; ".join(map(str, self.steps))
        return f"{self.rule_id}: {steps}; gives {self.points} {self.unit}"


class Failure(NamedTuple):
    """Is something in the document that has no value for these facts.

    A rule that fails earns nothing; `path` leads to it in the document.
    """

    path: str
    reason: str


class Earnings(NamedTuple):
    """Is all that an activity earns, and what failed on the way."""

    awards: tuple[Award, ...]
    failures: tuple[Failure, ...] = ()


def awards_of(rulebook: Rulebook, activity: Activity, facts: Facts) -> Earnings:
    """Returns what an activity, which `check_activity` has let in, earns.

    Caps and budgets are not looked at. An award of no points is there, too: its
    steps say why it is nothing.
    """
    sheet = rulebook.sheets.get(activity.type)
    if sheet is None:
        return Earnings(())
    asking = Asking(rulebook, activity, facts)
    awards: list[Award] = []
    failures: list[Failure] = []
    for ready, answer in _candidates(sheet, asking):
        try:
            if isinstance(answer, ExpressionFailed):
                raise answer
            awards += [award_of(each, ready, asking) for each in ready.awards]
        except ExpressionFailed as failed:
            failures.append(Failure(f"rules.{ready.id}", str(failed)))
    failures += [Failure(*each) for each in asking.failures]
    return Earnings(tuple(awards), tuple(failures))


def _candidates(sheet: Sheet, asking: Asking) -> list[tuple[ReadyRule, Answer]]:
    """Returns the rules that hold, but for those whose condition is not true.

    Hundreds may be looked at for each activity, and nearly all of them end here:
    with their answers, none of which is worked out unless some rule depends on it.
    """
    found: dict[int, Answer] = dict.fromkeys(sheet.always, True)
    if sheet.asks_always or _asks_now(sheet, asking):
        for place, answer in asking.answers():
            for rule in sheet.askers[place]:
                found[rule] = answer
    left = [(sheet.rules[place], found[place]) for place in sorted(found)]
    return left if sheet.is_open else [e for e in left if _holds(e[0], asking)]


def _asks_now(sheet: Sheet, asking: Asking) -> bool:
    return any(ready.when and _holds(ready, asking) for ready in sheet.rules)


def _holds(ready: ReadyRule, asking: Asking) -> bool:
    """Says whether a rule is for the activity's time and sub-program."""
    if ready.is_open:
        return True
    if not ready.life.holds(asking.activity.occur_time):
        return False
    wanted = ready.sub_programs
    return not wanted or not wanted.isdisjoint(asking.sub_programs)


def award_of(ready: ReadyAward, rule: ReadyRule, asking: Asking) -> Award:
    """Returns what one award of a rule comes to; raises ExpressionFailed."""
    if ready.is_plain and not asking.activity.items:
        return _plain(ready, rule.id, asking)
    return step_by_step(ready, rule, asking)


def _plain(ready: ReadyAward, rule_id: str, asking: Asking) -> Award:
    """Returns what `step_by_step` returns of an award that is rounded and no more.

    Most are so: what could come between is not even looked for.
    """
    award = ready.award
    step = base_of(ready, rule_id, asking).step
    before = step.points
    points = rounded(before, award.rounding)
    if points > POINTS_MAX:
        raise ExpressionFailed(_TOO_MANY)
    is_whole = before.denominator == 1
    steps = (step,) if is_whole else (step, Step(ready.rounded, points))
    return Award(rule_id, ready.number, award.unit, points, steps, None)


def step_by_step(ready: ReadyAward, rule: ReadyRule, asking: Asking) -> Award:
    """Returns what an award of any kind comes to; raises ExpressionFailed."""
    award = ready.award
    base = base_of(ready, rule.id, asking)
    steps = [base.step]
    if ready.factors:
        steps += raised(base.step.points, ready, asking)
    if award.first_time:
        steps += _first_time(award.first_time, rule.id, steps[-1].points, asking)
    carries = award.remainder is Remainder.CARRY
    if carries:
        steps += _carried((rule.id, ready.number), steps[-1].points, asking)
    before = steps[-1].points
    whole = rounded(before, award.rounding)
    points = _within_bounds(whole, award)
    if points != before:
        steps += _ended(ready, before, whole, points)
    return Award(
        rule.id,
        ready.number,
        award.unit,
        points,
        tuple(steps),
        _rest(before) if carries else None,
        _shares(points, base, award) if base.items else (),
    )


def _first_time(
    first: FirstTime, rule_id: str, points: Exact, asking: Asking
) -> list[Step]:
    if asking.facts.times.get((rule_id, WindowKind.LIFETIME), 0):
        return []
    if first.multiply is not None:
        factor = first.multiply
        return [Step(f"first time x {shown(factor)}", times(points, factor))]
    assert first.add is not None
    return [Step(f"first time + {first.add}", points + first.add)]


def _carried(key: RemainderKey, points: Exact, asking: Asking) -> list[Step]:
    carried = asking.facts.remainders.get(key)
    return [Step(f"carried + {shown(carried)}", points + carried)] if carried else []


def _within_bounds(points: int, award: AwardModel) -> int:
    bounded = points if award.maximum is None else min(points, award.maximum)
    if bounded > POINTS_MAX:
        raise ExpressionFailed(_TOO_MANY)
    return bounded


def _ended(ready: ReadyAward, before: Exact, whole: int, points: int) -> Iterator[Step]:
    if whole != before:
        yield Step(ready.rounded, whole)
    if points != whole:
        yield Step("at most", points)


def _rest(points: Exact) -> Fraction:
    return _NO_REST if isinstance(points, int) else points % 1


def _shares(points: int, base: Base, award: AwardModel) -> tuple[tuple[str, int], ...]:
    by_quantity = award.points.per_quantity is not None
    weights = [_weight(item, by_quantity=by_quantity) for item in base.items]
    shares = split(points, weights)
    return tuple(
        (item.id, share) for item, share in zip(base.items, shares, strict=True)
    )


def _weight(item: Item, *, by_quantity: bool) -> int:
    return item.quantity if by_quantity else item.money
