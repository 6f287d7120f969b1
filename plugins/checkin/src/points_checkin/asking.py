"""Reads what callers ask for, and refuses what nobody can mean."""

from __future__ import annotations

from datetime import date

from points.plugin import Refused
from points_checkin import reasons


FIRST = date(1970, 1, 1)
LAST = date(2999, 12, 31)
COUNT_MAX = 10
MEMBER_CHARACTERS_MAX = 128
OPERATOR_CHARACTERS_MAX = 128
REASON_CHARACTERS_MAX = 256


def day_of(text: str, field: str = "date") -> int:
    """Returns the day that a text names; raises Refused if it names none.

    None before 1970 or after 2999: the calendars of all zones reach beyond both.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    # The calendar reads 20260329 and 2026-W13-7 as well: one way to write it is enough.
    if day is None or day.isoformat() != text or not FIRST <= day <= LAST:
        raise Refused(reasons.DATE_INVALID, field=field, date=repr(text[:32]))
    return day.toordinal()


def count_of(count: int) -> int:
    """Returns how many are wanted, one if nothing is said."""
    if not 0 <= count <= COUNT_MAX:
        raise Refused(reasons.COUNT_INVALID, count_max=COUNT_MAX)
    return count or 1


def require_text(text: str, field: str, characters_max: int) -> None:
    """Raises Refused if a text is missing or too long."""
    if not 1 <= len(text) <= characters_max:
        raise Refused(reasons.TEXT_INVALID, field=field, characters_max=characters_max)
