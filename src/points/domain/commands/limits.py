"""Limits: an operator bounds what a member may have and do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from points.domain.bounds import (
    POINTS_MAX,
    REASON_CHARACTERS_MAX,
    UNIT_CHARACTERS_MAX,
)
from points.domain.checks import name_problem
from points.domain.commands.base import Command, Problems, Reads
from points.domain.identity import held_account, member_account
from points.domain.limits import WINDOWS, Action
from points.domain.values import Kind, Velocity


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLimits(Command):
    """Asks to bound a member in one unit; what is left out is unbound afterwards."""

    kind: ClassVar[Kind] = Kind.SET_LIMITS
    unit: str
    operator: str
    reason: str
    floor: int | None = None
    ceiling: int | None = None
    velocities: tuple[Velocity, ...] = ()

    def reads(self) -> Reads:
        """Returns the member's account, and what the next commands hold it against."""
        names = (member_account(self.member_id), held_account(self.member_id))
        accounts = tuple((name, self.unit) for name in names)
        return Reads(accounts=accounts, bounded=self.unit)

    def problems(self) -> Problems:
        """Yields each field with what is wrong with it, or None."""
        yield from Command.problems(self)
        yield "unit", name_problem(self.unit, UNIT_CHARACTERS_MAX)
        yield "operator", name_problem(self.operator)
        yield "reason", name_problem(self.reason, REASON_CHARACTERS_MAX)
        yield "floor", _bound_problem(self.floor)
        yield "ceiling", self._ceiling_problem()
        yield from _velocity_problems(self.velocities)

    def _ceiling_problem(self) -> str | None:
        if self.ceiling is not None and self.ceiling < (self.floor or 0):
            return "must not be below floor"
        return _bound_problem(self.ceiling)


def _velocity_problems(velocities: Iterable[Velocity]) -> Problems:
    known: set[tuple[str, str]] = set()
    for index, velocity in enumerate(velocities):
        where = f"velocities[{index}]"
        action, window, points_max, count_max = velocity
        yield f"{where}.action", _choice_problem(action, Action)
        yield f"{where}.window", _choice_problem(window, WINDOWS)
        yield f"{where}.points", _bound_problem(points_max)
        yield f"{where}.count", _bound_problem(count_max)
        if points_max is None and count_max is None:
            yield where, "must bound points, count or both"
        if (action, window) in known:
            yield where, f"bounds {action} within a {window} once more"
        known.add((action, window))


def _choice_problem(text: str, choices: Iterable[str]) -> str | None:
    names = [str(choice) for choice in choices]
    return None if text in names else f"must be one of {', '.join(names)}"


def _bound_problem(points: int | None) -> str | None:
    if points is None or 0 <= points <= POINTS_MAX:
        return None
    return f"must lie between 0 and {POINTS_MAX}"
