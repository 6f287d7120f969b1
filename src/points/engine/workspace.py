"""The state of one batch in memory, with an undo journal.

Values are frozen: a change puts a new value in the place of the old one and
remembers the old one, so that everything since a mark can be taken back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from points.domain.books import check_books
from points.domain.identity import Place, part_of
from points.domain.state import Decision, OpenLots, Stamp
from points.domain.values import (
    Account,
    Head,
    Hold,
    Lot,
    Member,
    Record,
    Reversal,
)
from points.store.batch import Changes
from points.store.rows import Row


_ABSENT: Final = object()


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


class Workspace:
    """Is what the commands of a batch see and change, one after the other."""

    def __init__(self, stock: Stock, *, now: int, part_count: int) -> None:
        self._stock = stock
        self._now = now
        self._part_count = part_count
        self._new_records: list[Record] = []
        self._journal: list[tuple[dict[Any, Any], Any, Any]] = []
        for found in stock.open_lots.values():
            stock.lots |= {lot.place(): lot for lot in found.lots}
        for holds in stock.lapsed_holds.values():
            stock.holds |= {hold.place(): hold for hold in holds}
        self._before = {
            name: dict(getattr(stock, name))
            for name in ("heads", "members", "accounts", "lots", "holds", "reversals")
        }

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
        """Returns the lots that can be drawn now."""
        return self._stock.open_lots[part, member_id, unit]

    def lot(self, place: Place) -> Lot | None:
        """Returns the lot at a place, or None."""
        return self._stock.lots.get(place)

    def hold(self, place: Place) -> Hold | None:
        """Returns the hold at a place, or None."""
        return self._stock.holds.get(place)

    def lapsed_holds(self, part: int, member_id: str, unit: str) -> list[Hold]:
        """Returns the holds that lapsed and have not been settled, oldest first."""
        found = self._stock.lapsed_holds.get((part, member_id, unit), ())
        current = [self._stock.holds[hold.place()] for hold in found]
        return [hold for hold in current if hold.has_lapsed(self._now)]

    def transaction(self, place: Place) -> Record | None:
        """Returns the record of the transaction at a place, or None.

        Not one of this very batch: nobody can know its id yet, and what a command
        that names it needs has not been read.
        """
        return self._stock.transactions.get(place)

    def reversal(self, place: Place) -> Reversal:
        """Returns how much of the transaction at a place has been reversed."""
        return self._stock.reversals.get(place) or Reversal(*place, 0)

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
        return Changes(records=self._new_records, **changed)

    def _apply(self, decision: Decision) -> None:
        stock = self._stock
        if decision.member is not None:
            member = decision.member
            self._put(stock.members, (member.part, member.member_id), member)
        for account in decision.accounts:
            self._put(stock.accounts, account[:3], account)
        for lot in decision.lots:
            self._put(stock.lots, lot.place(), lot)
            self._put_open_lot(lot)
        for hold in decision.holds:
            self._put(stock.holds, hold.place(), hold)
        if decision.reversal is not None:
            place = Place(decision.reversal.part, decision.reversal.number)
            self._put(stock.reversals, place, decision.reversal)

    def _put_open_lot(self, lot: Lot) -> None:
        """Keeps the lots that can be drawn in order, if they were read at all."""
        key = (lot.part, lot.member_id, lot.unit)
        known = self._stock.open_lots.get(key)
        if known is None:
            return
        lots = [other for other in known.lots if other.number != lot.number]
        place = bisect_left(lots, _draw_order(lot), key=_draw_order)
        if lot.remaining and lot.activate_time <= self._now < lot.expire_time:
            lots.insert(place, lot)
        self._put(self._stock.open_lots, key, _without_gap(known, lots, lot))

    def _put(self, mapping: dict[Any, Any], key: Any, value: Any) -> None:
        self._journal.append((mapping, key, mapping.get(key, _ABSENT)))
        mapping[key] = value

    def _changed(self, name: str) -> Iterator[tuple[Any, Any]]:
        before, now = self._before[name], getattr(self._stock, name)
        return (
            (key, value) for key, value in now.items() if before.get(key) is not value
        )


def _draw_order(lot: Lot) -> tuple[int, int]:
    return lot.expire_time, lot.number


def _without_gap(known: OpenLots, lots: list[Lot], added: Lot) -> OpenLots:
    """Returns the new run of lots, cut before a gap.

    Behind an incomplete run there are lots that were not read: a new lot that
    belongs behind the last one read may not stand right after it.
    """
    was_last = known.lots[-1] if known.lots else None
    behind = was_last is None or _draw_order(added) > _draw_order(was_last)
    if not known.complete and behind and lots and lots[-1].number == added.number:
        lots = lots[:-1]
    return OpenLots(lots, known.complete)
