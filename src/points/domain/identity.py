"""Where things live and what they are called.

A part is a fixed share of the ledger. Everything of one member lives in one
part, so that one lock decides about it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from hashlib import blake2b
from typing import Final, NamedTuple

from points.domain.bounds import POINTS_MAX


ISSUANCE: Final = "issuance"
"""House account that earned points come from; its balance is minus all issued."""

BREAKAGE: Final = "breakage"
"""House account that expired points go to."""

TRANSIT: Final = "transit"
"""House account of points on their way between parts; its sum over all is zero."""

WRITE_OFF: Final = "write_off"
"""House account of points that were clawed back and never paid."""

ADJUSTMENT: Final = "adjustment"
"""House account of an operator's corrections, of either sign."""

RESERVED_PREFIX: Final = "system/"
"""Begins the request ids of what the server does by itself; callers may not."""

CORE_CHANNEL: Final = "core"
"""Channel of commands that callers send directly."""

_PLACE = re.compile(r"([tlh])(0|[1-9][0-9]{0,8})-([1-9][0-9]{0,18})")


@lru_cache(maxsize=8_192)
def part_of(member_id: str, part_count: int) -> int:
    """Returns the part of a member: the same for ever, on every machine."""
    digest = blake2b(member_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest) % part_count


def member_account(member_id: str) -> str:
    """Returns the name of a member's account."""
    return f"member:{member_id}"


def held_account(member_id: str) -> str:
    """Returns the name of the account of what a member's holds set aside."""
    return f"held:{member_id}"


def shortfall_account(member_id: str) -> str:
    """Returns the name of the account of what a member owes: negative or zero."""
    return f"shortfall:{member_id}"


def fee_account(name: str) -> str:
    """Returns the name of the house account that the fees of transfers go to."""
    return f"fee:{name}"


def burn_account(sink: str) -> str:
    """Returns the name of the house account that a sink's burns go to."""
    return f"burn:{sink}"


def account_kind(account: str) -> str:
    """Returns `member` for `member:ada`, and likewise for holds and shortfalls.

    House accounts are their own kind.
    """
    kind = account.partition(":")[0]
    return kind if kind in ("member", "held", "shortfall") else account


def transaction_id(part: int, number: int) -> str:
    """Returns the text of the place of a transaction."""
    return f"t{part}-{number}"


class Place(NamedTuple):
    """Says where a numbered thing stands: its part, and its number in there.

    On the wire it is an opaque text: `t17-42` is a transaction, `l17-42` a lot and
    `h17-42` a hold.
    """

    part: int
    number: int

    def transaction_id(self) -> str:
        """Returns the text of a transaction's place."""
        return transaction_id(self.part, self.number)

    def lot_id(self) -> str:
        """Returns the text of a lot's place."""
        return f"l{self.part}-{self.number}"

    def hold_id(self) -> str:
        """Returns the text of a hold's place."""
        return f"h{self.part}-{self.number}"

    @classmethod
    def of_transaction(cls, text: str) -> Place | None:
        """Returns the place that `transaction_id` wrote, or None for other text."""
        return _place("t", text)

    @classmethod
    def of_lot(cls, text: str) -> Place | None:
        """Returns the place that `lot_id` wrote, or None for other text."""
        return _place("l", text)

    @classmethod
    def of_hold(cls, text: str) -> Place | None:
        """Returns the place that `hold_id` wrote, or None for other text."""
        return _place("h", text)


def _place(letter: str, text: str) -> Place | None:
    match = _PLACE.fullmatch(text)
    if match is None or match[1] != letter or int(match[3]) > POINTS_MAX:
        return None
    return Place(int(match[2]), int(match[3]))
