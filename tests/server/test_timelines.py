"""Balances of the past, and statements in either order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from points.client import PointsClient, Refused, to_timestamp
from points.client.connection import Connection
from points.v1.ledger_service_pb2 import (
    TRANSACTION_ORDER_EFFECTIVE_TIME,
    ListTransactionsRequest,
)
from points.v1.transaction_pb2 import Transaction
from tests.server.failures import failure_of


DAY = timedelta(days=1)


def time_of(transaction: Transaction) -> datetime:
    """Returns when a transaction was recorded."""
    return transaction.record_time.ToDatetime(UTC)


def available(client: PointsClient, member: str, **fields: Any) -> list[int]:
    """Returns what a member has in each unit."""
    found = client.get_balances(member, **fields).balances
    return [balances.available for balances in found]


def test_balances_are_told_as_of_any_instant(client: PointsClient, member: str) -> None:
    first = client.earn(member, 10, reason="purchase").transaction
    second = client.earn(member, 5, reason="purchase").transaction
    moment = timedelta(microseconds=1)

    at = {
        "before": time_of(first) - moment,
        "first": time_of(first),
        "between": time_of(second) - moment,
        "second": time_of(second),
    }

    assert {
        name: available(client, member, record_time=instant)
        for name, instant in at.items()
    } == {"before": [], "first": [10], "between": [10], "second": [15]}


def test_a_unit_that_was_not_there_yet_is_all_zero(
    client: PointsClient, member: str
) -> None:
    first = client.earn(member, 10, reason="purchase").transaction
    before = time_of(first) - timedelta(microseconds=1)

    assert available(client, member, unit="points", record_time=before) == [0]


def test_before_its_creation_there_is_no_member(
    client: PointsClient, member: str
) -> None:
    created = client.get_member(member).member.create_time.ToDatetime(UTC)

    with pytest.raises(Refused) as refused:
        client.get_balances(member, record_time=created - timedelta(microseconds=1))

    assert refused.value.reason == "MEMBER_NOT_FOUND"
    assert available(client, member, record_time=created) == []


def test_nobody_knows_the_balances_of_tomorrow(
    client: PointsClient, member: str
) -> None:
    with pytest.raises(Refused) as refused:
        client.get_balances(member, record_time=datetime.now(UTC) + DAY)

    assert refused.value.metadata == {"record_time": "must not lie ahead"}


@pytest.fixture
def reasons(client: PointsClient, member: str) -> list[str]:
    """Returns the reasons of the member's transactions in the order of the facts."""
    for reason, days in [("b", 2), ("d", 0), ("a", 3), ("c", 1)]:
        happened = datetime.now(UTC) - days * DAY if days else None
        client.earn(member, 1, reason=reason, effective_time=happened)
    return ["d", "c", "b", "a"]


@pytest.mark.parametrize("page_size", [0, 1, 2, 3])
def test_a_statement_is_ordered_by_what_happened_last(
    client: PointsClient, member: str, reasons: list[str], page_size: int
) -> None:
    shown = client.list_transactions(
        member, by_effective_time=True, page_size=page_size
    )

    assert [transaction.reason for transaction in shown] == reasons


def test_a_statement_is_ordered_by_what_was_recorded_last_unless_told(
    client: PointsClient, member: str, reasons: list[str]
) -> None:
    del reasons
    shown = client.list_transactions(member)

    assert [transaction.reason for transaction in shown] == ["c", "a", "d", "b"]


def test_a_filter_holds_in_either_order(
    client: PointsClient, member: str, reasons: list[str]
) -> None:
    del reasons
    since = (datetime.now(UTC) - 2.5 * DAY).isoformat()
    shown = client.list_transactions(
        member, filter_by=f'effective_time >= "{since}"', by_effective_time=True
    )

    assert [transaction.reason for transaction in shown] == ["d", "c", "b"]


def test_what_is_recorded_meanwhile_does_not_disturb_a_statement(
    client: PointsClient, stubs: Connection, member: str, reasons: list[str]
) -> None:
    request = ListTransactionsRequest(
        member_id=member, order=TRANSACTION_ORDER_EFFECTIVE_TIME, page_size=2
    )
    first = stubs.ledger.ListTransactions(request)
    client.earn(member, 1, reason="new")
    happened = to_timestamp(datetime.now(UTC) - timedelta(hours=1))
    client.earn(member, 1, reason="late", effective_time=happened.ToDatetime(UTC))
    request.page_token = first.next_page_token

    second = stubs.ledger.ListTransactions(request)

    shown = [*first.transactions, *second.transactions]
    assert [transaction.reason for transaction in shown] == reasons


def test_a_token_belongs_to_its_order(
    stubs: Connection, member: str, reasons: list[str]
) -> None:
    del reasons
    request = ListTransactionsRequest(member_id=member, page_size=1)
    request.page_token = stubs.ledger.ListTransactions(request).next_page_token
    request.order = TRANSACTION_ORDER_EFFECTIVE_TIME

    failure = failure_of(stubs.ledger.ListTransactions, request)

    assert failure.reason == "PAGE_TOKEN_INVALID"


def test_an_order_that_is_none_is_refused(stubs: Connection, member: str) -> None:
    request = ListTransactionsRequest(member_id=member, order=99)  # type: ignore[arg-type]

    failure = failure_of(stubs.ledger.ListTransactions, request)

    assert failure.metadata == {"order": "is none that this server knows"}
