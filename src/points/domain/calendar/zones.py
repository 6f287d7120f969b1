"""IANA zones, and where their days begin and end.

A day is a stretch of real time and days follow each other without gap or
overlap, whatever the clocks do: it begins once they never again show an earlier
date. So a day without midnight begins when the clocks jump past it; of two
midnights the second counts if the first was taken back; a date that a zone left
out is empty and begins together with the next one.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from points.domain.bounds import NEVER, TIME_MAX
from points.domain.refusals import InvalidArgument


ONE_DAY: Final = timedelta(days=1)
SECOND: Final = 1_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAYS_MAX = 8_192
"""Most days whose start is remembered: two decades of a zone, under a megabyte."""

_INSTANTS_MAX = 4_096
"""Most instants whose day is remembered."""

_CLOCKS_MAX = TIME_MAX - 86_400 * SECOND
"""Last instant that the clocks of every zone show within the year 9999."""

_NOT_PLACES = ("posix/", "right/", "posixrules", "localtime", "Factory")
"""Files beside the zones: other clocks, or whatever this machine is set to."""


def zone_of(name: str, field: str = "zone") -> ZoneInfo:
    """Returns the zone with this IANA name; the same object for the same name.

    Raises InvalidArgument that names the field and the nearest zone there is.
    """
    zone = None if _is_no_place(name) else _found(name)
    if zone is None:
        raise InvalidArgument({field: _not_a_zone(name)})
    return zone


# One command asks for the day of the same few instants again and again.
@lru_cache(maxsize=_INSTANTS_MAX)
def local_date(instant: int, zone: ZoneInfo) -> date:
    """Returns the day of the zone that holds an instant from 1970 on.

    It is the date that the clocks show, save when they are put back over
    midnight: the day before then lasts until they pass midnight for good.
    """
    try:
        shown = datetime.fromtimestamp(instant // SECOND, zone).date()
    except (OverflowError, ValueError):
        return date.max
    return shown if start_of_day(shown, zone) <= instant else shown - ONE_DAY


@lru_cache(maxsize=_DAYS_MAX)
def start_of_day(day: date, zone: ZoneInfo) -> int:
    """Returns the first instant of the day."""
    first, second = (_midnight(day, zone, fold) for fold in (0, 1))
    if first > second:
        return _first_shown(day, zone, range(second, first))
    taken_back = first < second and _shown(second - 1, zone).date() < day
    return second if taken_back else first


def end_of_day(day: date, zone: ZoneInfo) -> int:
    """Returns the first instant after the day; NEVER after the calendar's last."""
    return NEVER if day == date.max else start_of_day(day + ONE_DAY, zone)


def utc_offset(instant: int, zone: ZoneInfo) -> int:
    """Returns the microseconds by which the zone's clocks are ahead of UTC."""
    offset = _shown(min(instant, _CLOCKS_MAX), zone).utcoffset() or timedelta()
    return offset // timedelta.resolution


def _found(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        return None


def _not_a_zone(name: str) -> str:
    example = _nearest(name.casefold()) or "Europe/Berlin"
    return f"must be the IANA name of a zone such as {example}, not {name[:64]!r}"


def _nearest(name: str) -> str | None:
    zones = [zone for zone in available_timezones() if not _is_no_place(zone)]
    places = {zone.rpartition("/")[2].casefold(): zone for zone in sorted(zones)}
    near = places | {zone.casefold(): zone for zone in zones}
    return next((near[match] for match in get_close_matches(name, near, n=1)), None)


def _is_no_place(name: str) -> bool:
    return name.startswith(_NOT_PLACES)


def _midnight(day: date, zone: ZoneInfo, fold: int) -> int:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone, fold=fold)
    return (midnight - _EPOCH) // timedelta.resolution


def _shown(instant: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(instant // SECOND, zone)


def _first_shown(day: date, zone: ZoneInfo, around: range) -> int:
    # A midnight that does not exist lies within a jump: `around` holds it.
    ahead = bisect_left(
        around, x=True, key=lambda instant: _shown(instant, zone).date() >= day
    )
    return around.start + ahead
