"""How lots that were there before are written: as little of them as has changed.

Most draws, holds, captures, voids and sweeps take a lot whole. Such a move is
written by the keys of its lots alone, a statement for all lots that move alike;
what moves in part by its counts, and what has other changes as a whole row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from typing import Final

from points.domain.values import Lot
from points.store.texts.rows import Row, lot_row


COUNTS: Final = ("remaining", "held", "ended", "is_drawn")
"""Columns that points on their way change, besides the two of the key."""

DRAWN: Final = "remaining = 0, is_drawn = 1"
HELD: Final = "held = held + remaining, remaining = 0, is_drawn = 1"
CAPTURED: Final = "held = 0"
RETURNED: Final = "remaining = remaining + held, held = 0, is_drawn = 0"
ENDED: Final = "ended = ended + remaining, remaining = 0, is_drawn = 1"


_MOVING: Final = {"remaining", "held", "ended"}
_REST: Final = itemgetter(
    *(at for at, name in enumerate(Lot._fields) if name not in _MOVING)
)
"""Returns all of a lot but what is left, held and ended."""


@dataclass(slots=True)
class LotWrites:
    """Is what to write of lots: whole rows, counts by key, and keys by move."""

    rows: list[Row] = field(default_factory=list)
    counts: list[Row] = field(default_factory=list)
    keys: dict[str, list[Row]] = field(default_factory=dict)

    def add_drawn(
        self, changed: Iterable[tuple[Lot, Lot]]
    ) -> Iterator[tuple[Lot, Lot]]:
        """Adds what was drawn whole, by burns or holds, and yields all other lots.

        Such a lot is told at one glance, for a burn may draw many.
        """
        drawn, held = self.keys.setdefault(DRAWN, []), self.keys.setdefault(HELD, [])
        for pair in changed:
            (a, b, c, d, e, left, f, g, h, i, j, k, m, n, o, p, q), after = pair
            if (a, b, c, d, e, 0, f, g, h, i, j, k, m, n, o, p, q) == after:
                drawn.append((a, b))
            elif (a, b, c, d, e, 0, f, g, h, i, j + left, k, m, n, o, p, q) == after:
                held.append((a, b))
            else:
                yield pair

    def add(self, before: Lot, after: Lot) -> None:
        """Adds a lot that has changed."""
        if _REST(before) != _REST(after):
            self.rows.append(lot_row(after))
        elif (move := whole_move(before, after)) is not None:
            self.keys.setdefault(move, []).append(after[:2])
        else:
            counts = (after.remaining, after.held, after.ended)
            self.counts.append((*after[:2], *counts, int(after.is_drawn)))


def lot_writes(made: Iterable[Lot], changed: Iterable[tuple[Lot, Lot]]) -> LotWrites:
    """Returns what to write of lots that are new, and of lots before and after."""
    writes = LotWrites(rows=[lot_row(lot) for lot in made])
    for before, after in writes.add_drawn(changed):
        writes.add(before, after)
    return writes


def whole_move(before: Lot, after: Lot) -> str | None:
    """Returns the assignments that make the counts of a lot what they are `after`.

    None unless all that was left of it has moved, or all that was held.
    """
    left, held = before.remaining, before.held
    ended = after.ended - before.ended
    if left and not after.remaining:
        return _emptied(left, after.held - held, ended)
    if held and not after.held and not ended:
        return _released(held, after.remaining - left)
    return None


def _emptied(left: int, held: int, ended: int) -> str | None:
    if not ended and held in (0, left):
        return HELD if held else DRAWN
    return ENDED if (held, ended) == (0, left) else None


def _released(held: int, returned: int) -> str | None:
    if returned not in (0, held):
        return None
    return RETURNED if returned else CAPTURED
