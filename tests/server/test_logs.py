"""One line in the log for each call."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from structlog.testing import capture_logs

from points.client.connection import Connection
from points.v1.ledger_service_pb2 import GetTransactionRequest
from points.v1.member_service_pb2 import GetMemberRequest
from tests.server import build
from tests.server.failures import error_of


@pytest.fixture
def lines(member: str) -> Iterator[list[Any]]:
    """Yields the lines that are logged from when the member exists."""
    del member
    with capture_logs() as captured:
        yield captured


def without_duration(line: dict[str, Any]) -> dict[str, Any]:
    """Returns a line without what differs from call to call."""
    return {key: value for key, value in line.items() if key != "duration_ms"}


def test_a_write_has_one_line(stubs: Connection, member: str, lines: list[Any]) -> None:
    request = build.earn(member)
    stubs.ledger.Earn(request)

    assert [without_duration(line) for line in lines] == [
        {
            "event": "rpc",
            "log_level": "info",
            "method": "Earn",
            "code": "OK",
            "request_id": request.request_id,
            "member_id": member,
        }
    ]


def test_a_line_tells_how_long_the_call_took(
    stubs: Connection, member: str, lines: list[Any]
) -> None:
    stubs.ledger.Earn(build.earn(member))

    assert 0 < lines[0]["duration_ms"] < 20_000


def test_a_refusal_has_its_code_in_its_line(
    stubs: Connection, member: str, lines: list[Any]
) -> None:
    error_of(stubs.ledger.Burn, build.burn(member))

    assert [line["code"] for line in lines] == ["FAILED_PRECONDITION"]


@pytest.mark.parametrize(
    ("method", "request_of"),
    [
        ("GetMember", lambda member: GetMemberRequest(member_id=member)),
        ("GetTransaction", lambda _: GetTransactionRequest(transaction_id="t1-1")),
        ("BatchWrite", lambda member: build.batch(build.earn(member))),
    ],
    ids=["GetMember", "GetTransaction", "BatchWrite"],
)
def test_a_line_leaves_empty_what_the_request_does_not_have(
    stubs: Connection, member: str, lines: list[Any], method: str, request_of: Any
) -> None:
    call = getattr(stubs.members, method, None) or getattr(stubs.ledger, method)
    call.future(request_of(member)).code()

    (line,) = lines
    assert line["method"] == method
    assert line["request_id"] == ""


def test_bytes_that_are_no_message_have_a_line(
    channel: grpc.Channel, lines: list[Any]
) -> None:
    error_of(channel.unary_unary("/points.v1.LedgerService/Earn"), b"\xff")

    assert [without_duration(line) for line in lines] == [
        {
            "event": "rpc",
            "log_level": "info",
            "method": "Earn",
            "code": "INVALID_ARGUMENT",
            "request_id": "",
            "member_id": "",
        }
    ]
