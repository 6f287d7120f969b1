"""A second implementation of the draw, written without the first: plain and slow.

Shares no code with the plugin, so that both agree only if both are right.
"""

from __future__ import annotations

import hashlib
import hmac
import struct


def words(seed: bytes, client: str, nonce: int, count: int) -> list[int]:
    """Returns the first words of a draw's stream."""
    found: list[int] = []
    block = 0
    while len(found) < count:
        text = client + ":" + str(nonce) + ":" + str(block)
        digest = hmac.new(seed, text.encode(), hashlib.sha256).digest()
        found.extend(struct.unpack(">QQQQ", digest))
        block += 1
    return found[:count]


def uniform(seed: bytes, client: str, nonce: int, total: int) -> int:
    """Returns a number below a total of at most 2^64."""
    limit = (2**64 // total) * total
    count = 1
    while words(seed, client, nonce, count)[-1] >= limit:
        count += 1
    return words(seed, client, nonce, count)[-1] % total


def chosen(weights: list[int], roll: int) -> int:
    """Returns which of the weights a roll falls on."""
    position = 0
    for number, weight in enumerate(weights):
        position += weight
        if roll < position:
            return number
    raise AssertionError
