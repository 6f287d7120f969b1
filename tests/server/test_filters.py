"""Filters of lists."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from points.client import PointsClient
from points.client.connection import Connection
from points.v1.ledger_service_pb2 import ListTransactionsRequest
from points.v1.member_service_pb2 import ListMembersRequest
from points.v1.transaction_pb2 import TransactionKind
from tests.server import build
from tests.server.failures import failure_of, invalid


@pytest.fixture
def shopper(client: PointsClient, member: str) -> str:
    """Returns a member with two earns and a burn, each of other points."""
    client.earn(member, 1, reason="a", effective_time=datetime(2020, 1, 1, tzinfo=UTC))
    client.earn(member, 2, reason="b", effective_time=datetime(2021, 1, 1, tzinfo=UTC))
    client.burn(member, 3, reason="c")
    return member


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("", [1, 2, 3]),
        ("  ", [1, 2, 3]),
        ("kind = EARN", [1, 2]),
        ("kind=EARN", [1, 2]),
        ('kind = "EARN"', [1, 2]),
        ("kind != EARN", [3]),
        ("kind = NOTHING", []),
        ("channel = core", [1, 2, 3]),
        ("channel != core", []),
        ('effective_time < "2021-01-01T00:00:00Z"', [1]),
        ('effective_time <= "2021-01-01T00:00:00Z"', [1, 2]),
        ('effective_time > "2021-01-01T00:00:00Z"', [3]),
        ('effective_time >= "2021-01-01T00:00:00Z"', [2, 3]),
        ('effective_time = "2021-01-01T01:00:00+01:00"', [2]),
        ('effective_time != "2021-01-01T00:00:00Z"', [1, 3]),
        ("record_time > 2022-01-01T00:00:00Z AND kind = BURN", [3]),
        ('record_time < "0001-01-01T00:00:00Z"', []),
        ('record_time < "9999-12-31T23:59:59.999999Z"', [1, 2, 3]),
        ("kind = EARN AND kind = BURN", []),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_transactions_are_listed_that_meet_every_condition(
    client: PointsClient, shopper: str, text: str, points: list[int]
) -> None:
    found = client.list_transactions(shopper, filter_by=text)

    assert sorted(item.postings[0].points for item in found) == points


def test_a_filter_holds_over_pages(client: PointsClient, shopper: str) -> None:
    found = client.list_transactions(shopper, filter_by="kind = EARN", page_size=1)

    kinds = [TransactionKind.Name(item.kind) for item in found]
    assert kinds == ["TRANSACTION_KIND_EARN"] * 2


@pytest.mark.parametrize(
    ("state", "is_found"), [("FROZEN", True), ("ACTIVE", False)], ids=str
)
def test_members_are_found_by_their_state(
    client: PointsClient, member: str, state: str, *, is_found: bool
) -> None:
    client.freeze_member(member)
    text = f'member_id = "{member}" AND state = {state}'

    assert bool(list(client.list_members(filter_by=text))) is is_found


@pytest.mark.parametrize(
    ("operator", "is_found"),
    [("=", True), ("!=", False), (">=", True), (">", False), ("<", False)],
)
def test_members_are_found_by_their_times(
    client: PointsClient, member: str, operator: str, *, is_found: bool
) -> None:
    created = client.get_member(member).member.create_time.ToJsonString()
    text = f'member_id = "{member}" AND create_time {operator} "{created}"'

    assert bool(list(client.list_members(filter_by=text))) is is_found


@pytest.mark.parametrize(
    "quoted", [r"say \"hi\"", r"back\\slash", "it's", "50%", "a AND b"]
)
def test_a_quoted_value_may_hold_anything(
    client: PointsClient, stranger: str, quoted: str
) -> None:
    plain = stranger + quoted.replace('\\"', '"').replace("\\\\", "\\")
    client.create_member(plain)

    found = client.list_members(filter_by=f'member_id = "{stranger}{quoted}"')

    assert [item.member_id for item in found] == [plain]


NEEDS = "needs `field operator value` at position "


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("nonsense", NEEDS + "0"),
        ("kind =", NEEDS + "0"),
        ("= EARN", NEEDS + "0"),
        ("kind = EARN AND", "needs AND at position 12"),
        ("kind = EARN AND ", NEEDS + "15"),
        ("kind = EARN OR kind = BURN", "needs AND at position 12"),
        (
            "points = 5",
            "has no field 'points': use kind, channel, effective_time, record_time",
        ),
        ("kind < EARN", "compares kind with = and != only"),
        (
            "record_time = yesterday",
            "needs an instant such as 2026-01-31T12:00:00Z, not 'yesterday'",
        ),
        (
            "record_time = 2026-01-31T12:00:00",
            "needs an instant such as 2026-01-31T12:00:00Z, not '2026-01-31T12:00:00'",
        ),
        ('kind = "a\0b"', "must not contain NUL"),
        ("x" * 1_001, "must have at most 1000 characters"),
    ],
    ids=lambda value: value[:30].replace("\0", "NUL"),
)
def test_a_filter_that_says_nothing_is_refused(
    stubs: Connection, member: str, text: str, what: str
) -> None:
    request = ListTransactionsRequest(member_id=member, filter=text)

    assert failure_of(stubs.ledger.ListTransactions, request) == invalid(filter=what)


def test_members_have_fields_of_their_own(stubs: Connection) -> None:
    request = ListMembersRequest(filter="kind = EARN")

    failure = failure_of(stubs.members.ListMembers, request)

    what = "has no field 'kind': use member_id, state, create_time, update_time"
    assert failure == invalid(filter=what)


@pytest.mark.parametrize(
    "value", ["'; DROP TABLE record; --", '\\" OR 1 = 1', "%", "_"]
)
def test_a_value_is_never_part_of_the_query(
    client: PointsClient, member: str, value: str
) -> None:
    client.batch_write(build.batch(build.earn(member)).commands)

    found = client.list_transactions(member, filter_by=f'channel = "{value}"')

    assert list(found) == []
