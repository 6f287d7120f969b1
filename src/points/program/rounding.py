"""How fractions become whole points, and whole points are split."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil
from typing import Final, TypeAlias

from points.program.document.earning import Rounds


Exact: TypeAlias = Fraction | int
"""Is an exact number: an int wherever it is whole, for ints are ten times faster."""

_POWERS: Final = tuple((digits, 10**digits) for digits in range(1, 7))


def exact(numerator: int, denominator: int) -> Exact:
    """Returns the quotient."""
    whole, rest = divmod(numerator, denominator)
    return Fraction(numerator, denominator) if rest else whole


def times(number: Exact, factor: Exact) -> Exact:
    """Returns the product."""
    if number.__class__ is int and factor.__class__ is int:
        return number * factor
    return exact(
        number.numerator * factor.numerator, number.denominator * factor.denominator
    )


def rounded(points: Exact, how: Rounds) -> int:
    """Returns the whole number that one from zero on is rounded to."""
    if isinstance(points, int):
        return points
    match how:
        case Rounds.DOWN:
            return points.numerator // points.denominator
        case Rounds.UP:
            return ceil(points)
        case Rounds.HALF_UP:
            return (2 * points.numerator // points.denominator + 1) // 2
        case Rounds.HALF_EVEN:
            return round(points)


def split(points: int, weights: Sequence[int]) -> list[int]:
    """Returns whole shares in the proportion of the weights; they sum to the points.

    There is at least one weight, and none is below zero. What rounding down leaves
    goes to the largest remainders, the first one of equals. Equal weights stand in
    for weights that are all zero.
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


def shown(number: Exact) -> str:
    """Returns a number as people write it: 45.9, or 1/3 if it has no end."""
    if number.__class__ is int:
        return str(number)
    numerator, denominator = number.as_integer_ratio()
    if denominator == 1:
        return str(numerator)
    for digits, power in _POWERS:
        if power % denominator == 0:
            whole, part = divmod(numerator * (power // denominator), power)
            return f"{whole}.{part:0{digits}}"
    return str(number)
