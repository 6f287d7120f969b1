"""Documents as JSON and back, by the types of their collections."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final, TypeVar, cast

import msgspec

from points.plugin.documents import Collection, DocumentTooLarge


T = TypeVar("T")

_encode: Final = msgspec.json.Encoder(order="deterministic").encode
_plain: Final = msgspec.json.Decoder().decode


def write_document(collection: Collection[T], document: T) -> str:
    """Returns a document as JSON; raises DocumentTooLarge and TypeError."""
    if not isinstance(document, collection.type):
        found, wanted = type(document).__name__, collection.type.__name__
        raise TypeError(f"collection {collection.name!r} keeps {wanted}, not {found}")
    written = _encode(document)
    if len(written) > collection.bytes_max:
        raise DocumentTooLarge(collection.name, len(written), collection.bytes_max)
    return written.decode()


def read_document(collection: Collection[T], version: int, body: str) -> T:
    """Returns the document of a body, taken through upgrades to the present version."""
    if version == collection.version:
        found: T = _decoder(cast("Any", collection.type)).decode(body)
        return found
    tree = _plain(body)
    for older in range(version, collection.version):
        tree = collection.upgrades[older](tree)
    return msgspec.convert(tree, collection.type)


def write_tree(tree: Any) -> str:
    """Returns plain values as JSON."""
    return _encode(tree).decode()


def read_tree(body: str | bytes) -> Any:
    """Returns the plain values of JSON."""
    return _plain(body)


@lru_cache(maxsize=1_024)
def _decoder(kind: type[Any]) -> Any:
    return msgspec.json.Decoder(kind)
