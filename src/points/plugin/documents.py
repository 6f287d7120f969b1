"""A plugin's own state: typed documents, kept and proved with the ledger.

A document belongs to a member or to an object of the plugin (a wheel, an auction),
and lives in the part of its owner: one lock decides about both. What a command
writes is part of its record, so documents are chained, exported, imported and
verified like balances, and a read never sees half a command.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar


T = TypeVar("T")

Upgrade = Callable[[Any], Any]
"""Makes the plain JSON of the next version from that of the one before."""


class Owner(StrEnum):
    """Tells whom the documents of a collection belong to."""

    MEMBER = "MEMBER"
    OBJECT = "OBJECT"


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection(Generic[T]):
    """Is a kind of document, declared by the hook `collections`.

    `type` is a frozen dataclass, NamedTuple or `msgspec.Struct`, stored as JSON;
    integers, texts, booleans, bytes and tuples, mappings of these. `name` is 1-32 of
    a-z, 0-9 and `_`. Stored documents of an older `version` are taken through
    `upgrades`, from the version that is the key to the next, when they are read. A
    document is at most `bytes_max` long.

    With each call the documents of its member or object are read, unless a collection
    is not `read_ahead`: what piles up and few calls look at, such as a log, is read
    where `Reads` names it, or on demand.
    """

    name: str
    type: type[T]
    owner: Owner = Owner.MEMBER
    version: int = 1
    upgrades: Mapping[int, Upgrade] = field(
        default_factory=lambda: MappingProxyType({})
    )
    bytes_max: int = 65_536
    read_ahead: bool = True


class DocumentKey(NamedTuple):
    """Says where a document stands: its collection, its owner, and its key there.

    `owner` is a member id or an object's id of 1-128 characters, `key` any text up to
    128 characters, empty where an owner has one document of the kind.
    """

    collection: str
    owner: str
    key: str = ""


class DocumentPage(NamedTuple):
    """Says which documents of an owner `State.list` will be asked for.

    Up to `limit` of a collection, behind the key `after`, in the order of the keys.
    """

    collection: str
    owner: str
    after: str = ""
    limit: int = 100


class DocumentTooLarge(ValueError):  # noqa: N818 - says what the document is
    """Is raised for a document that is longer than its collection allows."""

    def __init__(self, collection: str, length: int, bytes_max: int) -> None:
        super().__init__(
            f"a document of {collection!r} has {length} bytes, more than {bytes_max}"
        )
