"""Errors say what the server said, decoded from what travels over the wire."""

from __future__ import annotations

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo

from points.client import (
    PointsClient,
    PointsError,
    Refused,
    Unavailable,
    Violation,
    refused,
)
from points.v1.outcome_pb2 import Refusal
from tests.client.scripted import Script, failure


def error_of(client: PointsClient) -> PointsError:
    """Returns what the next call fails with."""
    with pytest.raises(PointsError) as caught:
        client.earn("alice", 1, reason="purchase", request_id="order-17")
    return caught.value


def test_a_refusal_carries_reason_domain_metadata_and_request_id(
    client: PointsClient,
    script: Script,
) -> None:
    info = ErrorInfo(
        reason="MEMBER_NOT_FOUND",
        domain="points",
        metadata={"member_id": "alice"},
    )
    script.failures = [failure(grpc.StatusCode.NOT_FOUND, info, message="no alice")]

    error = error_of(client)

    assert type(error) is Refused
    assert error.code is grpc.StatusCode.NOT_FOUND
    assert error.reason == "MEMBER_NOT_FOUND"
    assert error.domain == "points"
    assert error.metadata == {"member_id": "alice"}
    assert error.request_id == "order-17"
    assert str(error) == "no alice"


def test_a_bad_request_names_each_field(client: PointsClient, script: Script) -> None:
    field = BadRequest.FieldViolation(field="points", description="must be above zero")
    details: list[Message] = [
        ErrorInfo(reason="INVALID_ARGUMENT"),
        BadRequest(field_violations=[field]),
    ]
    script.failures = [failure(grpc.StatusCode.INVALID_ARGUMENT, *details)]

    error = error_of(client)

    assert error.violations == (
        Violation(field="points", description="must be above zero"),
    )


def test_a_full_queue_says_when_to_come_again(
    client: PointsClient,
    script: Script,
) -> None:
    details: list[Message] = [
        ErrorInfo(reason="QUEUE_FULL"),
        RetryInfo(retry_delay=Duration(nanos=250_000_000)),
    ]
    script.failures = [failure(grpc.StatusCode.RESOURCE_EXHAUSTED, *details)]

    error = error_of(client)

    assert type(error) is PointsError
    assert error.retry_after_seconds == 0.25


def test_a_failure_inside_the_server_is_not_a_refusal(
    client: PointsClient,
    script: Script,
) -> None:
    info = ErrorInfo(reason="INTERNAL", metadata={"error_id": "7c9e6679"})
    script.failures = [failure(grpc.StatusCode.INTERNAL, info)]

    error = error_of(client)

    assert type(error) is PointsError
    assert error.metadata == {"error_id": "7c9e6679"}


@pytest.mark.parametrize(
    "code",
    [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED],
)
def test_a_lost_answer_says_to_repeat_with_the_same_request_id(
    client: PointsClient,
    script: Script,
    code: grpc.StatusCode,
) -> None:
    script.failures = [failure(code)] * 10

    error = error_of(client)

    assert type(error) is Unavailable
    assert str(error) == (
        "as scripted; the outcome is unknown:"
        " repeat with the same request id 'order-17'"
    )


def test_a_read_without_an_answer_has_nothing_to_repeat_for(
    client: PointsClient,
    script: Script,
) -> None:
    script.failures = [failure(grpc.StatusCode.UNAVAILABLE)] * 10

    with pytest.raises(Unavailable) as caught:
        client.get_member("alice")

    assert str(caught.value) == "as scripted"


def test_an_error_of_grpc_itself_has_no_reason(
    client: PointsClient,
    script: Script,
) -> None:
    script.failures = [failure(grpc.StatusCode.UNIMPLEMENTED, message="")]

    error = error_of(client)

    assert type(error) is PointsError
    assert error.reason == ""
    assert error.retry_after_seconds is None
    assert str(error) == "UNIMPLEMENTED"


@pytest.mark.parametrize(
    "details",
    [
        pytest.param(b"\xff", id="not a message"),
        pytest.param(b"\x08\x09", id="of another code"),
    ],
)
def test_details_that_make_no_sense_are_left_out(
    client: PointsClient,
    script: Script,
    details: bytes,
) -> None:
    metadata = (("grpc-status-details-bin", details),)
    status = failure(grpc.StatusCode.NOT_FOUND)
    script.failures = [status._replace(trailing_metadata=metadata)]

    error = error_of(client)

    assert error.code is grpc.StatusCode.NOT_FOUND
    assert error.reason == ""


def test_a_refused_command_of_a_batch_is_the_same_error() -> None:
    refusal = Refusal(
        code=9,
        reason="INSUFFICIENT_POINTS",
        domain="points",
        message="alice has 10",
        metadata={"available": "10"},
    )

    error = refused(refusal, request_id="order-17")

    assert error.code is grpc.StatusCode.FAILED_PRECONDITION
    assert error.reason == "INSUFFICIENT_POINTS"
    assert error.metadata == {"available": "10"}
    assert error.request_id == "order-17"
