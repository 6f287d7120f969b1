"""The ways in which points expire, as values that are right once they exist.

Each names the last day on which a lot is usable, that day included, in the
program's zone. Constructors raise InvalidArgument; its fields are the keys of
`documents`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeAlias

from points.domain.bounds import UNIT_CHARACTERS_MAX
from points.domain.calendar.periods import ZERO, Period
from points.domain.calendar.spans import clipped
from points.domain.checks import name_problem
from points.domain.refusals import InvalidArgument


_LEAP_YEAR: Final = 2000
_MONTHS: Final = range(1, 13)


class Rounding(StrEnum):
    """Says which day is a lot's last, given the date that its period reaches.

    NONE: the day before that date. The first day counts, so P1D is the day of
    the start alone, and a year from 15 March is over with 14 March.
    END_OF_DAY: that date itself. The others: the last day of the week (Sunday),
    month, quarter, half or year that holds the date; END_OF_CHOSEN_MONTH: the
    last day of the chosen month, this year's unless the date is past it.
    """

    NONE = "NONE"
    END_OF_DAY = "END_OF_DAY"
    END_OF_WEEK = "END_OF_WEEK"
    END_OF_MONTH = "END_OF_MONTH"
    END_OF_QUARTER = "END_OF_QUARTER"
    END_OF_HALF = "END_OF_HALF"
    END_OF_YEAR = "END_OF_YEAR"
    END_OF_CHOSEN_MONTH = "END_OF_CHOSEN_MONTH"


@dataclass(frozen=True, slots=True)
class Never:
    """Lets points live for ever."""


@dataclass(frozen=True, slots=True)
class AfterPeriod:
    """Ends a lot's life after a period, counted from the day of its start.

    `month`, 1 to 12, is given with END_OF_CHOSEN_MONTH and only then.
    """

    period: Period
    rounding: Rounding = Rounding.NONE
    month: int | None = None

    def __post_init__(self) -> None:
        if self.period.is_zero:
            raise InvalidArgument({"after": "must be above zero, such as P12M"})
        if self.rounding is not Rounding.END_OF_CHOSEN_MONTH:
            if self.month is not None:
                raise InvalidArgument({"month": "needs round END_OF_CHOSEN_MONTH"})
        elif self.month not in _MONTHS:
            raise InvalidArgument({"month": f"must be 1 to 12, not {self.month}"})


@dataclass(frozen=True, slots=True)
class OnDates:
    """Ends lives on fixed dates of each year, pairs of month and day.

    A lot's last day is the first of them on or after the date that `minimum`
    reaches. 29 February is the 28th in other years.
    """

    dates: frozenset[tuple[int, int]]
    minimum: Period = ZERO

    def __post_init__(self) -> None:
        if not self.dates:
            raise InvalidArgument({"on": "must name a date, such as 12-31"})
        wrong = sorted(pair for pair in self.dates if not _is_date(*pair))
        if wrong:
            month, day = wrong[0]
            shown = f"{month:02}-{day:02}"
            raise InvalidArgument({"on": f"must hold dates such as 12-31, not {shown}"})


@dataclass(frozen=True, slots=True)
class OnAnniversary:
    """Ends lives on each anniversary of the day on which the member was created.

    A lot's last day is the first of them on or after the date that `minimum`
    reaches; the day of creation is none. 29 February is the 28th in other years.
    """

    minimum: Period = ZERO


@dataclass(frozen=True, slots=True)
class Sliding:
    """Ends a lot's life when the member was idle for the whole of a period.

    `resets` names the kinds of activity that count the period anew.
    """

    after: AfterPeriod
    resets: frozenset[str]

    def __post_init__(self) -> None:
        if not self.resets:
            raise InvalidArgument({"reset_by": "must name a kind, such as BURN"})
        for kind in sorted(self.resets):
            problem = name_problem(kind, UNIT_CHARACTERS_MAX)
            if problem:
                shown = kind[:UNIT_CHARACTERS_MAX]
                raise InvalidArgument({"reset_by": f"kind {shown!r} {problem}"})


Policy: TypeAlias = Never | AfterPeriod | OnDates | OnAnniversary | Sliding
"""Is one way in which points expire."""


def _is_date(month: int, day: int) -> bool:
    # A leap year has every date that there is.
    if month not in _MONTHS:
        return False
    return 1 <= day <= clipped(_LEAP_YEAR, month, day).day
