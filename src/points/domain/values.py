"""The things a ledger is made of, all frozen.

They are tuples: made several times faster than frozen dataclasses, by the dozen
for every command, and accounts, heads and lots are the very rows of their tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple

from points.domain.bounds import POINTS_MIN
from points.domain.identity import Place
from points.domain.refusals import Refusal


class MemberState(StrEnum):
    """Tells what a member may do."""

    ACTIVE = "ACTIVE"
    FROZEN = "FROZEN"


class Kind(StrEnum):
    """Names what a command does."""

    EARN = "EARN"
    BURN = "BURN"
    CREATE_MEMBER = "CREATE_MEMBER"
    UPDATE_MEMBER = "UPDATE_MEMBER"
    FREEZE_MEMBER = "FREEZE_MEMBER"
    UNFREEZE_MEMBER = "UNFREEZE_MEMBER"


class Member(NamedTuple):
    """Is a person who holds points; `version` counts the changes from 1."""

    part: int
    member_id: str
    state: MemberState
    attributes: Mapping[str, str]
    create_time: int
    update_time: int
    version: int


class Account(NamedTuple):
    """Is one holder's points in one unit within one part.

    `balance` never falls below `floor`: 0 for members. `issuance` alone is
    negative. The lifetime counts only grow.
    """

    part: int
    account: str
    unit: str
    balance: int = 0
    floor: int = 0
    lifetime_earned: int = 0
    lifetime_burned: int = 0
    lifetime_expired: int = 0

    @classmethod
    def empty(cls, part: int, account: str, unit: str) -> Account:
        """Returns the account as it is before its first posting."""
        is_member = account.startswith("member:")
        floor = 0 if is_member else POINTS_MIN
        return cls(part=part, account=account, unit=unit, floor=floor)


class Lot(NamedTuple):
    """Is what one earn made: points with one activation and one expiry.

    Usable from `activate_time` on and before `expire_time` (half-open).
    """

    part: int
    number: int
    member_id: str
    unit: str
    points: int
    remaining: int
    earn_time: int
    activate_time: int
    expire_time: int
    record_number: int

    @property
    def is_drawn(self) -> bool:
        """Says whether nothing is left."""
        return self.remaining == 0

    def place(self) -> Place:
        """Returns where the lot stands."""
        return Place(self.part, self.number)


class Posting(NamedTuple):
    """Moves points from one account to another: balanced by construction."""

    source: str
    destination: str
    unit: str
    points: int


class Draw(NamedTuple):
    """Says how many points were taken from one lot."""

    lot: Place
    points: int
    expire_time: int


class Transaction(NamedTuple):
    """Is what an accepted ledger command did.

    `balance_after` is what stands on the member's account, in the unit of the
    first posting, right after it.
    """

    postings: tuple[Posting, ...]
    balance_after: int
    reason: str
    metadata: Mapping[str, str]
    draws: tuple[Draw, ...] = ()
    lots: tuple[Lot, ...] = ()


class Record(NamedTuple):
    """Is what was committed for one command, refusals included: its outcome.

    `number` counts the records of a part without gaps, in commit order; it is 0
    for a command that was only validated. The same `fingerprint` means the same
    content.
    """

    part: int
    number: int
    member_id: str
    request_id: str
    kind: Kind
    channel: str
    fingerprint: str
    effective_time: int
    record_time: int
    result: Transaction | Member | Refusal

    def place(self) -> Place:
        """Returns where the record stands."""
        return Place(self.part, self.number)


class Head(NamedTuple):
    """Is the last of everything that a part has numbered, and its last instant."""

    part: int
    last_number: int
    last_lot_number: int
    last_time: int


class Balances(NamedTuple):
    """Is what a member has in one unit at one instant.

    `next_expirations` are pairs of instant and points, the earliest first.
    """

    unit: str
    available: int = 0
    pending: int = 0
    lifetime_earned: int = 0
    lifetime_burned: int = 0
    lifetime_expired: int = 0
    next_expirations: tuple[tuple[int, int], ...] = ()


class TrialBalanceLine(NamedTuple):
    """Is the sum of one account, or of all member accounts as `member`."""

    account: str
    unit: str
    points: int
