"""Rules, the awards they give, and the multipliers that raise them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from points.domain.calendar.windows import WindowKind
from points.program.document.bounds import Claim
from points.program.document.fields import (
    Amount,
    Clock,
    Condition,
    Count,
    Flag,
    Formula,
    ItemCondition,
    Moment,
    Name,
    OneOf,
    Rate,
    Ratio,
    Table,
    Title,
)
from points.program.document.units import Pending


class Weekday(StrEnum):
    """Names a day of the week."""

    MONDAY = "MONDAY"
    TUESDAY = "TUESDAY"
    WEDNESDAY = "WEDNESDAY"
    THURSDAY = "THURSDAY"
    FRIDAY = "FRIDAY"
    SATURDAY = "SATURDAY"
    SUNDAY = "SUNDAY"


class Stack(StrEnum):
    """Tells how a factor joins those before it."""

    MULTIPLY = "MULTIPLY"
    """Multiplies what has been reached so far."""

    ADD = "ADD"
    """Adds its share of the base: two factors of 1.5 make 2."""

    HIGHEST = "HIGHEST"
    """Multiplies, too, but only if its factor is the highest of this kind."""


class TierFactors(Table):
    """Is a factor for each tier of a ladder; the others have 1."""

    ladder: Name
    factors: Mapping[Name, Rate]


class Hours(Table):
    """Is a time of day, `until` excluded; it may go over midnight."""

    since: Clock
    until: Clock


class Multiplier(Table):
    """Raises awards that name it, by one kind of factor.

    The highest factor counts for a member of several segments; a sub-program
    without a factor has that of the one it is part of.
    """

    title: Title = ""
    tiers: TierFactors | None = None
    segments: Mapping[Name, Rate] | None = None
    sub_programs: Mapping[Name, Rate] | None = None
    channels: Mapping[Name, Rate] | None = None
    partners: Flag | None = Field(None, description="true: the partner's rate")
    factor: Rate | None = Field(None, description="the same for everybody")
    when: Condition | None = None
    days: tuple[Weekday, ...] = ()
    hours: Hours | None = None
    since: Moment | None = None
    until: Moment | None = None
    stack: Stack = Stack.MULTIPLY

    @model_validator(mode="after")
    def _check(self) -> Self:
        forms = ("tiers", "segments", "sub_programs", "channels", "partners", "factor")
        given = [form for form in forms if getattr(self, form) is not None]
        if len(given) != 1:
            raise ValueError(f"must have one of {', '.join(forms)}")
        return self


class PerMoney(Table):
    """Gives points for every so many minor units of the program's currency."""

    each: Count
    points: Rate


class PerQuantity(Table):
    """Gives points for every so many pieces, nights, kilometres."""

    each: Count = 1
    points: Rate


class StepBy(StrEnum):
    """Names what steps are measured in."""

    MONEY = "MONEY"
    QUANTITY = "QUANTITY"


class StepMode(StrEnum):
    """Tells how steps pay."""

    REACHED = "REACHED"
    """The points of the highest step that is reached."""

    SLICES = "SLICES"
    """Each slice between two steps at its own rate, points for `each`."""


class Step(Table):
    """Begins at `at`, included."""

    at: Amount
    points: Ratio
    each: Count = 1


class Stepped(Table):
    """Gives points by steps that follow one another."""

    by: StepBy
    mode: StepMode = StepMode.REACHED
    steps: tuple[Step, ...] = Field(min_length=1, max_length=64)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for lower, upper in pairwise(self.steps):
            if upper.at <= lower.at:
                raise ValueError(f"steps overlap: {upper.at} must be above {lower.at}")
        if self.mode is StepMode.REACHED and any(s.each != 1 for s in self.steps):
            raise ValueError("steps must have no each if mode is REACHED")
        return self


class Curve(Table):
    """Gives points by how often the rule was met in the window, this time included.

    The gap to a target is paid where it opens: seven numbers of which the last two
    are higher. Further times get `beyond`.
    """

    window: WindowKind
    points: tuple[Amount, ...] = Field(min_length=1, max_length=366)
    beyond: Amount = 0


class PointsOf(OneOf):
    """Says how many points an award has before factors."""

    fixed: Count | None = None
    per_money: PerMoney | None = None
    per_quantity: PerQuantity | None = None
    stepped: Stepped | None = None
    curve: Curve | None = None
    formula: Formula | None = Field(None, description="CEL that comes to an int")


class FirstTime(OneOf):
    """Raises a member's first award of the rule, after all factors."""

    add: Count | None = None
    multiply: Rate | None = None


class Rounds(StrEnum):
    """Names how a fraction becomes whole points."""

    DOWN = "DOWN"
    UP = "UP"
    HALF_UP = "HALF_UP"
    HALF_EVEN = "HALF_EVEN"


class Remainder(StrEnum):
    """Tells what becomes of the fraction that is left."""

    DROP = "DROP"
    CARRY = "CARRY"
    """The member's next award of this rule begins with it; needs DOWN."""


class Award(Table):
    """Is points of one unit, worked out exactly and rounded once, at the end."""

    unit: Name
    points: PointsOf
    items: ItemCondition | None = Field(None, description="CEL: which items count")
    multipliers: tuple[Name, ...] = Field((), description="in this order")
    first_time: FirstTime | None = None
    maximum: Count | None = Field(None, description="most points of one activity")
    rounding: Rounds = Rounds.DOWN
    remainder: Remainder = Remainder.DROP

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.remainder is Remainder.CARRY and self.rounding is not Rounds.DOWN:
            raise ValueError("remainder CARRY needs rounding DOWN")
        if self.items and self.points.form not in ("per_money", "per_quantity"):
            raise ValueError("items needs points by per_money or per_quantity")
        return self


class Rule(Table):
    """Gives awards for activities of some types, if its condition is true."""

    title: Title = ""
    activities: tuple[Name, ...] = Field(min_length=1, max_length=64)
    when: Condition | None = Field(None, description="CEL over activity and member")
    sub_programs: tuple[Name, ...] = Field((), description="none: all of them")
    since: Moment | None = None
    until: Moment | None = None
    awards: tuple[Award, ...] = Field(min_length=1, max_length=16)
    pending: Pending | None = Field(None, description="instead of the unit's own")
    claim: Claim | None = Field(None, description="awards wait to be collected")
    caps: tuple[Name, ...] = ()
    budget: Name | None = None
