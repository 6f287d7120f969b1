"""How far subscribers have come, kept beside the records: bookkeeping, no truth."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from points.domain.documents import Document, DocumentPlace, DocumentRange
from points.store.databases.backend import Backend
from points.store.writing.batch import Changes, open_batch


Decide = Callable[[Document | None], Sequence[Document]]
"""Returns what to write, given what is kept; nothing to leave all as it is."""


def keep(backend: Backend, place: DocumentPlace, decide: Decide) -> bool:
    """Changes a document, and others with it, in one transaction; says if it did.

    Its part is locked: two servers never change it at once. Raises StoreLost.
    """
    with open_batch(backend) as batch:
        batch.lock([place[0]], wait=True)
        wanted = DocumentRange.of(place)
        found = batch.documents([wanted])()[wanted]
        documents = decide(found[0] if found else None)
        if documents:
            batch.write(
                Changes(
                    heads=(),
                    members=(),
                    accounts=(),
                    lots=(),
                    records=(),
                    documents=documents,
                )
            )
    return bool(documents)
