"""A document made ready: expressions compiled, rules by type of activity."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from points.domain.budgets import BudgetTerms
from points.domain.calendar.windows import WindowKind
from points.program.cel.batches import Batch, batches_of
from points.program.cel.compiling import Expression, Result, compile_expression
from points.program.cel.environment import Scope
from points.program.document.bounds import CapKey
from points.program.document.earning import (
    Award,
    Multiplier,
    Remainder,
    Rule,
    Weekday,
)
from points.program.document.root import ProgramDocument
from points.program.facts import TimesKey
from points.program.funding import budget_terms
from points.program.moments import life_of
from points.program.rounding import Exact, exact, shown
from points.program.terms import Terms, terms_of


_SEGMENTS: Final = "member.segments"


class Life(NamedTuple):
    """Is the time in which something holds, half-open."""

    start_time: int
    end_time: int

    def holds(self, instant: int) -> bool:
        """Says whether the instant lies in it."""
        return self.start_time <= instant < self.end_time


class Factor(NamedTuple):
    """Is a multiplier made ready; `hours` are minutes of the day."""

    name: str
    multiplier: Multiplier
    when: Expression | None
    weekdays: frozenset[int]
    hours: tuple[int, int] | None
    life: Life


class ReadyAward(NamedTuple):
    """Is an award made ready; `number` is its place in its rule.

    `rate` is its points for one minor unit or piece, and `per` says that in words;
    an award that does not depend on these has neither. `rounded` says how it ends,
    and one that `is_plain` is its base, rounded: it has no factors, bonuses, carried
    fractions or bounds.
    """

    number: int
    award: Award
    rate: Exact
    per: str
    formula: Expression | None
    items: Expression | None
    factors: tuple[Factor, ...]
    rounded: str
    is_plain: bool


class ReadyRule(NamedTuple):
    """Is a rule made ready; `shares` if caps or its budget count several members.

    One that `is_open` holds at any time and in any sub-program.
    """

    id: str
    rule: Rule
    when: Expression | None
    life: Life
    is_open: bool
    sub_programs: frozenset[str]
    awards: tuple[ReadyAward, ...]
    shares: bool


class Sheet(NamedTuple):
    """Is the rules of one type of activity, by their ids, and what they read.

    `conditions` are those of the rules, to be asked together; `askers` are the places
    of the rules that each of them is the condition of, and `always` the places of those
    without one. `units` are what they may earn, each once, `times` the counters that
    their facts have to bring, and `shared` the rules whose caps or budget count several
    members; it `is_bounded` if there are any caps or budgets. One that `looks_back`
    asks what the member has done before. With `asks_always` some condition is asked of
    every activity, and with `is_open` all rules hold whenever and in any sub-program.
    """

    rules: tuple[ReadyRule, ...]
    names: frozenset[str]
    conditions: tuple[Batch, ...]
    askers: tuple[tuple[int, ...], ...]
    always: tuple[int, ...]
    units: tuple[str, ...]
    times: tuple[TimesKey, ...]
    shared: tuple[ReadyRule, ...]
    is_bounded: bool
    looks_back: bool
    asks_always: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Is a document made ready to be asked, over and over, by any thread.

    `terms` are those of awards, by the ids of their rules and their units.
    """

    document: ProgramDocument
    zone: ZoneInfo
    sheets: Mapping[str, Sheet]
    segments: Mapping[str, Expression]
    partners: Mapping[str, Life]
    cap_keys: Mapping[str, Expression]
    budgets: Mapping[str, BudgetTerms]
    terms: Mapping[tuple[str, str], Terms]


def compile_rules(document: ProgramDocument) -> Rulebook:
    """Returns the document made ready; it has been checked by loading."""
    zone = document.zone
    rules = [_rule(name, document) for name in sorted(document.rules)]
    types = sorted({kind for ready in rules for kind in ready.rule.activities})
    keys = {
        name: compile_expression(cap.key, Scope.ACTIVITY, Result.STRING)
        for name, cap in document.caps.items()
        if cap.key
    }
    sheets = {
        kind: _sheet(
            [each for each in rules if kind in each.rule.activities],
            keys,
            scored=document.scores is not None,
        )
        for kind in types
    }
    segments = {
        name: compile_expression(segment.when, Scope.MEMBER, Result.BOOL)
        for name, segment in document.segments.items()
    }
    partners = {
        name: Life(*life_of(partner.since, partner.until, zone))
        for name, partner in document.partners.items()
    }
    budgets = budget_terms(document)
    terms = {
        (ready.id, unit): terms_of(document, ready.id, unit)
        for ready in rules
        for unit in {each.award.unit for each in ready.awards}
    }
    return Rulebook(document, zone, sheets, segments, partners, keys, budgets, terms)


