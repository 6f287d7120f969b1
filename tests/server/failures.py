"""What a call fails with, as one value that a test can compare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, QuotaFailure, RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Is everything but the sentence that an error says."""

    code: grpc.StatusCode
    reason: str
    domain: str = "points"
    metadata: Mapping[str, str] = field(default_factory=dict)
    fields: tuple[str, ...] = ()


def invalid(**violations: str) -> Failure:
    """Returns the failure of a request with something wrong in these fields."""
    return Failure(
        code=grpc.StatusCode.INVALID_ARGUMENT,
        reason="INVALID_ARGUMENT",
        metadata=violations,
        fields=tuple(violations),
    )


def failure_of(method: Any, request: Any) -> Failure:
    """Makes a call that must fail, and returns what it fails with."""
    error = error_of(method, request)
    status = status_of(error)
    (info,) = details_of(status, ErrorInfo())
    return Failure(
        code=error.code(),
        reason=info.reason,
        domain=info.domain,
        metadata=dict(info.metadata),
        fields=tuple(
            violation.field
            for bad_request in details_of(status, BadRequest())
            for violation in bad_request.field_violations
        ),
    )


def error_of(method: Any, request: Any, **options: Any) -> Any:
    """Makes a call that must fail, and returns the error that it raises."""
    with pytest.raises(grpc.RpcError) as raised:
        method(request, **{"timeout": 20, **options})
    return raised.value


def status_of(error: Any) -> Status:
    """Returns the rich status of an error; it must have one."""
    status = rpc_status.from_call(error)
    assert status is not None, f"{error.code()} has no details: {error.details()}"
    return status


def details_of(status: Status, kind: Message) -> list[Any]:
    """Returns every detail of the same kind as `kind`."""
    found = []
    for packed in status.details:
        detail = type(kind)()
        if packed.Unpack(detail):
            found.append(detail)
    return found


def kinds_of(status: Status) -> list[str]:
    """Returns the names of the details, in order."""
    return [packed.TypeName().rpartition(".")[2] for packed in status.details]


__all__ = [
    "BadRequest",
    "ErrorInfo",
    "Failure",
    "QuotaFailure",
    "RetryInfo",
    "details_of",
    "error_of",
    "failure_of",
    "invalid",
    "kinds_of",
    "status_of",
]
