"""The tables. `record` is the truth; all others follow from it and can be rebuilt.

Every key begins with `part`, so that a part can be locked, verified and moved by
itself. Instants are microseconds since 1970 in UTC; texts that are compared are
compared byte by byte on both databases.
"""

from __future__ import annotations

from points.store.schema.columns import metadata
from points.store.schema.ledger import (
    account,
    head,
    hold,
    layout,
    lot,
    member,
    record,
    reversal,
)
from points.store.schema.program import (
    claim,
    counter,
    document,
    program_version,
    progress,
    standing,
)


__all__ = [
    "account",
    "claim",
    "counter",
    "document",
    "head",
    "hold",
    "layout",
    "lot",
    "member",
    "metadata",
    "program_version",
    "progress",
    "record",
    "reversal",
    "standing",
]
