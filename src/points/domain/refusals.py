"""One class per reason to say no; each carries its data and says its sentence.

    Refusal
    ├── Frozen             stored as the outcome of the request id
    │   ├── MemberNotFound, MemberExists, MemberFrozen, MemberNotFrozen
    │   ├── MemberMerged, MemberErased, MemberHasHolds, SameMember
    │   ├── EtagMismatch
    │   ├── UnitUnknown, UnitNotSpendable, SinkUnknown
    │   ├── InsufficientPoints
    │   ├── LotNotFound, LotNotPending, LotExpired, ExpiryNotLater
    │   ├── HoldNotFound, HoldNotOpen, HoldExceeded
    │   ├── LimitExceeded, VelocityExceeded
    │   ├── TransactionNotFound, AlreadyReversed, NotReversible
    │   └── PeriodClosed
    └── Passing            not stored: the same call may succeed later
        ├── InvalidArgument, RequestIdReused, BatchAborted
        ├── OutcomeNotFound, NothingDue
        ├── PageTokenInvalid, RevisionUnknown
        ├── ResumeTokenInvalid, ResumeTokenTooOld, WatcherTooSlow, WatchersFull
        └── QueueFull, StoreUnavailable, ServerStopping, DeadlineTooNear, Internal

The middle raises these and one table in `points.server` translates them, so no
other layer knows a status code. Metadata repeats everything variable in the
sentence (AIP-193).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import ClassVar, Self


@dataclass(eq=False)
class Refusal(Exception):  # noqa: N818 - the domain's word; it is an outcome too
    """Is a command or read that is answered with no and has changed nothing."""

    template: ClassVar[str] = ""

    def __str__(self) -> str:
        return self.template.format(**self.metadata())

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.metadata() == other.metadata()

    __hash__ = Exception.__hash__

    @classmethod
    def reason(cls) -> str:
        """Returns the name callers know, such as INSUFFICIENT_POINTS."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).upper()

    def metadata(self) -> dict[str, str]:
        """Returns everything variable in the sentence, by name."""
        return {name: str(value) for name, value in asdict(self).items()}


class Frozen(Refusal):
    """Is stored under the request id: the same call gets it again for ever."""

    @classmethod
    def thaw(cls, data: Mapping[str, int | str]) -> Self:
        """Returns the refusal that was stored as `data`."""
        return cls(**data)

    def freeze(self) -> dict[str, int | str]:
        """Returns what `thaw` needs."""
        return asdict(self)


class Passing(Refusal):
    """Is not stored: the same call may succeed later."""


@dataclass(eq=False)
class MemberNotFound(Frozen):
    """There is no such member."""

    member_id: str
    template: ClassVar[str] = "member {member_id!r} does not exist"


@dataclass(eq=False)
class MemberExists(Frozen):
    """The member to create is there already."""

    member_id: str
    template: ClassVar[str] = "member {member_id!r} exists already"


@dataclass(eq=False)
class MemberFrozen(Frozen):
    """The member neither earns nor burns for now."""

    member_id: str
    template: ClassVar[str] = "member {member_id!r} is frozen"


@dataclass(eq=False)
class MemberNotFrozen(Frozen):
    """There is nothing to unfreeze."""

    member_id: str
    template: ClassVar[str] = "member {member_id!r} is not frozen"


@dataclass(eq=False)
class MemberMerged(Frozen):
    """The member was merged into another one and never changes again."""

    member_id: str
    merged_into: str
    template: ClassVar[str] = "member {member_id!r} was merged into {merged_into!r}"


@dataclass(eq=False)
class MemberErased(Frozen):
    """The personal data of the member were erased; it never changes again."""

    member_id: str
    template: ClassVar[str] = "member {member_id!r} was erased"


@dataclass(eq=False)
class MemberHasHolds(Frozen):
    """The member's open holds have to be captured or voided first."""

    member_id: str
    hold_count: int
    template: ClassVar[str] = "member {member_id!r} has {hold_count} open holds"


@dataclass(eq=False)
class SameMember(Frozen):
    """A transfer or merge needs two members."""

    member_id: str
    template: ClassVar[str] = "member {member_id!r} is named twice"


