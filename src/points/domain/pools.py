"""Pools: what members earn goes to an account that they share, wholly or in part."""

from __future__ import annotations

from fractions import Fraction
from math import floor
from typing import NamedTuple


class PoolTerms(NamedTuple):
    """Says what those who earn into an account of a pool give of each lot.

    Of the points of its `units` the `share`, above zero and at most one, rounded
    down: what is left stays with who has earned it.
    """

    name: str
    units: frozenset[str]
    share: Fraction

    def share_of(self, unit: str, points: int) -> int:
        """Returns what of the points goes to the pool."""
        return floor(points * self.share) if unit in self.units else 0
