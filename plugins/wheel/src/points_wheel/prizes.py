"""What a wheel is made of: prizes with integer weights, stock, limits, pity groups."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Final, NamedTuple, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from points.plugin import NameOf
from points_wheel.windows import LATEST, NEVER, Per


NOTHING: Final = "nothing"
"""Is the id of the outcome that has no prize."""

TOTAL_MAX: Final = 2**53
"""Largest total of weights: exact in every language that a verifier may be in."""

PITY_MAX: Final = 1_000
"""Most draws that a group may take to be certain: its chain is worked out exactly."""

POSITION_MAX: Final = 9_999
"""Last position of a wheel: no wheel has as many segments."""

SHOWN_MAX: Final = 1_000
"""Most ways in which one outcome may be shown: positions, or lines of a slot."""

REELS_MAX: Final = 20
"""Most reels of a slot, so most symbols of a line."""

SPINS_MAX: Final = 10**9
"""Most spins that one prize has: what a member wins in a lifetime can be counted."""

PIECES_MAX: Final = 10**15
"""Most pieces of a stock, with all that is ever released."""

GRID_CELLS: Final = 8
"""Cells of a nine-grid around its button."""

NAME: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
Weight: TypeAlias = Annotated[int, Field(gt=0, le=TOTAL_MAX, strict=True)]
Count: TypeAlias = Annotated[int, Field(gt=0, le=10**12, strict=True)]
Position: TypeAlias = Annotated[int, Field(ge=0, le=POSITION_MAX, strict=True)]
Symbol: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$")]
Line: TypeAlias = Annotated[tuple[Symbol, ...], Field(max_length=REELS_MAX)]
Positions: TypeAlias = Annotated[tuple[Position, ...], Field(max_length=SHOWN_MAX)]
Lines: TypeAlias = Annotated[tuple[Line, ...], Field(max_length=SHOWN_MAX)]


def _told(instant: int) -> int:
    if not (instant <= LATEST or instant == NEVER):
        raise ValueError(f"must be at most {LATEST}, the end of the year 9999")
    return instant


Instant: TypeAlias = Annotated[
    int, Field(ge=0, le=NEVER, strict=True), AfterValidator(_told)
]
"""Is microseconds since 1970 UTC that a Timestamp can tell, or never."""


class Table(BaseModel):
    """Is a table of the section: frozen, with the keys it declares and no others."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Presentation(StrEnum):
    """Tells how a draw is shown; the server decides the prize and where it stands."""

    WHEEL = "WHEEL"
    NINE_GRID = "NINE_GRID"
    SLOT = "SLOT"
    SCRATCH = "SCRATCH"


class SoldOut(StrEnum):
    """Tells what becomes of the odds of a prize that cannot be had."""

    RENORMALISE = "RENORMALISE"
    """It is taken out before the draw, and all the others become likelier."""

    FALLBACK = "FALLBACK"
    """Its weight goes to the wheel's `fallback`."""


class Scope(StrEnum):
    """Tells who counts together towards a limit."""

    MEMBER = "MEMBER"
    POOL = "POOL"

    GROUP = "GROUP"
    """Whoever comes from one group of devices, as the caller names it."""


class Points(Table):
    """Is points of a unit, as a cost or as a prize."""

    points: Count
    unit: Annotated[NAME, NameOf.UNIT] = "points"


class Item(Table):
    """Is a thing to be claimed within so many days of 24 hours."""

    claim_days: Annotated[int, Field(gt=0, le=3_650, strict=True)] = 30


class Release(Table):
    """Puts pieces into stock: `count` of them at an instant, `times` times in all.

    The first time at `start_time` (microseconds since 1970 UTC), then every so many
    seconds.
    """

    start_time: Instant
    count: Count
    every_seconds: Count = 86_400
    times: Count = 1


