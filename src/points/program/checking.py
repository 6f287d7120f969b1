"""What the parts of a document must agree on with each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Final, TypeAlias

from points.domain.calendar.periods import Period
from points.domain.calendar.policies import Sliding
from points.domain.program import RESETS
from points.program.document.audiences import Segment
from points.program.document.bounds import Budget, Cap, CapKey
from points.program.document.earning import Award, Multiplier, Rule
from points.program.document.ladders import Ladder
from points.program.document.root import ProgramDocument
from points.program.moments import instant_of, moment_problem
from points.program.problems import Path


_SCORE: Final = re.compile(r"\bmember\.(recency|frequency|monetary)\b")
_FIRST: Final = date(2400, 1, 1)
_YEAR_LATER: Final = date(2401, 1, 1)

Fault: TypeAlias = tuple[Path, str]
Faults: TypeAlias = Iterator[Fault]


def faults_of(document: ProgramDocument) -> list[Fault]:
    """Returns each place where the document contradicts itself, and why."""
    return [fault for check in _CHECKS for fault in check(document)]


def _audiences(document: ProgramDocument) -> Faults:
    parents = {
        name: (each.part_of,) if each.part_of else ()
        for name, each in document.sub_programs.items()
    }
    yield from _tree(("sub_programs",), "part_of", parents)
    wider = {name: each.within for name, each in document.segments.items()}
    yield from _tree(("segments",), "within", wider)
    for name, pool in document.pools.items():
        path: Path = ("pools", name, "units")
        yield from _known(path, pool.units, document.units, "units")
    for name, partner in document.partners.items():
        path = ("partners", name, "settles")
        yield from _known(path, partner.settles, document.units, "units")
        if partner.settles and document.money is None:
            yield path, "needs the program's money: declare money.currency"


def _scores(document: ProgramDocument) -> Faults:
    """Yields what reads scores in a document that has none."""
    if document.scores is not None:
        return
    for path, text in _texts(document):
        if found := _SCORE.search(text):
            yield path, f"reads {found[0]}: say in scores what members are scored by"


def _texts(document: ProgramDocument) -> Iterator[tuple[Path, str]]:
    """Yields the expressions that may read scores."""
    tables: dict[str, Mapping[str, Segment | Rule | Multiplier]] = {
        "segments": document.segments,
        "multipliers": document.multipliers,
        "rules": document.rules,
    }
    for section, named in tables.items():
        for name, each in named.items():
            if each.when:
                yield (section, name, "when"), each.when
    for name, rule in document.rules.items():
        for number, award in enumerate(rule.awards):
            place: Path = ("rules", name, "awards", number)
            if award.items:
                yield (*place, "items"), award.items
            if award.points.formula:
                yield (*place, "points", "formula"), award.points.formula
    for name, cap in document.caps.items():
        if cap.key:
            yield ("caps", name, "key"), cap.key


def _units(document: ProgramDocument) -> Faults:
    for name, unit in document.units.items():
        if unit.value and document.money is None:
            path = ("units", name, "value")
            yield path, "needs the program's money: declare money.currency"
        if isinstance(unit.expiry, Sliding):
            place = ("units", name, "expiry", "reset_by")
            resets, known = sorted(unit.expiry.resets), sorted(map(str, RESETS))
            yield from _known(place, resets, known, "what members do")


def _tree(path: Path, key: str, above: Mapping[str, tuple[str, ...]]) -> Faults:
    for name, names in above.items():
        place = (*path, name, key)
        yield from _known(place, names, above, str(path[0]))
        cycle = _cycle(name, above)
        if cycle:
            yield place, f"makes a cycle: {' in '.join(cycle)}"


def _cycle(start: str, above: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Returns the way from a name back to itself, if there is one."""
    ways = [[start]]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for name in above.get(way[-1], ()):
            if name == start:
                return [*way, name]
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def _ladders(document: ProgramDocument) -> Faults:
    for name, ladder in document.ladders.items():
        path = ("ladders", name)
        yield from _qualifying(path, ladder, document)
        spendable = [n for n, unit in document.units.items() if unit.is_spendable]
        place = (*path, "burns")
        yield from _known(place, ladder.burns, spendable, "units that are burned")
        paid = any(tier.fee is not None for tier in ladder.tiers)
        if paid and document.money is None:
            yield (*path, "tiers"), "have a fee and need the program's money.currency"


def _qualifying(path: Path, ladder: Ladder, document: ProgramDocument) -> Faults:
    qualifying = ladder.qualifying
    if qualifying.unit:
        place = (*path, "qualifying", "unit")
        yield from _known(place, [qualifying.unit], document.units, "units")
    if qualifying.money and document.money is None:
        place = (*path, "qualifying", "money")
        yield place, "needs the program's money: declare money.currency"


def _multipliers(document: ProgramDocument) -> Faults:
    for name, multiplier in document.multipliers.items():
        path = ("multipliers", name)
        yield from _tier_factors((*path, "tiers"), multiplier, document)
        segments = multiplier.segments or ()
        yield from _known((*path, "segments"), segments, document.segments, "segments")
        subs, known = multiplier.sub_programs or (), document.sub_programs
        yield from _known((*path, "sub_programs"), subs, known, "sub_programs")
        if multiplier.partners is False:
            yield (*path, "partners"), "must be true, or left out"


