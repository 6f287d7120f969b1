"""What a decision may look at, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from points.domain.claims import Claim, ClaimPlace
from points.domain.closing import Lines
from points.domain.counters import Counter, CounterKey, CounterMove
from points.domain.documents import Document, DocumentPlace
from points.domain.identity import Place
from points.domain.program import Program
from points.domain.progress import Progress
from points.domain.standings import Standing
from points.domain.values import (
    Accepted,
    Account,
    Hold,
    Kind,
    Lot,
    Member,
    Record,
    Reversal,
)
from points.domain.versions import AppliedProgram, ProgramVersion


PoolKey: TypeAlias = tuple[int, str]
"""Is a member by part and id."""


class Stamp(NamedTuple):
    """Is what the engine gives a decision: where it stands, and when.

    The numbers are the next ones of the part; `now` never decreases within a part,
    and nothing may be dated before `closed_time`. `program_version` is the last one
    that was applied, in force or not yet.
    """

    part: int
    number: int
    lot_number: int
    now: int
    hold_number: int = 1
    closed_time: int = 0
    program_version: int = 0


class OpenLots(NamedTuple):
    """Is a run of a member's usable lots, the first to be drawn first.

    `complete` is False if there are more behind the last one.
    """

    lots: Sequence[Lot]
    complete: bool


class Found(Protocol):
    """Is what is known before accounts and lots are read: what a command follows."""

    @property
    def program(self) -> Program:
        """Returns the program that commands are decided under."""

    @property
    def now(self) -> int:
        """Returns the instant of the batch."""

    def part_of(self, member_id: str) -> int:
        """Returns the part of a member."""

    def member(self, part: int, member_id: str) -> Member | None:
        """Returns the member, or None."""

    def lot(self, place: Place) -> Lot | None:
        """Returns the lot at a place, or None."""

    def hold(self, place: Place) -> Hold | None:
        """Returns the hold at a place, or None."""

    def claim(self, place: ClaimPlace) -> Claim | None:
        """Returns the claim at a place, or None."""

    def transaction(self, place: Place) -> Record | None:
        """Returns the record of the transaction at a place, or None."""

    def progress(self, part: int, member_id: str) -> Progress:
        """Returns what the member has done so far."""


class Accounts(Protocol):
    """Is the accounts that the command declared to read."""

    def account(self, part: int, account: str, unit: str) -> Account:
        """Returns the account, empty if it has never been posted to."""


class State(Found, Accounts, Protocol):
    """Is the state that the command declared to read, as of the command before."""

    def stamp(self, part: int) -> Stamp:
        """Returns where the next record of a part will stand, and when."""

    def open_lots(self, part: int, member_id: str, unit: str) -> OpenLots:
        """Returns the lots that can be drawn now."""

    def expired_points(self, part: int, member_id: str, unit: str) -> int:
        """Returns what the member has in lots that have expired and are not swept.

        Known for members with limits alone.
        """

    def standings(self, part: int, member_id: str) -> Sequence[Standing]:
        """Returns the standings of the member that were stored, in any order."""

    def accounts_of(self, part: int, account: str) -> Sequence[Account]:
        """Returns the account in every unit in which it has been posted to."""

    def undrawn_lots(self, part: int, member_id: str) -> Sequence[Lot]:
        """Returns the lots of every unit with points left, usable or not.

        In their order of drawing; some are missing beyond `MERGE_LOTS_MAX`.
        """

    def open_holds(self, part: int, member_id: str) -> Sequence[Hold]:
        """Returns the holds of every unit that are open, or lapsed and not settled."""

    def open_claims(self, part: int, member_id: str) -> Sequence[Claim]:
        """Returns what waits to be collected, the oldest first.

        And what has lapsed while its budget can still get something back. Some are
        missing beyond `MERGE_CLAIMS_MAX`.
        """

    def lot(self, place: Place) -> Lot | None:
        """Returns the lot at a place, or None."""

    def reversal(self, place: Place) -> Reversal:
        """Returns how much of the transaction at a place has been reversed."""

    def pool(self, earner: PoolKey, pool: PoolKey) -> Member:
        """Returns the member that an earner pools into.

        Raises PoolMissing if that, and the accounts of both, were not read.
        """

    def merged_into(self, member_id: str) -> str:
        """Returns whom a member was merged into, nobody as long as it was not.

        Raises MembersMissing if the member was not read.
        """

    def pool_half(self, place: Place) -> tuple[Record, Member, Sequence[Lot]]:
        """Returns what a pool got of an earning, and who has its points now.

        `place` is that of the pool's record. The lots are those that it got, as they
        are now, and those in which merges have carried them on. Raises HalfMissing if
        that, and what it takes to take the points back, was not read.
        """

    def counter(self, name: str, start_time: int) -> Counter:
        """Returns a shared counter, at zero if it has never moved.

        Raises CountersMissing if the command did not declare it.
        """

    def trial_balance(self, part: int, until_time: int) -> Lines:
        """Returns what stood on the accounts of a part before an instant."""

    def documents_of(self, part: int, member_id: str) -> Sequence[Document]:
        """Returns what plugins keep of a member, by plugin, collection and key."""

    def document(self, place: DocumentPlace) -> Document | None:
        """Returns the document at a place, or None."""

    def program_of(self, version: int) -> Program | None:
        """Returns a version of the program, None for one that cannot be used here."""

    def program_versions(self) -> Sequence[ProgramVersion]:
        """Returns the versions of the program that were applied, the first first."""


class LotsMissing(Exception):  # noqa: N818 - asks for more state, nothing failed
    """Asks for more lots than were read: the command is decided again with more."""


class CountersMissing(Exception):  # noqa: N818 - asks for more state, nothing failed
    """Asks for counters that were not read: the command is decided again with them.

    What a command counts in may change with the commands before it in its batch.
    """

    def __init__(self, *keys: CounterKey) -> None:
        super().__init__(*keys)
        self.keys = frozenset(keys)


class PoolMissing(Exception):  # noqa: N818 - asks for more state, nothing failed
    """Asks for a pool that was not read: the command is decided again with it.

    A member may come into a pool with a command before, in the very same batch.
    """

    def __init__(self, earner: PoolKey, pool: PoolKey) -> None:
        super().__init__(earner, pool)
        self.earner = earner
        self.pool = pool


class MembersMissing(Exception):  # noqa: N818 - asks for more state, nothing failed
    """Asks for members that were not read: the command is decided again with them."""

    def __init__(self, keys: Iterable[PoolKey]) -> None:
        self.keys = frozenset(keys)
        super().__init__(sorted(self.keys))


class HalfMissing(Exception):  # noqa: N818 - asks for more state, nothing failed
    """Asks for a pool's half of an earning: the command is decided again with it."""

    def __init__(self, place: Place) -> None:
        super().__init__(place)
        self.place = place


