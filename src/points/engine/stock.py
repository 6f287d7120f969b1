"""What a batch has read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from points.domain.claims import Claim, ClaimPlace
from points.domain.closing import Sums
from points.domain.commands import Reads
from points.domain.counters import Counter, CounterKey
from points.domain.documents import Document, DocumentPlace, OwnerPlace
from points.domain.identity import Place
from points.domain.progress import Progress
from points.domain.standings import Standing
from points.domain.state import OpenLots, PoolKey
from points.domain.values import Account, Head, Hold, Lot, Member, Record, Reversal
from points.domain.versions import AppliedProgram, ProgramVersion
from points.engine.wanted import Wanted
from points.store.texts.rows import Row


class Span(NamedTuple):
    """Is the keys of an owner's documents from `start` to `end`, both included."""

    start: str
    end: str

    def covers(self, key: str) -> bool:
        """Says whether a key lies in here."""
        return self.start <= key <= self.end


@dataclass(slots=True, kw_only=True)
class Stock:
    """Is what a batch has read, by key; what does not exist is left out.

    All counters that were asked for are there, but for those whose parts another
    server holds; `counter_parts` are the parts they live in, by the commands' keys,
    and those of the members that others pool into. `pools` are pairs of an earner and
    of whom it pools into, whose accounts were read. `halves` are the places of what
    pools got, with who has it now and what was read of them. `document_keys` are of
    all documents that were read or made, `document_spans` are what is known to have no
    others, by their owners, and `wanted` is all that was asked for. `of_objects` are
    the collections, by plugin and name, of which no member owns documents.
    """

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
    counters: dict[CounterKey, Counter] = field(default_factory=dict)
    counter_parts: dict[Row, set[int]] = field(default_factory=dict)
    expired_lots: dict[Row, tuple[Lot, ...]] = field(default_factory=dict)
    progress: dict[Row, Progress] = field(default_factory=dict)
    versions: Sequence[ProgramVersion] = ()
    programs: dict[Row, AppliedProgram] = field(default_factory=dict)
    standings: dict[Row, Standing] = field(default_factory=dict)
    claims: dict[ClaimPlace, Claim] = field(default_factory=dict)
    documents: dict[DocumentPlace, Document] = field(default_factory=dict)
    document_keys: dict[OwnerPlace, set[str]] = field(default_factory=dict)
    document_spans: dict[OwnerPlace, list[Span]] = field(default_factory=dict)
    wanted: Wanted | None = field(default=None, compare=False)
    pools: set[tuple[PoolKey, PoolKey]] = field(default_factory=set)
    halves: dict[tuple[Place, PoolKey], Reads] = field(default_factory=dict)
    of_objects: frozenset[tuple[str, str]] = frozenset()

    def take_in(self, more: Stock) -> None:
        """Adds what batches do not change, read since; what is here stays."""
        for name in _UNCHANGED:
            here = getattr(self, name)
            for key, value in getattr(more, name).items():
                here.setdefault(key, value)
        self.pools |= more.pools
        self.halves |= more.halves
        for owner, keys in more.document_keys.items():
            self.document_keys.setdefault(owner, set()).update(keys)
        for owner, spans in more.document_spans.items():
            self.document_spans.setdefault(owner, []).extend(spans)
        if self.wanted is not None and more.wanted is not None:
            self.wanted.take_in(more.wanted)


_UNCHANGED: Final = (
    "records",
    "transactions",
    "books",
    "expired_lots",
    "lapsed_holds",
)
"""Names of what is read by key and never written back."""
