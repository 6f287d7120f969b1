"""The variables and functions that expressions may use, typed.

Each scope is one environment. A name that is not here does not compile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from typing import Final

from cel_expr_python import cel
from cel_expr_python.ext import ext_math


class Scope(StrEnum):
    """Names what an expression is asked about."""

    MEMBER = "MEMBER"
    """A member alone: segments."""

    ACTIVITY = "ACTIVITY"
    """An activity and its member: rules, multipliers, keys of caps."""

    ITEM = "ITEM"
    """One item of an activity, beside all of that: which items count."""

    STANDING = "STANDING"
    """What a member has gathered in a qualification period: tiers."""


_TEXTS: Final = cel.Type.Map(cel.Type.STRING, cel.Type.STRING)
_NUMBERS: Final = cel.Type.Map(cel.Type.STRING, cel.Type.INT)

_MEMBER: Final = {
    "member.attributes": _TEXTS,
    "member.tiers": _TEXTS,  # the tier by ladder; none, no entry
    "member.ranks": _NUMBERS,  # 0 below the first tier, 1 in it, and so on
    "member.days": cel.Type.INT,  # whole days since the member was created
    # Which fifth of all members, 5 for the best; 0 if nothing was done of late.
    "member.recency": cel.Type.INT,
    "member.frequency": cel.Type.INT,
    "member.monetary": cel.Type.INT,
}
_TIME: Final = {
    # On the clocks of the program's zone.
    "time.date": cel.Type.STRING,  # such as 2026-11-27
    "time.year": cel.Type.INT,
    "time.month": cel.Type.INT,
    "time.day": cel.Type.INT,
    "time.weekday": cel.Type.INT,  # 1 is Monday
    "time.hour": cel.Type.INT,
    "time.minute": cel.Type.INT,
}
_ACTIVITY: Final = {
    "activity.type": cel.Type.STRING,
    "activity.money": cel.Type.INT,  # minor units of the program's currency, down
    "activity.paid": cel.Type.INT,  # minor units of the activity's own currency
    "activity.currency": cel.Type.STRING,
    "activity.quantity": cel.Type.INT,
    "activity.channel": cel.Type.STRING,
    "activity.sub_program": cel.Type.STRING,
    "activity.partner": cel.Type.STRING,
    "activity.attributes": _TEXTS,
    # Maps of id, category, money, quantity and attributes.
    "activity.items": cel.Type.List(cel.Type.Map(cel.Type.STRING, cel.Type.DYN)),
    "member.segments": cel.Type.List(cel.Type.STRING),
}
_ITEM: Final = {
    "item.id": cel.Type.STRING,
    "item.category": cel.Type.STRING,
    "item.money": cel.Type.INT,  # minor units of the program's currency, down
    "item.quantity": cel.Type.INT,
    "item.attributes": _TEXTS,
}
_STANDING: Final = {
    "period.points": _NUMBERS,  # earned in the period, by unit
    "period.money": cel.Type.INT,  # minor units of the program's currency
    "period.counts": _NUMBERS,  # activities in the period, by type
}

VARIABLES: Final[Mapping[Scope, Mapping[str, cel.Type]]] = {
    Scope.MEMBER: _MEMBER,
    Scope.ACTIVITY: _MEMBER | _TIME | _ACTIVITY,
    Scope.ITEM: _MEMBER | _TIME | _ACTIVITY | _ITEM,
    # Nothing but what was gathered: a standing can be worked out at any instant.
    Scope.STANDING: _STANDING,
}


def ratio(number: int, numerator: int, denominator: int) -> int:
    """Returns the number times the fraction, rounded down."""
    return number * numerator // denominator


def basis_points(number: int, points: int) -> int:
    """Returns so many ten-thousandths of the number, rounded down."""
    return number * points // 10_000


_FUNCTIONS: Final[Mapping[str, tuple[Callable[..., int], int]]] = {
    "ratio": (ratio, 3),
    "basis_points": (basis_points, 2),
}

FUNCTIONS: Final = tuple(_FUNCTIONS)
"""The functions beside those of CEL itself and `math.least`, `math.greatest`."""


@cache
def environment(scope: Scope) -> cel.Env:
    """Returns the environment of a scope; made once."""
    functions = [
        cel.FunctionDecl(name, [_overload(name, function, arity)])
        for name, (function, arity) in _FUNCTIONS.items()
    ]
    return cel.NewEnv(
        variables=VARIABLES[scope],
        functions=functions,
        extensions=[ext_math.ExtMath()],
    )


def _overload(name: str, function: Callable[..., int], arity: int) -> cel.Overload:
    return cel.Overload(
        f"{name}_int",
        return_type=cel.Type.INT,
        parameters=[cel.Type.INT] * arity,
        impl=function,
    )