class Decision(NamedTuple):
    """Is what a command does if it is carried out: its result and the new state.

    `lots` and `holds` are as they are afterwards; the last `made_lot_count` and
    `made_hold_count` of them are new. `sides` are what it does beyond its own
    record, each in the record of another member. `program` is kept beside the
    records of one part, for all. `counters` are what it moves of
    shared counters, which the result tells as well. `settled` is where the member
    stood before, on every ladder, if that was looked at. `documents` are those of
    plugins as they are afterwards, each in the part of the record.
    """

    result: Accepted
    effective_time: int
    channel: str
    member: Member | None = None
    accounts: tuple[Account, ...] = ()
    lots: tuple[Lot, ...] = ()
    made_lot_count: int = 0
    holds: tuple[Hold, ...] = ()
    made_hold_count: int = 0
    reversal: Reversal | None = None
    closed_time: int = 0
    sides: tuple[Side, ...] = ()
    progress: Progress | None = None
    program_version: int = 0
    program: AppliedProgram | None = None
    counters: tuple[CounterMove, ...] = ()
    standings: tuple[Standing, ...] = ()
    claims: tuple[Claim, ...] = ()
    settled: tuple[Standing, ...] = ()
    documents: tuple[Document, ...] = ()


class Side(NamedTuple):
    """Is the other member's half of a decision, recorded in that member's part."""

    part: int
    member_id: str
    request_id: str
    kind: Kind
    decision: Decision
