"""Where a draw is shown: a position of the wheel or grid, or a line of symbols."""

from __future__ import annotations

from typing import Final, NamedTuple

from points_wheel.fair import Stream
from points_wheel.pools import Pool
from points_wheel.prizes import Line, Presentation


RING: Final = (0, 1, 2, 5, 8, 7, 6, 3)
"""Is the cells of a nine-grid, numbered by row, in the order of its eight positions."""


class Shown(NamedTuple):
    """Is where an outcome stands.

    `position` counts the segments of a wheel or the ring of a grid from zero, and is
    -1 where there is none; `cell` is that of a three by three grid, -1 elsewhere.
    """

    position: int = -1
    cell: int = -1
    symbols: Line = ()


def positions_of(pool: Pool, prize_id: str) -> tuple[int, ...]:
    """Returns where an outcome can stand: by default once, in the order of outcomes."""
    prize = pool.by_id.get(prize_id)
    declared = prize.positions if prize else pool.nothing.positions
    if declared:
        return declared
    return (pool.outcomes.index(prize_id),)


def lines_of(pool: Pool, prize_id: str) -> tuple[Line, ...]:
    """Returns the lines of symbols that may show an outcome."""
    prize = pool.by_id.get(prize_id)
    return prize.lines if prize else pool.nothing.lines


def show(pool: Pool, prize_id: str, stream: Stream) -> Shown:
    """Returns how an outcome is shown; one of several ways takes the next words."""
    if pool.presentation is Presentation.SCRATCH:
        return Shown()
    if pool.presentation is Presentation.SLOT:
        lines = lines_of(pool, prize_id)
        return Shown(symbols=lines[stream.below(len(lines))])
    positions = positions_of(pool, prize_id)
    position = positions[stream.below(len(positions))]
    is_grid = pool.presentation is Presentation.NINE_GRID
    return Shown(position, RING[position] if is_grid else -1)


def spin_reels(pool: Pool, stream: Stream) -> Line:
    """Returns a symbol for each reel, each drawn from the next words of the stream."""
    return tuple(_symbol(reel, stream) for reel in pool.reels)


def _symbol(reel: tuple[tuple[str, int], ...], stream: Stream) -> str:
    roll = stream.below(sum(weight for _, weight in reel))
    for symbol, weight in reel:
        if roll < weight:
            return symbol
        roll -= weight
    raise AssertionError("a roll lies below the total of its reel")
