"""One database transaction of the writer: lock, read, write, commit.

Whatever the number of commands, a batch is at most forty-nine statements: three
locks, twenty-six reads, nineteen writes and the commit; those that nothing needs are
left out, so that earns alone take nine. Closing the books takes a few more for each
part, and so does a pool that was merged away before it gives points back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Table

from points.domain.claims import Claim, ClaimPlace
from points.domain.closing import Sums
from points.domain.counters import Counter
from points.domain.documents import Document, DocumentPlace, DocumentRange
from points.domain.identity import Place
from points.domain.lots import DRAW_ORDER
from points.domain.progress import Progress
from points.domain.standings import Standing
from points.domain.values import (
    Account,
    Head,
    Hold,
    Lot,
    Member,
    Record,
    Reversal,
    Transaction,
)
from points.domain.versions import PROGRAM_PART, AppliedProgram
from points.store import schema
from points.store.databases.backend import Backend, Keyed
from points.store.databases.session import Session
from points.store.databases.translating import translated
from points.store.errors import CommitUnknown
from points.store.reads.plugin_documents import collections_of, documents_by_range
from points.store.texts.claims import claim_of, claim_row
from points.store.texts.rows import (
    Row,
    account_of,
    counter_of,
    head_of,
    hold_of,
    hold_row,
    lot_of,
    lots_of,
    member_of,
    member_row,
    program_of,
    program_row,
    progress_of,
    progress_row,
    record_of,
    reversal_of,
    reversal_row,
)
from points.store.texts.standings import standing_of, standing_row
from points.store.writing.chain import chained
from points.store.writing.closing import closing_sums
from points.store.writing.lot_moves import COUNTS, LotWrites, lot_writes


_MEMBERS: Final = Keyed(schema.member, ("part", "member_id"))
_ACCOUNTS: Final = Keyed(schema.account, ("part", "account", "unit"))
_LOTS: Final = Keyed(schema.lot, ("part", "number"))
_LOTS_FROM: Final = Keyed(
    schema.lot,
    ("part", "member_id", "is_drawn", "unit", "origin"),
    index="lot_draw_order",
)
_HOLDS: Final = Keyed(schema.hold, ("part", "number"))
_COUNTERS: Final = Keyed(schema.counter, ("part", "name", "start_time"))
_CLAIMS: Final = Keyed(schema.claim, ("part", "number", "position"))
_REVERSALS: Final = Keyed(schema.reversal, ("part", "number"))
_PROGRESS: Final = Keyed(schema.progress, ("part", "member_id"))
_STANDINGS: Final = Keyed(schema.standing, ("part", "member_id"))
_ACCOUNTS_OF: Final = Keyed(schema.account, ("part", "account"))
_RECORDS: Final = Keyed(schema.record, ("part", "number"))
_PROGRAMS: Final = Keyed(schema.program_version, ("part", "version"))
_ALL: Final = 2**31 - 1
_OUTCOMES: Final = Keyed(schema.record, ("part", "member_id", "request_id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Is the state that a batch leaves behind, only what has changed.

    `lots` are new, `changed_lots` were there before: each as it was and as it is.
    `erased` are (part, member_id) of members whose records lose what is personal,
    those of the same batch included.
    """

    heads: Sequence[Head]
    members: Sequence[Member]
    accounts: Sequence[Account]
    lots: Sequence[Lot]
    records: Sequence[Record]
    holds: Sequence[Hold] = ()
    reversals: Sequence[Reversal] = ()
    progress: Sequence[Progress] = ()
    counters: Sequence[Counter] = ()
    standings: Sequence[Standing] = ()
    erased: Sequence[Row] = ()
    programs: Sequence[AppliedProgram] = ()
    changed_lots: Sequence[tuple[Lot, Lot]] = ()
    claims: Sequence[Claim] = ()
    documents: Sequence[Document] = ()
    gone_documents: Sequence[DocumentPlace] = ()