def _tier_factors(
    path: Path, multiplier: Multiplier, document: ProgramDocument
) -> Faults:
    if multiplier.tiers is None:
        return
    ladder = document.ladders.get(multiplier.tiers.ladder)
    if ladder is None:
        name = multiplier.tiers.ladder
        yield from _known((*path, "ladder"), [name], document.ladders, "ladders")
        return
    tiers = [tier.name for tier in ladder.tiers]
    yield from _known((*path, "factors"), multiplier.tiers.factors, tiers, "tiers")


def _rules(document: ProgramDocument) -> Faults:
    for name, rule in document.rules.items():
        path = ("rules", name)
        yield from _references(path, rule, document)
        units = {award.unit for award in rule.awards}
        for number, award in enumerate(rule.awards):
            yield from _award((*path, "awards", number), award, document)
        budget = document.budgets.get(rule.budget or "")
        if budget and budget.unit not in units:
            yield (*path, "budget"), f"pays {budget.unit}, which no award here is in"
        if rule.claim and rule.pending:
            place = (*path, "pending")
            yield place, "has no place beside claim: points begin when collected"


def _references(path: Path, rule: Rule, document: ProgramDocument) -> Faults:
    subs = document.sub_programs
    yield from _known((*path, "sub_programs"), rule.sub_programs, subs, "sub_programs")
    yield from _known((*path, "caps"), rule.caps, document.caps, "caps")
    if rule.budget:
        yield from _known((*path, "budget"), [rule.budget], document.budgets, "budgets")


def _award(path: Path, award: Award, document: ProgramDocument) -> Faults:
    yield from _known((*path, "unit"), [award.unit], document.units, "units")
    known = document.multipliers
    place = (*path, "multipliers")
    yield from _known(place, award.multipliers, known, "multipliers")
    if len(set(award.multipliers)) < len(award.multipliers):
        yield place, "must name each multiplier once"
    stepped = award.points.stepped
    by_money = award.points.per_money or (stepped and stepped.by == "MONEY")
    if by_money and document.money is None:
        yield (*path, "points"), "needs the program's money: declare money.currency"


def _caps(document: ProgramDocument) -> Faults:
    for name, cap in document.caps.items():
        path = ("caps", name)
        if cap.window.rolling and CapKey.MEMBER not in cap.per:
            yield (*path, "per"), "must have MEMBER for a rolling window"
        if cap.window.rolling and _is_over_a_year(cap.window.rolling):
            yield (*path, "window"), "must roll over a year at most"
        yield from _cap_bound(path, cap, document)
        if cap.window.rolling and cap.window.rolling.is_zero:
            yield (*path, "window", "rolling"), "must be above zero, such as P30D"


def _is_over_a_year(period: Period) -> bool:
    try:
        return period.after(_FIRST) > _YEAR_LATER
    except OverflowError:
        return True


def _cap_bound(path: Path, cap: Cap, document: ProgramDocument) -> Faults:
    if cap.unit:
        yield from _known((*path, "unit"), [cap.unit], document.units, "units")
    if cap.bound.points is not None and cap.unit is None:
        yield (*path, "unit"), "is required for a bound of points: of which unit?"
    if cap.bound.money is not None and document.money is None:
        place = (*path, "bound", "money")
        yield place, "needs the program's money: declare money.currency"


def _budgets(document: ProgramDocument) -> Faults:
    for name, budget in document.budgets.items():
        path = ("budgets", name)
        yield from _known((*path, "unit"), [budget.unit], document.units, "units")
        if budget.prefunded:
            place = (*path, "prefunded")
            yield from _known(place, [budget.prefunded], document.partners, "partners")
        yield from _budget_value(path, budget, document)


def _budget_value(path: Path, budget: Budget, document: ProgramDocument) -> Faults:
    unit = document.units.get(budget.unit)
    if (budget.ratio or budget.liability) and unit and unit.value is None:
        form = "ratio" if budget.ratio else "liability"
        place = (*path, form)
        yield place, f"is in money: say what {budget.unit} are worth in units.value"


def _lives(document: ProgramDocument) -> Faults:
    tables: dict[str, Mapping[str, object]] = {
        "rules": document.rules,
        "multipliers": document.multipliers,
        "partners": document.partners,
    }
    for section, named in tables.items():
        for name, each in named.items():
            yield from _life((section, name), each, document)


def _life(path: Path, each: object, document: ProgramDocument) -> Faults:
    ends = {key: getattr(each, key) for key in ("since", "until")}
    given = {key: moment for key, moment in ends.items() if moment}
    for key, moment in given.items():
        problem = moment_problem(moment, document.zone)
        if problem:
            yield (*path, key), problem
    instants = [instant_of(moment, document.zone) for moment in given.values()]
    if len(instants) > 1 and instants[1] <= instants[0]:
        yield (*path, "until"), f"must be after since, which is {given['since']}"


def _known(
    path: Path, names: Iterable[str], known: Iterable[str], section: str
) -> Faults:
    there = list(known)
    for name in names:
        if name not in there:
            hint = ", ".join(there) or "none yet"
            yield path, f"names {name}, which is not in {section} (there: {hint})"


_CHECKS: Final = (
    _units,
    _audiences,
    _scores,
    _ladders,
    _multipliers,
    _rules,
    _caps,
    _budgets,
    _lives,
)
