"""Sub-programs, segments of members, and partners."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from points.program.document.fields import (
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
