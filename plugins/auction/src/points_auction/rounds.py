"""Where an auction stands: the part of it that bids and settlement change."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from points_auction.terms import Terms


class Phase(StrEnum):
    """Tells how far an auction has come, as far as it is recorded.

    Whether an OPEN one has begun or ended follows from the clock.
    """

    OPEN = "OPEN"
    SETTLING = "SETTLING"
    SETTLED = "SETTLED"
    CANCELLING = "CANCELLING"
    CANCELLED = "CANCELLED"


ACTIVE: Final = frozenset({Phase.OPEN, Phase.SETTLING, Phase.CANCELLING})
"""Phases in which there is something left to do."""


class Leader(NamedTuple):
    """Is a bid that would win an item now: whose, up to what, and its hold."""

    member_id: str
    points: int
    sequence: int
    hold_id: str = ""


class Round(NamedTuple):
    """Is where an auction stands.

    `sequence` is that of the last accepted bid; the lower one wins every tie.
    `price` is what an ENGLISH leader would pay now, 0 without one, and `bar` the
    highest maximum that does not lead. `sold_count` items of a DUTCH auction are
    gone. `paid_points` is what winners, or all-pay bidders, have paid so far, and
    `winner_count` how many winners have.
    """

    phase: Phase
    end_time: int
    sequence: int = 0
    bidder_count: int = 0
    price: int = 0
    bar: int = 0
    leaders: tuple[Leader, ...] = ()
    sold_count: int = 0
    paid_points: int = 0
    winner_count: int = 0

    def leading(self, member_id: str) -> Leader | None:
        """Returns the member's bid, if it leads."""
        return next((one for one in self.leaders if one.member_id == member_id), None)


def new_round(terms: Terms) -> Round:
    """Returns where an auction begins."""
    return Round(Phase.OPEN, terms.end_time)
