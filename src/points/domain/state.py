"""What a decision may look at, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from points.domain.values import Account, Lot, Member, Transaction


class Stamp(NamedTuple):
    """Is what the engine gives a decision: where it stands, and when.

    `number` is the next record number of the part and `lot_number` its next lot
    number; `now` never decreases within a part.
    """

    part: int
    number: int
    lot_number: int
    now: int


class OpenLots(NamedTuple):
    """Is a run of a member's usable lots, the first to be drawn first.

    `complete` is False if there are more behind the last one.
    """

    lots: Sequence[Lot]
    complete: bool


class State(Protocol):
    """Is the state that the command declared to read, as of the command before."""

    def member(self, part: int, member_id: str) -> Member | None:
        """Returns the member, or None."""

    def account(self, part: int, account: str, unit: str) -> Account:
        """Returns the account, empty if it has never been posted to."""

    def open_lots(self, part: int, member_id: str, unit: str) -> OpenLots:
        """Returns the lots that can be drawn now."""


class LotsMissing(Exception):  # noqa: N818 - asks for more state, nothing failed
    """Asks for more lots than were read: the command is decided again with more."""


class Decision(NamedTuple):
    """Is what a command does if it is carried out: its result and the new state.

    `lots` are the lots as they are afterwards; the last `made_lot_count` of them
    are new.
    """

    result: Transaction | Member
    effective_time: int
    channel: str
    member: Member | None = None
    accounts: tuple[Account, ...] = ()
    lots: tuple[Lot, ...] = ()
    made_lot_count: int = 0
