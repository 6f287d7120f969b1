"""Takes points from lots, one after the other, as far as they go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from points.domain.state import LotsMissing, OpenLots
from points.domain.values import Draw, Lot


class Taken(NamedTuple):
    """Is what was taken from which lot, and the lots as they are afterwards."""

    draws: tuple[Draw, ...]
    lots: tuple[Lot, ...]

    @property
    def points(self) -> int:
        """Returns how many points were taken, fewer than wanted if none are left."""
        return sum(draw.points for draw in self.draws)


def take(lots: Iterable[Lot], points: int) -> Taken:
    """Returns what is taken of `points`, zero or above, in the order of the lots."""
    draws, changed = [], []
    for lot in lots:
        taken = min(lot.remaining, points)
        if taken:
            draws.append(Draw(lot.place(), taken, lot.expire_time))
            changed.append(lot.moved(-taken))
            points -= taken
    return Taken(tuple(draws), tuple(changed))


def take_open(
    open_lots: OpenLots, points: int, *, without: Iterable[Lot] = ()
) -> Taken:
    """Returns what is taken from usable lots, the earliest expiry first.

    Raises LotsMissing if they do not suffice and there are some not yet read.
    """
    passed = {lot.number for lot in without}
    taken = take((lot for lot in open_lots.lots if lot.number not in passed), points)
    if taken.points < points and not open_lots.complete:
        raise LotsMissing
    return taken
