"""What a wheel is: its prizes with integer weights, what a draw costs, its limits."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from math import prod
from typing import Annotated, Any, Final, NamedTuple, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from points_wheel.windows import NEVER, Per


NOTHING: Final = "nothing"
"""Is the id of the outcome that has no prize."""

TOTAL_MAX: Final = 2**53
"""Largest total of weights: exact in every language that a verifier may be in."""

PITY_MAX: Final = 1_000
"""Most draws that a group may take to be certain: its chain is worked out exactly."""

GRID_CELLS: Final = 8
"""Cells of a nine-grid around its button."""

NAME: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,63}$")]
Weight: TypeAlias = Annotated[int, Field(gt=0, le=TOTAL_MAX, strict=True)]
Count: TypeAlias = Annotated[int, Field(gt=0, le=10**12, strict=True)]
Instant: TypeAlias = Annotated[int, Field(ge=0, le=NEVER, strict=True)]
Symbol: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$")]
Line: TypeAlias = tuple[Symbol, ...]


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
    unit: NAME = "points"


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
    releases: tuple[Release, ...] = ()

    @model_validator(mode="after")
    def _check_releases(self) -> Self:
        if self.releases and self.per is not Per.LIFETIME:
            raise ValueError("releases go with a stock that counts per LIFETIME")
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
    unit: NAME = "points"
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

    positions: tuple[int, ...] = ()
    lines: tuple[Line, ...] = ()


class Prize(Table):
    """Is one outcome: what is won, how likely, how often, and how it is shown.

    At most one of `points`, `spins` and `item`; none of them is nothing won. `limit`
    is how often one member may win it within a window. `pity` names the groups whose
    class it belongs to. Winners of one that `is_announced` are listed for everybody.
    """

    id: NAME
    weight: Weight | None = None
    points: Points | None = None
    spins: Count | None = None
    item: Item | None = None
    stock: Stock | None = None
    limit: Free | None = None
    pity: tuple[NAME, ...] = ()
    is_featured: bool = False
    is_announced: bool = False
    positions: tuple[int, ...] = ()
    lines: tuple[Line, ...] = ()

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


class Pool(Table):
    """Is a wheel: one pool of prizes, drawn from by one engine whatever it looks like.

    `total` is what all weights add up to; what is missing is the weight of nothing.
    `costs` are alternatives, one unit each; without any a draw costs nothing but is
    not a free one. A slot with `reels` is drawn reel by reel: its odds follow from
    the symbols, and its prizes have lines instead of weights.
    """

    title: Annotated[str, Field(max_length=200)] = ""
    presentation: Presentation = Presentation.WHEEL
    season: Annotated[str, Field(max_length=64)] = ""
    start_time: Instant = 0
    end_time: Instant = NEVER
    prizes: Annotated[tuple[Prize, ...], Field(min_length=1, max_length=64)]
    total: Weight | None = None
    nothing: Nothing = Nothing()
    reels: tuple[Reel, ...] = ()
    sold_out: SoldOut = SoldOut.RENORMALISE
    fallback: str = ""
    costs: tuple[Points, ...] = ()
    free: Free | None = None
    limits: tuple[Limit, ...] = ()
    budget: Budget | None = None
    draws_max: Annotated[int, Field(gt=0, le=100, strict=True)] = 10
    tiers: Annotated[tuple[str, ...], Field(max_length=64)] = ()
    reveal_days: Annotated[int, Field(gt=0, le=3_650, strict=True)] = 30
    void_returns_stock: bool = True

    @model_validator(mode="after")
    def _check(self) -> Self:
        from points_wheel.checking import check_pool  # noqa: PLC0415 - it checks pools

        check_pool(self)
        return self

    @cached_property
    def base(self) -> dict[str, int]:
        """Returns the declared weight of each outcome, nothing included if it has any.

        In the order of the prizes, nothing behind them; the weights add up to
        `total_weight`.
        """
        weights = {prize.id: self._weight(prize) for prize in self.prizes}
        rest = self.total_weight - sum(weights.values())
        return {**weights, NOTHING: rest} if rest else weights

    @cached_property
    def total_weight(self) -> int:
        """Returns what the weights of all outcomes add up to."""
        if self.reels:
            return prod(sum(weight for _, weight in reel) for reel in self.reels)
        return self.total or sum(prize.weight or 0 for prize in self.prizes)

    def _weight(self, prize: Prize) -> int:
        if not self.reels:
            return prize.weight or 0
        return sum(
            prod(
                dict(reel).get(symbol, 0)
                for reel, symbol in zip(self.reels, line, strict=True)
            )
            for line in prize.lines
        )

    @cached_property
    def outcomes(self) -> tuple[str, ...]:
        """Returns the ids of all outcomes: the prizes, and nothing if it may come."""
        ids = tuple(prize.id for prize in self.prizes)
        may_fall = self.fallback == NOTHING and NOTHING not in ids
        return (*ids, NOTHING) if NOTHING in self.base or may_fall else ids

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """Returns the names of the pity groups that its prizes belong to."""
        return tuple(dict.fromkeys(name for p in self.prizes for name in p.pity))

    @cached_property
    def classes(self) -> dict[str, Class]:
        """Returns the class of each of its pity groups."""
        return {
            name: Class(
                frozenset(prize.id for prize in self.prizes if name in prize.pity),
                frozenset(
                    prize.id
                    for prize in self.prizes
                    if name in prize.pity and prize.is_featured
                ),
            )
            for name in self.groups
        }

    @cached_property
    def by_id(self) -> dict[str, Prize]:
        """Returns the prizes by their ids."""
        return {prize.id: prize for prize in self.prizes}

    @cached_property
    def is_shared(self) -> bool:
        """Returns whether members count together: stock, a budget, a common limit."""
        return (
            self.budget is not None
            or any(prize.stock for prize in self.prizes)
            or any(limit.scope is Scope.POOL for limit in self.limits)
        )

    @cached_property
    def is_grouped(self) -> bool:
        """Returns whether draws from one group of devices count together."""
        return any(limit.scope is Scope.GROUP for limit in self.limits)

    def _length(self, soft: Soft) -> int:
        """Returns the draws after which a soft pity is certain."""
        return soft.start + -(-self.total_weight // soft.step)

    def check_group(self, name: str, group: PityGroup) -> None:
        """Raises ValueError if a pity group cannot do what it says for this wheel."""
        featured = [p for p in self.prizes if name in p.pity and p.is_featured]
        if group.featured and not featured:
            raise ValueError(f"pity group {name}: no prize of it is featured")
        if group.hard is None and group.soft and self._length(group.soft) > PITY_MAX:
            raise ValueError(
                f"pity group {name}: its step takes more than {PITY_MAX} draws"
            )
