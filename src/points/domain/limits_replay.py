"""Works limits and their usage out from records, for verification."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from points.domain.identity import member_account
from points.domain.limits import (
    Usage,
    counted_points,
    window_start,
    write_limits,
    write_usage,
)
from points.domain.values import Kind, Limits, Record, Transaction


_ACTIONS: Final = {
    Kind.EARN: "EARN",
    Kind.ACTIVITY: "EARN",
    Kind.CLAIM: "EARN",
    Kind.BURN: "BURN",
    Kind.HOLD: "BURN",
    Kind.TRANSFER: "TRANSFER",
}
"""What limits count each kind as."""


class LimitsReplay:
    """Is the limits of all members of a part, and what was used of them."""

    def __init__(self) -> None:
        """Begins with nothing."""
        self._limits: dict[tuple[str, str], Limits] = {}
        self._usage: dict[tuple[str, str, str, str], Usage] = {}

    def bound(self, limits: Limits) -> str:
        """Sets limits and returns their unit.

        Usage of an action and window that stay bound is kept.
        """
        member_id, unit = limits.member_id, limits.unit
        kept = {velocity[:2] for velocity in limits.velocities}
        for key in list(self._usage):
            if key[:2] == (member_id, unit) and key[2:] not in kept:
                del self._usage[key]
        self._limits[member_id, unit] = limits
        return unit

    def use(self, record: Record, transaction: Transaction) -> Iterator[str]:
        """Counts what a member did, and yields the units in which it has limits."""
        action = _ACTIONS.get(record.kind)
        if action is None:
            return
        for unit in {posting.unit for posting in transaction.postings}:
            limits = self._limits.get((record.member_id, unit))
            if limits is not None:
                self._count(record, transaction, action, limits)
                yield unit

    def texts(self, member_id: str, unit: str) -> tuple[str, str]:
        """Returns the limits of a member and their usage, as accounts keep them."""
        limits = self._limits[member_id, unit]
        keys = [(member_id, unit, *velocity[:2]) for velocity in limits.velocities]
        usage = tuple(self._usage.get(key, Usage()) for key in keys)
        return write_limits(limits), write_usage(usage)

    def _count(
        self, record: Record, transaction: Transaction, action: str, limits: Limits
    ) -> None:
        own = member_account(record.member_id)
        points = sum(
            counted_points(record.kind, own, posting)
            for posting in transaction.postings
            if posting.unit == limits.unit
        )
        zone = ZoneInfo(limits.zone)
        for velocity in limits.velocities:
            if velocity.action == action:
                key = (record.member_id, limits.unit, *velocity[:2])
                start_time = window_start(velocity, record.record_time, zone)
                used = self._usage.get(key, Usage())
                if used.start_time != start_time:
                    used = Usage(start_time)
                more = (used.points + points, used.actions + 1)
                self._usage[key] = Usage(start_time, *more)
