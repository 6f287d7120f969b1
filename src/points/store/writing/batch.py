"""One database transaction of the writer: lock, read, write, commit.

Whatever the number of commands, a batch is at most seventy-one statements: three
locks, forty-eight reads, nineteen writes and the commit; those that nothing needs are
left out, so that earns alone take nine. Closing the books takes a few more for each
part, and so does a pool that was merged away before it gives points back.

A database that is far away is waited for once for each lock, once for each round of
reads, and once for all writes together with the commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Table

from points.domain.claims import Claim
from points.domain.counters import Counter
from points.domain.documents import Document, DocumentPlace
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
)
from points.domain.versions import AppliedProgram
from points.store import schema
from points.store.databases.backend import Backend
from points.store.databases.session import open_session
from points.store.databases.translating import translated
from points.store.texts.claims import claim_row
from points.store.texts.rows import (
    Row,
    head_of,
    hold_row,
    member_row,
    program_row,
    progress_row,
    reversal_row,
)
from points.store.texts.standings import standing_row
from points.store.writing.asking import Asking
from points.store.writing.chain import chained
from points.store.writing.lot_moves import COUNTS, LotWrites, lot_writes


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


class Batch(Asking):
    """Reads and writes within one database transaction.

    Every method raises StoreLost if the same batch may succeed later, and
    StoreRejected if some row can never be stored; what is asked for may raise it late.
    """

    def lock(self, parts: Iterable[int], *, wait: bool) -> dict[int, Head]:
        """Locks the heads of these parts until the end of the batch.

        Without `wait`, parts that another server process is writing to are
        missing from the answer.
        """
        wanted = sorted(parts)
        rows = self._backend.lock_heads(self._session, wanted, wait=wait)
        return {row[0]: head_of(row) for row in rows}

    def write(self, changes: Changes) -> None:
        """Writes everything that has changed, a statement per table and kind of it.

        Lots go first: a database that is not waited for is at them, which takes it
        longest, while the rest is made here.
        """
        self._move(lot_writes(changes.lots, changes.changed_lots))
        for table, rows in _saved(changes).items():
            self.restore(table, rows)
        heads, records = chained(changes.heads, changes.records)
        self.restore(schema.head, heads)
        if records:
            self._backend.insert(self._session, schema.record, records)
        if changes.gone_documents:
            self._backend.delete_documents(self._session, changes.gone_documents)
        if changes.erased:
            self._backend.erase(self._session, changes.erased)

    def restore(self, table: Table, rows: Sequence[Row]) -> None:
        """Writes whole rows, such as those of an import."""
        if rows:
            self._backend.save(self._session, table, rows)

    def _move(self, lots: LotWrites) -> None:
        self.restore(schema.lot, lots.rows)
        if lots.counts:
            self._backend.update(self._session, schema.lot, COUNTS, lots.counts)
        for assignments, keys in lots.keys.items():
            if keys:
                self._backend.assign(self._session, schema.lot, assignments, keys)


def _saved(changes: Changes) -> Mapping[Table, Sequence[Row]]:
    """Returns the rows to write of what is written whole; heads, lots, records not."""
    return {
        schema.member: [member_row(member) for member in changes.members],
        schema.account: changes.accounts,
        schema.hold: [hold_row(hold) for hold in changes.holds],
        schema.reversal: list(map(reversal_row, changes.reversals)),
        schema.progress: [progress_row(each) for each in changes.progress],
        schema.program_version: list(map(program_row, changes.programs)),
        schema.counter: changes.counters,
        schema.standing: [standing_row(each) for each in changes.standings],
        schema.claim: [claim_row(each) for each in changes.claims],
        schema.document: changes.documents,
    }


@contextmanager
def open_batch(
    backend: Backend, check: Callable[[], None] | None = None
) -> Iterator[Batch]:
    """Opens a batch that is committed at the end of the block, undone if it raises.

    `check` is asked before each statement: what it raises ends the batch as well.

    Raises StoreLost, StoreRejected, or CommitUnknown if the connection broke
    while committing.
    """
    with translated(backend), open_session(backend, check) as session:
        yield Batch(backend, session)