class Stock(Table):
    """Is how often a prize can be won: `count` in each window, and what is released."""

    count: Annotated[int, Field(ge=0, le=10**12, strict=True)]
    per: Per = Per.LIFETIME
    releases: Annotated[tuple[Release, ...], Field(max_length=1_000)] = ()

    @model_validator(mode="after")
    def _check_releases(self) -> Self:
        if self.releases and self.per is not Per.LIFETIME:
            raise ValueError("releases go with a stock that counts per LIFETIME")
        if (
            self.count + sum(row.count * row.times for row in self.releases)
            > PIECES_MAX
        ):
            raise ValueError(f"a stock has at most {PIECES_MAX} pieces in all")
        return self


class Limit(Table):
    """Bounds draws within a local window, of all who count together."""

    draws: Count
    per: Per = Per.DAY
    scope: Scope = Scope.MEMBER


class Free(Table):
    """Gives a member draws for nothing in each window; they do not add up."""

    draws: Count
    per: Per = Per.DAY


class Budget(Table):
    """Bounds the points of one unit that a wheel pays out within a window."""

    points: Count
    unit: Annotated[NAME, NameOf.UNIT] = "points"
    per: Per = Per.DAY


class Soft(Table):
    """Makes a class likelier: by `step` more of the total for each draw behind `start`.

    The class weighs its base up to the draw `start` since the last hit, and
    `base + step * (k - start)` at the draw k behind it, at most the total.
    """

    start: Annotated[int, Field(ge=0, le=PITY_MAX, strict=True)]
    step: Weight


class PityGroup(Table):
    """Counts draws since the last hit of a class of prizes, across wheels.

    At the draw `hard` the class is forced. `free_draws_count` tells whether draws that
    cost nothing count, `carries_over` whether the count lives on into another season.
    With `featured` a hit that is not a featured prize makes sure that the next is.
    """

    hard: Annotated[int, Field(gt=0, le=PITY_MAX, strict=True)] | None = None
    soft: Soft | None = None
    free_draws_count: bool = False
    carries_over: bool = True
    featured: bool = False

    @model_validator(mode="after")
    def _check_rules(self) -> Self:
        if not (self.hard or self.soft or self.featured):
            raise ValueError("must have one of hard, soft, featured")
        return self


class Nothing(Table):
    """Says how the outcome without a prize is shown."""

    positions: Positions = ()
    lines: Lines = ()


class Prize(Table):
    """Is one outcome: what is won, how likely, how often, and how it is shown.

    At most one of `points`, `spins` and `item`; none of them is nothing won. `limit`
    is how often one member may win it within a window. `pity` names the groups whose
    class it belongs to. Winners of one that `is_announced` are listed for everybody.
    """

    id: NAME
    weight: Weight | None = None
    points: Points | None = None
    spins: Annotated[int, Field(gt=0, le=SPINS_MAX, strict=True)] | None = None
    item: Item | None = None
    stock: Stock | None = None
    limit: Free | None = None
    pity: tuple[NAME, ...] = ()
    is_featured: bool = False
    is_announced: bool = False
    positions: Positions = ()
    lines: Lines = ()

    @model_validator(mode="after")
    def _check_kind(self) -> Self:
        kinds = (self.points, self.spins, self.item)
        if sum(kind is not None for kind in kinds) > 1:
            raise ValueError(f"prize {self.id}: at most one of points, spins, item")
        if self.id == NOTHING and any(kind is not None for kind in kinds):
            raise ValueError("the prize `nothing` has nothing")
        return self

    @property
    def is_bounded(self) -> bool:
        """Returns whether it may run out, for everybody or for one member."""
        return self.stock is not None or self.limit is not None


class Class(NamedTuple):
    """Is the outcomes that are hits of a group, and which of them are featured."""

    hits: frozenset[str]
    featured: frozenset[str]


def _reel(value: Any) -> Any:
    return tuple(sorted(value.items())) if isinstance(value, dict) else value


Reel: TypeAlias = Annotated[
    tuple[tuple[Symbol, Weight], ...], BeforeValidator(_reel), Field(min_length=1)
]
"""Is the symbols of a reel with their weights, in the order of the symbols' names."""
