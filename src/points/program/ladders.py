"""A ladder made ready: what it counts, and which tiers that reaches."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from points.domain.bounds import POINTS_MAX
from points.domain.qualifying import (
    LIFETIME_DAY,
    Amounts,
    Days,
    Qualified,
    day_of,
    gathered,
)
from points.domain.standings import NO_TIER
from points.program.cel.compiling import (
    Expression,
    ExpressionFailed,
    Result,
    compile_expression,
)
from points.program.cel.environment import Scope, environment
from points.program.document.ladders import Demotion, Ladder, PeriodKind, Tier
from points.program.document.root import ProgramDocument


_POINTS: Final = "period.points"
_MONEY: Final = "period.money"
_COUNTS: Final = "period.counts"
_NOTHING: Final[Amounts] = {}
_QUOTED: Final = re.compile(r"""["']([A-Za-z][A-Za-z0-9_.-]*)["']""", re.ASCII)


@dataclass(frozen=True, slots=True)
class ReadyLadder:
    """Is a ladder made ready to be asked, over and over, by any thread.

    `earned` are the tiers that can be reached by what is gathered, the lowest
    first. `measures` are the keys of what it counts among qualified amounts: its
    name, or for each thing that a formula may read one with that behind a colon.
    """

    name: str
    ladder: Ladder
    zone: ZoneInfo
    earned: tuple[Tier, ...]
    measures: tuple[str, ...]
    formula: Expression | None

    @property
    def units(self) -> tuple[str, ...]:
        """Returns the units of which points count."""
        if self.formula is None:
            unit = self.ladder.qualifying.unit
            return (unit,) if unit else ()
        start = f"{self.name}:{_POINTS}."
        found = [each for each in self.measures if each.startswith(start)]
        return tuple(each.removeprefix(start) for each in found)

    def rank(self, tier: str) -> int:
        """Returns the place of the tier, 1 for the lowest; 0 for none of them."""
        return self.ladder.rank(tier)

    def tier(self, name: str) -> Tier | None:
        """Returns the tier, or None."""
        return next((each for each in self.ladder.tiers if each.name == name), None)

    def reached(self, value: int) -> str:
        """Returns the highest tier whose threshold the value reaches."""
        names = [each.name for each in self.earned if each.threshold <= value]
        return names[-1] if names else NO_TIER

    def kept(self, value: int, below: str) -> str:
        """Returns the highest tier below one that the value is enough to keep."""
        lower = [
            each for each in self.earned if self.rank(each.name) < self.rank(below)
        ]
        names = [each.name for each in lower if retain_of(each) <= value]
        return names[-1] if names else NO_TIER

    def one_below(self, tier: str) -> str:
        """Returns the next lower tier that can be reached by what is gathered."""
        lower = [each for each in self.earned if self.rank(each.name) < self.rank(tier)]
        return lower[-1].name if lower else NO_TIER

    def is_earned(self, tier: str) -> bool:
        """Says whether the tier can be reached by what is gathered."""
        return any(each.name == tier for each in self.earned)

    def ends(self, tier: str) -> bool:
        """Says whether the tier has a term and can be lost after it."""
        found = self.tier(tier)
        if found is None or self.ladder.term is None:
            return False
        return self.ladder.demote is not Demotion.NONE and retain_of(found) > 0

    def day_of(self, instant: int) -> int:
        """Returns the day under which what happens at an instant is gathered."""
        if self.ladder.period.kind is PeriodKind.LIFETIME:
            return LIFETIME_DAY
        return day_of(instant, self.zone)

    def value(self, amounts: Qualified, days: Days) -> int:
        """Returns what counts of the days, from zero on.

        A formula that has no value for them, as it divides by zero, comes to zero.
        """
        sums = {each: _sum(amounts, each, days) for each in self.measures}
        if self.formula is None:
            return sums[self.name]
        return _formula_value(self.formula, self.name, sums)

    def days_of(self, amounts: Qualified) -> list[int]:
        """Returns the days on which something was gathered, in order."""
        days = {day for each in self.measures for day in amounts.get(each, _NOTHING)}
        return sorted(days)

    def moves_of(
        self, instant: int, points: Mapping[str, int], money: int, activity: str
    ) -> dict[str, dict[int, int]]:
        """Returns what an activity moves, by measure and day.

        `points` are what it earns by unit, `money` is in minor units of the
        program's currency. Negated, they take it back.
        """
        things = {_MONEY: money, f"{_COUNTS}.{activity}": 1}
        things |= {f"{_POINTS}.{unit}": each for unit, each in points.items()}
        day = self.day_of(instant)
        if self.formula is None:
            found = sum(things.get(each, 0) for each in _counted(self.ladder))
            return {self.name: {day: found}} if found else {}
        named = {f"{self.name}:{thing}": each for thing, each in things.items()}
        return {each: {day: named[each]} for each in self.measures if named.get(each)}


def ready_ladders(document: ProgramDocument) -> dict[str, ReadyLadder]:
    """Returns the ladders of a document made ready; it has been checked."""
    return {name: _ready(name, document) for name in sorted(document.ladders)}


def retain_of(tier: Tier) -> int:
    """Returns what must be gathered to keep the tier."""
    return tier.threshold if tier.retain is None else tier.retain


def _ready(name: str, document: ProgramDocument) -> ReadyLadder:
    ladder = document.ladders[name]
    text = ladder.qualifying.formula
    formula = text and compile_expression(text, Scope.STANDING, Result.INT)
    return ReadyLadder(
        name,
        ladder,
        document.zone,
        tuple(each for each in ladder.tiers if not each.invited and each.fee is None),
        _measures(name, formula, document) if formula else (name,),
        formula or None,
    )


def _counted(ladder: Ladder) -> list[str]:
    """Returns the things that are simply summed."""
    qualifying = ladder.qualifying
    if qualifying.unit:
        return [f"{_POINTS}.{qualifying.unit}"]
    if qualifying.money:
        return [_MONEY]
    return [f"{_COUNTS}.{each}" for each in qualifying.activities]


def _measures(
    name: str, formula: Expression, document: ProgramDocument
) -> tuple[str, ...]:
    """Returns the keys of all that the formula may look at."""
    # What a formula names need not have a rule that earns.
    types = {kind for rule in document.rules.values() for kind in rule.activities}
    types |= set(_QUOTED.findall(formula.text))
    things = {
        _POINTS: [f"{_POINTS}.{unit}" for unit in document.units],
        _MONEY: [_MONEY],
        _COUNTS: [f"{_COUNTS}.{kind}" for kind in sorted(types)],
    }
    read = [thing for each in formula.names for thing in things[each]]
    return tuple(f"{name}:{thing}" for thing in read)


def _sum(amounts: Qualified, measure: str, days: Days) -> int:
    found = gathered(amounts.get(measure, _NOTHING), days)
    return min(max(0, found), POINTS_MAX)


def _formula_value(formula: Expression, name: str, sums: Mapping[str, int]) -> int:
    data: dict[str, Any] = {each: 0 if each == _MONEY else {} for each in formula.names}
    for measure, found in sums.items():
        thing = measure.removeprefix(f"{name}:")
        if thing == _MONEY:
            data[_MONEY] = found
            continue
        variable = _POINTS if thing.startswith(_POINTS) else _COUNTS
        data[variable][thing.removeprefix(f"{variable}.")] = found
    try:
        value = formula.value(environment(Scope.STANDING).Activation(data))
    except ExpressionFailed:
        return 0
    return min(max(0, int(value)), POINTS_MAX)
