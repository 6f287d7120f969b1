"""Counts within windows, and what they leave of limits, stocks and budgets."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from points_wheel.pools import Pool
from points_wheel.prizes import Prize, Scope, Stock
from points_wheel.windows import SECOND, WINDOW_MAX, Per, window_of


class Tally(NamedTuple):
    """Is how much was counted in the window that begins at `start_time`."""

    start_time: int
    used: int


Tallies: TypeAlias = Mapping[str, Tally]
"""Is the latest count of each name; a window that is over counts nothing."""


class Payment(StrEnum):
    """Tells what a draw was paid with."""

    FREE = "FREE"
    SPIN = "SPIN"
    POINTS = "POINTS"


class Moment(NamedTuple):
    """Is when something happens: an instant, and the zone whose days count."""

    now: int
    zone: str

    def start(self, per: Per) -> int:
        """Returns when the present window of a kind began."""
        return window_of(per, self.now, self.zone).start_time


_NONE_GONE: Final[frozenset[str]] = frozenset()
NO_TALLIES: Final[Tallies] = MappingProxyType({})

STOCK: Final = "stock:"
"""Is what names of counts of stocks begin with; the id of the prize follows."""


def used(tallies: Tallies, name: str, start_time: int) -> int:
    """Returns how much a window has counted."""
    tally = tallies.get(name)
    return tally.used if tally and tally.start_time == start_time else 0


def counted(tallies: Tallies, name: str, start_time: int, more: int) -> Tallies:
    """Returns the tallies with more counted, or less: never below zero."""
    left = max(0, used(tallies, name, start_time) + more)
    return {**tallies, name: Tally(start_time, left)}


def given_back(tallies: Tallies, name: str, start_time: int, less: int) -> Tallies:
    """Returns the tallies without what a window counted, if that window still runs."""
    tally = tallies.get(name)
    if tally is None or tally.start_time != start_time:
        return tallies
    return counted(tallies, name, start_time, -less)


def still_counting(tallies: Tallies, now: int) -> Tallies:
    """Returns the tallies without those whose window is certainly over.

    Those that count for good are put away where there are too many of them.
    """
    over = now - WINDOW_MAX
    return {
        name: tally
        for name, tally in tallies.items()
        if not 0 < tally.start_time <= over
    }


def stock_left(stock: Stock, prize_id: str, shared: Tallies, moment: Moment) -> int:
    """Returns how many pieces there are, with those that are released by now."""
    released = sum(
        row.count * min(row.times, 1 + (moment.now - row.start_time) // step)
        for row in stock.releases
        if row.start_time <= moment.now
        for step in (row.every_seconds * SECOND,)
    )
    gone = used(shared, f"{STOCK}{prize_id}", moment.start(stock.per))
    return max(0, stock.count + released - gone)


def budget_left(pool: Pool, shared: Tallies, moment: Moment) -> int | None:
    """Returns the points that the budget has left, None where there is no budget."""
    if pool.budget is None:
        return None
    start_time = moment.start(pool.budget.per)
    return pool.budget.points - used(shared, "budget", start_time)


def free_left(pool: Pool, wheel_id: str, mine: Tallies, moment: Moment) -> int:
    """Returns the free draws that the present window leaves to a member."""
    if pool.free is None:
        return 0
    gone = used(mine, f"{wheel_id}/free", moment.start(pool.free.per))
    return max(0, pool.free.draws - gone)


def prefix_of(scope: Scope, wheel_id: str) -> str:
    """Returns what names of counts begin with: a member has those of all wheels."""
    return f"{wheel_id}/" if scope is Scope.MEMBER else ""


def limit_left(
    pool: Pool, wheel_id: str, scope: Scope, tallies: Tallies, moment: Moment
) -> int | None:
    """Returns the draws that all limits of a scope leave, None without any."""
    prefix = prefix_of(scope, wheel_id)
    return min(
        (
            max(0, limit.draws - used(tallies, name, moment.start(limit.per)))
            for limit in pool.limits
            if limit.scope is scope
            for name in (f"{prefix}draws:{limit.per}",)
        ),
        default=None,
    )


def gone_prizes(
    pool: Pool, wheel_id: str, shared: Tallies, mine: Tallies, moment: Moment
) -> frozenset[str]:
    """Returns the prizes that cannot be won: sold out, unpaid for, or won enough."""
    if not pool.is_bounded:
        return _NONE_GONE
    budget = budget_left(pool, shared, moment)
    return frozenset(
        prize.id
        for prize in pool.prizes
        if _is_sold_out(prize, shared, moment)
        or _is_unpaid(pool, prize, budget)
        or _is_won_enough(prize, wheel_id, mine, moment)
    )


def _is_sold_out(prize: Prize, shared: Tallies, moment: Moment) -> bool:
    stock = prize.stock
    return stock is not None and not stock_left(stock, prize.id, shared, moment)


def _is_unpaid(pool: Pool, prize: Prize, budget: int | None) -> bool:
    won = prize.points
    if budget is None or pool.budget is None or won is None:
        return False
    return won.unit == pool.budget.unit and won.points > budget


def _is_won_enough(prize: Prize, wheel_id: str, mine: Tallies, moment: Moment) -> bool:
    if prize.limit is None:
        return False
    start_time = moment.start(prize.limit.per)
    won = used(mine, f"{wheel_id}/won:{prize.id}", start_time)
    return won >= prize.limit.draws


class Count(NamedTuple):
    """Is one count that a draw moves: whose, its name, its window, and by how much."""

    scope: Scope
    name: str
    start_time: int
    more: int


def _all(name: str, start_time: int, more: int) -> Count:
    return Count(Scope.POOL, name, start_time, more)


def _own(name: str, start_time: int, more: int) -> Count:
    return Count(Scope.MEMBER, name, start_time, more)


def counts_of(
    pool: Pool, wheel_id: str, prize_id: str, payment: Payment, moment: Moment
) -> tuple[Count, ...]:
    """Returns what a draw with this outcome moves, for everybody and for the member."""
    counts = _limit_counts(pool, wheel_id, moment) if pool.limits else []
    if payment is Payment.FREE and pool.free:
        start_time = moment.start(pool.free.per)
        counts.append(_own(f"{wheel_id}/free", start_time, 1))
    if prize_id in pool.by_id:
        counts += _prize_counts(pool, wheel_id, pool.by_id[prize_id], moment)
    return tuple(counts)


def _limit_counts(pool: Pool, wheel_id: str, moment: Moment) -> list[Count]:
    limits = {(limit.scope, limit.per): None for limit in pool.limits}
    return [
        Count(scope, f"{prefix_of(scope, wheel_id)}draws:{per}", moment.start(per), 1)
        for scope, per in limits
    ]


def _prize_counts(
    pool: Pool, wheel_id: str, prize: Prize, moment: Moment
) -> list[Count]:
    counts = []
    if prize.stock:
        start_time = moment.start(prize.stock.per)
        counts.append(_all(f"{STOCK}{prize.id}", start_time, 1))
    if prize.limit:
        start_time = moment.start(prize.limit.per)
        name = f"{wheel_id}/won:{prize.id}"
        counts.append(_own(name, start_time, 1))
    won = prize.points
    if won and pool.budget and won.unit == pool.budget.unit:
        start_time = moment.start(pool.budget.per)
        counts.append(_all("budget", start_time, won.points))
    return counts
