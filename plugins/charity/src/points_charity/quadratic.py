"""Quadratic rounds: many small donors move more of a pool than a single large one.

The raw match of a campaign is (sum of the roots of what each donor gave)^2 less the
sum of what they gave. Roots are whole numbers scaled by SCALE, rounded down, so that
a campaign's sum of roots moves exactly by what each donation changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isqrt
from typing import Final


SCALE: Final = 10**6
"""Parts of one that roots are counted in."""


def scaled_root(points: int) -> int:
    """Returns the root of what a donor gave, in parts of a million, rounded down."""
    return isqrt(points * SCALE * SCALE)


def raw_match(root_sum: int, points: int) -> int:
    """Returns a raw match in parts of SCALE^2, never below zero.

    A single donor has none. `root_sum` is the sum of the donors' scaled roots,
    `points` the sum of what they gave.
    """
    return max(0, root_sum * root_sum - points * SCALE * SCALE)


def wanted(raw: Iterable[int]) -> int:
    """Returns the fewest points into which raw matches fit."""
    return -(-sum(raw) // (SCALE * SCALE))


def split(pool: int, raw: Mapping[str, int]) -> dict[str, int]:
    """Returns the match of each campaign, together never more than the pool.

    Raw matches that fit are paid, each rounded down. Otherwise the whole pool is
    split in their proportion; what rounding leaves goes one by one to the largest
    remainders, to the first name of two alike.
    """
    total = sum(raw.values())
    if total <= pool * SCALE * SCALE:
        return {name: each // (SCALE * SCALE) for name, each in raw.items()}
    shares = {name: pool * each // total for name, each in raw.items()}
    left = pool - sum(shares.values())
    ordered = sorted(raw, key=lambda name: (-(pool * raw[name] % total), name))
    for name in ordered[:left]:
        shares[name] += 1
    return shares
