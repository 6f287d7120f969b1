"""What a command moves: between accounts, out of lots and back into them."""

from __future__ import annotations

from typing import NamedTuple

from points.domain.values import Draw, Lot, Posting


class Moves(NamedTuple):
    """Is movements that belong together; `lots` have changed, `made` are new."""

    postings: tuple[Posting, ...]
    draws: tuple[Draw, ...] = ()
    returns: tuple[Draw, ...] = ()
    lots: tuple[Lot, ...] = ()
    made: tuple[Lot, ...] = ()
