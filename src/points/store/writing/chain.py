"""The SHA-256 chain of a part: each record's digest covers all records before it.

    chain(0) = ""
    chain(n) = SHA-256(chain(n - 1) + canonical JSON of record n)

The canonical JSON is the array of the row's columns but the last two: personal
data, which may be erased and of which the body has the digest, and the chain
itself. Refusals are in it like everything else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any, Final

import msgspec

from points.domain.values import Head, Record
from points.store.texts.rows import Row, record_row


START: Final = ""
"""The chain of a part without records."""

_NOT_COVERED: Final = 2
"""Last columns of a row that the chain leaves out: personal data and the chain."""

_encode: Final = msgspec.json.Encoder().encode


def link(previous: str, row: Sequence[Any]) -> str:
    """Returns the chain after a whole row of the table, as hexadecimal digits."""
    return _link(previous, tuple(row)[:-_NOT_COVERED])


def chained(
    heads: Sequence[Head], records: Iterable[Record]
) -> tuple[list[Head], list[Row]]:
    """Returns heads and rows with their chains, records in the order they came.

    The heads have the chains from before the records.
    """
    chains = {head.part: head.chain for head in heads}
    rows = []
    for record in records:
        row = record_row(record)
        chain = _link(chains[record.part], row[:-1])
        chains[record.part] = chain
        rows.append((*row, chain))
    return [head._replace(chain=chains[head.part]) for head in heads], rows


def _link(previous: str, covered: Row) -> str:
    return sha256(previous.encode() + _encode(covered)).hexdigest()
