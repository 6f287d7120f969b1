"""Awards that wait to be collected: their points are not minted before they are."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final, NamedTuple

from points.domain.bounds import POINTS_MAX


_ID: Final = re.compile(
    r"c(0|[1-9][0-9]{0,8})-([1-9][0-9]{0,18})-([1-9][0-9]{0,5})", re.ASCII
)


class ClaimState(StrEnum):
    """Tells what became of a claim; a lapsed one is stored as OPEN for ever."""

    OPEN = "OPEN"
    CLAIMED = "CLAIMED"
    LAPSED = "LAPSED"


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


class Claim(NamedTuple):
    """Is points of one award that wait to be collected, in no lot and no account.

    `number` is that of the record that made it, and `position` its place among the
    claims of that record, from 1. It is open until `lapse_time`, NEVER if it does
    not lapse. One that waits for a `budget` is paid from it when it is collected;
    what pays for all others was reserved when they were made. `claim_record` is the
    number of the record that collected it, 0 for none.
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

    def place(self) -> ClaimPlace:
        """Returns where the claim stands."""
        return ClaimPlace(self.part, self.number, self.position)

    def state_at(self, now: int) -> ClaimState:
        """Returns what has become of it by an instant."""
        is_late = self.state is ClaimState.OPEN and self.lapse_time <= now
        return ClaimState.LAPSED if is_late else self.state

    def collected(self, record_number: int) -> Claim:
        """Returns the claim once a record has collected it."""
        return self._replace(state=ClaimState.CLAIMED, claim_record=record_number)
