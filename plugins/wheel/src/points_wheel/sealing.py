"""Server seeds as they are stored: sealed with AES-256-GCM where there is a key."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


NONCE_BYTES: Final = 12
"""Length of the number that is used once with a key; it stands before the rest."""

_ID_DIGITS: Final = 16
_KEYS_MAX: Final = 64


class KeyMissing(Exception):  # noqa: N818 - the handlers make a refusal of it
    """Is raised where a seed was sealed with a key that the program no longer names."""


class Sealed(NamedTuple):
    """Is a stored secret, and the id of its key; empty for one that is not sealed."""

    secret: bytes
    key_id: str


@lru_cache(maxsize=_KEYS_MAX)
def key_id_of(key: bytes) -> str:
    """Returns the name of a key: the beginning of a SHA-256 over it."""
    return hashlib.sha256(b"points wheel seed key" + key).hexdigest()[:_ID_DIGITS]


def seal(seed: bytes, keys: Sequence[bytes], *, owner: str, nonce: bytes) -> Sealed:
    """Returns a seed sealed with the first key, or as it is where there is none.

    It opens for the same `owner` alone, so that seeds are never swapped.
    """
    if not keys:
        return Sealed(seed, "")
    sealed = _cipher(keys[0]).encrypt(nonce, seed, owner.encode())
    return Sealed(nonce + sealed, key_id_of(keys[0]))


def unseal(stored: Sealed, keys: Sequence[bytes], *, owner: str) -> bytes:
    """Returns the seed; raises KeyMissing if none of the keys is the one."""
    if not stored.key_id:
        return stored.secret
    for key in keys:
        if key_id_of(key) == stored.key_id:
            nonce, rest = stored.secret[:NONCE_BYTES], stored.secret[NONCE_BYTES:]
            return _cipher(key).decrypt(nonce, rest, owner.encode())
    raise KeyMissing(stored.key_id)


@lru_cache(maxsize=_KEYS_MAX)
def _cipher(key: bytes) -> AESGCM:
    """Returns the cipher of a key, made once: each spin opens a seed."""
    return AESGCM(key)
