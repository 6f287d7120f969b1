"""The state of one batch in memory, with an undo journal.

Values are frozen: a change puts a new value in the place of the old one and
remembers the old one, so that everything since a mark can be taken back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import compress
from operator import is_not
from typing import Any, Final

from points.domain.books import check_books, check_counters
from points.domain.program import Program
from points.domain.state import Decision
from points.domain.values import Erasure, Head, Lot, Record
from points.engine.jobs import Routed
from points.engine.runs import Front, Several
from points.engine.stock import Stock
from points.engine.view import KEY, View, spread
from points.store.texts.rows import Row
from points.store.writing.batch import Changes


_ABSENT: Final = object()
_FIRST_RARE: Final = Decision._fields.index("reversal")
_NOTHING_RARE: Final = tuple(
    Decision._field_defaults[name] for name in Decision._fields[_FIRST_RARE:]
)


class Workspace(View):
    """Is what the commands of a batch see and change, one after the other.

    `read_now` reads what a plugin turns out to ask for, and `program_of` tells older
    versions of the program. `lost` is what a read on demand was ended by: the batch is
    over with it, whatever a plugin makes of that. `asked` and `read` count by call of a
    plugin how often it had to begin again for that, and how often not, for the job
    under way: being undone takes nothing from them.
    """

    def __init__(
        self, stock: Stock, *, now: int, part_count: int, program: Program
    ) -> None:
        super().__init__(stock, now=now, part_count=part_count, program=program)
        self.read_now: Callable[[Routed], bool] = _cannot_read
        self.program_of: Callable[[int], Program | None] = _knows_none
        self.lost: Exception | None = None
        self.asked: Counter[Hashable] = Counter()
        self.read: Counter[Hashable] = Counter()
        self._journal: list[tuple[Any, Any, Any]] = []
        self._job_start = 0

    def take_in(self, more: Stock) -> None:
        """Adds what was read since, but for what is here already, as it is now."""
        spread(more)
        for name in self._before:
            here, before = getattr(self._stock, name), self._before[name]
            for key, value in getattr(more, name).items():
                if key not in here:
                    here[key] = before[key] = value
        self._stock.take_in(more)
        for key, found in more.open_lots.items():
            if key not in self._stock.open_lots:
                self._stock.open_lots[key] = found
                self._catch_up(key)
        for standing in more.standings.values():
            self._ladders.setdefault(standing[:2], set()).add(standing.ladder)
        is_due = any(hold.has_lapsed(self.now) for hold in more.holds.values())
        self._may_lapse = self._may_lapse or is_due

    def end_reading(self) -> None:
        """Lets go of what reads on demand, which in turn holds the workspace.

        A batch in a ring would lie about until the garbage collector looks for it:
        a tenth of the time of a busy server.
        """
        self.read_now = _cannot_read

    def carry_out(self, record: Record, decision: Decision | None) -> None:
        """Records a command, and puts the state that it leaves in place."""
        head = self._stock.heads[record.part]
        made_lots = made_holds = closed_time = program_version = 0
        if decision is not None:
            self._apply(decision)
            made_lots, made_holds = decision.made_lot_count, decision.made_hold_count
            closed_time = decision.closed_time
            program_version = decision.program_version
        new_head = Head(
            head.part,
            record.number,
            head.last_lot_number + made_lots,
            self.now,
            head.last_hold_number + made_holds,
            max(head.closed_time, closed_time),
            max(head.program_version, program_version),
            head.chain,
        )
        self._put(self._stock.heads, record.part, new_head)
        key = (record.part, record.member_id, record.request_id)
        self._put(self._stock.records, key, record)
        self._new_records.append(record)

    def mark(self) -> tuple[int, int]:
        """Returns a mark to come back to."""
        return len(self._journal), len(self._new_records)

    def begin_job(self) -> tuple[int, int]:
        """Returns a mark to come back to, and keeps it as where a job begins."""
        mark = self.mark()
        self._job_start = mark[1]
        return mark

    def is_fresh(self, members: Iterable[str]) -> bool:
        """Says whether the job under way has recorded nothing of these members yet."""
        touched = {record.member_id for record in self._new_records[self._job_start :]}
        return touched.isdisjoint(members)

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
        accounts = self._before["accounts"]
        check_books(
            [(accounts.get(key), new) for key, new in self._changed("accounts")],
            self._lot_changes(),
        )
        check_counters([counter for _, counter in self._changed("counters")])

    def changes(self) -> Changes:
        """Returns what has to be written."""
        changed = {
            name: [value for _, value in self._changed(name)]
            for name in self._before
            if name not in ("lots", "documents")
        }
        documents = [document for _, document in self._changed("documents")]
        erased = [
            (record.part, record.member_id)
            for record in self._new_records
            if isinstance(record.result, Erasure)
        ]
        lots = self._lot_changes()
        return Changes(
            records=self._new_records,
            erased=erased,
            documents=[each for each in documents if not each.is_gone],
            gone_documents=[each.place() for each in documents if each.is_gone],
            lots=[lot for old, lot in lots if old is None],
            changed_lots=[(old, lot) for old, lot in lots if old is not None],
            **changed,
        )

    def _apply(self, decision: Decision) -> None:
        stock = self._stock
        if decision.member is not None:
            member = decision.member
            self._put(stock.members, (member.part, member.member_id), member)
        for account in decision.accounts:
            self._put(stock.accounts, account[:3], account)
        if decision.lots:
            self._put_lots(decision.lots)
            for lot in decision.lots[self._take_front(decision.lots) :]:
                self._put_open_lot(lot)
        for hold in decision.holds:
            self._put(stock.holds, hold[:2], hold)
        if decision[_FIRST_RARE:] != _NOTHING_RARE:
            self._apply_rare(decision)

    def _apply_rare(self, decision: Decision) -> None:
        """Puts in place what few commands change."""
        stock = self._stock
        if decision.progress is not None:
            self._put(stock.progress, decision.progress[:2], decision.progress)
        for standing in decision.standings:
            self._put(stock.standings, standing[:3], standing)
            self._ladders.setdefault(standing[:2], set()).add(standing.ladder)
        for claim in decision.claims:
            self._put(stock.claims, claim.place(), claim)
        if decision.reversal is not None:
            self._put(stock.reversals, decision.reversal[:2], decision.reversal)
        if decision.program is not None:
            self._put(stock.programs, decision.program[:2], decision.program)
        for document in decision.documents:
            self._put(stock.documents, document.place(), document)
            # Kept if it is undone: what is not there is not shown.
            stock.document_keys.setdefault(document[:4], set()).add(document.key)
        for move in decision.counters:
            counter = self.counter(*move.key())
            self._put(stock.counters, move.key(), counter.moved(move))

    def _put_lots(self, lots: Sequence[Lot]) -> None:
        """Puts lots in place, in one go: a burn may draw many."""
        here: dict[Any, Lot] = self._stock.lots
        keys = list(map(KEY, lots))
        self._journal.append((Several(here), keys, list(map(here.get, keys))))
        here.update(zip(keys, lots, strict=True))

    def _take_front(self, lots: Sequence[Lot]) -> int:
        """Takes out the lots that were drawn empty from the front, and counts them."""
        run = self._run((lots[0].part, *lots[0][2:4]))
        count = run.in_front(lots) if run else 0
        if run and count:
            self._journal.append((Front(run), None, run.take_front(count)))
        return count

    def _put_open_lot(self, lot: Lot) -> None:
        """Keeps the lots that can be drawn in order, if they were read at all."""
        run = self._run((lot.part, lot.member_id, lot.unit))
        if run is None:
            return
        if self._is_usable(lot) and run.reaches(lot):
            self._put(run, lot.number, lot)
        elif (old := run.get(lot.number, None)) is not None:
            self._journal.append((run, lot.number, old))
            del run[lot.number]

    def _catch_up(self, key: Row) -> None:
        """Brings a run that was read late to where its lots are by now."""
        run = self._run(key)
        assert run is not None
        name = key[1]
        # Of all lots of the batch few are the member's: asked for that alone first.
        for lot in [lot for lot in self._stock.lots.values() if lot.member_id == name]:
            if (lot.part, lot.member_id, lot.unit) == key:
                is_usable = self._is_usable(lot) and run.reaches(lot)
                if is_usable:
                    run[lot.number] = lot
                elif run.get(lot.number, None) is not None:
                    del run[lot.number]

    def _put(self, mapping: Any, key: Any, value: Any) -> None:
        self._journal.append((mapping, key, mapping.get(key, _ABSENT)))
        mapping[key] = value

    def _lot_changes(self) -> list[tuple[Lot | None, Lot]]:
        """Returns the lots that have changed, as they were (None if new) and are."""
        return _pairs(self._before["lots"], self._stock.lots)

    def _changed(self, name: str) -> Iterator[tuple[Any, Any]]:
        before, now = self._before[name], getattr(self._stock, name)
        is_new = map(is_not, map(before.get, now), now.values())
        return compress(now.items(), is_new)


def _pairs(before: Mapping[Any, Lot], now: Mapping[Any, Lot]) -> list[Any]:
    """Returns what has changed, as it was (None if new) and is.

    In one go: a batch may have read thousands.
    """
    olds, news = list(map(before.get, now)), list(now.values())
    pairs = zip(olds, news, strict=True)
    return list(compress(pairs, map(is_not, olds, news)))


def _knows_none(_: int) -> Program | None:
    return None


def _cannot_read(_: Routed) -> bool:
    return False
