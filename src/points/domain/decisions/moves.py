"""What a command moves: between accounts, out of lots and back into them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from points.domain.values import Draw, Lot, Posting


class Moves(NamedTuple):
    """Is movements that belong together; `lots` have changed, `made` are new.

    `unswept` leave breakage, and the counts of what was swept from their lots.
    """

    postings: tuple[Posting, ...]
    draws: tuple[Draw, ...] = ()
    returns: tuple[Draw, ...] = ()
    lots: tuple[Lot, ...] = ()
    made: tuple[Lot, ...] = ()
    unswept: tuple[Draw, ...] = ()


def joined(moves: Sequence[Moves]) -> Moves:
    """Returns movements of several units as one, in their order."""
    return (
        Moves(
            *(
                tuple(each for found in all_of for each in found)
                for all_of in zip(*moves, strict=True)
            )
        )
        if moves
        else Moves(())
    )
