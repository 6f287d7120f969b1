"""What a call can fail with, decoded from the status that gRPC delivers.

    PointsError
    ├── Refused        decided: the server said no and changed nothing
    └── Unavailable    undecided: the answer was lost or never given

Anything else, such as QUEUE_FULL or a failure inside the server, is a plain
`PointsError`; `retry_after_seconds` tells whether the server asks to come again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from points.v1.outcome_pb2 import Refusal


_Detail = TypeVar("_Detail", bound=Message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """Is one thing wrong with a request: which field, and what about it."""

    field: str
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDetails:
    """Holds what a status says beyond its code; empty where it says nothing."""

    reason: str = ""
    domain: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)
    retry_after_seconds: float | None = None
    violations: tuple[Violation, ...] = ()


class PointsError(Exception):
    """Says that a call failed, and all that is known about it.

    Attributes:
        code: Status code of gRPC.
        reason: Name from `ErrorReason` without its prefix, such as QUEUE_FULL, or
            a plugin's own; empty if the server was not the one who answered.
        domain: Who defines the reason: `points`, or `<plugin>.points`.
        metadata: Everything variable in the message, by name.
        retry_after_seconds: How long the server asks to wait before the same call
            is repeated; None if it does not ask.
        violations: What is wrong with which field of the request.
        request_id: Request id that the call carried; empty for reads and batches.
    """

    def __init__(
        self,
        message: str,
        *,
        code: grpc.StatusCode,
        details: ErrorDetails,
        request_id: str = "",
    ) -> None:
        """Takes the sentence for a developer and what the status says."""
        super().__init__(message)
        self.code = code
        self.reason = details.reason
        self.domain = details.domain
        self.metadata = dict(details.metadata)
        self.retry_after_seconds = details.retry_after_seconds
        self.violations = details.violations
        self.request_id = request_id


class Refused(PointsError):  # noqa: N818 - an answer rather than a fault
    """Says that the server refused: `reason` tells why, nothing has changed."""


class Unavailable(PointsError):  # noqa: N818 - the name of the status code
    """Says that the outcome is unknown: repeat the call with its `request_id`.

    The write may or may not have been done. Repeated with the same request id it
    is done once, whichever it was.
    """

    def __str__(self) -> str:
        """Returns the message and what to do about it."""
        message = super().__str__()
        if not self.request_id:
            return message
        return (
            f"{message}; the outcome is unknown:"
            f" repeat with the same request id {self.request_id!r}"
        )


_UNDECIDED = frozenset(
    {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED},
)

# The server did not get as far as a decision.
_FAILED = frozenset(
    {
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.INTERNAL,
        grpc.StatusCode.UNKNOWN,
    },
)

_CODES: dict[int, grpc.StatusCode] = {code.value[0]: code for code in grpc.StatusCode}


def points_error(error: grpc.RpcError, request: object) -> PointsError:
    """Returns what a failed call means: Refused, Unavailable or a PointsError.

    Args:
        error: What the stub raised, or the exception of its future.
        request: What was sent; its request id is kept if it has one.
    """
    code = error.code()
    request_id = getattr(request, "request_id", "")
    details = _error_details(error)
    kind = _kind(code, details.reason)
    message = error.details() or code.name
    return kind(message, code=code, details=details, request_id=request_id)


def refused(refusal: Refusal, *, request_id: str = "") -> Refused:
    """Returns the refusal of one command of a batch as the error of its own call."""
    details = ErrorDetails(
        reason=refusal.reason,
        domain=refusal.domain,
        metadata=refusal.metadata,
    )
    code = _CODES[refusal.code]
    return Refused(refusal.message, code=code, details=details, request_id=request_id)


def _kind(code: grpc.StatusCode, reason: str) -> type[PointsError]:
    if code in _UNDECIDED:
        return Unavailable
    return Refused if reason and code not in _FAILED else PointsError


def _error_details(error: grpc.RpcError) -> ErrorDetails:
    status = _status(error)
    info = _detail(status, ErrorInfo)
    return ErrorDetails(
        reason=info.reason,
        domain=info.domain,
        metadata=info.metadata,
        retry_after_seconds=_retry_after_seconds(_detail(status, RetryInfo)),
        violations=_violations(_detail(status, BadRequest)),
    )


def _status(error: grpc.RpcError) -> Status:
    # A proxy in between may send details that do not fit its own code. The code
    # counts then, and an error while reading an error helps nobody.
    assert isinstance(error, grpc.Call)  # as all errors are that stubs raise
    try:
        status = rpc_status.from_call(error)
    except (ValueError, DecodeError):
        status = None
    return status or Status()


def _detail(status: Status, kind: type[_Detail]) -> _Detail:
    """Returns the detail of that kind, which is empty if the status has none."""
    detail = kind()
    for packed in status.details:
        if packed.Unpack(detail):
            break
    return detail


def _retry_after_seconds(info: RetryInfo) -> float | None:
    if not info.HasField("retry_delay"):
        return None
    seconds: float = info.retry_delay.ToTimedelta().total_seconds()
    return seconds


def _violations(bad_request: BadRequest) -> tuple[Violation, ...]:
    return tuple(
        Violation(field=violation.field, description=violation.description)
        for violation in bad_request.field_violations
    )
