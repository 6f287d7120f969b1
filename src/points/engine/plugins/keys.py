"""Keys of plugins, made out of the server's own: no part of the ledger.

What is sealed with them can be read by nobody who has the tables alone.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from typing import Final

from points.domain.documents import CORE_PLUGIN, Document
from points.engine.plugins.codec import read_tree, write_tree
from points.store.databases.backend import Backend
from points.store.writing.subscriptions import keep


KEY_BYTES: Final = 32
"""Length of a key of the server, and of those that are made out of it."""

_ID_DIGITS: Final = 16
_PLACE: Final = (0, CORE_PLUGIN, "cursor:keys", "keys", "")


class Keyring:
    """Is the keys of a server, the newest first: it seals, and all of them open."""

    def __init__(self, keys: Sequence[bytes] = ()) -> None:
        self._keys = tuple(keys)
        self._of: dict[str, tuple[bytes, ...]] = {}

    @property
    def ids(self) -> tuple[str, ...]:
        """Returns what tells the keys from others, and nothing more of them."""
        return tuple(
            hashlib.sha256(b"points server key" + key).hexdigest()[:_ID_DIGITS]
            for key in self._keys
        )

    def of(self, plugin: str) -> tuple[bytes, ...]:
        """Returns the keys of a plugin, in their order: HMAC-SHA256 of its name."""
        found = self._of.get(plugin)
        if found is None:
            name = f"points plugin {plugin}".encode()
            found = tuple(hmac.digest(key, name, "sha256") for key in self._keys)
            self._of[plugin] = found
        return found

    def digest_key(self, plugin: str) -> bytes:
        """Returns the key of a plugin's digests, empty where there is none.

        It is of the oldest key, so that a newer one in front changes no digest.
        """
        found = self.of(plugin)
        return found[-1] if found else b""

    def digest_keys_then(self, plugin: str) -> tuple[bytes, ...]:
        """Returns what its digests may have been made with before.

        When another key was the oldest, or when there was none.
        """
        found = self.of(plugin)
        return (*found[:-1], b"") if found else ()


NO_KEYS: Final = Keyring()


def remember_keys(backend: Backend, keyring: Keyring) -> Sequence[str]:
    """Keeps in the ledger which keys were used; returns the ids of all others known.

    Those are keys of which something may be sealed that this server cannot open.
    Raises StoreLost.
    """
    others: list[str] = []

    def decide(found: Document | None) -> Sequence[Document]:
        known = read_tree(found.body) if found else []
        others[:] = [each for each in known if each not in keyring.ids]
        after = [*others, *keyring.ids]
        if sorted(after) == sorted(known):
            return ()
        return (Document(*_PLACE, 1, write_tree(sorted(after))),)

    keep(backend, _PLACE, decide)
    return tuple(others)
