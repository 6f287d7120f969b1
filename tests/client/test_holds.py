"""Requests about holds are built exactly, without a server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.duration_pb2 import Duration

from points.client import (
    batch_command,
    capture_hold_request,
    place_hold_request,
    to_timestamp,
    void_hold_request,
)
from points.v1.hold_pb2 import (
    TIMEOUT_ACTION_CAPTURE,
    CaptureHoldRequest,
    PlaceHoldRequest,
    VoidHoldRequest,
)
from points.v1.ledger_service_pb2 import BatchCommand


MIDNIGHT = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_hold_needs_no_more_than_member_points_reason_and_request_id() -> None:
    request = place_hold_request("alice", 25, reason="bid", request_id="bid-17")

    assert request == PlaceHoldRequest(
        member_id="alice", unit="points", points=25, reason="bid", request_id="bid-17"
    )


def test_a_hold_carries_every_option() -> None:
    request = place_hold_request(
        "alice",
        25,
        reason="bid",
        request_id="bid-17",
        unit="miles",
        sink="auction",
        timeout=timedelta(minutes=5, microseconds=1),
        on_timeout=TIMEOUT_ACTION_CAPTURE,
        freeze_expiry=True,
        effective_time=MIDNIGHT,
        metadata={"lot": "7"},
        validate_only=True,
    )

    assert request == PlaceHoldRequest(
        member_id="alice",
        unit="miles",
        points=25,
        reason="bid",
        request_id="bid-17",
        sink="auction",
        timeout=Duration(seconds=300, nanos=1_000),
        on_timeout=TIMEOUT_ACTION_CAPTURE,
        freeze_expiry=True,
        effective_time=to_timestamp(MIDNIGHT),
        metadata={"lot": "7"},
        validate_only=True,
    )


def test_a_hold_lapses_after_a_while_or_at_an_instant() -> None:
    request = place_hold_request(
        "alice", 25, reason="bid", request_id="bid-17", lapse_time=MIDNIGHT
    )

    assert request.lapse_time == to_timestamp(MIDNIGHT)
    with pytest.raises(ValueError, match="not both"):
        place_hold_request(
            "alice",
            25,
            reason="bid",
            request_id="bid-17",
            timeout=timedelta(1),
            lapse_time=MIDNIGHT,
        )


def test_a_capture_carries_every_option() -> None:
    request = capture_hold_request(
        "alice",
        "h17-42",
        request_id="won-17",
        points=20,
        reason="won",
        sink="auction",
        void_rest=True,
        effective_time=MIDNIGHT,
        metadata={"lot": "7"},
        validate_only=True,
    )

    assert request == CaptureHoldRequest(
        member_id="alice",
        hold_id="h17-42",
        points=20,
        request_id="won-17",
        reason="won",
        sink="auction",
        void_rest=True,
        effective_time=to_timestamp(MIDNIGHT),
        metadata={"lot": "7"},
        validate_only=True,
    )


def test_a_void_carries_every_option() -> None:
    request = void_hold_request(
        "alice",
        "h17-42",
        request_id="lost-17",
        reason="outbid",
        effective_time=MIDNIGHT,
        metadata={"lot": "7"},
        validate_only=True,
    )

    assert request == VoidHoldRequest(
        member_id="alice",
        hold_id="h17-42",
        request_id="lost-17",
        reason="outbid",
        effective_time=to_timestamp(MIDNIGHT),
        metadata={"lot": "7"},
        validate_only=True,
    )


def test_requests_about_holds_are_commands_of_a_batch() -> None:
    place = place_hold_request("alice", 25, reason="bid", request_id="bid-17")
    capture = capture_hold_request("alice", "h17-42", request_id="won-17")
    void = void_hold_request("alice", "h17-42", request_id="lost-17")

    assert [batch_command(request) for request in (place, capture, void)] == [
        BatchCommand(place_hold=place),
        BatchCommand(capture_hold=capture),
        BatchCommand(void_hold=void),
    ]
