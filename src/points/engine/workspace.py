"""The state of one batch in memory, with an undo journal.

Values are frozen: a change puts a new value in the place of the old one and
remembers the old one, so that everything since a mark can be taken back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from points.domain.books import check_books
from points.domain.closing import Lines, Sums, lines_of, sums_of
from points.domain.commands import Reads
from points.domain.identity import Place, part_of
from points.domain.program import Program
from points.domain.progress import Progress
from points.domain.standings import Standing
from points.domain.state import Decision, OpenLots, Stamp
from points.domain.values import (
    Account,
    Erasure,
    Head,
    Hold,
    HoldState,
    Lot,
    Member,
    Record,
    Reversal,
    Transaction,
)
from points.engine.jobs import Routed
from points.store.batch import Changes
from points.store.rows import Row


_ABSENT: Final = object()
_WRITTEN: Final = (
    "heads",
    "members",
    "accounts",
    "lots",
    "holds",
    "reversals",
    "progress",
    "standings",
)


@dataclass(slots=True, kw_only=True)
class Stock:
    """Is what a batch has read, by key; what does not exist is left out."""

    heads: dict[int, Head] = field(default_factory=dict)
    records: dict[Row, Record] = field(default_factory=dict)
    members: dict[Row, Member] = field(default_factory=dict)
    accounts: dict[Row, Account] = field(default_factory=dict)
    lots: dict[Place, Lot] = field(default_factory=dict)
    open_lots: dict[Row, OpenLots] = field(default_factory=dict)
    holds: dict[Place, Hold] = field(default_factory=dict)
    lapsed_holds: dict[Row, tuple[Hold, ...]] = field(default_factory=dict)
    transactions: dict[Place, Record] = field(default_factory=dict)
    reversals: dict[Place, Reversal] = field(default_factory=dict)
    books: dict[Row, Sums] = field(default_factory=dict)
    expired_lots: dict[Row, tuple[Lot, ...]] = field(default_factory=dict)
    progress: dict[Row, Progress] = field(default_factory=dict)
    standings: dict[Row, Standing] = field(default_factory=dict)


class Run:
    """Is a run of usable lots in the order of drawing, by number.

    Changed in place, as a mapping: a batch may add thousands of lots to it. Behind
    a run that is not `complete` there are lots that were not read.
    """

    def __init__(self, found: OpenLots) -> None:
        self.lots = list(found.lots)
        self.complete = found.complete
        self._by_number = {lot.number: lot for lot in self.lots}

    def get(self, number: int, absent: object) -> Any:
        """Returns the lot, or `absent`."""
        return self._by_number.get(number, absent)

    def __setitem__(self, number: int, lot: Lot) -> None:
        """Puts a lot in the place of the one with its number, or adds it."""
        if number in self._by_number:
            del self[number]
        self._by_number[number] = lot
        self.lots.insert(self._place(lot), lot)

    def __delitem__(self, number: int) -> None:
        """Takes a lot out."""
        del self.lots[self._place(self._by_number.pop(number))]

    def reaches(self, lot: Lot) -> bool:
        """Says whether the lot has its place in here, and not behind a gap."""
        if self.complete:
            return True
        return bool(self.lots) and _draw_order(lot) <= _draw_order(self.lots[-1])

    def _place(self, lot: Lot) -> int:
        if not self.lots or _draw_order(lot) > _draw_order(self.lots[-1]):
            return len(self.lots)
        return bisect_left(self.lots, _draw_order(lot), key=_draw_order)


class Workspace:
    """Is what the commands of a batch see and change, one after the other."""

    def __init__(
        self, stock: Stock, *, now: int, part_count: int, program: Program
    ) -> None:
        self.program = program
        self._stock = stock
        self._now = now
        self._part_count = part_count
        self._new_records: list[Record] = []
        self._journal: list[tuple[Any, Any, Any]] = []
        self._runs: dict[Row, Run] = {}
        # A part and a number are as good a key as a place, and quicker to make.
        for found in stock.open_lots.values():
            stock.lots.update((lot[:2], lot) for lot in found.lots)  # type: ignore[misc]
        for expired in stock.expired_lots.values():
            stock.lots |= {lot.place(): lot for lot in expired}
        for holds in stock.lapsed_holds.values():
            stock.holds.update((hold[:2], hold) for hold in holds)  # type: ignore[misc]
        self._before = {name: dict(getattr(stock, name)) for name in _WRITTEN}
        self._may_lapse = any(hold.has_lapsed(now) for hold in stock.holds.values())

    def part_of(self, member_id: str) -> int:
        """Returns the part of a member."""
        return part_of(member_id, self._part_count)

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
        key, found = (part, member_id), self._stock.standings.values()
        return [each for each in found if each[:2] == key]

    def accounts_of(self, part: int, account: str) -> list[Account]:
        """Returns the account in every unit in which it has been posted to."""
        key, found = (part, account), self._stock.accounts.values()
        return [one for one in found if (one.part, one.account) == key]

    def undrawn_lots(self, part: int, member_id: str) -> list[Lot]:
        """Returns the lots of every unit with points left, in their order."""
        key, found = (part, member_id), self._stock.lots.values()
        own = [lot for lot in found if (lot.part, lot.member_id) == key]
        left = [lot for lot in own if lot.remaining]
        return sorted(left, key=lambda lot: (lot.unit, *_draw_order(lot)))

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
        it, and what its capture needs has not been read.
        """
        known = place in self._before["holds"]
        return self._stock.holds[place] if known else None

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
        due = [hold for hold in found.values() if hold.has_lapsed(self._now)]
        return sorted(due, key=lambda hold: (hold.lapse_time, hold.place()))

    def transaction(self, place: Place) -> Record | None:
        """Returns the record of the transaction at a place, or None.

        Not one of this very batch: nobody can know its id yet, and what a command
        that names it needs has not been read.
        """
        return self._stock.transactions.get(place)

    def reversal(self, place: Place) -> Reversal:
        """Returns how much of the transaction at a place has been reversed."""
        return self._stock.reversals.get(place) or Reversal(*place, 0)

    def trial_balance(self, part: int, until_time: int) -> Lines:
        """Returns what stood on the accounts of a part before an instant."""
        sums = Counter(self._stock.books[part, until_time])
        for record in self._new_records:
            is_earlier = record.part == part and record.effective_time < until_time
            if is_earlier and isinstance(record.result, Transaction):
                sums.update(sums_of(record.result.postings))
        return lines_of(sums)

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
            self._now,
            head.last_hold_number + 1,
            head.closed_time,
        )

    def carry_out(self, record: Record, decision: Decision | None) -> None:
        """Records a command, and puts the state that it leaves in place."""
        head = self._stock.heads[record.part]
        made_lots = made_holds = closed_time = 0
        if decision is not None:
            self._apply(decision)
            made_lots, made_holds = decision.made_lot_count, decision.made_hold_count
            closed_time = decision.closed_time
        new_head = Head(
            head.part,
            record.number,
            head.last_lot_number + made_lots,
            self._now,
            head.last_hold_number + made_holds,
            max(head.closed_time, closed_time),
            head.chain,
        )
        self._put(self._stock.heads, record.part, new_head)
        key = (record.part, record.member_id, record.request_id)
        self._put(self._stock.records, key, record)
        self._new_records.append(record)

    def mark(self) -> tuple[int, int]:
        """Returns a mark to come back to."""
        return len(self._journal), len(self._new_records)

    def undo(self, mark: tuple[int, int]) -> None:
        """Takes back everything since the mark."""
        changes, records = mark
        for mapping, key, old in reversed(self._journal[changes:]):
            if old is _ABSENT:
                del mapping[key]
            else:
                mapping[key] = old
        del self._journal[changes:]
        del self._new_records[records:]

    def check(self) -> None:
        """Raises BooksBroken unless the books of the whole batch add up."""
        accounts, lots = self._before["accounts"], self._before["lots"]
        check_books(
            [(accounts.get(key), new) for key, new in self._changed("accounts")],
            [(lots.get(key), new) for key, new in self._changed("lots")],
        )

    def changes(self) -> Changes:
        """Returns what has to be written."""
        changed = {
            name: [value for _, value in self._changed(name)] for name in self._before
        }
        erased = [
            (record.part, record.member_id)
            for record in self._new_records
            if isinstance(record.result, Erasure)
        ]
        return Changes(records=self._new_records, erased=erased, **changed)

    def _reads_of(self, routed: Routed) -> Iterator[tuple[int, str, Reads]]:
        """Yields part, member id and reads of every member that a command touches."""
        command, part = routed.command, routed.part
        yield part, command.member_id, command.reads()
        if command.follows:
            yield part, command.member_id, command.follow(self, part)
        yield from routed.others

    def _apply(self, decision: Decision) -> None:
        stock = self._stock
        if decision.member is not None:
            member = decision.member
            self._put(stock.members, (member.part, member.member_id), member)
        for account in decision.accounts:
            self._put(stock.accounts, account[:3], account)
        for lot in decision.lots:
            self._put(stock.lots, lot[:2], lot)
            self._put_open_lot(lot)
        for hold in decision.holds:
            self._put(stock.holds, hold[:2], hold)
        if decision.progress is not None:
            self._put(stock.progress, decision.progress[:2], decision.progress)
        for standing in decision.standings:
            self._put(stock.standings, standing[:3], standing)
        if decision.reversal is not None:
            self._put(stock.reversals, decision.reversal[:2], decision.reversal)

    def _put_open_lot(self, lot: Lot) -> None:
        """Keeps the lots that can be drawn in order, if they were read at all."""
        run = self._run((lot.part, lot.member_id, lot.unit))
        if run is None:
            return
        is_usable = lot.remaining and lot.activate_time <= self._now < lot.expire_time
        if is_usable and run.reaches(lot):
            self._put(run, lot.number, lot)
        elif (old := run.get(lot.number, None)) is not None:
            self._journal.append((run, lot.number, old))
            del run[lot.number]

    def _run(self, key: Row) -> Run | None:
        """Returns the run of a (part, member_id, unit); None if none was read."""
        run = self._runs.get(key)
        if run is None and key in self._stock.open_lots:
            run = self._runs[key] = Run(self._stock.open_lots[key])
        return run

    def _put(self, mapping: Any, key: Any, value: Any) -> None:
        self._journal.append((mapping, key, mapping.get(key, _ABSENT)))
        mapping[key] = value

    def _changed(self, name: str) -> Iterator[tuple[Any, Any]]:
        before, now = self._before[name], getattr(self._stock, name)
        return (
            (key, value) for key, value in now.items() if before.get(key) is not value
        )


def _draw_order(lot: Lot) -> tuple[int, int]:
    return lot.expire_time, lot.number
