"""The documents of a plugin as a command sees and changes them."""

from __future__ import annotations

import builtins
from collections.abc import Iterable, Sequence
from typing import Final, TypeVar

from points.domain.bounds import ID_CHARACTERS_MAX
from points.domain.checks import name_problem, optional_name_problem
from points.domain.documents import (
    LAST_KEY,
    Document,
    DocumentPlace,
    DocumentRange,
    OwnerPlace,
)
from points.domain.refusals import InvalidArgument
from points.engine.plugins.codec import read_document, write_document
from points.engine.plugins.missing import ReadsMissing, look_at
from points.engine.plugins.work import Work
from points.engine.stock import Span
from points.plugin.documents import Collection
from points.plugin.registry import Plugin


T = TypeVar("T")

LIST_MAX: Final = 1_000
"""Most documents of one list."""

DOCUMENTS_READ: Final = 64
"""Documents of an owner and collection that are read at first."""


class CommandState:
    """Is `points.plugin.State` of a call under way."""

    def __init__(self, work: Work) -> None:
        self._work = work
        # Beside each place the collection that it was asked by: kept so that no other
        # one comes to have its identity.
        self._places: dict[tuple[int, str, str], tuple[DocumentPlace, object]] = {}

    def get(self, collection: Collection[T], owner: str, key: str = "") -> T | None:
        """Returns the document, or None."""
        place = self._place(collection, owner, key)
        found = self._find(place)
        return None if found is None else _read(collection, found)

    def expect(
        self, collection: Collection[T], places: Iterable[tuple[str, str]]
    ) -> None:
        """Has all of these documents read together that are not known yet."""
        stand = [self._place(collection, owner, key) for owner, key in places]
        unknown = [DocumentRange.of(each) for each in stand if not self._is_known(each)]
        if unknown:
            self._work.need(ReadsMissing(look_at(*unknown)))

    def put(
        self, collection: Collection[T], owner: str, document: T, key: str = ""
    ) -> None:
        """Keeps the document in place of the one before; raises DocumentTooLarge."""
        place = self._place(collection, owner, key)
        self._work.check_locked(place)
        body = write_document(collection, document)
        self._work.put(Document(*place, collection.version, body))

    def delete(self, collection: Collection[T], owner: str, key: str = "") -> None:
        """Removes the document, if it is there."""
        place = self._place(collection, owner, key)
        self._work.check_locked(place)
        self._work.put(Document.gone(place))

    def list(
        self,
        collection: Collection[T],
        owner: str,
        *,
        after: str = "",
        limit: int = 100,
    ) -> Sequence[tuple[str, T]]:
        """Returns an owner's documents with their keys, behind a key."""
        most = min(limit, LIST_MAX)
        place = self._place(collection, owner, "")[:4]
        found = self._behind(place, after, most)
        return [(each.key, _read(collection, each)) for each in found[:most]]

    def scan(
        self, collection: Collection[T], *, after: str = "", limit: int = 100
    ) -> Sequence[tuple[str, str, T]]:
        """Raises TypeError: a command locks no more than its own parts."""
        del collection, after, limit
        raise TypeError("only queries scan")

    def _place(self, collection: Collection[T], owner: str, key: str) -> DocumentPlace:
        """Returns where a document stands; raises ValueError for what is no place."""
        work, asked = self._work, (id(collection), owner, key)
        work.check_open()
        known = self._places.get(asked)
        if known is None:
            check_place(work.plugin, collection, owner, key, known=work.member_id)
            part = work.part_of(collection.owner, owner)
            place = (part, work.plugin.name, collection.name, owner, key)
            known = self._places[asked] = place, collection
        return known[0]

    def _find(self, place: DocumentPlace) -> Document | None:
        found = self._here(place)
        if found is not None:
            return None if found.is_gone else found
        if self._is_covered(place):
            return None
        return self._work.need(ReadsMissing(look_at(DocumentRange.of(place))))

    def _here(self, place: DocumentPlace) -> Document | None:
        own = self._work.changed.documents.get(place)
        return own or self._work.workspace.stock.documents.get(place)

    def _is_covered(self, place: DocumentPlace) -> bool:
        """Says whether a document would be here if there were one."""
        return any(span.covers(place[4]) for span in self._spans(place[:4]))

    def _is_known(self, place: DocumentPlace) -> bool:
        return self._here(place) is not None or self._is_covered(place)

    def _behind(
        self, place: OwnerPlace, after: str, limit: int
    ) -> builtins.list[Document]:
        """Returns the documents behind a key, as many as are wanted at least."""
        known = self._known(place)
        for span in self._spans(place):
            keys = sorted(key for key in known if key > after and span.covers(key))
            left = [known[key] for key in keys if not known[key].is_gone]
            if span.start <= after and (span.end == LAST_KEY or len(left) >= limit):
                return left
        gone = sum(each.is_gone for each in known.values())
        more = DocumentRange(*place, after, limit=limit + gone + DOCUMENTS_READ)
        return self._work.need(ReadsMissing(look_at(more)))

    def _known(self, place: OwnerPlace) -> dict[str, Document]:
        """Returns all that is known of an owner's documents, by key."""
        stock, own = self._work.workspace.stock, self._work.changed.documents
        places = [(*place, key) for key in stock.document_keys.get(place, ())]
        found = {p[4]: stock.documents[p] for p in places if p in stock.documents}
        return found | {p[4]: one for p, one in own.items() if p[:4] == place}

    def _spans(self, place: OwnerPlace) -> Sequence[Span]:
        return self._work.workspace.stock.document_spans.get(place, ())


def check_place(
    plugin: Plugin, collection: Collection[T], owner: str, key: str, *, known: str = ""
) -> None:
    """Raises ValueError for a collection that is not declared.

    And InvalidArgument for an owner or key that cannot be: they come from callers. The
    id of a member that is `known` was looked at before.
    """
    declared = plugin.kept.get(collection.name)
    if declared is not collection and declared != collection:
        raise ValueError(f"collection {collection.name!r} is not declared")
    problem = None if known and owner == known else name_problem(owner)
    if problem:
        raise InvalidArgument({"owner": problem})
    problem = optional_name_problem(key, ID_CHARACTERS_MAX) if key != "" else None
    if problem:
        raise InvalidArgument({"key": problem})


def _read(collection: Collection[T], document: Document) -> T:
    return read_document(collection, document.version, document.body)
