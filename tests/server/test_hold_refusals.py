"""Holds on the wire: what is refused, and how it says so."""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from grpc import StatusCode

from points.client import PointsClient, Refused
from points.client.connection import Connection
from points.v1 import hold_pb2 as pb
from points.v1.hold_pb2 import Hold
from tests.server import build
from tests.server.failures import Failure, failure_of


SOON = Duration(nanos=50_000_000)


def refusal(code: StatusCode, reason: str, **metadata: str) -> Failure:
    """Returns the failure of a refusal."""
    return Failure(code=code, reason=reason, metadata=metadata)


@pytest.mark.parametrize("hold_id", ["h0-999999", "h99999-1", "t0-1", "hold", "h0-0"])
def test_a_hold_that_does_not_exist_is_refused(
    stubs: Connection, saver: str, hold_id: str
) -> None:
    unknown = refusal(StatusCode.NOT_FOUND, "HOLD_NOT_FOUND", hold_id=hold_id)

    assert (
        failure_of(stubs.ledger.VoidHold, build.void_hold(saver, hold_id=hold_id))
        == unknown
    )
    assert (
        failure_of(stubs.ledger.CaptureHold, build.capture_hold(saver, hold_id=hold_id))
        == unknown
    )
    assert failure_of(stubs.ledger.GetHold, pb.GetHoldRequest(hold_id=hold_id)) == (
        unknown
    )


def test_a_capture_cannot_exceed_the_hold(
    stubs: Connection, saver: str, held: Hold
) -> None:
    failure = failure_of(
        stubs.ledger.CaptureHold,
        build.capture_hold(saver, hold_id=held.hold_id, points=41),
    )

    assert failure == refusal(
        StatusCode.FAILED_PRECONDITION,
        "HOLD_EXCEEDED",
        hold_id=held.hold_id,
        open_points="40",
        points="41",
    )


def test_a_hold_that_has_ended_stays_so(
    client: PointsClient, saver: str, held: Hold
) -> None:
    client.capture_hold(saver, held.hold_id)

    with pytest.raises(Refused) as refused:
        client.void_hold(saver, held.hold_id)

    assert refused.value.reason == "HOLD_NOT_OPEN"
    assert refused.value.metadata == {"hold_id": held.hold_id, "state": "CAPTURED"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"points": 0}, "points"),
        ({"timeout": Duration()}, "timeout"),
        ({"timeout": Duration(seconds=-1)}, "timeout"),
        ({"timeout": Duration(nanos=999)}, "timeout"),
        ({"timeout": Duration(seconds=2**62)}, "timeout"),
        ({"lapse_time": Timestamp(seconds=1)}, "lapse_time"),
        ({"lapse_time": Timestamp(seconds=-1)}, "lapse_time"),
        ({"on_timeout": pb.TIMEOUT_ACTION_VOID}, "on_timeout"),
        ({"on_timeout": pb.TIMEOUT_ACTION_CAPTURE}, "on_timeout"),
        ({"timeout": SOON, "on_timeout": 9}, "on_timeout"),
    ],
)
def test_a_malformed_hold_is_refused_by_its_field(
    stubs: Connection, saver: str, changes: dict[str, Any], field: str
) -> None:
    failure = failure_of(stubs.ledger.PlaceHold, build.place_hold(saver, **changes))

    assert failure.reason == "INVALID_ARGUMENT"
    assert list(failure.metadata) == [field]


@pytest.mark.parametrize("states", [[0], [Hold.STATE_OPEN, 9]])
def test_states_that_holds_do_not_have_cannot_be_listed(
    stubs: Connection, saver: str, states: list[Any]
) -> None:
    request = pb.ListHoldsRequest(member_id=saver, states=states)

    failure = failure_of(stubs.ledger.ListHolds, request)

    assert list(failure.metadata) == ["states"]


def test_holds_of_nobody_are_not_listed(stubs: Connection, stranger: str) -> None:
    request = pb.ListHoldsRequest(member_id=stranger)

    failure = failure_of(stubs.ledger.ListHolds, request)

    assert failure.reason == "MEMBER_NOT_FOUND"


def test_holds_of_an_unknown_unit_are_not_listed(stubs: Connection, saver: str) -> None:
    request = pb.ListHoldsRequest(member_id=saver, unit="stars")

    assert failure_of(stubs.ledger.ListHolds, request).reason == "UNIT_UNKNOWN"


def test_a_frozen_member_holds_and_captures_nothing(
    stubs: Connection, saver: str, held: Hold
) -> None:
    stubs.members.FreezeMember(build.freeze_member(saver))
    frozen = refusal(StatusCode.FAILED_PRECONDITION, "MEMBER_FROZEN", member_id=saver)

    assert failure_of(stubs.ledger.PlaceHold, build.place_hold(saver)) == frozen
    assert (
        failure_of(
            stubs.ledger.CaptureHold, build.capture_hold(saver, hold_id=held.hold_id)
        )
        == frozen
    )
    assert (
        stubs.ledger.VoidHold(
            build.void_hold(saver, hold_id=held.hold_id)
        ).hold.voided_points
        == 40
    )
