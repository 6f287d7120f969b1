"""The plugin's section of the program document: what new auctions begin with."""

from __future__ import annotations

import re
from typing import Annotated, Final, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    field_validator,
    model_validator,
)

from points.plugin import NameOf
from points_auction.terms import POINTS_MAX, Unfit


_KEY: Final = re.compile(r"[0-9a-fA-F]{64}")


class Step(BaseModel):
    """Is the least step between ENGLISH bids from a price on."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_points: Annotated[int, Field(ge=0, le=POINTS_MAX)] = 0
    step_points: Annotated[int, Field(ge=1, le=POINTS_MAX)] = 1


class Settings(BaseModel):
    """Is what auctions are made with where a call leaves it open.

    Auctions under way keep what they were made with. `sink` is where burned points
    go, the sink `auction` if empty: the program has to have it. `ladders` are tiers
    that may be asked of bidders, each ladder from the lowest to the highest.
    `bid_keys` are keys of 32 bytes in hexadecimal, given as `{"$env": NAME}`: the
    first one seals amounts of sealed bids where they are stored, all of them open.
    The keys of the server come behind them.
    """

    # What is wrong with a key is told, but not the key.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    unit: Annotated[str, Field(min_length=1), NameOf.UNIT] = "points"
    sink: Annotated[str, NameOf.SINK] = ""
    bands: Annotated[tuple[Step, ...], Field(min_length=1)] = (Step(),)
    unfit_winner: Unfit = Unfit.VOID
    ladders: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    bid_keys: tuple[SecretStr, ...] = ()

    @field_validator("bid_keys")
    @classmethod
    def _are_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        if not all(_KEY.fullmatch(key.get_secret_value()) for key in keys):
            message = "a key is 64 digits of hexadecimal: 32 bytes"
            raise ValueError(message)
        return keys

    @model_validator(mode="after")
    def _bands_rise(self) -> Self:
        bounds = [band.from_points for band in self.bands]
        if bounds[0] != 0 or bounds != sorted(set(bounds)):
            message = "bands must begin at 0 and rise"
            raise ValueError(message)
        return self
