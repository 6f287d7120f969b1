"""Points set aside."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from points.domain.identity import Place
from points.domain.values.lots import Draw


class HoldState(StrEnum):
    """Tells what became of a hold; all but the first are final."""

    OPEN = "OPEN"
    CAPTURED = "CAPTURED"
    VOIDED = "VOIDED"
    LAPSED = "LAPSED"


class TimeoutAction(StrEnum):
    """Tells what a hold does with its points when it lapses."""

    VOID = "VOID"
    CAPTURE = "CAPTURE"


class Hold(NamedTuple):
    """Is points of one unit set aside for a pending burn.

    `draws` are what is still open, the first to be captured first; together they
    are `open_points`. It lapses at `lapse_time`, NEVER without a timeout.
    """

    part: int
    number: int
    member_id: str
    unit: str
    points: int
    draws: tuple[Draw, ...]
    captured_points: int
    voided_points: int
    state: HoldState
    place_time: int
    lapse_time: int
    update_time: int
    on_timeout: TimeoutAction
    freeze_expiry: bool
    sink: str
    reason: str
    record_number: int

    @property
    def open_points(self) -> int:
        """Returns what is neither captured nor given back."""
        return sum(draw.points for draw in self.draws)

    def place(self) -> Place:
        """Returns where the hold stands."""
        return Place(self.part, self.number)

    def has_lapsed(self, now: int) -> bool:
        """Says whether it is open on paper only: swept or not, nobody holds it."""
        return self.state is HoldState.OPEN and self.lapse_time <= now
