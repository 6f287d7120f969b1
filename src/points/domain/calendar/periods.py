"""Years, months and days that are added to a date; ISO 8601 writes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from points.domain.calendar.spans import clipped
from points.domain.refusals import InvalidArgument


COUNT_MAX: Final = 99_999
"""Most years, months or days of a period: 99,999 days are 273 years."""

_WEEK_DAYS: Final = 7
_TEXT = re.compile(
    r"P(?=\d)(?:(\d{1,5})Y)?(?:(\d{1,5})M)?(?:(\d{1,5})W)?(?:(\d{1,5})D)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Period:
    """Is a length of the calendar: its real length depends on where it begins.

    Each count is 0 to COUNT_MAX; raises InvalidArgument otherwise.
    """

    years: int = 0
    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        counts = {"years": self.years, "months": self.months, "days": self.days}
        violations = {
            name: f"must be 0 to {COUNT_MAX}, not {count}"
            for name, count in counts.items()
            if not 0 <= count <= COUNT_MAX
        }
        if violations:
            raise InvalidArgument(violations)

    @property
    def is_zero(self) -> bool:
        """Says whether the period leaves every date where it is."""
        return not (self.years or self.months or self.days)

    def after(self, day: date) -> date:
        """Returns the date that is reached this long after the day.

        Years and months come first and in one step: 31 January and a month is
        the last day of February, and a month more is 31 March if it is added at
        once. Then come the days. Raises OverflowError past the year 9999.
        """
        return _months_later(day, 12 * self.years + self.months) + self._days()

    def before(self, day: date) -> date:
        """Returns the date this long before the day, by the rules of `after`.

        Raises OverflowError before the year 1.
        """
        return _months_later(day, -12 * self.years - self.months) - self._days()

    def __str__(self) -> str:
        counts = ((self.years, "Y"), (self.months, "M"), (self.days, "D"))
        return "P" + ("".join(f"{n}{letter}" for n, letter in counts if n) or "0D")

    def _days(self) -> timedelta:
        return timedelta(days=self.days)


ZERO: Final = Period()
"""The period that leaves every date where it is."""


def parse_period(text: object, field: str = "period") -> Period:
    """Returns the period that an ISO 8601 duration means; `str` writes it.

    Takes years, months, weeks and days, in this order: P1Y6M, P2W, P90D. A week
    is seven days. Raises InvalidArgument that names the field.
    """
    match = _TEXT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise InvalidArgument({field: _not_a_period(text)})
    years, months, weeks, days = (int(count or 0) for count in match.groups())
    try:
        return Period(years, months, weeks * _WEEK_DAYS + days)
    except InvalidArgument as refused:
        raise InvalidArgument({field: str(refused)}) from None


def _not_a_period(text: object) -> str:
    shown = repr(text)[:64]
    return f"must be years, months, weeks or days such as P12M or P90D, not {shown}"


def _months_later(day: date, months: int) -> date:
    year, month = divmod(12 * day.year + day.month - 1 + months, 12)
    return clipped(year, month + 1, day.day)
