"""Worlds in memory that commands are decided in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from points.domain.bounds import NEVER
from points.domain.claims import Claim, ClaimPlace
from points.domain.closing import Lines, lines_of
from points.domain.counters import Counter
from points.domain.documents import Document, DocumentPlace
from points.domain.identity import Place, account_kind
from points.domain.program import Program
from points.domain.progress import Progress
from points.domain.standings import Standing
from points.domain.state import HalfMissing, OpenLots, PoolKey, PoolMissing, Stamp
from points.domain.values import Account, Hold, HoldState, Lot, Member, Record, Reversal
from points.domain.versions import ProgramVersion
from tests.clock import NOON
from tests.domain.build import PART, PROGRAM, account, member, stamp


@dataclass(frozen=True)
class World:
    """Is the state before a decision: a `State` made of plain lists."""

    members: list[Member] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    lots: list[Lot] = field(default_factory=list)
    complete: bool = True
    holds: list[Hold] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    reversals: list[Reversal] = field(default_factory=list)
    program: Program = field(default_factory=lambda: PROGRAM)
    now: int = NOON
    progresses: list[Progress] = field(default_factory=list)

    def progress(self, part: int, member_id: str) -> Progress:
        """Returns what the member has done so far."""
        key = (part, member_id)
        found = (o for o in self.progresses if (o.part, o.member_id) == key)
        return next(found, Progress(part, member_id))

    versions: list[ProgramVersion] = field(default_factory=list)

    def program_versions(self) -> list[ProgramVersion]:
        """Returns the versions of the program that were applied."""
        return self.versions

    counters: list[Counter] = field(default_factory=list)

    documents: list[Document] = field(default_factory=list)

    def documents_of(self, part: int, member_id: str) -> list[Document]:
        """Returns what plugins keep of a member."""
        own = (part, member_id)
        return sorted(o for o in self.documents if (o.part, o.owner) == own)

    def document(self, place: DocumentPlace) -> Document | None:
        """Returns the document at a place, or None."""
        return next((o for o in self.documents if o.place() == place), None)

    def stamp(self, part: int) -> Stamp:
        """Returns a stamp at noon in any part."""
        return stamp(part=part)

    def part_of(self, member_id: str) -> int:
        """Returns the one part of the world."""
        del member_id
        return PART

    def expired_points(self, part: int, member_id: str, unit: str) -> int:
        """Returns what is left in lots that have expired."""
        key = (part, member_id, unit)
        lots = [o for o in self.lots if (o.part, o.member_id, o.unit) == key]
        return sum(o.remaining for o in lots if o.expire_time <= NOON)

    def accounts_of(self, part: int, account: str) -> list[Account]:
        """Returns the account in every unit."""
        return [a for a in self.accounts if (a.part, a.account) == (part, account)]

    def undrawn_lots(self, part: int, member_id: str) -> list[Lot]:
        """Returns the member's lots with points left."""
        own = [o for o in self.lots if (o.part, o.member_id) == (part, member_id)]
        return [o for o in own if o.remaining]

    def open_holds(self, part: int, member_id: str) -> list[Hold]:
        """Returns the member's open holds."""
        own = [o for o in self.holds if (o.part, o.member_id) == (part, member_id)]
        return [o for o in own if o.state is HoldState.OPEN]

    claims: list[Claim] = field(default_factory=list)

    def open_claims(self, part: int, member_id: str) -> list[Claim]:
        """Returns what a member may collect."""
        key = (part, member_id)
        return [one for one in self.claims if (one.part, one.member_id) == key]

    def program_of(self, version: int) -> Program | None:
        """Returns None: there is but one program."""
        del version
        return None

    def claim(self, place: ClaimPlace) -> Claim | None:
        """Returns the claim at a place, or None."""
        return next((o for o in self.claims if o.place() == place), None)

    def lot(self, place: Place) -> Lot | None:
        """Returns the lot at a place, or None."""
        return next((o for o in self.lots if o.place() == place), None)

    def hold(self, place: Place) -> Hold | None:
        """Returns the hold at a place, or None."""
        return next((o for o in self.holds if o.place() == place), None)

    def transaction(self, place: Place) -> Record | None:
        """Returns the record of the transaction at a place, or None."""
        return next((o for o in self.records if o.place() == place), None)

    def reversal(self, place: Place) -> Reversal:
        """Returns how much of the transaction at a place has been reversed."""
        found = (o for o in self.reversals if (o.part, o.number) == place)
        return next(found, Reversal(*place, 0))

    def pool(self, earner: PoolKey, pool: PoolKey) -> Member:
        """Raises PoolMissing: nobody here earns into a pool."""
        raise PoolMissing(earner, pool)

    def merged_into(self, member_id: str) -> str:
        """Returns nobody: nobody was merged here."""
        del member_id
        return ""

    def pool_half(self, place: Place) -> tuple[Record, Member, list[Lot]]:
        """Raises HalfMissing: nobody here earns into a pool."""
        raise HalfMissing(place)

    def counter(self, name: str, start_time: int) -> Counter:
        """Returns a shared counter, at zero unless the world has it."""
        found = (one for one in self.counters if one.key() == (name, start_time))
        return next(found, Counter(PART, name, start_time, NEVER))

    def standings(self, part: int, member_id: str) -> list[Standing]:
        """Returns no standings: members here have never climbed."""
        del part, member_id
        return []

    def trial_balance(self, part: int, until_time: int) -> Lines:
        """Returns the accounts of the world, whenever that is."""
        del until_time
        sums = {
            (account_kind(a.account), a.unit): a.balance
            for a in self.accounts
            if a.part == part
        }
        return lines_of(sums)

    def member(self, part: int, member_id: str) -> Member | None:
        """Returns the member, or None."""
        key = (part, member_id)
        return next((m for m in self.members if (m.part, m.member_id) == key), None)

    def account(self, part: int, account: str, unit: str) -> Account:
        """Returns the account, empty if it has never been posted to."""
        key = (part, account, unit)
        found = (a for a in self.accounts if (a.part, a.account, a.unit) == key)
        return next(found, Account.empty(part, account, unit))

    def open_lots(self, part: int, member_id: str, unit: str) -> OpenLots:
        """Returns the lots of the world, in their order."""
        assert all(lot.part == part for lot in self.lots)
        own = [o for o in self.lots if (o.member_id, o.unit) == (member_id, unit)]
        return OpenLots(own, self.complete)


def world(
    *things: Member
    | Account
    | Lot
    | Hold
    | Record
    | Reversal
    | ProgramVersion
    | Counter,
    complete: bool = True,
) -> World:
    """Returns a world of these things; without a member it has Ada."""
    members = [thing for thing in things if isinstance(thing, Member)]
    return World(
        members=members or [member()],
        accounts=[thing for thing in things if isinstance(thing, Account)],
        lots=[thing for thing in things if isinstance(thing, Lot)],
        complete=complete,
        holds=[thing for thing in things if isinstance(thing, Hold)],
        records=[thing for thing in things if isinstance(thing, Record)],
        reversals=[thing for thing in things if isinstance(thing, Reversal)],
        versions=[thing for thing in things if isinstance(thing, ProgramVersion)],
        counters=[thing for thing in things if isinstance(thing, Counter)],
    )


def owning(*lots: Lot) -> World:
    """Returns a world in which Ada has these lots, and her account says the same."""
    balance = sum(lot.remaining for lot in lots)
    return world(account(balance=balance), *lots)


EMPTY_WORLD: Final = World()
"""A world without members."""
