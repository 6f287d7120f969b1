"""Callers who leave: before the work is queued nothing is done, afterwards all is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from google.rpc.status_pb2 import Status
from grpc import StatusCode
from grpc_status import rpc_status
from structlog.testing import capture_logs

from points.client import PointsClient
from points.client.connection import Connection
from points.server.calls import _abort
from points.v1.ledger_service_pb2 import GetOutcomeRequest
from points.v1.member_service_pb2 import GetMemberRequest
from tests.server import build
from tests.server.failures import (
    ErrorInfo,
    details_of,
    error_of,
    failure_of,
    kinds_of,
    status_of,
)
from tests.server.holding import held_up
from tests.server.running import Served


Leave = Callable[[Any], None]


def deadline(value: str) -> dict[str, Any]:
    """Returns a deadline that the server is told and the client does not watch."""
    return {"timeout": None, "metadata": [("grpc-timeout", value)]}


def refused_in_time(stubs: Connection, member: str, value: str) -> Any:
    """Returns the error of a late call that the server had time to refuse itself.

    gRPC may find the deadline passed before our code sees the call; it then says
    DEADLINE_EXCEEDED without details.
    """
    request = build.earn(member)
    errors = (
        error_of(stubs.ledger.Earn, request, **deadline(value)) for _ in range(50)
    )
    return next(error for error in errors if rpc_status.from_call(error))


@pytest.mark.parametrize("value", ["0n", "1n", "1500u"])
def test_a_deadline_that_is_too_near_is_refused(
    stubs: Connection, member: str, value: str
) -> None:
    error = refused_in_time(stubs, member, value)

    status = status_of(error)
    (info,) = details_of(status, ErrorInfo())
    assert error.code() is StatusCode.DEADLINE_EXCEEDED
    assert kinds_of(status) == ["ErrorInfo"]
    assert info.reason == "DEADLINE_TOO_NEAR"
    assert info.metadata["remaining_ms"] in {"0", "1"}


@pytest.mark.parametrize(
    "options",
    [deadline("0n"), deadline("1500u"), {"timeout": 0.001}, {"timeout": -1}],
    ids=["passed", "too near", "of the client", "passed at the client"],
)
def test_nothing_is_recorded_behind_a_deadline(
    stubs: Connection, member: str, options: dict[str, Any]
) -> None:
    request = build.earn(member)
    error = error_of(stubs.ledger.Earn, request, **options)

    asked = GetOutcomeRequest(member_id=member, request_id=request.request_id)
    outcome = failure_of(stubs.ledger.GetOutcome, asked)

    assert error.code() is StatusCode.DEADLINE_EXCEEDED
    assert outcome.reason == "OUTCOME_NOT_FOUND"


def test_a_deadline_that_leaves_time_is_met(stubs: Connection, member: str) -> None:
    answer = stubs.ledger.Earn(build.earn(member), **deadline("20S"))

    assert not answer.replayed


def cancelled(call: Any) -> None:
    """Cancels a call."""
    call.cancel()


def awaited(call: Any) -> None:
    """Waits until the deadline of a call has passed."""
    call.exception()


@pytest.mark.parametrize("leave", [cancelled, awaited])
def test_a_call_that_its_caller_leaves_is_carried_out_all_the_same(
    server: Served, stubs: Connection, member: str, leave: Leave
) -> None:
    request = build.earn(member)
    with held_up(server.database_url):
        call = stubs.ledger.Earn.future(request, timeout=0.5)
        # Its answer tells that the call before it is queued.
        stubs.members.GetMember(GetMemberRequest(member_id=member))
        leave(call)

    # Writes of one member are done in their order.
    stubs.ledger.Earn(build.earn(member))
    asked = GetOutcomeRequest(member_id=member, request_id=request.request_id)
    assert stubs.ledger.GetOutcome(asked).outcome.transaction.transaction_id
    assert call.code() in {StatusCode.CANCELLED, StatusCode.DEADLINE_EXCEEDED}


def test_the_request_id_of_a_cancelled_call_gets_its_answer(
    server: Served, client: PointsClient, member: str
) -> None:
    request = build.earn(member)
    with held_up(server.database_url):
        call = client.ledger.Earn.future(request)
        client.get_member(member)
        call.cancel()

    answer = client.ledger.Earn(request)

    assert answer.replayed


def test_a_cancelled_call_has_its_line_in_the_log(
    server: Served, client: PointsClient, member: str
) -> None:
    request = build.earn(member)
    with capture_logs() as lines:
        with held_up(server.database_url):
            call = client.ledger.Earn.future(request)
            client.get_member(member)
            call.cancel()
        # The server has noticed by the time that it has answered this.
        client.ledger.Earn(request)

    codes = [line["code"] for line in lines if line.get("method") == "Earn"]
    assert codes == ["CANCELLED", "OK"]


def test_the_channel_of_a_cancelled_call_stays_usable(
    server: Served, channel: grpc.Channel, stubs: Connection, member: str
) -> None:
    with held_up(server.database_url):
        stubs.ledger.Earn.future(build.earn(member)).cancel()

    assert stubs.ledger.Earn(build.earn(member)).transaction
    assert channel


class _Gone:
    """Is the context of a call whose caller is gone when it is to be told something."""

    async def abort(self, *_: object) -> None:
        raise RuntimeError("ExecuteBatchError raised in core")


def test_a_caller_who_is_gone_before_a_refusal_is_told_is_no_error() -> None:
    status = Status(code=StatusCode.DEADLINE_EXCEEDED.value[0])

    with pytest.raises(asyncio.CancelledError):
        asyncio.run(_abort(_Gone(), status))  # type: ignore[arg-type]
