"""The program: which units and sinks exist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

from points.domain.refusals import SinkUnknown, UnitNotSpendable, UnitUnknown


UTC: Final = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Unit:
    """Is something that points are counted in.

    Currency units are earned and burned; growth units, such as qualifying
    points, only count towards tiers.
    """

    code: str
    spendable: bool


@dataclass(frozen=True, slots=True)
class Program:
    """Is the configured scheme that commands are decided under."""

    units: Mapping[str, Unit]
    sinks: frozenset[str]
    zone: ZoneInfo = UTC

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

    def check_sink(self, sink: str) -> None:
        """Raises SinkUnknown unless the program has the sink."""
        if sink not in self.sinks:
            raise SinkUnknown(sink)


def program_of(
    *,
    currency_units: tuple[str, ...],
    growth_units: tuple[str, ...],
    sinks: tuple[str, ...],
) -> Program:
    """Returns the program with these units and sinks."""
    currency = {code: Unit(code, spendable=True) for code in currency_units}
    growth = {code: Unit(code, spendable=False) for code in growth_units}
    return Program(units=currency | growth, sinks=frozenset(sinks))
