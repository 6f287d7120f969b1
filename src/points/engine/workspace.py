"""The state of one batch in memory, with an undo journal.

Values are frozen: a change puts a new value in the place of the old one and
remembers the old one, so that everything since a mark can be taken back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any, Final

from points.domain.books import check_books
from points.domain.state import Decision, OpenLots, Stamp
from points.domain.values import Account, Head, Lot, Member, Record
from points.store.batch import Changes
from points.store.rows import Row


_ABSENT: Final = object()


class Workspace:
    """Is what the commands of a batch see and change, one after the other."""

    def __init__(
        self,
        *,
        now: int,
        heads: dict[int, Head],
        records: dict[Row, Record],
        members: dict[Row, Member],
        accounts: dict[Row, Account],
        open_lots: dict[Row, OpenLots],
    ) -> None:
        self._now = now
        self._heads = heads
        self._records = records
        self._members = members
        self._accounts = accounts
        self._open_lots = open_lots
        self._lots: dict[Row, Lot] = {}
        self._new_records: list[Record] = []
        self._before = (dict(heads), dict(members), dict(accounts))
        self._lots_before = {
            (lot.part, lot.number): lot
            for found in open_lots.values()
            for lot in found.lots
        }
        self._journal: list[tuple[dict[Any, Any], Any, Any]] = []

    def member(self, part: int, member_id: str) -> Member | None:
        """Returns the member, or None."""
        return self._members.get((part, member_id))

    def account(self, part: int, account: str, unit: str) -> Account:
        """Returns the account, empty if it has never been posted to."""
        found = self._accounts.get((part, account, unit))
        return found or Account.empty(part, account, unit)

    def open_lots(self, part: int, member_id: str, unit: str) -> OpenLots:
        """Returns the lots that can be drawn now."""
        return self._open_lots[part, member_id, unit]

    def known(self, key: Row) -> Record | None:
        """Returns what is recorded for (part, member_id, request_id), or None."""
        return self._records.get(key)

    def stamp(self, part: int) -> Stamp:
        """Returns where the next record of the part will stand, and when."""
        head = self._heads[part]
        return Stamp(part, head.last_number + 1, head.last_lot_number + 1, self._now)

    def carry_out(self, record: Record, decision: Decision | None) -> None:
        """Records a command, and puts the state that it leaves in place."""
        if decision is not None:
            self._apply(decision)
        head = self._heads[record.part]
        made = decision.made_lot_count if decision is not None else 0
        self._put(
            self._heads,
            record.part,
            Head(
                part=record.part,
                last_number=record.number,
                last_lot_number=head.last_lot_number + made,
                last_time=self._now,
            ),
        )
        key = (record.part, record.member_id, record.request_id)
        self._put(self._records, key, record)
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
        accounts_before = self._before[2]
        check_books(
            [(accounts_before.get(key), new) for key, new in self._changed(2)],
            [(self._lots_before.get(key), lot) for key, lot in self._lots.items()],
        )

    def changes(self) -> Changes:
        """Returns what has to be written."""
        return Changes(
            heads=[head for _, head in self._changed(0)],
            members=[member for _, member in self._changed(1)],
            accounts=[account for _, account in self._changed(2)],
            lots=list(self._lots.values()),
            records=self._new_records,
        )

    def _apply(self, decision: Decision) -> None:
        if decision.member is not None:
            member = decision.member
            self._put(self._members, (member.part, member.member_id), member)
        for account in decision.accounts:
            key = (account.part, account.account, account.unit)
            self._put(self._accounts, key, account)
        for lot in decision.lots:
            self._put(self._lots, (lot.part, lot.number), lot)
            self._put_open_lot(lot)

    def _put_open_lot(self, lot: Lot) -> None:
        """Keeps the lots that can be drawn in order, if they were read at all."""
        key = (lot.part, lot.member_id, lot.unit)
        known = self._open_lots.get(key)
        if known is None:
            return
        lots = list(known.lots)
        place = bisect_left(lots, _draw_order(lot), key=_draw_order)
        if place < len(lots) and lots[place].number == lot.number:
            del lots[place]
        if lot.remaining and lot.activate_time <= self._now < lot.expire_time:
            lots.insert(place, lot)
        self._put(self._open_lots, key, _without_gap(known, lots, lot))

    def _put(self, mapping: dict[Any, Any], key: Any, value: Any) -> None:
        self._journal.append((mapping, key, mapping.get(key, _ABSENT)))
        mapping[key] = value

    def _changed(self, table: int) -> Iterator[tuple[Any, Any]]:
        before: dict[Any, Any] = self._before[table]
        now: dict[Any, Any] = (self._heads, self._members, self._accounts)[table]
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
