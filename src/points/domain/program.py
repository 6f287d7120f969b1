"""The program: which units and sinks exist, and how long points live."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import floor
from typing import Any, Final
from zoneinfo import ZoneInfo

from points.domain.bounds import NEVER
from points.domain.budgets import BudgetTerms
from points.domain.calendar.documents import parse_policy
from points.domain.calendar.periods import Period, parse_period
from points.domain.calendar.policies import Never, Policy, Sliding
from points.domain.calendar.zones import end_of_day, local_date, zone_of
from points.domain.ladders import Ladders
from points.domain.pools import PoolTerms
from points.domain.refusals import (
    BudgetUnknown,
    InvalidArgument,
    SinkUnknown,
    UnitNotSpendable,
    UnitUnknown,
)
from points.domain.rules import Rules
from points.domain.scores import Scoring
from points.domain.values import Kind


RESETS: Final = frozenset({Kind.EARN, Kind.BURN, Kind.HOLD, Kind.TRANSFER})
"""Kinds of activity that may let a sliding expiry begin anew: what members do."""

NO_EXPIRY: Final = Never()
"""How points live where nothing is said."""

_FAR: Final = date(2500, 1, 1)


UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Unit:
    """Is something that points are counted in.

    Currency units are earned and burned; growth units, such as qualifying
    points, only count towards tiers. Where an earn says nothing else, points become
    usable at once, or `activation` after the day of the earn, and then live as
    long as `expiry` says. Their expiry is announced `notice` ahead, if at all. A
    point is `worth` so many minor units of the program's currency.
    """

    code: str
    spendable: bool
    expiry: Policy = NO_EXPIRY
    activation: Period | None = None
    notice: Period | None = None
    worth: Fraction | None = None

    def money_of(self, points: int) -> int:
        """Returns what points are worth, in whole minor units; 0 if nobody says."""
        return floor(points * self.worth) if self.worth else 0


@dataclass(frozen=True, slots=True)
class Program:
    """Is the configured scheme that commands are decided under.

    Days begin and end in its `zone`. In `sliding_units` activity lets points live
    longer. `version` is the one it was applied as, 0 for what a server was started
    with, and `rules` are None where services say themselves what is earned.
    `budgets` are what awards are paid from, by name. Members are scored as
    `scoring` says, if at all. What points are worth is in `currency` (ISO 4217).
    `plugins` are the settings of each plugin, as they are written.
    `pools` are the terms by which members earn for an account that they share.
    """

    units: Mapping[str, Unit]
    sinks: frozenset[str]
    zone: ZoneInfo = UTC
    sliding_units: frozenset[str] = frozenset()
    version: int = 0
    rules: Rules | None = None
    budgets: Mapping[str, BudgetTerms] = field(default_factory=dict)
    ladders: Ladders | None = None
    scoring: Scoring | None = None
    currency: str = ""
    plugins: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    pools: Mapping[str, PoolTerms] = field(default_factory=dict)

    @property
    def counted_units(self) -> frozenset[str]:
        """Returns the units of which points count towards tiers, earned or burned."""
        ladders = self.ladders
        return ladders.units | ladders.burned_units if ladders else frozenset()

    def unit(self, code: str) -> Unit:
        """Returns the unit; raises UnitUnknown."""
        try:
            return self.units[code]
        except KeyError:
            raise UnitUnknown(code) from None

    def spendable_unit(self, code: str) -> Unit:
        """Returns the unit; raises UnitUnknown or UnitNotSpendable."""
        unit = self.unit(code)
        if not unit.spendable:
            raise UnitNotSpendable(code)
        return unit

    def budget(self, name: str) -> BudgetTerms:
        """Returns the terms of a budget; raises BudgetUnknown."""
        try:
            return self.budgets[name]
        except KeyError:
            raise BudgetUnknown(name) from None

    def notice_until(self, code: str, now: int) -> int:
        """Returns up to which expiry the points of a unit are announced by now.

        Days count as members count them: the whole day that the notice period
        reaches from today. 0 for a unit without one, or of another program.
        """
        unit = self.units.get(code)
        if unit is None or unit.notice is None:
            return 0
        try:
            reached = unit.notice.after(local_date(now, self.zone))
        except OverflowError:
            return NEVER
        return end_of_day(reached, self.zone)

    @property
    def pooled_units(self) -> frozenset[str]:
        """Returns the units of which any pool takes a share."""
        return frozenset(unit for pool in self.pools.values() for unit in pool.units)

    def check_sink(self, sink: str) -> None:
        """Raises SinkUnknown unless the program has the sink."""
        if sink not in self.sinks:
            raise SinkUnknown(sink)


def program_of(
    *,
    currency_units: Iterable[str],
    growth_units: Iterable[str],
    sinks: Iterable[str],
    zone: str = "UTC",
    expiry: Mapping[str, object] | None = None,
    activation: Mapping[str, object] | None = None,
    notice: Mapping[str, object] | None = None,
) -> Program:
    """Returns the program with these units and sinks.

    `zone` is an IANA name, `expiry` has a document of `calendar.documents` by unit
    and `activation` and `notice` an ISO 8601 period, such as P14D. Raises
    InvalidArgument that names what is wrong, as in `expiry.points.round`.
    """
    spendable = dict.fromkeys(currency_units, True) | dict.fromkeys(growth_units, False)
    documents = {
        "expiry": expiry or {},
        "activation": activation or {},
        "notice": notice or {},
    }
    for name, by_unit in documents.items():
        _check_units(name, by_unit, spendable)
    units = {
        code: Unit(
            code,
            is_spendable,
            _expiry(documents["expiry"], code),
            _period("activation", documents["activation"], code),
            _period("notice", documents["notice"], code),
        )
        for code, is_spendable in spendable.items()
    }
    sliding = [code for code, unit in units.items() if isinstance(unit.expiry, Sliding)]
    return Program(units, frozenset(sinks), zone_of(zone), frozenset(sliding))


def _check_units(
    field: str, documents: Mapping[str, object], units: Mapping[str, bool]
) -> None:
    unknown = next((code for code in documents if code not in units), None)
    if unknown is not None:
        what = f"is no unit: the units are {', '.join(units)}"
        raise InvalidArgument({f"{field}.{unknown}": what})


def _expiry(documents: Mapping[str, object], code: str) -> Policy:
    if code not in documents:
        return NO_EXPIRY
    policy = parse_policy(documents[code], f"expiry.{code}")
    if isinstance(policy, Sliding) and not policy.resets <= RESETS:
        wrong = min(policy.resets - RESETS)
        what = f"must be of {', '.join(sorted(RESETS))}, not {wrong}"
        raise InvalidArgument({f"expiry.{code}.reset_by": what})
    return policy


def _period(field: str, documents: Mapping[str, object], code: str) -> Period | None:
    if code not in documents:
        return None
    field = f"{field}.{code}"
    period = parse_period(documents[code], field)
    try:
        period.after(_FAR)
    except OverflowError:
        raise InvalidArgument({field: "is longer than the calendar"}) from None
    return None if period.is_zero else period
