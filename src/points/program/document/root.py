"""The document itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import Field, JsonValue

from points.program.document.audiences import Partner, Pool, Scores, Segment, SubProgram
from points.program.document.bounds import Budget, Cap
from points.program.document.earning import Multiplier, Rule
from points.program.document.fields import Days, Name, Table, Title, Zone
from points.program.document.ladders import Ladder
from points.program.document.units import Money, Unit


class ProgramDocument(Table):
    """Is a whole program: units and sinks, who there is, and what is earned."""

    program: Name = Field(description="its name")
    title: Title = ""
    zone: Zone = Field(ZoneInfo("UTC"), description="IANA zone of days and windows")
    money: Money | None = Field(None, description="without it nothing earns by money")
    lateness: Days | None = Field(None, description="oldest activity that earns")
    units: Annotated[Mapping[Name, Unit], Field(min_length=1, max_length=64)]
    sinks: tuple[Name, ...] = Field((), description="where burns may go")
    sub_programs: Mapping[Name, SubProgram] = {}
    scores: Scores | None = Field(None, description="for member.recency and the like")
    segments: Annotated[Mapping[Name, Segment], Field(max_length=1_000)] = {}
    pools: Annotated[Mapping[Name, Pool], Field(max_length=64)] = {}
    partners: Annotated[Mapping[Name, Partner], Field(max_length=1_000)] = {}
    ladders: Annotated[Mapping[Name, Ladder], Field(max_length=16)] = {}
    multipliers: Annotated[Mapping[Name, Multiplier], Field(max_length=1_000)] = {}
    rules: Annotated[Mapping[Name, Rule], Field(max_length=1_000)] = {}
    caps: Annotated[Mapping[Name, Cap], Field(max_length=1_000)] = {}
    budgets: Annotated[Mapping[Name, Budget], Field(max_length=1_000)] = {}
    plugins: Mapping[Name, Mapping[str, JsonValue]] = Field(
        {}, description="settings of plugins, each by its own schema"
    )

    def as_table(self) -> dict[str, Any]:
        """Returns plain values that load as the same document; defaults left out."""
        return self.model_dump(mode="json", exclude_defaults=True)
