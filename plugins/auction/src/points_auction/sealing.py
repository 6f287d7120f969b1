"""Amounts of sealed bids as they are stored: encrypted where there is a key.

AES-256-GCM, bound to auction and bidder: an amount opens for no other bid.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.ciphers.aead import AESGCM


NONCE_BYTES: Final = 12
"""Length of the number that is used once with a key; it stands before the rest."""

_POINTS_BYTES: Final = 8
_ID_DIGITS: Final = 16


class KeyMissing(Exception):  # noqa: N818 - its callers make a refusal of it
    """Is raised for an amount whose key the program no longer names."""


class Sealed(NamedTuple):
    """Is a stored amount, and the id of its key."""

    secret: bytes
    key_id: str


def key_id_of(key: bytes) -> str:
    """Returns the name of a key: the beginning of a SHA-256 over it."""
    return hashlib.sha256(b"points auction bid key" + key).hexdigest()[:_ID_DIGITS]


def seal(points: int, key: bytes, *, owner: str, nonce: bytes) -> Sealed:
    """Returns an amount sealed with a key; all are equally long."""
    amount = points.to_bytes(_POINTS_BYTES, "big")
    secret = AESGCM(key).encrypt(nonce, amount, owner.encode())
    return Sealed(nonce + secret, key_id_of(key))


def unseal(stored: Sealed, keys: Sequence[bytes], *, owner: str) -> int:
    """Returns the amount; raises KeyMissing if none of the keys is the one."""
    key = next((each for each in keys if key_id_of(each) == stored.key_id), None)
    if key is None:
        raise KeyMissing(stored.key_id)
    nonce, secret = stored.secret[:NONCE_BYTES], stored.secret[NONCE_BYTES:]
    return int.from_bytes(AESGCM(key).decrypt(nonce, secret, owner.encode()), "big")
