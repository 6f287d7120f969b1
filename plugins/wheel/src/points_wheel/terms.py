"""What a wheel says of itself: its prizes, what a draw costs, its limits."""

from __future__ import annotations

from functools import cached_property
from math import prod
from typing import Annotated

from pydantic import Field

from points_wheel.prizes import (
    NOTHING,
    PITY_MAX,
    REELS_MAX,
    Budget,
    Class,
    Free,
    Instant,
    Limit,
    Nothing,
    PityGroup,
    Points,
    Presentation,
    Prize,
    Reel,
    Scope,
    Soft,
    SoldOut,
    Table,
    Weight,
)
from points_wheel.windows import NEVER


class Terms(Table):
    """Is what a wheel says of itself, whether or not it adds up.

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
    reels: Annotated[tuple[Reel, ...], Field(max_length=REELS_MAX)] = ()
    sold_out: SoldOut = SoldOut.RENORMALISE
    fallback: str = ""
    costs: Annotated[tuple[Points, ...], Field(max_length=64)] = ()
    free: Free | None = None
    limits: Annotated[tuple[Limit, ...], Field(max_length=64)] = ()
    budget: Budget | None = None
    draws_max: Annotated[int, Field(gt=0, le=100, strict=True)] = 10
    tiers: Annotated[tuple[str, ...], Field(max_length=64)] = ()
    reveal_days: Annotated[int, Field(gt=0, le=3_650, strict=True)] = 30
    void_returns_stock: bool = True

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
    def largest(self) -> dict[str, int]:
        """Returns the most points that one draw may give at once, by unit.

        None of a card: what is on it is given once it is scratched.
        """
        points: dict[str, int] = {}
        if self.presentation is Presentation.SCRATCH:
            return points
        for prize in self.prizes:
            if won := prize.points:
                points[won.unit] = max(won.points, points.get(won.unit, 0))
        return points

    @cached_property
    def is_shared(self) -> bool:
        """Returns whether members count together: stock, a budget, a common limit."""
        return (
            self.budget is not None
            or any(prize.stock for prize in self.prizes)
            or any(limit.scope is Scope.POOL for limit in self.limits)
        )

    @cached_property
    def is_bounded(self) -> bool:
        """Returns whether any prize may run out, for everybody or for one member."""
        is_prize_bounded = any(prize.is_bounded for prize in self.prizes)
        return self.budget is not None or is_prize_bounded

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
