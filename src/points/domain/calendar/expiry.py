"""When points expire: the exclusive instant at which a lot's last day is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from points.domain.bounds import NEVER
from points.domain.calendar.policies import (
    AfterPeriod,
    Never,
    OnAnniversary,
    OnDates,
    Policy,
    Rounding,
    Sliding,
)
from points.domain.calendar.spans import Span, clipped, last_day, last_of_month
from points.domain.calendar.zones import ONE_DAY, end_of_day, local_date


_ENDS_MAX: Final = 4_096
"""Most ends that are remembered: a decade of days, or a year of ten policies."""

_SPANS: Final = {
    Rounding.END_OF_DAY: Span.DAY,
    Rounding.END_OF_WEEK: Span.WEEK,
    Rounding.END_OF_MONTH: Span.MONTH,
    Rounding.END_OF_QUARTER: Span.QUARTER,
    Rounding.END_OF_HALF: Span.HALF,
    Rounding.END_OF_YEAR: Span.YEAR,
}


def expire_time(
    policy: Policy, start: int, zone: ZoneInfo, member_create_time: int
) -> int:
    """Returns when a lot that starts to live at `start` has expired.

    That is the first instant after its last day, always later than `start` and
    never earlier for a later start; NEVER if it lies past the year 9999. Only
    OnAnniversary reads the `member_create_time`.
    """
    if isinstance(policy, Never):
        return NEVER
    day = local_date(start, zone)
    if isinstance(policy, OnAnniversary):
        return _anniversary_end(policy, day, local_date(member_create_time, zone), zone)
    lasting = policy.after if isinstance(policy, Sliding) else policy
    return _end(lasting, day, zone)


def slid(
    policy: Sliding, lot_expire_time: int, activity_time: int, zone: ZoneInfo
) -> int:
    """Returns when a lot expires after an activity that resets its period.

    Never earlier than before; a lot that had expired by then stays expired.
    """
    if activity_time >= lot_expire_time:
        return lot_expire_time
    return max(
        lot_expire_time, _end(policy.after, local_date(activity_time, zone), zone)
    )


@lru_cache(maxsize=_ENDS_MAX)
def _end(policy: AfterPeriod | OnDates, day: date, zone: ZoneInfo) -> int:
    try:
        return end_of_day(_last_day(policy, day), zone)
    except OverflowError:
        return NEVER


def _last_day(policy: AfterPeriod | OnDates, day: date) -> date:
    if isinstance(policy, AfterPeriod):
        return _rounded(policy, policy.period.after(day))
    return _first_from(policy.minimum.after(day), sorted(policy.dates))


def _rounded(policy: AfterPeriod, reached: date) -> date:
    if policy.rounding is Rounding.NONE:
        return reached - ONE_DAY
    if policy.month is not None:
        years_on = reached.month > policy.month
        return last_of_month(reached.year + years_on, policy.month)
    return last_day(_SPANS[policy.rounding], reached)


@lru_cache(maxsize=_ENDS_MAX)
def _anniversary_end(
    policy: OnAnniversary, day: date, created: date, zone: ZoneInfo
) -> int:
    try:
        earliest = max(policy.minimum.after(day), created + ONE_DAY)
        last = _first_from(earliest, ((created.month, created.day),))
        return end_of_day(last, zone)
    except OverflowError:
        return NEVER


def _first_from(earliest: date, dates: Sequence[tuple[int, int]]) -> date:
    # Within two years every date of a year comes round; a year past 9999 raises.
    years = (earliest.year, earliest.year + 1)
    days = (clipped(year, month, day) for year in years for month, day in dates)
    return next(day for day in days if day >= earliest)
