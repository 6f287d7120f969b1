"""One class per reason to say no; each carries its data and says its sentence.

    Refusal
    ├── Frozen             stored as the outcome of the request id
    │   ├── MemberNotFound, MemberExists, MemberFrozen, MemberNotFrozen
    │   ├── MemberMerged, MemberErased, MemberHasHolds, SameMember
    │   ├── EtagMismatch
    │   ├── UnitUnknown, UnitNotSpendable, SinkUnknown
    │   ├── LadderUnknown, TierUnknown, PoolUnknown
    │   ├── InsufficientPoints
    │   ├── LotNotFound, LotNotPending, LotExpired, ExpiryNotLater
    │   ├── HoldNotFound, HoldNotOpen, HoldExceeded
    │   ├── ClaimNotFound, ClaimNotOpen, ClaimLapsed
    │   ├── LimitExceeded, VelocityExceeded
    │   ├── BudgetExhausted, BudgetUnknown, BudgetOfOtherForm
    │   ├── TransactionNotFound, AlreadyReversed, NotReversible
    │   ├── PeriodClosed
    │   ├── PluginRefused
    │   └── ProgramChanged, UnitInUse
    └── Passing            not stored: the same call may succeed later
        ├── InvalidArgument, RequestIdReused, BatchAborted
        ├── OutcomeNotFound, ProgramNotFound, NothingDue
        ├── PageTokenInvalid, RevisionUnknown
        ├── PluginDeclined, PluginDisabled, PluginEnabled, PluginNotFound
        ├── PluginUnavailable, PluginBusy
        ├── Unauthenticated, PermissionDenied
        ├── ResumeTokenInvalid, ResumeTokenTooOld, WatcherTooSlow, WatchersFull
        └── QueueFull, StoreUnavailable, ServerStopping, DeadlineTooNear, Internal

The middle raises these and one table in `points.server` translates them, so no
other layer knows a status code. Metadata repeats everything variable in the
sentence (AIP-193).
"""

from __future__ import annotations

from points.domain.refusals.base import (
    Frozen,
    Passing,
    Refusal,
)
from points.domain.refusals.ledger import (
    AlreadyReversed,
    BudgetExhausted,
    BudgetOfOtherForm,
    BudgetUnknown,
    ClaimLapsed,
    ClaimNotFound,
    ClaimNotOpen,
    ExpiryNotLater,
    HoldExceeded,
    HoldNotFound,
    HoldNotOpen,
    InsufficientPoints,
    LadderUnknown,
    LimitExceeded,
    LotExpired,
    LotNotFound,
    LotNotPending,
    NotReversible,
    PeriodClosed,
    PoolUnknown,
    ProgramChanged,
    SinkUnknown,
    TierUnknown,
    TransactionNotFound,
    UnitInUse,
    UnitNotSpendable,
    UnitUnknown,
    VelocityExceeded,
)
from points.domain.refusals.members import (
    EtagMismatch,
    MemberErased,
    MemberExists,
    MemberFrozen,
    MemberHasHolds,
    MemberMerged,
    MemberNotFound,
    MemberNotFrozen,
    SameMember,
)
from points.domain.refusals.passing import (
    BatchAborted,
    DeadlineTooNear,
    Internal,
    InvalidArgument,
    NothingDue,
    OutcomeNotFound,
    PageTokenInvalid,
    PermissionDenied,
    ProgramNotFound,
    QueueFull,
    RequestIdReused,
    ResumeTokenInvalid,
    ResumeTokenTooOld,
    RevisionUnknown,
    ServerStopping,
    StoreUnavailable,
    Unauthenticated,
    WatchersFull,
    WatcherTooSlow,
)
from points.domain.refusals.plugins import (
    PluginBusy,
    PluginDeclined,
    PluginDisabled,
    PluginEnabled,
    PluginNotFound,
    PluginRefused,
    PluginUnavailable,
)


__all__ = [
    "AlreadyReversed",
    "BatchAborted",
    "BudgetExhausted",
    "BudgetOfOtherForm",
    "BudgetUnknown",
    "ClaimLapsed",
    "ClaimNotFound",
    "ClaimNotOpen",
    "DeadlineTooNear",
    "EtagMismatch",
    "ExpiryNotLater",
    "Frozen",
    "HoldExceeded",
    "HoldNotFound",
    "HoldNotOpen",
    "InsufficientPoints",
    "Internal",
    "InvalidArgument",
    "LadderUnknown",
    "LimitExceeded",
    "LotExpired",
    "LotNotFound",
    "LotNotPending",
    "MemberErased",
    "MemberExists",
    "MemberFrozen",
    "MemberHasHolds",
    "MemberMerged",
    "MemberNotFound",
    "MemberNotFrozen",
    "NotReversible",
    "NothingDue",
    "OutcomeNotFound",
    "PageTokenInvalid",
    "Passing",
    "PeriodClosed",
    "PermissionDenied",
    "PluginBusy",
    "PluginDeclined",
    "PluginDisabled",
    "PluginEnabled",
    "PluginNotFound",
    "PluginRefused",
    "PluginUnavailable",
    "PoolUnknown",
    "ProgramChanged",
    "ProgramNotFound",
    "QueueFull",
    "Refusal",
    "RequestIdReused",
    "ResumeTokenInvalid",
    "ResumeTokenTooOld",
    "RevisionUnknown",
    "SameMember",
    "ServerStopping",
    "SinkUnknown",
    "StoreUnavailable",
    "TierUnknown",
    "TransactionNotFound",
    "Unauthenticated",
    "UnitInUse",
    "UnitNotSpendable",
    "UnitUnknown",
    "VelocityExceeded",
    "WatcherTooSlow",
    "WatchersFull",
    "frozen_reasons",
]


def frozen_reasons() -> dict[str, type[Frozen]]:
    """Returns every class whose refusals are stored, by reason."""
    return {kind.reason(): kind for kind in Frozen.__subclasses__()}
