"""Caps, budgets and claims: how much, how often, and out of what."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from points.domain.calendar.windows import WindowKind
from points.program.document.fields import (
    Count,
    Days,
    KeyText,
    Name,
    OneOf,
    Rate,
    Table,
    Title,
)


class CapWindow(OneOf):
    """Is the stretch of time that a cap counts in, in the program's zone."""

    each: WindowKind | None = Field(None, description="DAY, WEEK, MONTH, LIFETIME")
    rolling: Days | None = Field(None, description="the days up to today")


class CapBound(OneOf):
    """Is what a cap lets through in one window."""

    points: Count | None = None
    count: Count | None = Field(None, description="awards")
    money: Count | None = Field(None, description="minor units that earn")


class CapKey(StrEnum):
    """Names what has a counter of its own."""

    MEMBER = "MEMBER"
    RULE = "RULE"
    CHANNEL = "CHANNEL"
    SUB_PROGRAM = "SUB_PROGRAM"
    PARTNER = "PARTNER"


class CapOverflow(StrEnum):
    """Tells what happens to an award that a cap does not let through."""

    CLAMP = "CLAMP"
    REJECT = "REJECT"


class Cap(Table):
    """Bounds what rules give; `per` none is one counter for everybody."""

    title: Title = ""
    unit: Name | None = Field(None, description="the unit it counts; none: any")
    per: tuple[CapKey, ...] = (CapKey.MEMBER,)
    key: KeyText | None = Field(None, description="CEL text, such as a device")
    window: CapWindow
    bound: CapBound
    overflow: CapOverflow = CapOverflow.CLAMP


class RatioOf(StrEnum):
    """Names the reported money that a budget is a share of."""

    REVENUE = "REVENUE"
    SALES = "SALES"
    PROFIT = "PROFIT"


class FixedBudget(Table):
    """Is so many points in each period."""

    points: Count
    per: WindowKind = WindowKind.LIFETIME


class RatioBudget(Table):
    """Is a share of the money reported for each period."""

    of: RatioOf
    share: Rate
    per: WindowKind = WindowKind.MONTH


class LiabilityBudget(Table):
    """Bounds what all outstanding points are worth, in minor units."""

    money: Count


class BudgetOverflow(StrEnum):
    """Tells what happens once a budget has run out."""

    REFUSE = "REFUSE"
    QUEUE = "QUEUE"
    LOWER_RATE = "LOWER_RATE"


class Budget(Table):
    """Is what awards in one unit are paid from."""

    title: Title = ""
    unit: Name
    fixed: FixedBudget | None = None
    per_member: FixedBudget | None = None
    ratio: RatioBudget | None = None
    liability: LiabilityBudget | None = None
    prefunded: Name | None = Field(None, description="the partner who pays ahead")
    unlimited: bool | None = Field(None, strict=True)
    overflow: BudgetOverflow = BudgetOverflow.REFUSE
    lower_to: Rate | None = Field(None, description="factor of LOWER_RATE, below 1")

    @model_validator(mode="after")
    def _check(self) -> Self:
        forms = ("fixed", "per_member", "ratio", "liability", "prefunded", "unlimited")
        given = [form for form in forms if getattr(self, form) is not None]
        if len(given) != 1:
            raise ValueError(f"must have one of {', '.join(forms)}")
        if (self.lower_to is None) == (self.overflow is BudgetOverflow.LOWER_RATE):
            raise ValueError("must have lower_to with LOWER_RATE and only then")
        if self.lower_to is not None and self.lower_to >= 1:
            raise ValueError("lower_to must be below 1")
        if self.prefunded and self.overflow is BudgetOverflow.LOWER_RATE:
            raise ValueError("prefunded cannot be overspent: REFUSE, or QUEUE")
        return self


class Claim(Table):
    """Says that an award waits to be collected, and how long it does."""

    within: Days
