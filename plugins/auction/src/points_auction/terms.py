"""The terms of an auction: fixed when it is made, and never changed afterwards.

A round under way keeps the terms that it began with, whatever the configuration
says later: everything that a decision needs is copied into them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple


BASIS: Final = 10_000
"""Basis points that make a whole."""

UNITS_MAX: Final = 100
"""Most equal items of one auction: all winners fit into one document."""

POINTS_MAX: Final = 2**62 - 1
"""Most points of a bid: what the ledger takes in one transaction."""


class Form(StrEnum):
    """Tells how an auction is decided."""

    ENGLISH = "ENGLISH"
    """Ascending, in the open: the engine bids for each member up to a maximum."""

    SEALED_FIRST = "SEALED_FIRST"
    """Amounts are hidden until the close; winners pay what they bid."""

    SEALED_SECOND = "SEALED_SECOND"
    """As SEALED_FIRST, but all winners pay the highest bid that does not win."""

    DUTCH = "DUTCH"
    """The price falls with time; the first to accept it wins and pays it."""

    ALL_PAY = "ALL_PAY"
    """Every bid is burned at once; the highest win, and nobody gets points back."""


SEALED: Final = frozenset({Form.SEALED_FIRST, Form.SEALED_SECOND})
"""Forms of which nobody reads an amount before the close."""

RANKED: Final = SEALED | {Form.ALL_PAY}
"""Forms whose winners are found among all bidders at the close."""


class Score(StrEnum):
    """Tells what counts in an ALL_PAY auction."""

    TOTAL = "TOTAL"
    """All that a member paid."""

    SINGLE = "SINGLE"
    """The highest single bid of a member."""


class Unfit(StrEnum):
    """Tells what becomes of an item whose winner can no longer pay or win.

    That is a winner who is frozen, merged or erased.
    """

    NEXT = "NEXT"
    """The next bidder wins: of the forms where the bids of others still stand."""

    VOID = "VOID"
    """The item stays unsold."""


class Band(NamedTuple):
    """Is the least step between bids from a price on, until the next band begins."""

    from_points: int
    step_points: int


class SoftClose(NamedTuple):
    """Says how late bids put off the end; all in microseconds.

    A bid with at most `threshold` left moves the end to `extension` after it, but
    never beyond `limit`, an instant. `is_any_bid` counts every accepted bid, not
    only those that change the price or a leader.
    """

    threshold: int
    extension: int
    limit: int
    is_any_bid: bool = False


class Shares(NamedTuple):
    """Says who gets which part of what a winner pays, in basis points.

    The fee is the house's, the charity a member, and burned points leave the
    program; all are rounded down, and the seller gets the rest.
    """

    fee: int = 0
    burn: int = 0
    charity: int = 0
    charity_member_id: str = ""


NO_SHARES: Final = Shares()
"""All goes to the seller, or is burned without one."""


class Fall(NamedTuple):
    """Says how the price of a DUTCH auction falls: a step each tick, to a floor.

    A tick is in microseconds, counted from the start of the auction.
    """

    step_points: int
    tick: int
    floor_points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Is everything that was agreed when an auction was made.

    Bids are in `unit`, burned points go to `sink`, and there are `units` equal items.
    `start_points` are the least bid, or the first price of a fall. Bids below
    `reserve_points` never win. `buyout_points` end an ENGLISH auction at once; 0 for
    none. `cover_points` are what every bidder of a sealed auction holds, whatever the
    bid, so that nobody reads it off the ledger. `reveal` above zero
    makes sealed bids commitments, to be revealed for so many microseconds from the
    end on; who does not forfeits `forfeit_points`. Members on `tiers` of `ladder`
    may bid, everybody if that is empty. The two bounds are 0 for none.
    """

    form: Form
    title: str = ""
    unit: str = "points"
    sink: str = ""
    units: int = 1
    seller_id: str = ""
    start_time: int
    end_time: int
    start_points: int = 1
    reserve_points: int = 0
    buyout_points: int = 0
    bands: tuple[Band, ...] = (Band(0, 1),)
    soft_close: SoftClose | None = None
    shares: Shares = NO_SHARES
    fall: Fall | None = None
    score: Score = Score.TOTAL
    ladder: str = ""
    tiers: tuple[str, ...] = ()
    bids_max: int = 0
    bid_points_max: int = 0
    is_withdrawable: bool = False
    unfit: Unfit = Unfit.VOID
    cover_points: int = 0
    reveal: int = 0
    forfeit_points: int = 0
    alias_salt: str = ""
    config_version: int = 0

    @property
    def settle_time(self) -> int:
        """Returns when settlement begins, if no late bid puts it off."""
        return self.end_time + self.reveal

    @property
    def least_points(self) -> int:
        """Returns below what no bid wins."""
        return max(self.start_points, self.reserve_points)

    def increment(self, price: int) -> int:
        """Returns the least step above a price, by the band that it lies in."""
        return max(
            (band for band in self.bands if band.from_points <= price),
            key=lambda band: band.from_points,
        ).step_points
