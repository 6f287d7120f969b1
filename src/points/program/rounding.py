"""How fractions become whole points, and whole points are split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import ceil
from typing import Final, TypeAlias

from points.program.document.earning import Rounds


Exact: TypeAlias = Fraction | int
"""Is an exact number: an int wherever it is whole, for ints are ten times faster."""

_DIGITS_MAX: Final = 6
_DOWN, _UP, _HALF_UP = Rounds.DOWN, Rounds.UP, Rounds.HALF_UP


def _scales() -> Mapping[int, tuple[int, int]]:
    """Returns the denominators of numbers that end after few digits.

    With the number of digits, and what makes the denominator a power of ten.
    """
    found: dict[int, tuple[int, int]] = {}
    for digits in range(1, _DIGITS_MAX + 1):
        power = 10**digits
        for twos, fives in product(range(digits + 1), repeat=2):
            denominator = 2**twos * 5**fives
            found.setdefault(denominator, (digits, power // denominator))
    del found[1]
    return found


_SCALES: Final = _scales()


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
    # By identity with a name of this module: what an enum is asked for takes longer.
    numerator, denominator = points.as_integer_ratio()
    if how is _DOWN:
        return numerator // denominator
    if how is _HALF_UP:
        return (2 * numerator // denominator + 1) // 2
    return ceil(points) if how is _UP else round(points)


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
    """Returns a number as people write it: 45.9, or 1/3 if it has no end.

    Fractions below zero stay fractions: nobody is given any.
    """
    if number.__class__ is int:
        return str(number)
    numerator, denominator = number.as_integer_ratio()
    if denominator == 1:
        return str(numerator)
    scale = _SCALES.get(denominator)
    if scale is None or numerator < 0:
        return str(number)
    digits, factor = scale
    whole, part = divmod(numerator * factor, denominator * factor)
    return f"{whole}.{str(part).zfill(digits)}"