class Batch:
    """Reads and writes within one database transaction.

    Every method raises StoreLost if the same batch may succeed later, and
    StoreRejected if some row can never be stored.
    """

    def __init__(self, backend: Backend, session: Session) -> None:
        self._backend = backend
        self._session = session

    def lock(self, parts: Iterable[int], *, wait: bool) -> dict[int, Head]:
        """Locks the heads of these parts until the end of the batch.

        Without `wait`, parts that another server process is writing to are
        missing from the answer.
        """
        wanted = sorted(parts)
        rows = self._backend.lock_heads(self._session, wanted, wait=wait)
        return {row[0]: head_of(row) for row in rows}

    def records(self, keys: Iterable[Row]) -> dict[Row, Record]:
        """Returns what is recorded for each (part, member_id, request_id)."""
        found = map(record_of, self._fetch(_OUTCOMES, keys))
        return {(r.part, r.member_id, r.request_id): r for r in found}

    def members(self, keys: Iterable[Row]) -> dict[Row, Member]:
        """Returns the members that exist among (part, member_id)."""
        found = map(member_of, self._fetch(_MEMBERS, keys))
        return {(member.part, member.member_id): member for member in found}

    def accounts(self, keys: Iterable[Row]) -> dict[Row, Account]:
        """Returns the accounts that exist among (part, account, unit)."""
        found = map(account_of, self._fetch(_ACCOUNTS, keys))
        return {(a.part, a.account, a.unit): a for a in found}

    def accounts_of(self, keys: Iterable[Row]) -> dict[Row, Account]:
        """Returns the accounts of each (part, account), in all units."""
        found = map(account_of, self._fetch(_ACCOUNTS_OF, keys))
        return {(a.part, a.account, a.unit): a for a in found}

    def undrawn_lots(self, keys: Iterable[Row], *, limit: int) -> dict[Place, Lot]:
        """Returns the first `limit` lots with points left of each (part, member_id)."""
        wanted = list(keys)
        if not wanted:
            return {}
        rows = self._backend.fetch_undrawn_lots(self._session, wanted, limit=limit)
        return {lot.place(): lot for lot in map(lot_of, rows)}

    def open_holds(self, keys: Iterable[Row]) -> dict[Place, Hold]:
        """Returns the holds of each (part, member_id) that are open or unsettled."""
        wanted = list(keys)
        if not wanted:
            return {}
        rows = self._backend.fetch_open_holds(self._session, wanted)
        return {hold.place(): hold for hold in map(hold_of, rows)}

    def lots(self, places: Iterable[Place]) -> dict[Place, Lot]:
        """Returns the lots that exist among these places."""
        return {lot.place(): lot for lot in map(lot_of, self._fetch(_LOTS, places))}

    def lots_from(self, origins: Iterable[Row]) -> list[Lot]:
        """Returns the lots that came of others: (part, member_id, unit, lot id).

        Looks through all lots of the member in the unit: for what is seldom asked.
        """
        wanted = list(origins)
        keys = [(*key[:2], drawn, *key[2:]) for key in wanted for drawn in (0, 1)]
        return [lot_of(row) for row in self._fetch(_LOTS_FROM, keys)]

    def holds(self, places: Iterable[Place]) -> dict[Place, Hold]:
        """Returns the holds that exist among these places."""
        found = map(hold_of, self._fetch(_HOLDS, places))
        return {hold.place(): hold for hold in found}

    def lapsed_holds(
        self, keys: Iterable[Row], *, now: int
    ) -> dict[Row, tuple[Hold, ...]]:
        """Returns the holds of each (part, member_id, unit) that lapsed unsettled."""
        wanted = list(keys)
        if not wanted:
            return {}
        rows = self._backend.fetch_lapsed_holds(self._session, wanted, now=now)
        found: dict[Row, tuple[Hold, ...]] = dict.fromkeys(wanted, ())
        for hold in sorted(map(hold_of, rows), key=lambda h: (h.lapse_time, h.number)):
            found[hold.part, hold.member_id, hold.unit] += (hold,)
        return found

    def expired_lots(
        self, keys: Iterable[Row], *, now: int
    ) -> dict[Row, tuple[Lot, ...]]:
        """Returns what each (part, member_id, unit) has in lots that have expired."""
        wanted = list(keys)
        found: dict[Row, tuple[Lot, ...]] = {}
        if wanted:
            rows = self._backend.fetch_expired_lots(self._session, wanted, now=now)
            for lot in map(lot_of, rows):
                key = (lot.part, lot.member_id, lot.unit)
                found[key] = (*found.get(key, ()), lot)
        return found

    def transactions(self, places: Iterable[Place]) -> dict[Place, Record]:
        """Returns the records of transactions that exist among these places."""
        found = map(record_of, self._fetch(_RECORDS, places))
        return {r.place(): r for r in found if isinstance(r.result, Transaction)}

    def reversals(self, places: Iterable[Place]) -> dict[Place, Reversal]:
        """Returns what has been reversed of the transactions at these places."""
        found = map(reversal_of, self._fetch(_REVERSALS, places))
        return {Place(r.part, r.number): r for r in found}

    def progress(self, keys: Iterable[Row]) -> dict[Row, Progress]:
        """Returns the progress that there is among (part, member_id)."""
        found = map(progress_of, self._fetch(_PROGRESS, keys))
        return {(each.part, each.member_id): each for each in found}

    def programs(self, versions: Iterable[int]) -> list[AppliedProgram]:
        """Returns the versions of the program that exist among these, in order."""
        keys = [(PROGRAM_PART, version) for version in versions]
        return sorted(map(program_of, self._fetch(_PROGRAMS, keys)))

    def counters(self, keys: Iterable[Row]) -> dict[Row, Counter]:
        """Returns the counters that exist among (part, name, start_time)."""
        found = map(counter_of, self._fetch(_COUNTERS, keys))
        return {counter[:3]: counter for counter in found}

    def open_claims(
        self, keys: Iterable[Row], *, now: int, limit: int
    ) -> dict[ClaimPlace, Claim]:
        """Returns the claims of each (part, member_id) that can be collected at `now`.

        And those that have lapsed and may give their budget something back; the first
        `limit` of each member.
        """
        wanted = list(keys)
        if not wanted:
            return {}
        rows = self._backend.fetch_open_claims(
            self._session, wanted, now=now, limit=limit
        )
        return {claim.place(): claim for claim in map(claim_of, rows)}

    def claims(self, places: Iterable[ClaimPlace]) -> dict[ClaimPlace, Claim]:
        """Returns the claims that exist among these places."""
        found = map(claim_of, self._fetch(_CLAIMS, places))
        return {claim.place(): claim for claim in found}

    def standings(self, keys: Iterable[Row]) -> dict[Row, Standing]:
        """Returns the standings of each (part, member_id), on all ladders."""
        found = map(standing_of, self._fetch(_STANDINGS, keys))
        return {each[:3]: each for each in found}

    def documents(
        self, ranges: Iterable[DocumentRange]
    ) -> dict[DocumentRange, list[Document]]:
        """Returns the documents of each range in the order of their keys."""
        wanted = list(ranges)
        if not wanted:
            return {}
        most = max(each.limit for each in wanted)
        spans = [each[:6] for each in wanted]
        rows = self._backend.fetch_documents(self._session, spans, limit=most)
        return documents_by_range(wanted, rows)

    def documents_of(self, keys: Iterable[Row]) -> list[Document]:
        """Returns all documents of each owner (part, name), whatever plugin's.

        A statement for each, and one for all: members are erased seldom.
        """
        wanted = [
            DocumentRange(part, *kind, owner, limit=_ALL)
            for part, owner in keys
            for kind in collections_of(self._session, part)
        ]
        return [each for found in self.documents(wanted).values() for each in found]

    def closing_sums(self, keys: Iterable[tuple[int, int]]) -> dict[Row, Sums]:
        """Returns what stood on the accounts of each (part, until_time).

        The parts are locked. A few statements for each: books are closed seldom.
        """
        return {key: closing_sums(self._session, *key) for key in keys}

    def open_lots(
        self, keys: Iterable[Row], *, now: int, limit: int
    ) -> dict[Row, list[Lot]]:
        """Returns the first `limit` usable lots of each (part, member_id, unit)."""
        wanted = list(keys)
        if not wanted:
            return {}
        found = self._backend.fetch_open_lots(
            self._session, wanted, now=now, limit=limit
        )
        lots = {
            key: lots_of(key, told) for key, told in zip(wanted, found, strict=True)
        }
        for run in lots.values():
            run.sort(key=DRAW_ORDER)
        return lots

    def write(self, changes: Changes) -> None:
        """Writes everything that has changed, a statement per table and kind of it."""
        lots = lot_writes(changes.lots, changes.changed_lots)
        heads, records = chained(changes.heads, changes.records)
        saved: Mapping[Table, Sequence[Row]] = {
            schema.head: heads,
            schema.member: [member_row(member) for member in changes.members],
            schema.account: changes.accounts,
            schema.lot: lots.rows,
            schema.hold: [hold_row(hold) for hold in changes.holds],
            schema.reversal: list(map(reversal_row, changes.reversals)),
            schema.progress: [progress_row(each) for each in changes.progress],
            schema.program_version: list(map(program_row, changes.programs)),
            schema.counter: changes.counters,
            schema.standing: [standing_row(each) for each in changes.standings],
            schema.claim: [claim_row(each) for each in changes.claims],
            schema.document: changes.documents,
        }
        for table, rows in saved.items():
            if rows:
                self._backend.save(self._session, table, rows)
        self._move(lots)
        if records:
            self._backend.insert(self._session, schema.record, records)
        if changes.gone_documents:
            self._backend.delete_documents(self._session, changes.gone_documents)
        if changes.erased:
            self._backend.erase(self._session, changes.erased)

    def restore(self, table: Table, rows: Sequence[Row]) -> None:
        """Writes whole rows as they once were: for an import."""
        if rows:
            self._backend.save(self._session, table, rows)

    def _move(self, lots: LotWrites) -> None:
        if lots.counts:
            self._backend.update(self._session, schema.lot, COUNTS, lots.counts)
        for assignments, keys in lots.keys.items():
            if keys:
                self._backend.assign(self._session, schema.lot, assignments, keys)

    def _fetch(self, keyed: Keyed, keys: Iterable[Row]) -> Sequence[Row]:
        wanted = list(keys)
        if not wanted:
            return ()
        return self._backend.fetch(self._session, keyed, wanted)


@contextmanager
def open_batch(
    backend: Backend, check: Callable[[], None] | None = None
) -> Iterator[Batch]:
    """Opens a batch that is committed at the end of the block, undone if it raises.

    `check` is asked before each statement: what it raises ends the batch as well.

    Raises StoreLost, StoreRejected, or CommitUnknown if the connection broke
    while committing.
    """
    with translated(backend):
        session = Session(backend, check)
        try:
            yield Batch(backend, session)
        except BaseException:
            session.undo()
            raise
        try:
            session.commit()
        except backend.driver_error as error:
            if not backend.lost(error):
                raise
            raise CommitUnknown(str(error)) from error
