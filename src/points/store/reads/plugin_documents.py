"""Documents of plugins as rows, and beside the writer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Integer, Text, and_, bindparam, func, or_, select

from points.domain.documents import Document, DocumentPlace, DocumentRange, OwnerPlace
from points.store.databases.session import Session
from points.store.reads.fetcher import Fetcher
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
    found: dict[OwnerPlace, dict[str, Document]] = {}
    for row in rows:
        each = Document(*row)
        found.setdefault(each[:4], {})[each[4]] = each
    return {wanted: _within(wanted, found.get(wanted[:4])) for wanted in ranges}


def _within(wanted: DocumentRange, found: dict[str, Document] | None) -> list[Document]:
    if found is None:
        return []
    if wanted.start == wanted.end:
        return [found[wanted.start]] if wanted.start in found else []
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


_OF_PLUGIN: Final = (
    document.c.part == bindparam("part", type_=Integer),
    document.c.plugin == bindparam("plugin", type_=Text),
)
_COUNT: Final = select(func.count()).select_from(document).where(*_OF_PLUGIN)
# Names of what the host keeps for a plugin begin so; the next letter ends the range.
_GIVEN_UP: Final = (
    select(document.c.collection, func.count())
    .where(
        *_OF_PLUGIN,
        or_(
            *(
                and_(document.c.collection >= f"{kind}:", document.c.collection < end)
                for kind, end in (("dead", "dead;"), ("failed", "failed;"))
            )
        ),
    )
    .group_by(document.c.collection)
)
_PLACES: Final = (
    select(*document.primary_key.columns)
    .where(*_OF_PLUGIN)
    .limit(bindparam("limit", type_=Integer))
)

# From one name to the next along the primary key: there are few names and many rows.
# Whole numbers alone are put into this text, and both databases take it.
_COLLECTIONS: Final = """
WITH RECURSIVE named (plugin) AS (
    SELECT min(plugin) FROM document WHERE part = {part}
     UNION ALL
    SELECT (SELECT min(plugin) FROM document
             WHERE part = {part} AND plugin > named.plugin)
      FROM named WHERE plugin IS NOT NULL
), kind (plugin, collection) AS (
    SELECT plugin, (SELECT min(collection) FROM document
                     WHERE part = {part} AND plugin = named.plugin)
      FROM named WHERE plugin IS NOT NULL
     UNION ALL
    SELECT plugin, (SELECT min(collection) FROM document
                     WHERE part = {part} AND plugin = kind.plugin
                       AND collection > kind.collection)
      FROM kind WHERE collection IS NOT NULL
)
SELECT plugin, collection FROM kind WHERE collection IS NOT NULL
"""


def collections_of(session: Session, part: int) -> list[tuple[str, str]]:
    """Returns plugin and name of every collection with documents in a part."""
    rows = session.execute(_COLLECTIONS.format(part=part), ()).fetchall()
    return [(plugin, collection) for plugin, collection in rows]


class DocumentReads(Fetcher):
    """Reads documents of plugins."""

    def documents_of_plugin(
        self, plugin: str, *, part_count: int, limit: int
    ) -> tuple[DocumentPlace, ...]:
        """Returns where the first so many documents of a plugin stand, by part."""
        found: list[DocumentPlace] = []
        for part in range(part_count):
            left = limit - len(found)
            if not left:
                break
            rows = self._all(_PLACES, part=part, plugin=plugin, limit=left)
            found += [tuple(row) for row in rows]
        return tuple(found)

    def document_count(self, plugin: str, *, part_count: int) -> int:
        """Returns how many documents a plugin has."""
        parts = range(part_count)
        found = (self._all(_COUNT, part=part, plugin=plugin) for part in parts)
        return sum(count for ((count,),) in found)

    def given_up_counts(self, plugin: str, *, part_count: int) -> dict[str, int]:
        """Returns what a plugin's subscribers and jobs were spared in the end.

        By `dead:<subscriber>` and `failed:<job>`.
        """
        found = Counter[str]()
        for part in range(part_count):
            found.update(dict(self._all(_GIVEN_UP, part=part, plugin=plugin)))
        return dict(sorted(found.items()))

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
