"""What was recorded so far, for commands that need something to act upon."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple

from points.v1.lot_pb2 import Lot
from points.v1.member_pb2 import Member
from points.v1.transaction_pb2 import (
    TRANSACTION_KIND_ACTIVITY,
    TRANSACTION_KIND_BURN,
    TRANSACTION_KIND_CAPTURE,
    TRANSACTION_KIND_EARN,
    TRANSACTION_KIND_HOLD,
    Transaction,
)


_REVERSIBLE: Final = (
    TRANSACTION_KIND_EARN,
    TRANSACTION_KIND_ACTIVITY,
    TRANSACTION_KIND_BURN,
    TRANSACTION_KIND_CAPTURE,
)

_EARNING: Final = (TRANSACTION_KIND_EARN, TRANSACTION_KIND_ACTIVITY)

GUEST: Final = "guest-"
"""How the ids of members begin who may be merged and erased."""

_KEPT_MAX: Final = 48
"""Few, so that most are met more than once and some are still open."""


class Target(NamedTuple):
    """Is a hold, lot or transaction of a member, by its id."""

    member_id: str
    id: str
    is_earn: bool = False


def _latest() -> deque[Target]:
    return deque(maxlen=_KEPT_MAX)


@dataclass
class Targets:
    """Is the latest that was recorded; any thread may add to it and choose."""

    holds: deque[Target] = field(default_factory=_latest)
    pending_lots: deque[Target] = field(default_factory=_latest)
    expiring_lots: deque[Target] = field(default_factory=_latest)
    reversible: deque[Target] = field(default_factory=_latest)
    activities: deque[Target] = field(default_factory=_latest)
    claims: deque[Target] = field(default_factory=_latest)
    guests: deque[Target] = field(default_factory=_latest)

    def learn(self, transaction: Transaction) -> None:
        """Remembers what a transaction has made."""
        member_id, kind = transaction.member_id, transaction.kind
        if kind == TRANSACTION_KIND_HOLD:
            self.holds.append(Target(member_id, transaction.hold_id))
        if kind in _REVERSIBLE:
            is_earn = kind == TRANSACTION_KIND_EARN
            target = Target(member_id, transaction.transaction_id, is_earn)
            self.reversible.append(target)
        if kind == TRANSACTION_KIND_ACTIVITY:
            self.activities.append(Target(member_id, transaction.transaction_id))
            self.claims.extend(
                Target(member_id, award.claim_id)
                for award in transaction.awards
                if award.claim_id
            )
        if kind in _EARNING:
            for lot in transaction.lots:
                self._learn_lot(lot)

    def learn_member(self, member: Member) -> None:
        """Remembers a member who may be merged or erased."""
        if member.member_id.startswith(GUEST) and member.state == Member.STATE_ACTIVE:
            self.guests.append(Target(member.member_id, ""))

    def _learn_lot(self, lot: Lot) -> None:
        target = Target(lot.member_id, lot.lot_id)
        if lot.state == Lot.STATE_PENDING:
            self.pending_lots.append(target)
        if lot.HasField("expire_time"):
            self.expiring_lots.append(target)


def chosen(targets: Sequence[Target], random: Random) -> Target | None:
    """Returns one of them by chance, rather a late one; None if there are none yet.

    Threads only add to them, so that an index stays good.
    """
    if not targets:
        return None
    return targets[-1 - int(len(targets) * random.random() ** 3)]
