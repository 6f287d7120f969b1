"""The section `plugins.charity` of the program: causes, campaigns and rounds.

Frozen, with the keys it declares and no others. A campaign keeps the rules that were
in force when it got its first donation, or its first matching points.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Annotated, Any, Final, Self, TypeAlias

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from points.plugin import NameOf
from points_charity.calendar import NEVER
from points_charity.matching import MatchTerms


CAMPAIGNS_MAX: Final = 500
"""Most campaigns of one program, for they are listed together.

One that is over is known by its id after it was taken out.
"""

_RATIO: Final = re.compile(r"([0-9]{1,9})(?:/([1-9][0-9]{0,8}))?")


def _ratio(value: Any) -> Any:
    """Returns an exact fraction of `3`, `1/2` or a whole number; never of a float."""
    if isinstance(value, Fraction):
        return value
    found = _RATIO.fullmatch(str(value)) if isinstance(value, int | str) else None
    if found is None or isinstance(value, bool):
        raise ValueError("must be a whole number or a fraction such as 1/2")
    return Fraction(int(found[1]), int(found[2] or 1))


Name: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
Count: TypeAlias = Annotated[int, Field(gt=0, le=10**15, strict=True)]
Instant: TypeAlias = Annotated[int, Field(ge=0, le=NEVER, strict=True)]
Ratio: TypeAlias = Annotated[
    Fraction,
    BeforeValidator(_ratio),
    Field(gt=0),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": ["integer", "string"], "pattern": f"^{_RATIO.pattern}$"}),
]


class Table(BaseModel):
    """Is a table of the section: frozen, with the keys it declares and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Kind(StrEnum):
    """Tells what becomes of the donations of a campaign."""

    KEEP_WHAT_YOU_GET = "KEEP_WHAT_YOU_GET"
    """Each one is given at once, and for good."""

    ALL_OR_NOTHING = "ALL_OR_NOTHING"
    """Each one is a hold until the end: captured if the goal is met, else voided."""


class OverFunding(StrEnum):
    """Tells whether a campaign takes more than its goal, or its last stretch goal."""

    ALLOW = "ALLOW"
    STOP_AT_GOAL = "STOP_AT_GOAL"


class Conversion(Table):
    """Says what a point is worth: so many minor units of a currency."""

    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    minor_units_per_point: Ratio = Fraction(1)


class Cause(Table):
    """Is whom points are given to."""

    title: Annotated[str, Field(max_length=200)] = ""
    conversion: Conversion = Conversion()


class Matching(Table):
    """Is how donations are matched, out of the points that sponsors set aside."""

    ratio: Ratio = Fraction(1)
    donation_max: Count | None = None
    donor_max: Count | None = None

    @property
    def terms(self) -> MatchTerms:
        """Returns the rule as the decision takes it."""
        numerator, denominator = self.ratio.as_integer_ratio()
        return MatchTerms(numerator, denominator, self.donation_max, self.donor_max)


class Credit(Table):
    """Gives donors points of a unit for what they gave, rounded down."""

    unit: Annotated[Name, NameOf.UNIT] = "qualifying_points"
    ratio: Ratio = Fraction(1)


class Campaign(Table):
    """Is an appeal for a cause: when, for how much, and by which rules.

    Members may pledge a share of what they earn where there is an `earn_rate`: it is
    what the cause gets for each point of it, what is above one added by the program.
    """

    title: Annotated[str, Field(max_length=200)] = ""
    cause: Name
    kind: Kind = Kind.KEEP_WHAT_YOU_GET
    unit: Annotated[Name, NameOf.UNIT] = "points"
    start_time: Instant = 0
    end_time: Instant = NEVER
    goal: Count | None = None
    stretch_goals: tuple[Count, ...] = ()
    over_funding: OverFunding = OverFunding.ALLOW
    donation_min: Count = 1
    donation_max: Count | None = None
    member_max: Count | None = None
    is_anonymous_allowed: bool = True
    matching: Matching | None = None
    credit: Credit | None = None
    earn_rate: Ratio | None = None
    round: str = ""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.start_time >= self.end_time:
            raise ValueError("end_time must lie behind start_time")
        goals = [goal for goal in (self.goal, *self.stretch_goals) if goal]
        if goals != sorted(set(goals)) or (self.stretch_goals and not self.goal):
            raise ValueError("stretch goals grow, and begin above the goal")
        if self.over_funding is OverFunding.STOP_AT_GOAL and not goals:
            raise ValueError("without a goal there is nothing to stop at")
        if self.earn_rate is not None and self.earn_rate < 1:
            raise ValueError("earn_rate must not take points from the cause")
        if self.kind is Kind.ALL_OR_NOTHING:
            self._check_all_or_nothing()
        if self.donation_max and self.donation_max < self.donation_min:
            raise ValueError("donation_max must not be below donation_min")
        return self

    def _check_all_or_nothing(self) -> None:
        if not self.goal or self.end_time == NEVER:
            raise ValueError("ALL_OR_NOTHING needs a goal and an end_time")
        if self.round:
            raise ValueError("a quadratic round counts what is given for good alone")

    @property
    def last_goal(self) -> int | None:
        """Returns what STOP_AT_GOAL stops at, None where nothing stops it."""
        if self.over_funding is OverFunding.ALLOW:
            return None
        return self.stretch_goals[-1] if self.stretch_goals else self.goal


class Round(Table):
    """Is a quadratic round: its campaigns share a pool by how many people gave.

    `verified_by` names an attribute of members; only donors who have it are counted.
    """

    title: Annotated[str, Field(max_length=200)] = ""
    end_time: Instant
    unit: Annotated[Name, NameOf.UNIT] = "points"
    verified_by: Annotated[str, Field(max_length=64)] = ""


class CharityConfig(Table):
    """Is all that the program says about giving; a program need not name anything."""

    causes: Mapping[Name, Cause] = {}
    campaigns: Annotated[Mapping[Name, Campaign], Field(max_length=CAMPAIGNS_MAX)] = {}
    rounds: Mapping[Name, Round] = {}
    missed_max: Annotated[int, Field(gt=0, le=100, strict=True)] = 3

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        for name, campaign in self.campaigns.items():
            if campaign.cause not in self.causes:
                raise ValueError(f"campaign {name}: there is no cause {campaign.cause}")
            self._check_round(name, campaign)
            if name in self.rounds:
                raise ValueError(f"{name} is a campaign and a round")
            if name in self.causes:
                raise ValueError(f"{name} is a campaign and a cause")
        return self

    def _check_round(self, name: str, campaign: Campaign) -> None:
        if not campaign.round:
            return
        found = self.rounds.get(campaign.round)
        if found is None:
            raise ValueError(f"campaign {name}: there is no round {campaign.round}")
        if found.unit != campaign.unit:
            raise ValueError(f"campaign {name}: its round is in {found.unit}")
        if campaign.end_time > found.end_time:
            raise ValueError(f"campaign {name}: it ends behind its round")
