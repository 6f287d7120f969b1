"""Chance that a player can check: a seed committed to beforehand, and its stream.

The commitment is the SHA-256 of a server seed of 32 bytes. Each draw has a number,
its nonce, and reads 64-bit words from a stream of its own: block i is the
HMAC-SHA256 of `{client_seed}:{nonce}:{i}` under the server seed, cut into four words,
the first byte being the highest.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final


SEED_BYTES: Final = 32
"""Length of a server seed."""

_BLOCK_BYTES: Final = 64
_INNER: Final = bytes(byte ^ 0x36 for byte in range(256))
_OUTER: Final = bytes(byte ^ 0x5C for byte in range(256))
_WORD_BYTES: Final = 8
_WORD_BITS: Final = 64


def commitment_of(server_seed: bytes) -> str:
    """Returns the SHA-256 of a server seed, in hexadecimal."""
    return sha256(server_seed).hexdigest()


def _hmac_sha256(key: bytes, message: bytes) -> bytes:
    """Returns the HMAC of RFC 2104.

    By hand: the library's way gives the interpreter away for it, and costs several
    times as much as the two digests.
    """
    short = key if len(key) <= _BLOCK_BYTES else sha256(key).digest()
    block = short.ljust(_BLOCK_BYTES, b"\0")
    inner = sha256(block.translate(_INNER) + message).digest()
    return sha256(block.translate(_OUTER) + inner).digest()


class Stream:
    """Is the words of one draw, in the order in which the draw uses them."""

    def __init__(self, server_seed: bytes, client_seed: str, nonce: int) -> None:
        self._seed = server_seed
        self._name = f"{client_seed}:{nonce}:"
        self._block = 0
        self._rest = b""

    def word(self) -> int:
        """Returns the next word, from 0 to below 2^64."""
        if not self._rest:
            message = f"{self._name}{self._block}".encode()
            self._rest = _hmac_sha256(self._seed, message)
            self._block += 1
        word, self._rest = self._rest[:_WORD_BYTES], self._rest[_WORD_BYTES:]
        return int.from_bytes(word, "big")

    def below(self, bound: int) -> int:
        """Returns an integer from 0 to below a positive bound, each exactly as likely.

        Takes as many words as the bound needs, the first one highest. What lies
        beyond the last whole multiple of the bound is thrown away, and the next
        words are taken: rejection sampling. A bound of one takes no word.
        """
        if bound == 1:
            return 0
        count = -(-(bound - 1).bit_length() // _WORD_BITS)
        space = 1 << (_WORD_BITS * count)
        limit = space - space % bound
        while True:
            value = 0
            for _ in range(count):
                value = value << _WORD_BITS | self.word()
            if value < limit:
                return value % bound
