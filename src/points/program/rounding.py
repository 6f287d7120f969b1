"""How fractions become whole points, and whole points are split."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil, floor

from points.program.document.earning import Rounds


def rounded(points: Fraction, how: Rounds) -> int:
    """Returns the whole number that a fraction from zero on is rounded to."""
    match how:
        case Rounds.DOWN:
            return floor(points)
        case Rounds.UP:
            return ceil(points)
        case Rounds.HALF_UP:
            return floor(points + Fraction(1, 2))
        case Rounds.HALF_EVEN:
            return round(points)


def split(points: int, weights: Sequence[int]) -> list[int]:
    """Returns whole shares in the proportion of the weights; they sum to the points.

    There is at least one weight, and none below zero.     What rounding down leaves goes
    to the largest remainders, the first one of equals. Equal weights stand in for
    weights that are all zero.
    """
    total = sum(weights)
    if not total:
        weights, total = [1] * len(weights), len(weights)
    shares = [points * weight // total for weight in weights]
    left = points - sum(shares)
    order = sorted(range(len(weights)), key=lambda at: -(points * weights[at] % total))
    for at in order[:left]:
        shares[at] += 1
    return shares


def shown(number: Fraction) -> str:
    """Returns a number as people write it: 45.9, or 1/3 if it has no end."""
    if number.denominator == 1:
        return str(number.numerator)
    for digits in range(1, 7):
        scaled = number * 10**digits
        if scaled.denominator == 1:
            whole, part = divmod(scaled.numerator, 10**digits)
            return f"{whole}.{part:0{digits}}"
    return str(number)
