"""Odds as they are told to players: exact fractions, and percentages that add up."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final


MILLIONTHS: Final = 1_000_000
"""Parts of the whole that percentages are rounded to: four digits behind the point."""


DIGITS_MAX: Final = 4_000
"""Most digits of a number that is told: what a text is made of must have an end."""

_LONG: Final = 10**DIGITS_MAX


def exact(chance: Fraction) -> tuple[str, str]:
    """Returns numerator and denominator in decimal, both empty if either is too long.

    One draw more that a group may take multiplies the denominator by the total.
    """
    if chance.denominator >= _LONG:
        return "", ""
    return str(chance.numerator), str(chance.denominator)


def millionths(weights: Mapping[str, int]) -> dict[str, int]:
    """Returns each outcome's share of a million; they add up to exactly one million.

    Rounded down first; what is missing goes one by one to the largest remainders, to
    the earlier outcome of two alike. Raises ValueError for a total of zero.
    """
    total = sum(weights.values())
    if total <= 0:
        raise ValueError("odds of nothing cannot be disclosed")
    shares = {name: MILLIONTHS * w // total for name, w in weights.items()}
    missing = MILLIONTHS - sum(shares.values())
    by_remainder = sorted(
        weights, key=lambda name: MILLIONTHS * weights[name] % total, reverse=True
    )
    for name in by_remainder[:missing]:
        shares[name] += 1
    return shares


def percent(share: int) -> str:
    """Returns a share of a million as a percentage: `12.3456`."""
    whole, rest = divmod(share, 10_000)
    return f"{whole}.{rest:04d}"
