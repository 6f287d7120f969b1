"""Documents of plugins as rows, and beside the writer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Integer, Text, bindparam, select

from points.domain.documents import Document, DocumentRange, OwnerPlace
from points.store.fetcher import Fetcher
from points.store.schema import document


def document_of(row: Sequence[Any]) -> Document:
    """Returns the document in a row."""
    return Document(*row)


def documents_by_range(
    ranges: Iterable[DocumentRange], rows: Iterable[Sequence[Any]]
) -> dict[DocumentRange, list[Document]]:
    """Returns what was found of each range, in the order of the keys.

    Ranges of one owner may overlap: each gets all that is its own.
    """
    found: defaultdict[OwnerPlace, dict[str, Document]] = defaultdict(dict)
    for each in map(document_of, rows):
        found[each[:4]][each.key] = each
    return {wanted: _within(wanted, found[wanted.owner_place()]) for wanted in ranges}


def _within(wanted: DocumentRange, found: dict[str, Document]) -> list[Document]:
    keys = sorted(key for key in found if wanted.start <= key <= wanted.end)
    return [found[key] for key in keys[: wanted.limit]]


_OF_OWNER: Final = (
    select(document)
    .where(
        document.c.part == bindparam("part", type_=Integer),
        document.c.plugin == bindparam("plugin", type_=Text),
        document.c.collection == bindparam("collection", type_=Text),
        document.c.owner == bindparam("owner", type_=Text),
    )
    .order_by(document.c.key)
)
_ONE: Final = _OF_OWNER.where(document.c.key == bindparam("key", type_=Text))
_BEHIND: Final = _OF_OWNER.where(document.c.key > bindparam("after", type_=Text)).limit(
    bindparam("limit")
)
_OWNERS: Final = (
    select(document.c.owner)
    .where(
        document.c.plugin == bindparam("plugin", type_=Text),
        document.c.collection == bindparam("collection", type_=Text),
        document.c.owner > bindparam("after", type_=Text),
    )
    .distinct()
    .order_by(document.c.owner)
    .limit(bindparam("limit"))
)


class DocumentReads(Fetcher):
    """Reads documents of plugins."""

    def document(self, place: OwnerPlace, key: str) -> Document | None:
        """Returns the document of an owner with a key, or None."""
        row = self._one(_ONE, **_named(place), key=key)
        return document_of(row) if row else None

    def documents(self, place: OwnerPlace, *, after: str, limit: int) -> list[Document]:
        """Returns an owner's documents behind a key, in the order of their keys."""
        rows = self._all(_BEHIND, **_named(place), after=after, limit=limit)
        return [document_of(row) for row in rows]

    def all_documents(self, place: OwnerPlace) -> list[Document]:
        """Returns all documents of an owner, in the order of their keys."""
        return [document_of(row) for row in self._all(_OF_OWNER, **_named(place))]

    def owners_of_collection(
        self, plugin: str, collection: str, *, after: str, limit: int
    ) -> list[str]:
        """Returns the owners behind one who have documents, in their order."""
        names = {"plugin": plugin, "collection": collection}
        rows = self._all(_OWNERS, **names, after=after, limit=limit)
        return [owner for (owner,) in rows]


def _named(place: OwnerPlace) -> dict[str, Any]:
    names = ("part", "plugin", "collection", "owner")
    return dict(zip(names, place, strict=True))
