"""What callers may ask for. A command that exists is well formed.

Each command says which state its decision reads, so that a whole batch is read
at once, and has a fingerprint by which a repeated request is told from a reused
request id.
"""

from points.domain.commands.activities import RecordActivity
from points.domain.commands.base import Command, LedgerCommand, Reads
from points.domain.commands.batch import ClaimBatch, batch_content
from points.domain.commands.books import CloseBooks
from points.domain.commands.budgets import FundBudget, MeasureLiability, ReportFigures
from points.domain.commands.claims import ClaimAward, LapseClaim
from points.domain.commands.holds import (
    CaptureHold,
    HoldCommand,
    LapseHold,
    PlaceHold,
    VoidHold,
)
from points.domain.commands.limits import SetLimits
from points.domain.commands.lots import (
    ActivateLot,
    CancelLot,
    ExpireLots,
    ExtendLot,
    GiveNotice,
)
from points.domain.commands.members import (
    CreateMember,
    FreezeMember,
    SetPool,
    UnfreezeMember,
    UpdateMember,
)
from points.domain.commands.merge import EraseMember, MergeMembers
from points.domain.commands.plugins import CallPlugin, PurgePlugin
from points.domain.commands.points import DEFAULT_SINK, Burn, Earn
from points.domain.commands.program import ApplyProgram
from points.domain.commands.reversal import (
    Adjust,
    AdjustDirection,
    ExpiredPolicy,
    Reverse,
    ShortfallPolicy,
)
from points.domain.commands.scores import ScoreMember
from points.domain.commands.standings import (
    GiveDemotionNotice,
    SetStanding,
    SweepStandings,
)
from points.domain.commands.transfer import Transfer


__all__ = [
    "DEFAULT_SINK",
    "ActivateLot",
    "Adjust",
    "AdjustDirection",
    "ApplyProgram",
    "Burn",
    "CallPlugin",
    "CancelLot",
    "CaptureHold",
    "ClaimAward",
    "ClaimBatch",
    "CloseBooks",
    "Command",
    "CreateMember",
    "Earn",
    "EraseMember",
    "ExpireLots",
    "ExpiredPolicy",
    "ExtendLot",
    "FreezeMember",
    "FundBudget",
    "GiveDemotionNotice",
    "GiveNotice",
    "HoldCommand",
    "LapseClaim",
    "LapseHold",
    "LedgerCommand",
    "MeasureLiability",
    "MergeMembers",
    "PlaceHold",
    "PurgePlugin",
    "Reads",
    "RecordActivity",
    "ReportFigures",
    "Reverse",
    "ScoreMember",
    "SetLimits",
    "SetPool",
    "SetStanding",
    "ShortfallPolicy",
    "SweepStandings",
    "Transfer",
    "UnfreezeMember",
    "UpdateMember",
    "VoidHold",
    "batch_content",
]