def within(name: str, document: ProgramDocument) -> list[str]:
    """Returns the sub-program and those that it is part of, the nearest first."""
    chain: list[str] = []
    while name in document.sub_programs:
        chain.append(name)
        name = document.sub_programs[name].part_of or ""
    return chain


def _windows(award: Award) -> list[WindowKind]:
    windows = [award.points.curve.window] if award.points.curve else []
    return [*windows, WindowKind.LIFETIME] if award.first_time else windows


def _sheet(
    rules: list[ReadyRule], keys: Mapping[str, Expression], *, scored: bool
) -> Sheet:
    read = [each for ready in rules for each in _expressions(ready)]
    caps = {name for ready in rules for name in ready.rule.caps}
    read += [keys[name] for name in caps & keys.keys()]
    names = frozenset(name for expression in read for name in expression.names)
    batches = batches_of(
        (each.when for each in rules if each.when),
        Scope.ACTIVITY,
        # A segment without a value is told of, whichever rule reads the segments.
        plainly=_SEGMENTS not in names,
    )
    askers: dict[str, list[int]] = defaultdict(list)
    for place, ready in enumerate(rules):
        askers[ready.when.text if ready.when else ""].append(place)
    awards = [(ready.id, each.award) for ready in rules for each in ready.awards]
    times = {(name, one) for name, award in awards for one in _windows(award)}
    carries = any(award.remainder is Remainder.CARRY for _, award in awards)
    is_bounded = any(ready.rule.caps or ready.rule.budget for ready in rules)
    return Sheet(
        tuple(rules),
        names,
        batches,
        tuple(tuple(askers[e.text]) for batch in batches for e in batch.conditions),
        tuple(askers[""]),
        tuple(dict.fromkeys(award.unit for _, award in awards)),
        tuple(sorted(times)),
        tuple(ready for ready in rules if ready.shares),
        is_bounded=is_bounded,
        looks_back=bool(times) or carries or is_bounded or scored,
        asks_always=any(ready.when and ready.is_open for ready in rules),
        is_open=all(ready.is_open for ready in rules),
    )


def _expressions(ready: ReadyRule) -> list[Expression]:
    found = [ready.when]
    for each in ready.awards:
        found += [each.formula, each.items, *(factor.when for factor in each.factors)]
    return [expression for expression in found if expression]


def _rule(name: str, document: ProgramDocument) -> ReadyRule:
    rule = document.rules[name]
    awards = enumerate(rule.awards)
    return ReadyRule(
        name,
        rule,
        _condition(rule.when),
        Life(*life_of(rule.since, rule.until, document.zone)),
        rule.since is None and rule.until is None and not rule.sub_programs,
        frozenset(rule.sub_programs),
        tuple(_award(number, each, document) for number, each in awards),
        _shares(rule, document),
    )


def _shares(rule: Rule, document: ProgramDocument) -> bool:
    if any(CapKey.MEMBER not in document.caps[name].per for name in rule.caps):
        return True
    budget = document.budgets[rule.budget] if rule.budget else None
    return budget is not None and not (budget.unlimited or budget.per_member)


def _award(number: int, award: Award, document: ProgramDocument) -> ReadyAward:
    formula, items = award.points.formula, award.items
    amount = formula and compile_expression(formula, Scope.ACTIVITY, Result.INT)
    which = items and compile_expression(items, Scope.ITEM, Result.BOOL)
    factors = tuple(_factor(name, document) for name in award.multipliers)
    is_more = factors or award.first_time or award.maximum is not None
    return ReadyAward(
        number,
        award,
        *_rate(award),
        amount or None,
        which or None,
        factors,
        f"rounded {award.rounding}",
        is_plain=not is_more and award.remainder is not Remainder.CARRY,
    )


def _rate(award: Award) -> tuple[Exact, str]:
    per = award.points.per_money or award.points.per_quantity
    if per is None:
        return 0, ""
    rate = exact(per.points.numerator, per.points.denominator * per.each)
    return rate, f"{shown(per.points)} for each {per.each}"


def _factor(name: str, document: ProgramDocument) -> Factor:
    multiplier = document.multipliers[name]
    hours = multiplier.hours
    weekdays = list(Weekday)
    return Factor(
        name,
        multiplier,
        _condition(multiplier.when),
        frozenset(weekdays.index(day) + 1 for day in multiplier.days),
        (_minutes(hours.since), _minutes(hours.until)) if hours else None,
        Life(*life_of(multiplier.since, multiplier.until, document.zone)),
    )


def _condition(text: str | None) -> Expression | None:
    return compile_expression(text, Scope.ACTIVITY, Result.BOOL) if text else None


def _minutes(clock: str) -> int:
    if clock == "24:00":
        return 24 * 60
    of_day = time.fromisoformat(clock)
    return of_day.hour * 60 + of_day.minute
