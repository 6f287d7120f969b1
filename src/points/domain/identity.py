"""Where things live and what they are called.

A part is a fixed share of the ledger. Everything of one member lives in one
part, so that one lock decides about it.
"""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final, NamedTuple


ISSUANCE: Final = "issuance"
"""House account that earned points come from; its balance is minus all issued."""

BREAKAGE: Final = "breakage"
"""House account that expired points go to."""

CORE_CHANNEL: Final = "core"
"""Channel of commands that callers send directly."""

_RECORD_ID = re.compile(r"([tl])(0|[1-9][0-9]{0,8})-([1-9][0-9]{0,18})")


def part_of(member_id: str, part_count: int) -> int:
    """Returns the part of a member: the same for ever, on every machine."""
    digest = blake2b(member_id.encode(), digest_size=8).digest()
    return int.from_bytes(digest) % part_count


def member_account(member_id: str) -> str:
    """Returns the name of a member's account."""
    return f"member:{member_id}"


def burn_account(sink: str) -> str:
    """Returns the name of the house account that a sink's burns go to."""
    return f"burn:{sink}"


class Place(NamedTuple):
    """Says where a numbered thing stands: its part, and its number in there.

    On the wire it is an opaque text: `t17-42` is a transaction, `l17-42` a lot.
    """

    part: int
    number: int

    def transaction_id(self) -> str:
        """Returns the text of a transaction's place."""
        return f"t{self.part}-{self.number}"

    def lot_id(self) -> str:
        """Returns the text of a lot's place."""
        return f"l{self.part}-{self.number}"

    @classmethod
    def of_transaction(cls, text: str) -> Place | None:
        """Returns the place that `transaction_id` wrote, or None for other text."""
        match = _RECORD_ID.fullmatch(text)
        if match is None or match[1] != "t":
            return None
        return cls(int(match[2]), int(match[3]))
