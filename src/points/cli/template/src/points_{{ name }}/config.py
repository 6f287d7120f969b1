"""What operators set, in the plugin's section of the program document."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Is the section; everything has a default, so that a program need not have it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: int = Field(5, ge=1, le=1_000_000, description="points of each time")
    times: int = Field(3, ge=0, le=1_000, description="times for each member")
