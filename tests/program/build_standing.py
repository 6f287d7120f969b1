"""Ladders, and members who climb them."""

from __future__ import annotations

from typing import Any, Final

from points.domain.ladders import Floor, Outlook
from points.domain.qualifying import Amounts, Qualified, added, day_of
from points.domain.standings import Standing
from points.program.ladders import ReadyLadder, ready_ladders
from points.program.outlook import outlook
from points.program.standing import begun, evaluate, floored, moved
from tests.program.build import at, document


YEAR: Final = {"kind": "CALENDAR", "span": "YEAR"}
ROLLING: Final = {"kind": "ROLLING", "length": "P12M"}
LIFETIME: Final = {"kind": "LIFETIME"}
ANNIVERSARY: Final = {"kind": "ANNIVERSARY"}

TIERS: Final = [
    {"name": "bronze", "threshold": 0},
    {"name": "silver", "threshold": 100, "retain": 80},
    {"name": "gold", "threshold": 300},
]


def ladder(zone: str = "UTC", **parts: Any) -> ReadyLadder:
    """Returns a ladder of bronze, silver and gold, kept for a year, made ready."""
    whole = {
        "qualifying": {"unit": "miles"},
        "period": YEAR,
        "term": "P12M",
        "tiers": TIERS,
    }
    ladders = {"status": whole | parts}
    return ready_ladders(document(zone=zone, ladders=ladders))["status"]


class Climber:
    """Is a member on one ladder, for whom time goes by; nobody sweeps."""

    def __init__(self, ready: ReadyLadder, created: str = "2025-01-15T12:00") -> None:
        self.ready = ready
        self.create_time = self._at(created)
        self.standing = begun(ready, 7, "ada", self.create_time)
        self.amounts: dict[str, Amounts] = {}

    def gathers(self, amount: int, local: str, *, of: str | None = None) -> Standing:
        """Gathers, or takes back, at a local time for its day or another."""
        now = self._at(local)
        day = day_of(self._at(of) if of else now, self.ready.zone)
        self.standing = self.at(local)
        before = self.amounts.get("status", {})
        self.amounts["status"] = added(before, self._bucket(day), amount)
        self.standing = moved(
            self.ready,
            self.standing,
            self.amounts,
            self.create_time,
            now,
            is_less=amount < 0,
        )
        return self.standing

    def is_floored(self, tier: str, until_time: int, local: str) -> Standing:
        """Is given a floor at a local time."""
        floor = Floor(tier, until_time, self._at(local))
        self.standing = floored(
            self.ready, self.at(local), self.amounts, self.create_time, floor
        )
        return self.standing

    def at(self, local: str) -> Standing:
        """Returns the standing as a read at a local time works it out."""
        return self.at_instant(self._at(local))

    def at_instant(self, now: int) -> Standing:
        """Returns the standing as a read at an instant works it out."""
        amounts: Qualified = self.amounts
        return evaluate(self.ready, self.standing, amounts, self.create_time, now)

    def swept(self, local: str) -> Standing:
        """Returns the standing after it was written as a read shows it."""
        self.standing = self.at(local)
        return self.standing

    def outlook(self, local: str) -> Outlook:
        """Returns the outlook at a local time."""
        now = self._at(local)
        standing = self.at(local)
        return outlook(self.ready, standing, self.amounts, self.create_time, now)

    def _at(self, local: str) -> int:
        return at(local, self.ready.zone.key)

    def _bucket(self, day: int) -> int:
        is_endless = self.ready.ladder.period.kind == "LIFETIME"
        return 0 if is_endless else day
