"""The change feed: where a reader stands in it, and what it wants to see.

Every decided command leaves one record, and each record is one change. A position
is the last record number seen of each part, so any reader can go on from it.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from points.domain.refusals import ResumeTokenInvalid


SELECTED_MAX: Final = 1_000
"""Most members or channels of one selection."""

_NUMBER_BYTES_MAX: Final = 9
"""Bytes of the largest record number, of 63 bits, at 7 bits a byte."""

_NUMBER_MAX: Final = 2**63 - 1
_SEVEN_BITS: Final = 0x7F
_MORE: Final = 0x80
_CHECK_BYTES: Final = 6
_PERSON: Final = b"points.resume"


@dataclass(frozen=True, slots=True)
class Position:
    """Is the last record number that was seen of each part, 0 for none."""

    numbers: tuple[int, ...]

    @classmethod
    def beginning(cls, part_count: int) -> Position:
        """Returns the position before the first change."""
        return cls((0,) * part_count)

    def after(self, part: int, number: int) -> Position:
        """Returns the position once a record of a part was seen, too."""
        numbers = self.numbers
        return Position((*numbers[:part], number, *numbers[part + 1 :]))

    def reaches(self, other: Position) -> bool:
        """Says whether everything before the other position is before this one."""
        pairs = zip(self.numbers, other.numbers, strict=True)
        return all(mine >= theirs for mine, theirs in pairs)

    def token(self) -> str:
        """Returns the position as text: seven bits a byte, and a check."""
        numbers = b"".join(map(_written, self.numbers))
        check = blake2b(numbers, digest_size=_CHECK_BYTES, person=_PERSON).digest()
        return urlsafe_b64encode(check + numbers).decode("ascii").rstrip("=")


def read_position(token: str, part_count: int) -> Position:
    """Returns the position that `token` wrote of a ledger with so many parts.

    Raises ResumeTokenInvalid for every other text.
    """
    longest = (_CHECK_BYTES + _NUMBER_BYTES_MAX * part_count) * 4 // 3 + 4
    if len(token) > longest:
        raise ResumeTokenInvalid
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except ValueError:
        raise ResumeTokenInvalid from None
    position = Position(_read(raw[_CHECK_BYTES:]))
    # Written anew it must come out the same, its check included.
    if len(position.numbers) != part_count or position.token() != token:
        raise ResumeTokenInvalid
    # The check has no key: anybody can write one beyond all records.
    if max(position.numbers, default=0) > _NUMBER_MAX:
        raise ResumeTokenInvalid
    return position


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Says which changes are wanted; an empty set means all."""

    member_ids: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()

    def takes(self, member_id: str, kind: str, channel: str) -> bool:
        """Says whether a change is wanted."""
        return (
            (not self.member_ids or member_id in self.member_ids)
            and (not self.kinds or kind in self.kinds)
            and (not self.channels or channel in self.channels)
        )


# Parts fill alike, and most of a position stays the same from change to change.
@lru_cache(maxsize=8_192)
def _written(number: int) -> bytes:
    """Returns a number, its lowest seven bits first, the last byte below 128."""
    found = bytearray()
    while number > _SEVEN_BITS:
        found.append(number & _SEVEN_BITS | _MORE)
        number >>= 7
    found.append(number)
    return bytes(found)


def _read(raw: Sequence[int]) -> tuple[int, ...]:
    numbers, number, shift = [], 0, 0
    for byte in raw:
        number |= (byte & _SEVEN_BITS) << shift
        shift += 7
        if byte <= _SEVEN_BITS:  # the last of its number
            numbers.append(number)
            number, shift = 0, 0
    return tuple(numbers)
