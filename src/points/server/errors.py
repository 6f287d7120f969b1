"""Which refusal has which status code, and the details that go with it.

The table is total: a test compares it with the refusals and with `ErrorReason`.
The text of an unforeseen exception never reaches a caller.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from google.protobuf import any_pb2
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode

from points.domain import refusals
from points.domain.refusals import (
    InvalidArgument,
    PluginDeclined,
    PluginRefused,
    QueueFull,
    Refusal,
)
from points.v1 import outcome_pb2


DOMAIN: Final = "points"

CODES: Final[dict[type[Refusal], StatusCode]] = {
    refusals.MemberNotFound: StatusCode.NOT_FOUND,
    refusals.MemberExists: StatusCode.ALREADY_EXISTS,
    refusals.MemberFrozen: StatusCode.FAILED_PRECONDITION,
    refusals.MemberNotFrozen: StatusCode.FAILED_PRECONDITION,
    refusals.MemberMerged: StatusCode.FAILED_PRECONDITION,
    refusals.MemberErased: StatusCode.FAILED_PRECONDITION,
    refusals.MemberHasHolds: StatusCode.FAILED_PRECONDITION,
    refusals.SameMember: StatusCode.INVALID_ARGUMENT,
    refusals.EtagMismatch: StatusCode.ABORTED,
    refusals.UnitUnknown: StatusCode.INVALID_ARGUMENT,
    refusals.UnitNotSpendable: StatusCode.FAILED_PRECONDITION,
    refusals.SinkUnknown: StatusCode.INVALID_ARGUMENT,
    refusals.PoolUnknown: StatusCode.INVALID_ARGUMENT,
    refusals.LadderUnknown: StatusCode.INVALID_ARGUMENT,
    refusals.TierUnknown: StatusCode.INVALID_ARGUMENT,
    refusals.InsufficientPoints: StatusCode.FAILED_PRECONDITION,
    refusals.HoldNotFound: StatusCode.NOT_FOUND,
    refusals.HoldNotOpen: StatusCode.FAILED_PRECONDITION,
    refusals.HoldExceeded: StatusCode.FAILED_PRECONDITION,
    refusals.LimitExceeded: StatusCode.FAILED_PRECONDITION,
    refusals.PeriodClosed: StatusCode.FAILED_PRECONDITION,
    refusals.ProgramChanged: StatusCode.FAILED_PRECONDITION,
    refusals.UnitInUse: StatusCode.FAILED_PRECONDITION,
    refusals.BudgetExhausted: StatusCode.FAILED_PRECONDITION,
    refusals.BudgetUnknown: StatusCode.INVALID_ARGUMENT,
    refusals.BudgetOfOtherForm: StatusCode.FAILED_PRECONDITION,
    refusals.LotNotFound: StatusCode.NOT_FOUND,
    refusals.LotNotPending: StatusCode.FAILED_PRECONDITION,
    refusals.LotExpired: StatusCode.FAILED_PRECONDITION,
    refusals.ExpiryNotLater: StatusCode.FAILED_PRECONDITION,
    refusals.VelocityExceeded: StatusCode.FAILED_PRECONDITION,
    refusals.AlreadyReversed: StatusCode.FAILED_PRECONDITION,
    refusals.NotReversible: StatusCode.FAILED_PRECONDITION,
    refusals.InvalidArgument: StatusCode.INVALID_ARGUMENT,
    refusals.RequestIdReused: StatusCode.ALREADY_EXISTS,
    refusals.BatchAborted: StatusCode.ABORTED,
    refusals.TransactionNotFound: StatusCode.NOT_FOUND,
    refusals.ClaimNotFound: StatusCode.NOT_FOUND,
    refusals.ClaimNotOpen: StatusCode.FAILED_PRECONDITION,
    refusals.ClaimLapsed: StatusCode.FAILED_PRECONDITION,
    refusals.OutcomeNotFound: StatusCode.NOT_FOUND,
    refusals.ProgramNotFound: StatusCode.NOT_FOUND,
    refusals.PluginNotFound: StatusCode.NOT_FOUND,
    refusals.PluginDisabled: StatusCode.FAILED_PRECONDITION,
    refusals.PluginEnabled: StatusCode.FAILED_PRECONDITION,
    refusals.PluginUnavailable: StatusCode.UNAVAILABLE,
    refusals.PluginBusy: StatusCode.RESOURCE_EXHAUSTED,
    refusals.NothingDue: StatusCode.FAILED_PRECONDITION,
    refusals.PageTokenInvalid: StatusCode.INVALID_ARGUMENT,
    refusals.RevisionUnknown: StatusCode.OUT_OF_RANGE,
    refusals.ResumeTokenInvalid: StatusCode.INVALID_ARGUMENT,
    refusals.ResumeTokenTooOld: StatusCode.OUT_OF_RANGE,
    refusals.WatcherTooSlow: StatusCode.ABORTED,
    refusals.WatchersFull: StatusCode.RESOURCE_EXHAUSTED,
    refusals.QueueFull: StatusCode.RESOURCE_EXHAUSTED,
    refusals.StoreUnavailable: StatusCode.UNAVAILABLE,
    refusals.ServerStopping: StatusCode.UNAVAILABLE,
    refusals.DeadlineTooNear: StatusCode.DEADLINE_EXCEEDED,
    refusals.Unauthenticated: StatusCode.UNAUTHENTICATED,
    refusals.PermissionDenied: StatusCode.PERMISSION_DENIED,
    refusals.Internal: StatusCode.INTERNAL,
}

_RETRY_MS: Final[dict[type[Refusal], int]] = {
    refusals.QueueFull: 50,
    refusals.WatchersFull: 1_000,
    refusals.StoreUnavailable: 1_000,
    refusals.ServerStopping: 1_000,
    refusals.PluginUnavailable: 5_000,
    refusals.PluginBusy: 5_000,
}
"""How long a caller should wait before it tries again, in milliseconds."""

_TEXT_CHARACTERS_MAX: Final = 200
"""Longest text in an error: all of them go into headers, of 8 KiB by default, where
a character may take twelve bytes."""

_VIOLATIONS_BYTES_MAX: Final = 1_500
"""Most that an error tells of wrong fields: the first of them, at least one. They
stand in it twice."""

_WHOLE: Final = ("resume_token", "oldest_resume_token")
"""Metadata that is of no use when it is cut; of 1,024 parts it is about 4 KiB."""

DETAILS_KEY: Final = "grpc-status-details-bin"


class Guilty(Exception):  # noqa: N818 - says who, the refusal says what
    """Is the refusal of one command that stops a whole atomic batch."""

    def __init__(self, refusal: Refusal, index: int) -> None:
        super().__init__(refusal, index)
        self.refusal = refusal
        self.index = index


def status_of(refusal: Refusal, **more: str) -> status_pb2.Status:
    """Returns the rich status of a refusal; `more` joins the metadata."""
    details: list[Message] = [_error_info(refusal, more)]
    if isinstance(refusal, InvalidArgument):
        details.append(_bad_request(refusal))
    if isinstance(refusal, QueueFull):
        details.append(_quota_failure(refusal))
    if type(refusal) in _RETRY_MS:
        details.append(_retry_info(_RETRY_MS[type(refusal)]))
    code, _ = code_of(refusal).value
    packed = [_packed(detail) for detail in details]
    return status_pb2.Status(code=code, message=_short(str(refusal)), details=packed)


def refusal_message(refusal: Refusal) -> outcome_pb2.Refusal:
    """Returns a refusal as part of an answer."""
    code, _ = code_of(refusal).value
    reason, domain = reason_and_domain(refusal)
    return outcome_pb2.Refusal(
        code=code,
        reason=reason,
        domain=domain,
        message=str(refusal),
        metadata=refusal.metadata(),
    )


def code_of(refusal: Refusal) -> StatusCode:
    """Returns the status code of a refusal: that which a plugin has chosen for its."""
    if isinstance(refusal, PluginRefused | PluginDeclined):
        return StatusCode[refusal.answer]
    return CODES[type(refusal)]


def reason_and_domain(refusal: Refusal) -> tuple[str, str]:
    """Returns the reason of a refusal and who defines it: `points`, or a plugin."""
    if isinstance(refusal, PluginRefused | PluginDeclined):
        return refusal.name, f"{refusal.plugin}.{DOMAIN}"
    return refusal.reason(), DOMAIN


def _error_info(refusal: Refusal, more: dict[str, str]) -> Any:
    own = refusal.metadata()
    told = _first_of(own) if isinstance(refusal, InvalidArgument) else own
    metadata = {
        name: text if name in _WHOLE else _short(text)
        for name, text in (told | more).items()
    }
    reason, domain = reason_and_domain(refusal)
    return error_details_pb2.ErrorInfo(reason=reason, domain=domain, metadata=metadata)


def _bad_request(refusal: InvalidArgument) -> Any:
    violation = error_details_pb2.BadRequest.FieldViolation
    return error_details_pb2.BadRequest(
        field_violations=[
            violation(field=field, description=what)
            for field, what in _first_of(refusal.violations).items()
        ]
    )


def _first_of(violations: Mapping[str, str]) -> dict[str, str]:
    """Returns as many wrong fields as an error has room for."""
    told: dict[str, str] = {}
    size = 0
    for field, what in violations.items():
        name, problem = _short(field), _short(what)
        size += len(name.encode()) + len(problem.encode())
        if told and size > _VIOLATIONS_BYTES_MAX:
            break
        told[name] = problem
    return told


def _quota_failure(refusal: QueueFull) -> Any:
    violation = error_details_pb2.QuotaFailure.Violation
    return error_details_pb2.QuotaFailure(
        violations=[violation(subject="write queue", description=str(refusal))]
    )


def _retry_info(milliseconds: int) -> Any:
    return error_details_pb2.RetryInfo(
        retry_delay=Duration(
            seconds=milliseconds // 1_000, nanos=milliseconds % 1_000 * 1_000_000
        )
    )


def _short(text: str) -> str:
    """Returns the text, cut if errors could grow beyond what a header may hold."""
    if len(text) <= _TEXT_CHARACTERS_MAX:
        return text
    return f"{text[:_TEXT_CHARACTERS_MAX]}…"


def _packed(detail: Message) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(detail)
    return packed
