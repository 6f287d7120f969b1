"""Calls are bounded, ordered within a lane, and repeated while it makes sense."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Iterator

import grpc
import pytest
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo

from points.client import PointsClient, PointsError, Refused
from points.demo.window import StalledError, Window
from points.v1.member_service_pb2 import GetMemberRequest, GetMemberResponse
from tests.client.scripted import Script, failure, scripted_server


GetMembers = Window[GetMemberRequest, GetMemberResponse]

# Only the window repeats here, so that each attempt is seen.
NO_RETRIES = [("grpc.enable_retries", 0)]


@pytest.fixture
def script() -> Iterator[Script]:
    """Runs a server that plays the returned script."""
    with scripted_server() as script:
        yield script


@pytest.fixture
def client(script: Script) -> Iterator[PointsClient]:
    """Connects to the scripted server, without retries."""
    with PointsClient(script.address, options=NO_RETRIES) as client:
        yield client


def window_of(
    client: PointsClient, *, size: int = 2, patience_seconds: float = 10.0
) -> GetMembers:
    """Returns a window that reads members through the client."""
    return Window(
        lambda request: client.members.GetMember.future(request, timeout=10.0),
        size=size,
        patience_seconds=patience_seconds,
    )


def read(window: GetMembers, lanes: Iterable[Iterable[str]]) -> list[str]:
    """Reads the members of each lane and returns their ids as they come back."""
    requests = ([GetMemberRequest(member_id=one) for one in lane] for lane in lanes)
    return [answered.request.member_id for answered in window.answers(requests)]


def test_every_request_is_answered_once(client: PointsClient, script: Script) -> None:
    ids = [str(number) for number in range(50)]

    answered = read(window_of(client, size=8), ([one] for one in ids))

    assert sorted(answered, key=int) == ids
    assert len(script.requests) == 50


def test_a_lane_keeps_its_order_over_repetitions(
    client: PointsClient, script: Script
) -> None:
    script.failures = [failure(grpc.StatusCode.UNAVAILABLE)] * 5

    answered = read(window_of(client), [["a1", "a2", "a3"], ["b1", "b2", "b3"]])

    assert [one for one in answered if one.startswith("a")] == ["a1", "a2", "a3"]
    assert [one for one in answered if one.startswith("b")] == ["b1", "b2", "b3"]


def test_no_more_calls_are_in_flight_than_told(client: PointsClient) -> None:
    calls: list[grpc.Future[GetMemberResponse]] = []
    in_flight: list[int] = []

    def send(request: GetMemberRequest) -> grpc.Future[GetMemberResponse]:
        in_flight.append(1 + sum(not call.done() for call in calls))
        calls.append(client.members.GetMember.future(request, timeout=10.0))
        return calls[-1]

    window = Window(send, size=3, patience_seconds=10.0)
    read(window, ([str(number)] for number in range(30)))

    assert max(in_flight) <= 3
    assert len(calls) == 30


def test_the_time_of_the_answered_attempt_is_measured(
    client: PointsClient, script: Script
) -> None:
    wait = RetryInfo(retry_delay=Duration(seconds=1))
    script.failures = [failure(grpc.StatusCode.RESOURCE_EXHAUSTED, wait)]

    [answered] = window_of(client).answers([[GetMemberRequest(member_id="alice")]])

    assert 0 < answered.nanoseconds < 900_000_000


@pytest.mark.parametrize(
    "code",
    [
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.CANCELLED,
    ],
)
def test_a_lost_answer_is_asked_for_again_with_the_same_request(
    client: PointsClient, script: Script, code: grpc.StatusCode
) -> None:
    script.failures = [failure(code)] * 2
    window = window_of(client)

    assert read(window, [["alice"]]) == ["alice"]
    assert script.requests == [GetMemberRequest(member_id="alice")] * 3
    assert window.repeated == 2


def test_a_full_queue_is_given_the_time_it_asks_for(
    client: PointsClient, script: Script
) -> None:
    wait = RetryInfo(retry_delay=Duration(nanos=300_000_000))
    script.failures = [failure(grpc.StatusCode.RESOURCE_EXHAUSTED, wait)]
    window = window_of(client)

    read(window, [["alice"]])

    first, second = script.arrival_seconds
    assert second - first >= 0.29


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (
            failure(grpc.StatusCode.NOT_FOUND, ErrorInfo(reason="MEMBER_NOT_FOUND")),
            Refused,
        ),
        (failure(grpc.StatusCode.RESOURCE_EXHAUSTED), PointsError),
        (failure(grpc.StatusCode.INTERNAL), PointsError),
    ],
)
def test_any_other_error_ends_everything(
    client: PointsClient, script: Script, status: object, kind: type[PointsError]
) -> None:
    script.failures = [status]
    window = window_of(client)

    with pytest.raises(PointsError) as caught:
        read(window, [["alice"]])

    assert type(caught.value) is kind
    assert window.repeated == 0


def test_a_server_that_is_away_is_waited_for_with_patience() -> None:
    # Nobody listens on port 1.
    with PointsClient("127.0.0.1:1", options=NO_RETRIES) as client:
        window = window_of(client, patience_seconds=0.3)

        with pytest.raises(StalledError, match=r"no progress for 0\.3 s: .*refused"):
            read(window, [["alice"]])

    assert window.repeated > 0


def test_a_server_that_is_silent_is_waited_for_with_patience() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with PointsClient(f"127.0.0.1:{port}") as client:
            window = window_of(client, patience_seconds=0.3)

            with pytest.raises(StalledError, match="silence"):
                read(window, [["alice"]])
