"""Ladders of tiers: what counts, for how long, and what it brings."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from points.domain.calendar.periods import ZERO
from points.domain.calendar.policies import Rounding
from points.domain.calendar.spans import Span
from points.program.document.fields import (
    Amount,
    Count,
    Days,
    Flag,
    Name,
    OneOf,
    Plain,
    Rate,
    StandingFormula,
    Table,
    Title,
)


class Qualifying(OneOf):
    """Says what counts towards the tiers of a ladder."""

    unit: Name | None = Field(None, description="points earned in this unit")
    money: Flag = Field(default=False, description="money of activities, minor units")
    activities: tuple[Name, ...] = Field((), description="how often these happened")
    formula: StandingFormula | None = Field(None, description="CEL over period.*")


class PeriodKind(StrEnum):
    """Names the windows in which qualifying points count."""

    LIFETIME = "LIFETIME"
    CALENDAR = "CALENDAR"
    ROLLING = "ROLLING"
    ANNIVERSARY = "ANNIVERSARY"


class QualificationPeriod(Table):
    """Is the window: CALENDAR has a span, ROLLING a length, the others neither."""

    kind: PeriodKind
    span: Span | None = Field(None, description="of CALENDAR: MONTH, QUARTER, YEAR")
    length: Days | None = Field(None, description="of ROLLING, such as P12M")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.span is None) == (self.kind is PeriodKind.CALENDAR):
            raise ValueError("must have a span if CALENDAR and only then")
        if (self.length is None) == (self.kind is PeriodKind.ROLLING):
            raise ValueError("must have a length if ROLLING and only then")
        if self.length is not None and self.length.is_zero:
            raise ValueError("must have a length above zero")
        return self


class Promotion(StrEnum):
    """Tells when a member who qualifies moves up."""

    AT_ONCE = "AT_ONCE"
    NEXT_PERIOD = "NEXT_PERIOD"


class Demotion(StrEnum):
    """Tells how far a member who no longer qualifies moves down."""

    ONE = "ONE"
    SEVERAL = "SEVERAL"
    NONE = "NONE"


class Grace(Table):
    """Is the time after a tier term before its tier is lost."""

    length: Days = ZERO
    round: Rounding = Field(
        default=Rounding.END_OF_DAY, description="its last day, as of an expiry"
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.round is Rounding.END_OF_CHOSEN_MONTH:
            raise ValueError("round must be another: END_OF_CHOSEN_MONTH has no month")
        return self


class Tier(Table):
    """Is a level: reached at its threshold, kept at `retain` (the same by default).

    An invited or paid tier is never reached by points alone.
    """

    name: Name
    title: Title = ""
    threshold: Amount = Field(description="what must be gathered in the period")
    retain: Amount | None = Field(None, description="what keeps it for another term")
    invited: Flag = Field(default=False, description="given by an operator alone")
    fee: Count | None = Field(None, description="its price in minor units")
    privileges: Mapping[Name, Plain] = Field({}, description="what it brings, as data")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.retain is not None and self.retain > self.threshold:
            raise ValueError("retain must not be above the threshold")
        return self


class Ladder(Table):
    """Is tiers in order, the lowest first."""

    title: Title = ""
    qualifying: Qualifying
    period: QualificationPeriod
    term: Days | None = Field(None, description="how long a tier is kept; none: ever")
    burns: Mapping[Name, Rate] = Field({}, description="what a burned point counts")
    promote: Promotion = Promotion.AT_ONCE
    demote: Demotion = Demotion.ONE
    grace: Grace = Field(default_factory=Grace)
    notice: Days | None = Field(None, description="a loss is announced so early")
    tiers: tuple[Tier, ...] = Field(min_length=1, max_length=64)

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.burns and self.qualifying.formula:
            raise ValueError("burns must be left out: a formula does not read them")
        names = [tier.name for tier in self.tiers]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f"tiers must differ in name: {twice} is there twice")
        earned = [tier for tier in self.tiers if not tier.invited]
        for lower, upper in pairwise(earned):
            if upper.threshold <= lower.threshold:
                raise ValueError(
                    f"tiers overlap: the threshold of {upper.name} must be above"
                    f" {lower.threshold}, that of {lower.name}"
                )
        if self.term is None and self.demote is not Demotion.NONE:
            raise ValueError("must have a term, or demote NONE: tiers would never end")
        if self.term is not None and self.term.is_zero:
            raise ValueError("must have a term above zero")
        endless = self.period.kind is PeriodKind.LIFETIME
        if endless and self.promote is Promotion.NEXT_PERIOD:
            raise ValueError("must promote AT_ONCE: a LIFETIME has no next period")
        return self

    def rank(self, tier: str) -> int:
        """Returns the place of the tier, 1 for the lowest; 0 for none of them."""
        names = [each.name for each in self.tiers]
        return names.index(tier) + 1 if tier in names else 0
