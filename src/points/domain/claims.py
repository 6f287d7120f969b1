"""Awards that wait to be collected: their points are not minted before they are."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NamedTuple

from points.domain.bounds import POINTS_MAX
from points.domain.counters import CounterMove
from points.domain.progress import Move


_ID: Final = re.compile(
    r"c(0|[1-9][0-9]{0,8})-([1-9][0-9]{0,18})-([1-9][0-9]{0,5})", re.ASCII
)


class ClaimState(StrEnum):
    """Tells what became of a claim.

    A lapsed one stays stored as OPEN, unless its budget got something back.
    """

    OPEN = "OPEN"
    CLAIMED = "CLAIMED"
    LAPSED = "LAPSED"
    REVERSED = "REVERSED"
    MERGED = "MERGED"


class ClaimPlace(NamedTuple):
    """Says where a claim stands: the record that made it, and which of its claims.

    On the wire it is an opaque text, such as `c17-42-1`.
    """

    part: int
    number: int
    position: int

    def claim_id(self) -> str:
        """Returns the text of the place."""
        return f"c{self.part}-{self.number}-{self.position}"

    @classmethod
    def of_claim(cls, text: str) -> ClaimPlace | None:
        """Returns the place that `claim_id` wrote, or None for other text."""
        match = _ID.fullmatch(text)
        if match is None or int(match[2]) > POINTS_MAX:
            return None
        return cls(int(match[1]), int(match[2]), int(match[3]))


class Reserve(NamedTuple):
    """Is the counter of the budget that pays for an award, and its period.

    The counter is a member's own, or shared by all; the empty name is no budget.
    """

    name: str = ""
    start_time: int = 0
    end_time: int = 0

    @property
    def is_own(self) -> bool:
        """Says whether the counter is in the member's progress."""
        return self.name.startswith("budget/")

    def back(self, points: int, now: int) -> tuple[list[Move], list[CounterMove]]:
        """Returns what gives points back: nothing once the period is over."""
        if not points or not self.start_time <= now < self.end_time:
            return [], []
        if self.is_own:
            return [Move(self.name, -points, self.end_time)], []
        return [], [CounterMove(*self, used=-points)]


NO_RESERVE: Final = Reserve()
"""Is the reserve of what no budget counts."""


class Claim(NamedTuple):
    """Is points of one award that wait to be collected, in no lot and no account.

    `number` is that of the record that made it, and `position` its place among the
    claims of that record, from 1. It is open until `lapse_time`, NEVER if it does
    not lapse. One that waits for a `budget` is paid from it when it is collected;
    what pays for all others was taken from their `reserve` when they were made.
    `claim_record` is the number of the record that collected it, 0 for none.
    """

    part: int
    number: int
    position: int
    member_id: str
    rule_id: str
    award_number: int
    unit: str
    points: int
    create_time: int
    lapse_time: int
    budget: str = ""
    state: ClaimState = ClaimState.OPEN
    claim_record: int = 0
    reserve: Reserve = NO_RESERVE

    def place(self) -> ClaimPlace:
        """Returns where the claim stands."""
        return ClaimPlace(self.part, self.number, self.position)

    def state_at(self, now: int) -> ClaimState:
        """Returns what has become of it by an instant."""
        is_late = self.state is ClaimState.OPEN and self.lapse_time <= now
        return ClaimState.LAPSED if is_late else self.state

    def lapsed(self) -> Claim:
        """Returns the claim once it was recorded that its time is over."""
        return self._replace(state=ClaimState.LAPSED)

    def merged(self) -> Claim:
        """Returns the claim once it went to the member that its own was merged into."""
        return self._replace(state=ClaimState.MERGED)

    def without(self, points: int) -> Claim:
        """Returns the claim once so many points of its activity were returned."""
        if points >= self.points:
            return self._replace(state=ClaimState.REVERSED)
        return self._replace(points=self.points - points)

    def collected(self, record_number: int) -> Claim:
        """Returns the claim once a record has collected it."""
        return self._replace(state=ClaimState.CLAIMED, claim_record=record_number)
