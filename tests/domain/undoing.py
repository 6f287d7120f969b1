"""A part of a ledger in memory: it carries commands out one by one, and checks all."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Any, Final

from points.domain.balances import LotSum, balances_of
from points.domain.books import check_books, check_counters
from points.domain.bounds import NEVER
from points.domain.claims import Claim, ClaimPlace
from points.domain.closing import Lines, lines_of
from points.domain.commands import (
    Adjust,
    AdjustDirection,
    Command,
    Reverse,
)
from points.domain.counters import Counter, CounterKey
from points.domain.decisions import decide
from points.domain.decisions.posted import posted
from points.domain.documents import Document, DocumentPlace
from points.domain.identity import Place
from points.domain.program import Program
from points.domain.progress import Progress
from points.domain.refusals import Refusal
from points.domain.replay import PartReplay
from points.domain.standings import Standing
from points.domain.state import (
    Decision,
    HalfMissing,
    OpenLots,
    PoolKey,
    PoolMissing,
    Stamp,
)
from points.domain.values import (
    Account,
    Balances,
    Draw,
    Hold,
    Kind,
    Lot,
    Member,
    Posting,
    ReasonCode,
    Record,
    Reversal,
    Transaction,
)
from points.domain.versions import ProgramVersion
from tests.clock import NOON
from tests.domain.build import PART, PROGRAM, burn, earn, member, record, transaction


_REVERSE: Final = Reverse(
    member_id="ada",
    request_id="r1",
    transaction_id=Place(PART, 1).transaction_id(),
    reason="a mistake",
    reason_code=ReasonCode.CORRECTION,
)
_ADJUST: Final = Adjust(
    member_id="ada",
    request_id="r1",
    unit="points",
    points=100,
    reason="goodwill",
    direction=AdjustDirection.CREDIT,
    operator="grace",
)


def reverse(**fields: Any) -> Reverse:
    """Returns a correction of all of transaction 1 of Ada."""
    return replace(_REVERSE, **fields)


def adjust(**fields: Any) -> Adjust:
    """Returns 100 points that an operator adds to Ada."""
    return replace(_ADJUST, **fields)


@dataclass
class Ledger:
    """Is the part that Ada lives in: a `State` that changes."""

    now: int = NOON
    accounts: dict[tuple[str, str], Account] = field(default_factory=dict)
    lots: dict[int, Lot] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    reversals: dict[int, Reversal] = field(default_factory=dict)
    program: Program = PROGRAM
    done: Progress = field(default_factory=lambda: Progress(PART, "ada"))
    counters: dict[CounterKey, Counter] = field(default_factory=dict)
    climbed: dict[str, Standing] = field(default_factory=dict)
    claims: dict[ClaimPlace, Claim] = field(default_factory=dict)

    def copy(self) -> Ledger:
        """Returns a ledger that goes its own way from here."""
        return Ledger(
            self.now,
            dict(self.accounts),
            dict(self.lots),
            copy(self.records),
            dict(self.reversals),
            self.program,
            self.done,
            dict(self.counters),
            dict(self.climbed),
            dict(self.claims),
        )

    def standings(self, part: int, member_id: str) -> list[Standing]:
        """Returns where Ada stands."""
        del part, member_id
        return list(self.climbed.values())

    def progress(self, part: int, member_id: str) -> Progress:
        """Returns what Ada has done so far."""
        del part, member_id
        return self.done

    def stamp(self, part: int) -> Stamp:
        """Returns where the next record will stand."""
        lot_number = max(self.lots, default=0) + 1
        return Stamp(part, len(self.records) + 1, lot_number, self.now)

    def part_of(self, member_id: str) -> int:
        """Returns the one part."""
        del member_id
        return PART

    def member(self, part: int, member_id: str) -> Member:
        """Returns Ada."""
        del part, member_id
        return member()

    def pool(self, earner: PoolKey, pool: PoolKey) -> Member:
        """Raises PoolMissing: nobody here earns into a pool."""
        raise PoolMissing(earner, pool)

    def merged_into(self, member_id: str) -> str:
        """Returns nobody: nobody was merged here."""
        del member_id
        return ""

    def program_of(self, version: int) -> Program | None:
        """Returns None: there is but one program."""
        del version
        return None

    def pool_half(self, place: Place) -> tuple[Record, Member, list[Lot]]:
        """Raises HalfMissing: nobody here earns into a pool."""
        raise HalfMissing(place)

    def counter(self, name: str, start_time: int) -> Counter:
        """Returns a counter, which may never have moved."""
        found = self.counters.get((name, start_time))
        return found or Counter(PART, name, start_time, NEVER)

    def trial_balance(self, part: int, until_time: int) -> Lines:
        """Returns what stands on the accounts now."""
        del part, until_time
        sums = {key: a.balance for key, a in self.accounts.items()}
        return lines_of(sums)

    def documents_of(self, part: int, member_id: str) -> Sequence[Document]:
        """Returns none: no plugin keeps anything."""
        del part, member_id
        return ()

    def document(self, place: DocumentPlace) -> Document | None:
        """Returns none: no plugin keeps anything."""
        del place
        return None

    def program_versions(self) -> Sequence[ProgramVersion]:
        """Returns none: the program never changes."""
        return ()

    def expired_points(self, part: int, member_id: str, unit: str) -> int:
        """Returns nothing: nobody has limits."""
        del part, member_id, unit
        return 0

    def accounts_of(self, part: int, account: str) -> Sequence[Account]:
        """Returns the account in every unit."""
        del part
        return [a for (name, _), a in self.accounts.items() if name == account]

    def undrawn_lots(self, part: int, member_id: str) -> Sequence[Lot]:
        """Returns the lots with points left."""
        del part, member_id
        return [lot for lot in self.lots.values() if lot.remaining]

    def open_holds(self, part: int, member_id: str) -> Sequence[Hold]:
        """Returns none: nobody holds."""
        del part, member_id
        return ()

    def hold(self, place: Place) -> Hold | None:
        """Returns None: nobody holds."""
        del place
        return None

    def open_claims(self, part: int, member_id: str) -> Sequence[Claim]:
        """Returns none: nobody is merged."""
        del part, member_id
        return ()

    def claim(self, place: ClaimPlace) -> Claim | None:
        """Returns the claim at a place, or None."""
        return self.claims.get(place)

    def transaction(self, place: Place) -> Record | None:
        """Returns the record of the transaction at a place, or None."""
        return next((o for o in self.records if o.place() == place), None)

    def account(self, part: int, account: str, unit: str) -> Account:
        """Returns the account, empty if it has never been posted to."""
        found = self.accounts.get((account, unit))
        return found or Account.empty(part, account, unit)

    def open_lots(self, part: int, member_id: str, unit: str) -> OpenLots:
        """Returns the lots that can be drawn now."""
        del part, member_id
        usable = [
            lot
            for lot in self.lots.values()
            if (lot.unit == unit and lot.remaining)
            and lot.activate_time <= self.now < lot.expire_time
        ]
        usable.sort(key=lambda lot: (lot.expire_time, lot.number))
        return OpenLots(usable, complete=True)

    def lot(self, place: Place) -> Lot | None:
        """Returns the lot at a place, or None."""
        return self.lots.get(place.number)

    def reversal(self, place: Place) -> Reversal:
        """Returns how much of the transaction at a place has been reversed."""
        return self.reversals.get(place.number) or Reversal(*place, 0)

    def carry_out(self, command: Command) -> Transaction | Refusal:
        """Carries a command out; returns the transaction or the refusal."""
        try:
            decision = decide(command, self, self.program, self.stamp(PART))
        except Refusal as refusal:
            return refusal
        self.apply(command.kind, decision)
        assert isinstance(decision.result, Transaction)
        return decision.result

    def apply(self, kind: Kind, decision: Decision) -> None:
        """Puts in place what a decision leaves, if the books stay whole."""
        check_books(
            [(self.accounts.get(a[1:3]), a) for a in decision.accounts],
            [(self.lots.get(lot.number), lot) for lot in decision.lots],
        )
        self.accounts |= {(a.account, a.unit): a for a in decision.accounts}
        self.lots |= {lot.number: lot for lot in decision.lots}
        if decision.reversal is not None:
            self.reversals[decision.reversal.number] = decision.reversal
        self.done = decision.progress or self.done
        self.climbed |= {each.ladder: each for each in decision.standings}
        self.claims |= {claim.place(): claim for claim in decision.claims}
        for move in decision.counters:
            moved = self.counter(*move.key()).moved(move)
            self.counters[move.key()] = moved
        check_counters(list(self.counters.values()))
        number = len(self.records) + 1
        made = record(
            number=number,
            kind=kind,
            effective_time=decision.effective_time,
            record_time=self.now,
            result=decision.result,
        )
        self.records.append(made)

    def earn(self, points: int, *, lives: int = NEVER, **fields: Any) -> str:
        """Earns points that live so long; returns the transaction's id."""
        end = NEVER if lives == NEVER else self.now + lives
        self.accept(earn(points=points, expire_time=end, **fields))
        return self.last_id()

    def burn(self, points: int) -> str:
        """Burns points; returns the transaction's id."""
        self.accept(burn(points=points))
        return self.last_id()

    def accept(self, command: Command) -> Transaction:
        """Carries out a command that must be accepted."""
        found = self.carry_out(command)
        assert isinstance(found, Transaction), found
        return found

    def last_id(self) -> str:
        """Returns the id of the last transaction."""
        return self.records[-1].place().transaction_id()

    def sweep(self) -> None:
        """Sweeps what has expired to breakage, or back to issuance if it waited."""
        for destination in ("breakage", "issuance"):
            due = [
                lot
                for lot in self.lots.values()
                if lot.remaining
                and lot.expire_time <= self.now
                and (lot.activate_time == NEVER) == (destination == "issuance")
            ]
            for unit in sorted({lot.unit for lot in due}):
                found = [lot for lot in due if lot.unit == unit]
                self.end(found, Kind.EXPIRE, destination)

    def end(self, lots: list[Lot], kind: Kind, destination: str) -> None:
        """Takes what is left of these lots, which are of one unit, away."""
        points = sum(lot.remaining for lot in lots)
        posting = Posting("member:ada", destination, lots[0].unit, points)
        accounts = posted(self, PART, "ada", [posting])
        swept = transaction(
            postings=(posting,),
            balance_after=accounts[0].balance,
            draws=tuple(Draw(o.place(), o.remaining, o.expire_time) for o in lots),
            lots=(),
        )
        gone = [o._replace(remaining=0, ended=o.ended + o.remaining) for o in lots]
        self.apply(kind, Decision(swept, self.now, "core", None, accounts, tuple(gone)))

    def balances(self) -> Balances:
        """Returns what Ada has now."""
        sums = [
            LotSum(o.unit, o.expire_time, o.activate_time <= self.now, o.remaining)
            for o in self.lots.values()
            if o.unit == "points"
        ]
        mine = self.account(PART, "member:ada", "points")
        (found,) = balances_of([mine], sums, now=self.now)
        return found

    def points(self) -> dict[str, int]:
        """Returns the balance of every account that has points."""
        return {
            a.account: a.balance
            for a in self.accounts.values()
            if a.balance and a.unit == "points"
        }

    def left(self) -> dict[int, int]:
        """Returns what is left of each lot, by its number."""
        return {number: lot.remaining for number, lot in self.lots.items()}

    def check(self) -> None:
        """Checks that the records alone lead to the same state."""
        replay = PartReplay(PART)
        assert [what for one in self.records for what in replay.add(one)] == []
        assert replay.accounts == self.accounts
        assert replay.state_of_lots() == self.lots
        assert replay.claims == {place[1:]: o for place, o in self.claims.items()}
        found = {o.number: o.reversed_points for o in self.reversals.values()}
        assert replay.reversed_points == found
        told = {o.number: o.returned for o in self.reversals.values()}
        assert replay.returned == {n: each for n, each in told.items() if any(each)}
        assert replay.progress.get("ada", Progress(PART, "ada")) == self.done
        owed = self.account(PART, "shortfall:ada", "points").balance
        assert owed == -self.account(PART, "member:ada", "points").shortfall <= 0
