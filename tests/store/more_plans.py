"""More statements whose plans are looked at: accounts, counters, documents, closes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from points.domain.bounds import NEVER
from points.domain.documents import DocumentRange, OwnerPlace
from points.store.reads.reader import Snapshot
from points.store.writing.batch import Batch
from tests.clock import NOON


STAMPS: Final[OwnerPlace] = (5, "stamps", "card", "m1")

READS: Final[dict[str, Callable[[Snapshot], object]]] = {
    "account": lambda s: s.account(5, "member:ada", "points"),
    "counters": lambda s: s.counters([(5, "budget:words", 0)]),
    "document": lambda s: s.document(STAMPS, "k"),
    "documents": lambda s: s.documents(STAMPS, after="", limit=50),
    "all documents": lambda s: s.all_documents(STAMPS),
    "count of documents": lambda s: s.document_count("stamps", part_count=8),
    "what was given up": lambda s: s.given_up_counts("stamps", part_count=8),
    "documents of a plugin": lambda s: s.documents_of_plugin(
        "stamps", part_count=8, limit=500
    ),
    "owners": lambda s: s.owners_of_collection("stamps", "card", after="m1", limit=50),
    "standings near an end": lambda s: s.climbers_near_an_end(
        "status", now=NOON, until=NEVER, after=(5, "m1"), limit=50
    ),
}

WRITES: Final[dict[str, Callable[[Batch], object]]] = {
    "documents": lambda b: b.documents([DocumentRange(*STAMPS, limit=9)]),
    "documents of an owner": lambda b: b.documents_of([(5, "m1")]),
    "sums of a close": lambda b: b.closing_sums([(5, NOON)]),
}
