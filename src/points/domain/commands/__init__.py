"""What callers may ask for. A command that exists is well formed.

Each command says which state its decision reads, so that a whole batch is read
at once, and has a fingerprint by which a repeated request is told from a reused
request id.
"""

from points.domain.commands.base import Command, LedgerCommand, Reads
from points.domain.commands.members import (
    CreateMember,
    FreezeMember,
    UnfreezeMember,
    UpdateMember,
)
from points.domain.commands.points import DEFAULT_SINK, Burn, Earn
from points.domain.commands.reversal import (
    Adjust,
    AdjustDirection,
    ExpiredPolicy,
    Reverse,
    ShortfallPolicy,
)


__all__ = [
    "DEFAULT_SINK",
    "Adjust",
    "AdjustDirection",
    "Burn",
    "Command",
    "CreateMember",
    "Earn",
    "ExpiredPolicy",
    "FreezeMember",
    "LedgerCommand",
    "Reads",
    "Reverse",
    "ShortfallPolicy",
    "UnfreezeMember",
    "UpdateMember",
]
