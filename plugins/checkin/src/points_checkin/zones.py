"""By which clocks a member's days go, and what a change of zone does to them."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from points.plugin.days import DAY, Days


class Zoned(NamedTuple):
    """Is the zone that a calendar goes by, and when it was last changed.

    `name` is empty before the first check-in, `change_time` 0 before any change.
    """

    name: str = ""
    change_time: int = 0


class Moved(NamedTuple):
    """Is a change of zone: the one from now on, and the days that it takes away."""

    zoned: Zoned
    skipped: tuple[int, ...] = ()


NOT_ZONED: Final = Zoned()


def fixed_zone(offset_minutes: int) -> timezone:
    """Returns the zone whose clocks are always as many minutes ahead of UTC."""
    return timezone(timedelta(minutes=offset_minutes))


def moved(
    zoned: Zoned, name: str, now: int, *, last: int, starts_minutes: int, wait_days: int
) -> Moved:
    """Returns what it means that a member's zone is now `name`.

    `last` is the last day that was checked in, 0 for none. The first zone is taken as
    it is; another one only once the last change is `wait_days` old. Days that were
    open by the old clocks and are over by the new ones were never missed: they are
    skipped. Days that are used stay used, so that nobody has one twice by going west.
    """
    if not zoned.name:
        return Moved(Zoned(name))
    if name == zoned.name or not may_change(zoned, now, wait_days):
        return Moved(zoned)
    old = Days(ZoneInfo(zoned.name), starts_minutes).at(now)
    new = Days(ZoneInfo(name), starts_minutes).at(now)
    skipped = tuple(range(max(last + 1, old), new)) if last else ()
    return Moved(Zoned(name, now), skipped)


def may_change(zoned: Zoned, now: int, wait_days: int) -> bool:
    """Tells whether another zone would be believed at an instant."""
    return not zoned.change_time or now >= zoned.change_time + wait_days * DAY
