"""Points made into money for a cause: whole minor units, and the rest is kept."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple


class Conversion(NamedTuple):
    """Is what was paid out in minor units, and the fraction of one that is kept."""

    money: int
    remainder: Fraction


def convert(points: int, rate: Fraction, remainder: Fraction) -> Conversion:
    """Returns the money for points at a rate in minor units for one point.

    The remainder of before is added first, so that it is paid as soon as it makes a
    whole unit, whatever the rates were that it came from.
    """
    exact = points * rate + remainder
    money = exact.numerator // exact.denominator
    return Conversion(money, exact - money)
