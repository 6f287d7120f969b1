"""Sub-programs, segments of members and their scores, pools, partners."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Self

from pydantic import Field, model_validator

from points.program.document.fields import (
    Days,
    MemberCondition,
    Moment,
    Name,
    Rate,
    Table,
    Title,
)
from points.program.document.units import UnitValue


class SubProgram(Table):
    """Is a part of the program that is told apart, such as buyers or fans.

    Its earnings land in the same accounts. What holds for a sub-program holds for
    those that are part of it.
    """

    title: Title = ""
    part_of: Name | None = Field(None, description="the sub-program it belongs to")


class Segment(Table):
    """Is the members for whom a condition is true."""

    title: Title = ""
    when: MemberCondition = Field(description="CEL over member.*")
    within: tuple[Name, ...] = Field((), description="segments it is a part of")


class Pool(Table):
    """Says what members give of what they earn into an account that they share.

    A company has the whole of it from its employees, a household a share.
    """

    title: Title = ""
    units: tuple[Name, ...] = Field(min_length=1, max_length=64)
    share: Rate = Field(Fraction(1), description="of each lot, 1 at most, down")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.share > 1:
            raise ValueError("share must not be above 1")
        return self


class ScoreWindow(StrEnum):
    """Names how often members are scored anew."""

    DAY = "DAY"
    WEEK = "WEEK"
    MONTH = "MONTH"


class Scores(Table):
    """Says how members are scored from 1 to 5, each compared with all others.

    By how recently, how often and for how much money these activities happened
    `within` the days before the window that runs.
    """

    activities: tuple[Name, ...] = Field(min_length=1, max_length=64)
    within: Days = Field(description="the days that are looked at, such as P12M")
    each: ScoreWindow = Field(ScoreWindow.DAY, description="how often: each day")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.within.is_zero:
            raise ValueError("must have a length above zero")
        return self


class Partner(Table):
    """Is another company whose activities earn here.

    `rate` multiplies what its activities earn where a multiplier asks for it;
    `settles` is what the partner pays for points.
    """

    title: Title = ""
    rate: Rate = Field(description="factor of what its activities earn")
    settles: Mapping[Name, UnitValue] = Field({}, description="price of a unit")
    since: Moment | None = None
    until: Moment | None = None
