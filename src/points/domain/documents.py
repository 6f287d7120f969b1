"""Documents of plugins: their own state, in the part of its owner, in the records."""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from points.domain.bounds import NEVER


DocumentPlace: TypeAlias = tuple[int, str, str, str, str]
"""Is where a document stands: part, plugin, collection, owner and key."""

JOB_PREFIX: Final = "job:"
"""Begins the collections of jobs that wait, each by the name of its job."""

CAP_COLLECTION: Final = "cap:"
"""Is the collection of what members have moved in capped channels."""

CORE_PLUGIN: Final = "core"
"""Is the name under which the host keeps what it knows of plugins."""

_BOOKKEEPING: Final = ("cursor:", "dead:")
"""Begin the collections that no record tells of: how far subscribers have come."""

_GONE: Final = 0


class Document(NamedTuple):
    """Is a plugin's own value about an owner: a member, or an object of the plugin.

    `version` is that of its collection, from 1 on, and `body` is JSON. A job that
    waits is a document too, and runs at `due_time`: NEVER for all others.
    """

    part: int
    plugin: str
    collection: str
    owner: str
    key: str
    version: int
    body: str
    due_time: int = NEVER

    @classmethod
    def gone(cls, place: DocumentPlace) -> Document:
        """Returns what stands for a document that was removed."""
        return cls(*place, _GONE, "")

    @property
    def is_gone(self) -> bool:
        """Says whether it was removed."""
        return self.version == _GONE

    def place(self) -> DocumentPlace:
        """Returns where the document stands."""
        return self[:5]


LAST_KEY: Final = "\U0010ffff"
"""Is behind every key that anybody would use."""


class DocumentRange(NamedTuple):
    """Asks for the first `limit` documents of an owner from `start` to `end`.

    In the order of their keys, of one collection; both ends are included.
    """

    part: int
    plugin: str
    collection: str
    owner: str
    start: str = ""
    end: str = LAST_KEY
    limit: int = 1

    @classmethod
    def of(cls, place: DocumentPlace) -> DocumentRange:
        """Returns what asks for one document."""
        return cls(*place, end=place[4])

    def owner_place(self) -> OwnerPlace:
        """Returns whose documents they are."""
        return self[:4]


OwnerPlace: TypeAlias = tuple[int, str, str, str]
"""Is part, plugin, collection and owner."""


class DocumentChange(NamedTuple):
    """Says how a record leaves a document of its part; `version` 0 removes it."""

    collection: str
    owner: str
    key: str
    version: int
    body: str = ""
    due_time: int = NEVER

    def document(self, part: int, plugin: str) -> Document:
        """Returns the document as it is from then on."""
        return Document(part, plugin, *self)

    @classmethod
    def of(cls, document: Document) -> DocumentChange:
        """Returns the change that leaves a document so."""
        return cls._make(document[2:])


def is_bookkeeping(document: Document) -> bool:
    """Says whether no record tells of the document."""
    return document.collection.startswith(_BOOKKEEPING)


def is_of_member(document: Document) -> bool:
    """Says whether the owner of a document may be a member.

    Never of what the host keeps, nor of how far subscribers have come.
    """
    return document.plugin != CORE_PLUGIN and not is_bookkeeping(document)


def object_home(plugin: str, object_id: str) -> str:
    """Returns the text whose part the documents of an object are in."""
    return f"{plugin}/{object_id}"