@dataclass(eq=False)
class EtagMismatch(Frozen):
    """Somebody changed the member since the caller read it."""

    member_id: str
    etag: str
    current_etag: str
    template: ClassVar[str] = (
        "member {member_id!r} has etag {current_etag!r}, not {etag!r}: read it again"
    )


@dataclass(eq=False)
class UnitUnknown(Frozen):
    """The program has no such unit."""

    unit: str
    template: ClassVar[str] = "the program has no unit {unit!r}"


@dataclass(eq=False)
class UnitNotSpendable(Frozen):
    """The unit counts towards tiers and is never burned."""

    unit: str
    template: ClassVar[str] = "unit {unit!r} cannot be burned"


@dataclass(eq=False)
class SinkUnknown(Frozen):
    """The program has no such sink."""

    sink: str
    template: ClassVar[str] = "the program has no sink {sink!r}"


@dataclass(eq=False)
class InsufficientPoints(Frozen):
    """A burn needs more than the member has available."""

    member_id: str
    unit: str
    available: int
    points: int
    template: ClassVar[str] = (
        "member {member_id!r} has {available} {unit} available, {points} are needed"
    )


@dataclass(eq=False)
class LimitExceeded(Frozen):
    """A bound of an account would be passed."""

    account: str
    unit: str
    limit: int
    template: ClassVar[str] = (
        "account {account!r} would pass its limit of {limit} {unit}"
    )


@dataclass(eq=False)
class PeriodClosed(Frozen):
    """The fact happened in a period whose books are closed."""

    effective_time: str
    until_time: str
    template: ClassVar[str] = (
        "{effective_time} is too early: the books are closed until {until_time}"
    )


@dataclass(eq=False)
class LotNotFound(Frozen):
    """There is no such lot, or it is another member's."""

    lot_id: str
    template: ClassVar[str] = "lot {lot_id!r} does not exist"


@dataclass(eq=False)
class LotNotPending(Frozen):
    """The lot is usable already, or never will be."""

    lot_id: str
    state: str
    template: ClassVar[str] = "lot {lot_id!r} is {state}, not PENDING"


@dataclass(eq=False)
class LotExpired(Frozen):
    """The lot is over, so that it can no longer be extended."""

    lot_id: str
    state: str
    template: ClassVar[str] = "lot {lot_id!r} is {state} and cannot be extended"


@dataclass(eq=False)
class ExpiryNotLater(Frozen):
    """An extended lot would not expire later than it does."""

    lot_id: str
    expire_time: str
    current_expire_time: str
    template: ClassVar[str] = (
        "lot {lot_id!r} expires at {current_expire_time!r}:"
        " {expire_time!r} is not later"
    )


@dataclass(eq=False)
class VelocityExceeded(Frozen):
    """The member would do more within a window of time than it may."""

    member_id: str
    unit: str
    action: str
    window: str
    bound: str
    limit: int
    template: ClassVar[str] = (
        "member {member_id!r} would pass {limit} {bound}"
        " for {action} of {unit} within one {window}"
    )


@dataclass(eq=False)
class HoldNotFound(Frozen):
    """The member has no such hold."""

    hold_id: str
    template: ClassVar[str] = "hold {hold_id!r} does not exist"


@dataclass(eq=False)
class HoldNotOpen(Frozen):
    """The hold has come to its end."""

    hold_id: str
    state: str
    template: ClassVar[str] = "hold {hold_id!r} is {state}"


@dataclass(eq=False)
class HoldExceeded(Frozen):
    """A capture needs more than can be captured of the hold."""

    hold_id: str
    open_points: int
    points: int
    template: ClassVar[str] = (
        "{open_points} points of hold {hold_id!r} can be captured, {points} are needed"
    )


@dataclass(eq=False)
class TransactionNotFound(Frozen):
    """There is no such transaction, or it is another member's."""

    transaction_id: str
    template: ClassVar[str] = "transaction {transaction_id!r} does not exist"


@dataclass(eq=False)
class AlreadyReversed(Frozen):
    """Fewer points of the transaction are left to reverse."""

    transaction_id: str
    reversible_points: int
    points: int
    template: ClassVar[str] = (
        "transaction {transaction_id!r} has {reversible_points} points left to"
        " reverse, {points} were asked for"
    )


