"""Refusals that are not stored: the same call may succeed later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from points.domain.refusals.base import Passing


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
class ProgramNotFound(Passing):
    """There is no such version of the program."""

    version: int
    template: ClassVar[str] = "the program has no version {version}"


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
    """The resume token is malformed, or of a ledger with another number of parts."""

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
    template: ClassVar[str] = "{remaining_ms} ms are too few to be answered in"


@dataclass(eq=False)
class Unauthenticated(Passing):
    """Nobody knows who calls; the call was not looked at."""

    why: str
    template: ClassVar[str] = "{why}"


@dataclass(eq=False)
class PermissionDenied(Passing):
    """Who calls may not do this; whether it could be done was not looked at."""

    caller: str
    scope: str
    template: ClassVar[str] = "{caller} may not do this: its token lacks {scope}"


@dataclass(eq=False)
class Internal(Passing):
    """The engine failed; the log says how, under the same id."""

    error_id: str
    template: ClassVar[str] = "the server failed: its log has error {error_id}"
