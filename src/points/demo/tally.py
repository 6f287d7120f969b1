"""Counts what a replay acknowledges and how long its calls take."""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from points.demo.phases import Acknowledged


NANOSECONDS_PER_MILLISECOND = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayReport:
    """Is what was acknowledged and how fast.

    Attributes:
        members: Members acknowledged.
        transactions: Earns acknowledged.
        points: Points of these earns.
        replayed: Commands of both kinds that an earlier call had already done.
        calls: Calls that were answered.
        repeated: Calls that were sent again because their answer was missing.
        seconds: Time from the first call to the last answer.
        p50_ms: Half of the answered calls took at most so many milliseconds.
        p99_ms: 99 of 100 answered calls took at most so many milliseconds.
    """

    members: int
    transactions: int
    points: int
    replayed: int
    calls: int
    repeated: int
    seconds: float
    p50_ms: float
    p99_ms: float

    @property
    def acknowledged(self) -> int:
        """Returns the number of commands that were acknowledged."""
        return self.members + self.transactions

    @property
    def rate_per_second(self) -> float:
        """Returns how many commands were acknowledged in a second."""
        return self.acknowledged / self.seconds


@dataclass(slots=True, kw_only=True)
class Tally:
    """Collects what `ReplayReport` says; `repeated` is set from outside."""

    members: int = 0
    transactions: int = 0
    points: int = 0
    replayed: int = 0
    repeated: int = 0
    latencies_ns: array[int] = field(default_factory=lambda: array("q"))

    @property
    def acknowledged(self) -> int:
        """Returns the number of commands that were acknowledged so far."""
        return self.members + self.transactions

    def count(self, acknowledged: Acknowledged) -> None:
        """Counts one acknowledged command."""
        if acknowledged.points:
            self.transactions += 1
        else:
            self.members += 1
        self.points += acknowledged.points
        self.replayed += acknowledged.replayed

    def report(self, *, seconds: float) -> ReplayReport:
        """Returns the sums of a replay that took `seconds`."""
        ascending = sorted(self.latencies_ns)
        return ReplayReport(
            members=self.members,
            transactions=self.transactions,
            points=self.points,
            replayed=self.replayed,
            calls=len(ascending),
            repeated=self.repeated,
            seconds=seconds,
            p50_ms=percentile(ascending, 50) / NANOSECONDS_PER_MILLISECOND,
            p99_ms=percentile(ascending, 99) / NANOSECONDS_PER_MILLISECOND,
        )


def percentile(ascending: list[int], percent: int) -> int:
    """Returns the smallest value that `percent` of the values do not exceed.

    Args:
        ascending: The values, sorted; zero is returned if there are none.
        percent: From 1 to 100.
    """
    rank = -(-len(ascending) * percent // 100)
    return ascending[rank - 1] if ascending else 0
