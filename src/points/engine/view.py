"""What the commands of a batch see: all that was read for it, as it is by now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Final

from points.domain.claims import Claim, ClaimPlace, ClaimState
from points.domain.closing import Lines, lines_of, sums_of
from points.domain.commands import Reads, Reverse
from points.domain.counters import Counter as SharedCounter
from points.domain.documents import Document, DocumentPlace, is_of_member
from points.domain.identity import Place, part_of
from points.domain.lots import DRAW_ORDER
from points.domain.program import Program
from points.domain.progress import Progress
from points.domain.refusals import TransactionNotFound
from points.domain.standings import Standing
from points.domain.state import (
    CountersMissing,
    HalfMissing,
    MembersMissing,
    OpenLots,
    PoolKey,
    PoolMissing,
    Stamp,
)
from points.domain.values import (
    Account,
    Hold,
    HoldState,
    Lot,
    Member,
    Record,
    Reversal,
    Transaction,
)
from points.domain.versions import ProgramVersion
from points.engine.halves import half_place
from points.engine.jobs import Routed
from points.engine.runs import Run
from points.engine.stock import Stock
from points.store.texts.rows import Row


_WRITTEN: Final = (
    "heads",
    "members",
    "accounts",
    "lots",
    "holds",
    "reversals",
    "counters",
    "progress",
    "programs",
    "standings",
    "claims",
    "documents",
)
"""Names of the fields of a stock that a batch may change."""


KEY: Final = itemgetter(0, 1)
"""Returns part and number of a lot."""


class View:
    """Is the state of one batch for decisions to look at. What is not there is None.

    `shows_new` is whether what this very batch has made is shown, as it is to
    plugins.
    """

    def __init__(
        self, stock: Stock, *, now: int, part_count: int, program: Program
    ) -> None:
        self.program = program
        self.now = now
        self.part_count = part_count
        self.shows_new = False
        self._stock = stock
        self._new_records: list[Record] = []
        self._runs: dict[Row, Run] = {}
        spread(stock)
        self._before = {name: dict(getattr(stock, name)) for name in _WRITTEN}
        self._ladders: dict[Row, set[str]] = {}
        for standing in stock.standings.values():
            self._ladders.setdefault(standing[:2], set()).add(standing.ladder)
        self._may_lapse = any(hold.has_lapsed(now) for hold in stock.holds.values())

    def may_write(self, parts: Iterable[int]) -> bool:
        """Says whether records may be added to all these parts now."""
        heads = self._stock.heads
        for part in parts:
            head = heads.get(part)
            if head is None or head.last_time > self.now:
                return False
        return True

    def part_of(self, member_id: str) -> int:
        """Returns the part of a member."""
        return part_of(member_id, self.part_count)

    def member(self, part: int, member_id: str) -> Member | None:
        """Returns the member, or None."""
        return self._stock.members.get((part, member_id))

    def account(self, part: int, account: str, unit: str) -> Account:
        """Returns the account, empty if it has never been posted to."""
        found = self._stock.accounts.get((part, account, unit))
        return found or Account.empty(part, account, unit)

    def open_lots(self, part: int, member_id: str, unit: str) -> OpenLots:
        """Returns the lots that can be drawn now; they change with the next command."""
        run = self._run((part, member_id, unit))
        if run is None:
            raise KeyError(part, member_id, unit)
        return OpenLots(run.lots, run.complete)

    def expired_points(self, part: int, member_id: str, unit: str) -> int:
        """Returns what the member has in lots that have expired and are not swept."""
        found = self._stock.expired_lots.get((part, member_id, unit), ())
        return sum(self._stock.lots[lot.place()].remaining for lot in found)

    def progress(self, part: int, member_id: str) -> Progress:
        """Returns what the member has done so far."""
        found = self._stock.progress.get((part, member_id))
        return found or Progress(part, member_id)

    def standings(self, part: int, member_id: str) -> list[Standing]:
        """Returns the standings of the member that were stored."""
        stock, key = self._stock.standings, (part, member_id)
        keys = [(*key, ladder) for ladder in self._ladders.get(key, ())]
        return [stock[key] for key in keys if key in stock]

    def accounts_of(self, part: int, account: str) -> list[Account]:
        """Returns the account in every unit in which it has been posted to."""
        key, found = (part, account), self._stock.accounts.values()
        return [one for one in found if (one.part, one.account) == key]

    def undrawn_lots(self, part: int, member_id: str) -> list[Lot]:
        """Returns the lots of every unit with points left, in their order."""
        key, found = (part, member_id), self._stock.lots.values()
        own = [lot for lot in found if (lot.part, lot.member_id) == key]
        left = [lot for lot in own if lot.remaining]
        return sorted(left, key=lambda lot: (lot.unit, *DRAW_ORDER(lot)))

    def open_holds(self, part: int, member_id: str) -> list[Hold]:
        """Returns the holds of every unit that are open, or lapsed and not settled."""
        key, found = (part, member_id), self._stock.holds.values()
        own = [hold for hold in found if (hold.part, hold.member_id) == key]
        return [hold for hold in own if hold.state is HoldState.OPEN]

    def lot(self, place: Place) -> Lot | None:
        """Returns the lot at a place, or None."""
        return self._stock.lots.get(place)

    def hold(self, place: Place) -> Hold | None:
        """Returns the hold at a place, or None.

        One that was placed in this very batch is not there yet: nobody can know of
        it, and what its capture needs has not been read. To plugins it is shown.
        """
        known = self.shows_new or place in self._before["holds"]
        return self._stock.holds.get(place) if known else None

    def claim(self, place: ClaimPlace) -> Claim | None:
        """Returns the claim at a place, or None.

        One of this very batch is shown to plugins alone, as a hold is.
        """
        known = self.shows_new or place in self._before["claims"]
        return self._stock.claims.get(place) if known else None

    def open_claims(self, part: int, member_id: str) -> list[Claim]:
        """Returns what waits to be collected, or may give its budget something back."""
        key, found = (part, member_id), self._stock.claims.values()
        own = [one for one in found if (one.part, one.member_id) == key]
        return sorted(
            (
                one
                for one in own
                if one.state is ClaimState.OPEN
                and (one.lapse_time > self.now or one.reserve.name)
            ),
            key=Claim.place,
        )

    def lapsed_holds(self, routed: Routed) -> list[Hold]:
        """Returns the unsettled holds that lapsed where a command draws or points.

        All of a member that ends. The first to lapse comes first.
        """
        if not self._may_lapse:
            return []
        found: dict[Place, Hold] = {}
        for part, member_id, reads in self._reads_of(routed):
            places = [] if reads.hold is None else [reads.hold]
            # Of those units alone in which lots are drawn or limits are looked at.
            for unit in {reads.lots_of, *(unit for _, unit in reads.accounts)}:
                key = (part, member_id, unit)
                places += [h.place() for h in self._stock.lapsed_holds.get(key, ())]
            if reads.open_holds:
                places += [h.place() for h in self.open_holds(part, member_id)]
            known = [hold for hold in map(self.hold, places) if hold is not None]
            found |= {h.place(): h for h in known if h.member_id == member_id}
        due = [hold for hold in found.values() if hold.has_lapsed(self.now)]
        return sorted(due, key=lambda hold: (hold.lapse_time, hold.place()))

    def transaction(self, place: Place) -> Record | None:
        """Returns the record of the transaction at a place, or None.

        Not one of this very batch: nobody can know its id yet, and what a command
        that names it needs has not been read. To plugins it is shown.
        """
        found = self._stock.transactions.get(place)
        if found is None and self.shows_new:
            return next((r for r in self._new_records if _is_at(r, place)), None)
        return found

    def reversal(self, place: Place) -> Reversal:
        """Returns how much of the transaction at a place has been reversed."""
        return self._stock.reversals.get(place) or Reversal(*place, 0)

    def pool(self, earner: PoolKey, pool: PoolKey) -> Member:
        """Returns the member that an earner pools into; raises PoolMissing."""
        if (earner, pool) not in self._stock.pools:
            raise PoolMissing(earner, pool)
        return self._stock.members[pool]

    def merged_into(self, member_id: str) -> str:
        """Returns whom a member was merged into; raises MembersMissing."""
        key = (self.part_of(member_id), member_id)
        found = self._stock.members.get(key)
        if found is None or not self.may_write(key[:1]):
            raise MembersMissing([key])
        return found.merged_into

    def pool_half(self, place: Place) -> tuple[Record, Member, list[Lot]]:
        """Returns what a pool got, who has it now, and the lots, as they are now.

        Raises HalfMissing, and TransactionNotFound if it got it in this very batch:
        nobody can know the earning's id yet. To plugins it is shown, once what it
        takes to take it back was read.
        """
        record = self.transaction(place)
        if record is None and any(_is_at(each, place) for each in self._new_records):
            raise TransactionNotFound(place.transaction_id())
        holder = record and self._heir(record.part, record.member_id)
        if not record or not holder or (place, holder[:2]) not in self._stock.halves:
            raise HalfMissing(place)
        places = self._stock.halves[place, holder[:2]].lots
        return record, holder, [lot for lot in map(self.lot, places) if lot]

    def counter(self, name: str, start_time: int) -> SharedCounter:
        """Returns a shared counter; raises CountersMissing for one not read."""
        try:
            return self._stock.counters[name, start_time]
        except KeyError:
            raise CountersMissing((name, start_time)) from None

    def trial_balance(self, part: int, until_time: int) -> Lines:
        """Returns what stood on the accounts of a part before an instant."""
        sums = Counter(self._stock.books[part, until_time])
        for record in self._new_records:
            is_earlier = record.part == part and record.effective_time < until_time
            if is_earlier and isinstance(record.result, Transaction):
                sums.update(sums_of(record.result.postings))
        return lines_of(sums)

    def documents_of(self, part: int, member_id: str) -> list[Document]:
        """Returns what plugins keep of a member, by plugin, collection and key."""
        owned, objects = (part, member_id), self._stock.of_objects
        found = [
            each
            for each in self._stock.documents.values()
            if (each.part, each.owner) == owned and not each.is_gone
        ]
        own = [one for one in found if (one.plugin, one.collection) not in objects]
        return sorted(filter(is_of_member, own))

    def document(self, place: DocumentPlace) -> Document | None:
        """Returns the document at a place, or None."""
        found = self._stock.documents.get(place)
        return None if found is None or found.is_gone else found

    @property
    def stock(self) -> Stock:
        """Returns what was read, as it is now."""
        return self._stock

    def program_versions(self) -> Sequence[ProgramVersion]:
        """Returns the versions of the program applied before this batch."""
        return self._stock.versions

    def known(self, key: Row) -> Record | None:
        """Returns what is recorded for (part, member_id, request_id), or None."""
        return self._stock.records.get(key)

    def stamp(self, part: int) -> Stamp:
        """Returns where the next record of the part will stand, and when."""
        head = self._stock.heads[part]
        return Stamp(
            part,
            head.last_number + 1,
            head.last_lot_number + 1,
            self.now,
            head.last_hold_number + 1,
            head.closed_time,
            head.program_version,
        )

    def records_since(self, start: int) -> Sequence[Record]:
        """Returns the records behind the first so many of the batch."""
        return self._new_records[start:]

    def _heir(self, part: int, member_id: str) -> Member | None:
        """Returns who a member was merged into, or the member; None if not read.

        Whoever was merged is followed on, erased since or not.
        """
        found = self.member(part, member_id)
        while found and found.merged_into:
            into = found.merged_into
            found = self.member(self.part_of(into), into)
        return found

    def _reads_of(self, routed: Routed) -> Iterator[tuple[int, str, Reads]]:
        """Yields part, member id and reads of every member that a command touches."""
        command, part = routed.command, routed.part
        yield part, command.member_id, command.reads()
        if command.follows:
            yield part, command.member_id, command.follow(self, part)
        yield from routed.others
        if isinstance(command, Reverse) and self._stock.halves:
            half = half_place(command, self.transaction)
            for (place, holder), reads in self._stock.halves.items():
                if place == half:
                    yield *holder, reads

    def _run(self, key: Row) -> Run | None:
        """Returns the run of a (part, member_id, unit); None if none was read."""
        run = self._runs.get(key)
        if run is None and key in self._stock.open_lots:
            run = self._runs[key] = Run(self._stock.open_lots[key])
        return run

    def _is_usable(self, lot: Lot) -> bool:
        is_now = lot.activate_time <= self.now < lot.expire_time
        return bool(lot.remaining) and is_now


def spread(stock: Stock) -> None:
    """Puts lots and holds that were read by their owners beside all others."""
    # A part and a number are as good a key as a place, and quicker to make.
    for found in stock.open_lots.values():
        stock.lots.update(zip(map(KEY, found.lots), found.lots, strict=True))
    for expired in stock.expired_lots.values():
        stock.lots |= {lot.place(): lot for lot in expired}
    for holds in stock.lapsed_holds.values():
        stock.holds.update((hold[:2], hold) for hold in holds)  # type: ignore[misc]


def _is_at(record: Record, place: Place) -> bool:
    """Says whether a transaction stands at a place."""
    return record[:2] == place and isinstance(record.result, Transaction)
