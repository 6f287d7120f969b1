"""Awards within caps and budgets, and how the counters of both move.

Counters of a member alone stand in its progress; those that members share are
counters of their own. Caps are asked before budgets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

from points.domain.activities import Activity
from points.domain.activities import Award as Granted
from points.domain.budgets import Level
from points.domain.calendar.windows import Window, WindowKind, window_of
from points.domain.counters import Counter, CounterKey, CounterMove
from points.domain.progress import (
    Move,
    Progress,
    budget_counter,
    counter_key,
    counter_name,
)
from points.domain.refusals import InvalidArgument
from points.program.budgeting import (
    BudgetCounter,
    budget_counters_of,
    pay_from_budgets,
)
from points.program.capping import CapCounter, counters_of, fit_awards
from points.program.cel.compiling import ExpressionFailed
from points.program.document.bounds import CapKey
from points.program.earning import Award
from points.program.facts import Facts
from points.program.rulebook import Rulebook


class Bounded(NamedTuple):
    """Is awards within all bounds; `queued` wait for their budget as a whole."""

    awards: tuple[Award, ...]
    moves: tuple[Move, ...] = ()
    counters: tuple[CounterMove, ...] = ()
    queued: tuple[Award, ...] = ()


class _Place(NamedTuple):
    """Says where a counter stands: in the progress, or shared in a window.

    What rolls is counted day by day: `days` sums what the days of the window used.
    """

    name: str
    start_time: int
    end_time: int
    is_shared: bool
    days: Callable[[Progress], int] | None = None


def shared_keys(
    rulebook: Rulebook, activity: Activity, facts: Facts, awards: Sequence[Award]
) -> tuple[CounterKey, ...]:
    """Returns the shared counters that the awards' caps and budgets have.

    Raises ExpressionFailed if the key of a cap has no value.
    """
    caps = counters_of(rulebook, activity, facts, awards)
    budgets = budget_counters_of(rulebook, activity, facts, awards)
    places = [*(_of_cap(each, rulebook) for each in caps), *map(_of_budget, budgets)]
    return tuple((p.name, p.start_time) for p in places if p.is_shared)


def bound(
    rulebook: Rulebook,
    activity: Activity,
    facts: Facts,
    awards: Sequence[Award],
    *,
    progress: Progress,
    shared: Callable[[str, int], Counter],
) -> Bounded:
    """Returns what caps and budgets leave of the awards.

    Raises InvalidArgument if the key of a cap has no value, BudgetExhausted, and
    what `shared` raises.
    """
    if not any(_is_asked(award, rulebook) for award in awards):
        return Bounded(tuple(awards))
    return bound_one_by_one(
        rulebook, activity, facts, awards, progress=progress, shared=shared
    )


def _is_asked(award: Award, rulebook: Rulebook) -> bool:
    """Says whether a bound may make a difference to an award of this rule.

    To one of no points none does, but for a cap whose key may have no value.
    """
    rule = rulebook.document.rules[award.rule_id]
    if award.points:
        return bool(rule.caps or rule.budget)
    return any(name in rulebook.cap_keys for name in rule.caps)


def bound_one_by_one(
    rulebook: Rulebook,
    activity: Activity,
    facts: Facts,
    awards: Sequence[Award],
    *,
    progress: Progress,
    shared: Callable[[str, int], Counter],
) -> Bounded:
    """Returns what `bound` returns, having asked every cap and budget there is."""
    try:
        caps = counters_of(rulebook, activity, facts, awards)
    except ExpressionFailed as failed:
        raise InvalidArgument({"attributes": f"a cap has no key: {failed}"}) from None
    budgets = budget_counters_of(rulebook, activity, facts, awards)
    if not caps and not budgets:
        return Bounded(tuple(awards))
    places: dict[CapCounter | BudgetCounter, _Place] = {
        **{each: _of_cap(each, rulebook) for each in caps},
        **{each: _of_budget(each) for each in budgets},
    }
    levels = {each: _level(place, progress, shared) for each, place in places.items()}
    used = {each: levels[each].used for each in caps}
    fitted = fit_awards(rulebook, activity, facts, awards, used)
    left = {each: levels[each] for each in budgets}
    paid = pay_from_budgets(rulebook, activity, facts, fitted.awards, left)
    steps = [(places[cap], by) for cap, by in fitted.moves.items()]
    steps += [(places[budget], by) for budget, by in paid.moves.items()]
    return Bounded(
        paid.awards, tuple(_moves(steps)), tuple(_counters(steps)), paid.queued
    )


def counts(rulebook: Rulebook, counter: str, award: Granted) -> bool:
    """Says whether a counter, by its name, counts what an award has given.

    Of a cap, a budget, or the times a rule was met.
    """
    kind, *key = counter_key(counter)
    rule = rulebook.document.rules.get(award.rule_id)
    if rule is None:
        return False
    match kind:
        case "rule":
            return key[0] == award.rule_id
        case "cap":
            return key[0] in rule.caps and _covers(rulebook, key, award)
        case _:
            budget = rulebook.budgets.get(rule.budget or "")
            names = {counter, *key[:1]}
            return (
                budget is not None
                and budget.unit == award.unit
                and budget.counter_name in names
            )


def _covers(rulebook: Rulebook, key: Sequence[str], award: Granted) -> bool:
    """Says whether the counter of a cap with this key is one for the award."""
    cap_id, *parts = key
    cap = rulebook.document.caps[cap_id]
    rules = [
        part for of, part in zip(cap.per, parts, strict=False) if of is CapKey.RULE
    ]
    return cap.unit in (None, award.unit) and rules in ([], [award.rule_id])


def _of_cap(counter: CapCounter, rulebook: Rulebook) -> _Place:
    cap_id, key, window = counter
    if rulebook.document.caps[cap_id].window.rolling is not None:
        return _of_today(counter, rulebook)
    is_shared = CapKey.MEMBER not in rulebook.document.caps[cap_id].per
    start_time = 0 if is_shared else window.start_time
    key = _own_key(counter, rulebook)
    name = counter_name("cap", cap_id, *key, start_time=start_time)
    return _Place(name, *window, is_shared)


def _of_today(counter: CapCounter, rulebook: Rulebook) -> _Place:
    """Returns the counter of today, one of those whose days roll by."""
    cap_id, _, window = counter
    key = _own_key(counter, rulebook)
    day = window_of(WindowKind.DAY, window.end_time - 1, rulebook.zone)
    stem = counter_name("cap", cap_id, *key)
    return _Place(
        counter_name("cap", cap_id, *key, start_time=day.start_time),
        *day,
        is_shared=False,
        days=partial(_rolled, stem, window),
    )


def _own_key(counter: CapCounter, rulebook: Rulebook) -> tuple[str, ...]:
    """Returns the key without the member, whose progress has the counter anyway.

    So it counts on where two members become one.
    """
    per = rulebook.document.caps[counter.cap_id].per
    members = {n for n, part in enumerate(per) if part is CapKey.MEMBER}
    return tuple("" if n in members else each for n, each in enumerate(counter.key))


def _rolled(stem: str, window: Window, progress: Progress) -> int:
    """Returns what the days of a window have used together."""
    return sum(
        tally.used
        for name, tally in progress.counters.items()
        if name.rpartition("/")[0] == stem
        and window.start_time < tally.end_time <= window.end_time
    )


def _of_budget(counter: BudgetCounter) -> _Place:
    name, window, member_id = counter
    if not member_id:
        return _Place(name, *window, is_shared=True)
    own = budget_counter(name, window.start_time)
    return _Place(own, *window, is_shared=False)


def _level(
    place: _Place, progress: Progress, shared: Callable[[str, int], Counter]
) -> Level:
    if place.days is not None:
        return Level(place.days(progress))
    if not place.is_shared:
        return Level(progress.used(place.name))
    found = shared(place.name, place.start_time)
    return Level(found.used, found.granted)


def _moves(steps: Sequence[tuple[_Place, int]]) -> Iterator[Move]:
    for place, by in steps:
        if not place.is_shared:
            yield Move(place.name, by, place.end_time)


def _counters(steps: Sequence[tuple[_Place, int]]) -> Iterator[CounterMove]:
    for place, by in steps:
        if place.is_shared:
            yield CounterMove(place.name, place.start_time, place.end_time, used=by)
