"""What accepted commands did to the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from points.domain.activities import Activity, Award
from points.domain.claims import Claim
from points.domain.counters import CounterMove
from points.domain.identity import Place
from points.domain.progress import Move
from points.domain.returns import NOTHING_RETURNED, Returned
from points.domain.standings import Standing
from points.domain.values.holds import Hold
from points.domain.values.lots import Draw, Lot, Retimed


class Posting(NamedTuple):
    """Moves points from one account to another: balanced by construction."""

    source: str
    destination: str
    unit: str
    points: int


class ReasonCode(StrEnum):
    """Tells why a transaction was reversed."""

    CLAWBACK = "CLAWBACK"
    REFUND = "REFUND"
    CORRECTION = "CORRECTION"


class Transaction(NamedTuple):
    """Is what an accepted ledger command did.

    `balance_after` is what stands on the member's account, in the unit of the
    first posting, right after it. `draws` were taken from lots, `returns` given
    back to them, `lots` made and `retimed` changed; a change of a single lot tells
    that lot in `lots` too, as it is afterwards. `hold` is the hold that it was
    about, likewise. A reverse names the transaction it `reverses`, and
    `counterparty` is the other member of a transfer, merge or pool. An `activity`
    has its `awards`, in the order of the lots they made; its attributes are the
    metadata. `moves` and `remainders` are what changed of the member's progress,
    `counters` what it moved of counters that members share, and `standings` the
    standings that changed. `claims` are those it made, collected or ended, as they
    are afterwards. `unswept` is what a reverse took back of lots that had been swept
    to breakage. The reverse of an activity tells the `returned_items`, and whether it
    `returns_all` that was left.
    """

    postings: tuple[Posting, ...]
    balance_after: int
    reason: str
    metadata: Mapping[str, str]
    draws: tuple[Draw, ...] = ()
    lots: tuple[Lot, ...] = ()
    returns: tuple[Draw, ...] = ()
    retimed: tuple[Retimed, ...] = ()
    hold: Hold | None = None
    reverses: Place | None = None
    reason_code: ReasonCode | None = None
    operator: str = ""
    counterparty: str = ""
    counterparty_place: Place | None = None
    activity: Activity | None = None
    awards: tuple[Award, ...] = ()
    moves: tuple[Move, ...] = ()
    remainders: tuple[tuple[str, str], ...] = ()
    counters: tuple[CounterMove, ...] = ()
    standings: tuple[Standing, ...] = ()
    claims: tuple[Claim, ...] = ()
    unswept: tuple[Draw, ...] = ()
    returned_items: tuple[str, ...] = ()
    returns_all: bool = False

    @property
    def is_return(self) -> bool:
        """Says whether it reverses an activity, be it that nothing was left to take."""
        return bool(self.returned_items) or self.returns_all


class Reversal(NamedTuple):
    """Is how much of a transaction has been reversed so far, of all units together.

    `returned` says more of an activity, and of what a pool has had a share of.
    """

    part: int
    number: int
    reversed_points: int
    returned: Returned = NOTHING_RETURNED
