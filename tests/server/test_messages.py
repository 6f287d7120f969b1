"""What is no proper message or method is refused as carefully as the rest."""

from __future__ import annotations

from typing import Any

import grpc
import pytest
from grpc import StatusCode

from points.client import PointsClient
from points.client.connection import Connection
from points.v1.consistency_pb2 import Consistency
from points.v1.ledger_service_pb2 import (
    EarnRequest,
    EarnResponse,
    GetBalancesRequest,
    ListTransactionsRequest,
)
from tests.server import build
from tests.server.failures import Failure, error_of, failure_of, invalid


NO_MESSAGE = "is no points.v1.EarnRequest, or not UTF-8"
EARN = "/points.v1.LedgerService/Earn"


def raw(channel: grpc.Channel, method: str) -> Any:
    """Returns a method that takes and gives bytes."""
    return channel.unary_unary(method)


@pytest.mark.parametrize(
    "data",
    [b"\xff\xff\xff", b"\x0a\x05abc", b"\x0a\x02\xff\xfe", b"\x12\x01\xc3"],
    ids=["garbage", "cut off", "member id not UTF-8", "unit not UTF-8"],
)
def test_bytes_that_are_no_message_are_an_invalid_argument(
    channel: grpc.Channel, data: bytes
) -> None:
    assert failure_of(raw(channel, EARN), data) == invalid(request=NO_MESSAGE)


def test_metadata_that_is_not_utf8_is_an_invalid_argument(
    channel: grpc.Channel, member: str
) -> None:
    good = build.earn(member, metadata={"key": "valu"}).SerializeToString()
    bad = good.replace(b"valu", b"\xff\xfe\xfd\xfc")

    assert failure_of(raw(channel, EARN), bad) == invalid(request=NO_MESSAGE)


def test_no_bytes_are_a_request_with_nothing_in_it(channel: grpc.Channel) -> None:
    failure = failure_of(raw(channel, EARN), b"")

    assert failure.fields == ("member_id", "request_id", "unit", "points", "reason")


def test_fields_of_a_newer_version_are_passed_over(
    channel: grpc.Channel, member: str
) -> None:
    request: EarnRequest = build.earn(member, 25)
    newer = request.SerializeToString() + b"\xfa\x3e\x05newer"

    answer = EarnResponse.FromString(raw(channel, EARN)(newer))

    assert answer.transaction.balance_after == 25


@pytest.mark.parametrize(
    "method", ["/points.v1.LedgerService/Mint", "/points.v1.MintService/Earn"]
)
def test_a_method_that_does_not_exist_is_unimplemented(
    channel: grpc.Channel, method: str
) -> None:
    assert error_of(raw(channel, method), b"").code() is StatusCode.UNIMPLEMENTED


def test_a_message_over_the_size_limit_is_refused(channel: grpc.Channel) -> None:
    error = error_of(raw(channel, EARN), b"x" * (8 * 1024 * 1024 + 1))

    assert error.code() is StatusCode.RESOURCE_EXHAUSTED


def test_the_server_goes_on_after_a_message_over_the_size_limit(
    channel: grpc.Channel, member: str
) -> None:
    error_of(raw(channel, EARN), b"x" * (8 * 1024 * 1024 + 1))

    assert raw(channel, EARN)(build.earn(member).SerializeToString())


LARGEST = {f"{number:02}" + "☃" * 62: "☃" * 500 for number in range(50)}
"""Metadata of 84 kB."""


def test_the_largest_transaction_is_stored_and_read_back(
    stubs: Connection, member: str
) -> None:
    answer = stubs.ledger.Earn(build.earn(member, metadata=LARGEST))

    (stored,) = stubs.ledger.ListTransactions(
        ListTransactionsRequest(member_id=member)
    ).transactions
    assert stored == answer.transaction
    assert dict(stored.metadata) == LARGEST


@pytest.fixture
def writer_of_much(stubs: Connection, member: str) -> str:
    """Returns a member with 80 transactions of 84 kB: too much for one answer."""
    for _ in range(2):
        commands = [build.earn(member, metadata=LARGEST) for _ in range(40)]
        stubs.ledger.BatchWrite(build.batch(*commands))
    return member


def test_a_page_fits_into_what_clients_accept_by_default(
    stubs: Connection, writer_of_much: str
) -> None:
    request = ListTransactionsRequest(member_id=writer_of_much, page_size=1_000)

    page = stubs.ledger.ListTransactions(request)

    assert 0 < len(page.transactions) < 80
    assert page.next_page_token


def test_pages_that_end_early_leave_nothing_out(
    client: PointsClient, writer_of_much: str
) -> None:
    listed = client.list_transactions(writer_of_much, page_size=1_000)

    assert len({transaction.transaction_id for transaction in listed}) == 80


@pytest.mark.parametrize("length", [129, 20_000, 1_000_000])
def test_a_long_revision_is_refused_with_its_reason(
    stubs: Connection, member: str, length: int
) -> None:
    request = GetBalancesRequest(
        member_id=member, consistency=Consistency(at_least_as_fresh="x" * length)
    )

    failure = failure_of(stubs.ledger.GetBalances, request)

    assert failure.reason == "REVISION_UNKNOWN"


@pytest.mark.parametrize(
    "text",
    [
        "record_time = " + "😀" * 980,
        "record_time = " + "\U000e0001" * 980,
        "a" * 990 + " = 1",
        "x" * 1_000_000,
    ],
    ids=["emoji", "unprintable", "long field", "longer than allowed"],
)
def test_a_long_filter_is_refused_with_its_reason(
    stubs: Connection, member: str, text: str
) -> None:
    request = ListTransactionsRequest(member_id=member, filter=text)

    failure = failure_of(stubs.ledger.ListTransactions, request)

    assert failure.fields == ("filter",)


def test_the_longest_ids_are_refused_with_their_reason(stubs: Connection) -> None:
    longest = "\U000e0001" * 128
    request = build.earn(longest, request_id=longest)

    assert failure_of(stubs.ledger.Earn, request) == Failure(
        code=StatusCode.NOT_FOUND,
        reason="MEMBER_NOT_FOUND",
        metadata={"member_id": longest},
    )