@dataclass(eq=False)
class NotReversible(Frozen):
    """Transactions of this kind are never reversed, or not for this reason."""

    transaction_id: str
    kind: str
    reason_code: str
    template: ClassVar[str] = (
        "transaction {transaction_id!r} is a {kind}, which {reason_code} cannot reverse"
    )


@dataclass(eq=False)
class InvalidArgument(Passing):
    """Fields are missing, malformed or out of bounds; says what is wrong with each."""

    violations: dict[str, str]

    def __str__(self) -> str:
        return "; ".join(f"{field} {what}" for field, what in self.violations.items())

    def metadata(self) -> dict[str, str]:
        """Returns what is wrong, by field."""
        return dict(self.violations)


@dataclass(eq=False)
class RequestIdReused(Passing):
    """The request id was used before with other content."""

    member_id: str
    request_id: str
    template: ClassVar[str] = (
        "request id {request_id!r} of member {member_id!r} was used with other content"
    )


@dataclass(eq=False)
class BatchAborted(Passing):
    """Another command of the same atomic batch was refused."""

    guilty_index: int
    template: ClassVar[str] = "undone because command {guilty_index} was refused"


@dataclass(eq=False)
class OutcomeNotFound(Passing):
    """No command with this request id has been decided."""

    member_id: str
    request_id: str
    template: ClassVar[str] = (
        "member {member_id!r} has no outcome for request id {request_id!r}"
    )


@dataclass(eq=False)
class NothingDue(Passing):
    """The sweep came for nothing: another one was there before."""

    member_id: str
    template: ClassVar[str] = "nothing of member {member_id!r} is due"


@dataclass(eq=False)
class PageTokenInvalid(Passing):
    """The page token is malformed or belongs to other arguments."""

    field: str = "page_token"
    template: ClassVar[str] = (
        "{field} is not one that this call with these arguments has returned"
    )


@dataclass(eq=False)
class RevisionUnknown(Passing):
    """The revision is malformed or ahead of this ledger."""

    revision: str
    template: ClassVar[str] = "revision {revision!r} is not one this ledger has reached"


@dataclass(eq=False)
class ResumeTokenInvalid(Passing):
    """The resume token is malformed or belongs to another ledger."""

    field: str = "resume_token"
    template: ClassVar[str] = "{field} is not one that this ledger has given"


@dataclass(eq=False)
class ResumeTokenTooOld(Passing):
    """Records behind the resume token are gone from this ledger."""

    oldest_resume_token: str
    template: ClassVar[str] = (
        "changes behind resume_token are no longer kept:"
        " the oldest that can be served is {oldest_resume_token!r}"
    )


@dataclass(eq=False)
class WatcherTooSlow(Passing):
    """A watcher has read so slowly that its buffer is full."""

    resume_token: str
    template: ClassVar[str] = (
        "changes come faster than they are read: watch again from {resume_token!r}"
    )


@dataclass(eq=False)
class WatchersFull(Passing):
    """As many callers watch as the server allows."""

    watcher_limit: int
    template: ClassVar[str] = "{watcher_limit} callers are watching: try again"


@dataclass(eq=False)
class QueueFull(Passing):
    """The writer has more waiting than it should; nothing was queued."""

    queue_limit: int
    template: ClassVar[str] = "more than {queue_limit} commands are waiting: try again"


class StoreUnavailable(Passing):
    """The database cannot be reached, or it is not known yet what it committed."""

    template: ClassVar[str] = (
        "the database cannot be reached: repeat with the same request id"
    )


class ServerStopping(Passing):
    """The server is shutting down; nothing was queued."""

    template: ClassVar[str] = "the server is shutting down: try another one"


@dataclass(eq=False)
class DeadlineTooNear(Passing):
    """The deadline leaves no time to commit; nothing was queued."""

    remaining_ms: int
    template: ClassVar[str] = "{remaining_ms} ms are too few to commit a write"


@dataclass(eq=False)
class Internal(Passing):
    """The engine failed; the log says how, under the same id."""

    error_id: str
    template: ClassVar[str] = "the server failed: its log has error {error_id}"


def frozen_reasons() -> dict[str, type[Frozen]]:
    """Returns every class whose refusals are stored, by reason."""
    return {kind.reason(): kind for kind in Frozen.__subclasses__()}
