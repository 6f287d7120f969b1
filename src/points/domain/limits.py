"""Limits of an account and what was used of them, as texts beside its balance.

Accounts without limits have empty texts, so that most commands are done with a
look at one of them. The first line of `Account.limits` is what is bound, which
few accounts have to themselves and which is therefore read once; the second says
who set it. `Account.usage` has a count for each velocity, in their order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from points.domain.calendar.windows import WindowKind, window_of
from points.domain.identity import ISSUANCE, TRANSIT
from points.domain.values import Kind, Limits, Posting, Velocity


class Action(StrEnum):
    """Names what a velocity bounds."""

    EARN = "EARN"
    BURN = "BURN"
    TRANSFER = "TRANSFER"


WINDOWS: Final = (WindowKind.HOUR, WindowKind.DAY, WindowKind.WEEK, WindowKind.MONTH)
"""Windows that a velocity may have."""

_BOUNDS_MAX: Final = 1_024
"""Most different bounds that are remembered: operators set few."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Bounds(NamedTuple):
    """Is what is bound: a floor of zero and a ceiling of None bind nothing."""

    floor: int
    ceiling: int | None
    zone: ZoneInfo
    velocities: tuple[Velocity, ...]


class Usage(NamedTuple):
    """Is what was done within the window that begins at `start_time`."""

    start_time: int = 0
    points: int = 0
    actions: int = 0

    def after(self, start_time: int, points: int) -> Usage:
        """Returns the usage after one more action, in this window or a later one."""
        if start_time != self.start_time:
            return Usage(start_time, points, 1)
        return Usage(start_time, self.points + points, self.actions + 1)


def write_limits(limits: Limits) -> str:
    """Returns the text of limits for their account."""
    bounds = [limits.floor, limits.ceiling, limits.zone, limits.velocities]
    audit = [limits.operator, limits.reason, limits.update_time]
    return f"{_encode(bounds)}\n{_encode(audit)}"


def read_limits(text: str, member_id: str, unit: str) -> Limits:
    """Returns the limits that `write_limits` wrote, or those of an empty text."""
    if not text:
        return Limits(member_id, unit, None, None, (), "", "", 0)
    first, second = text.split("\n")
    floor, ceiling, zone, velocities = json.loads(first)
    operator, reason, update_time = json.loads(second)
    return Limits(
        member_id=member_id,
        unit=unit,
        floor=floor,
        ceiling=ceiling,
        velocities=tuple(Velocity(*velocity) for velocity in velocities),
        operator=operator,
        reason=reason,
        update_time=update_time,
        zone=zone,
    )


def bounds_of(text: str) -> Bounds:
    """Returns what is bound by limits that `write_limits` wrote."""
    return _read_bounds(text.partition("\n")[0])


def write_usage(usage: tuple[Usage, ...]) -> str:
    """Returns the text of what was used of each velocity."""
    return _encode(usage) if usage else ""


def read_usage(text: str) -> tuple[Usage, ...]:
    """Returns the usage that `write_usage` wrote."""
    return tuple(Usage(*one) for one in json.loads(text)) if text else ()


def earnable(
    bounds: Bounds, usage: tuple[Usage, ...], *, owned: int, now: int
) -> int | None:
    """Returns how many points may be earned at once now; None for any number.

    `owned` is what the member has of them, held ones included.
    """
    rooms = [] if bounds.ceiling is None else [bounds.ceiling - owned]
    for velocity, used in zip(bounds.velocities, usage, strict=True):
        if velocity.action == Action.EARN:
            start = window_start(velocity, now, bounds.zone)
            rooms += _left(velocity, used if used.start_time == start else Usage(start))
    return max(0, min(rooms)) if rooms else None


def _left(velocity: Velocity, used: Usage) -> Iterator[int]:
    """Yields how many points each bound of a velocity leaves to one more action."""
    if velocity.points_max is not None:
        yield velocity.points_max - used.points
    if velocity.count_max is not None and used.actions >= velocity.count_max:
        yield 0


def window_start(velocity: Velocity, instant: int, zone: ZoneInfo) -> int:
    """Returns when the velocity's window that holds an instant begins."""
    return window_of(WindowKind(velocity.window), instant, zone).start_time


@lru_cache(maxsize=_BOUNDS_MAX)
def _read_bounds(text: str) -> Bounds:
    floor, ceiling, zone, velocities = json.loads(text)
    return Bounds(
        floor=floor or 0,
        ceiling=ceiling,
        zone=ZoneInfo(zone),
        velocities=tuple(Velocity(*velocity) for velocity in velocities),
    )


def counted_points(kind: Kind, account: str, posting: Posting) -> int:
    """Returns how many points of a member's posting count for what it has done.

    What is earned counts whole, whatever a pool gets of it; of a transfer what
    arrives, without the fee.
    """
    match kind:
        case Kind.EARN | Kind.ACTIVITY | Kind.CLAIM:
            is_counted = posting.source == ISSUANCE
        case Kind.TRANSFER:
            is_counted = posting.destination == TRANSIT
        case _:
            is_counted = posting.source == account
    return posting.points if is_counted else 0
