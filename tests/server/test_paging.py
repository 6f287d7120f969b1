"""Lists: every item once, page by page, while others write."""

from __future__ import annotations

import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from grpc import StatusCode

from points.client import PointsClient, new_request_id
from points.client.connection import Connection
from points.server.paging import write_token
from points.v1.consistency_pb2 import Consistency
from points.v1.ledger_service_pb2 import ListLotsRequest, ListTransactionsRequest
from points.v1.member_service_pb2 import ListMembersRequest
from tests.server import build
from tests.server.failures import Failure, failure_of, invalid


TOKEN_INVALID = Failure(
    code=StatusCode.INVALID_ARGUMENT,
    reason="PAGE_TOKEN_INVALID",
    metadata={"field": "page_token"},
)


@pytest.fixture
def spender(client: PointsClient, member: str) -> str:
    """Returns a member, one of several, with 30 earns and lots of other expiries."""
    start = datetime.now(UTC) + timedelta(days=1)
    commands = [
        build.earn(
            member, 1, expire_time=_timestamp(start + timedelta(days=number * 7 % 30))
        )
        for number in range(30)
    ]
    another = build.create_member(f"another-{member}")
    client.batch_write(build.batch(another, *commands).commands)
    return member


def _timestamp(time: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp


LISTS: dict[str, Any] = {
    "ListMembers": lambda _member, **more: ListMembersRequest(**more),
    "ListLots": lambda member, **more: ListLotsRequest(member_id=member, **more),
    "ListTransactions": lambda member, **more: ListTransactionsRequest(
        member_id=member, **more
    ),
}


def method_of(stubs: Connection, name: str) -> Any:
    """Returns the method of a list."""
    return getattr(stubs.members if name == "ListMembers" else stubs.ledger, name)


@pytest.mark.parametrize("name", LISTS)
def test_a_negative_page_size_is_refused(
    stubs: Connection, member: str, name: str
) -> None:
    request = LISTS[name](member, page_size=-1)

    failure = failure_of(method_of(stubs, name), request)

    assert failure == invalid(page_size="must not be negative")


def token_of(stubs: Connection, name: str, member: str) -> str:
    """Returns the token of the second page of a list."""
    answer = method_of(stubs, name)(LISTS[name](member, page_size=1))
    token: str = answer.next_page_token
    return token


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("token", ["garbage", "AAAA", "☃", "=", "x" * 100_000])
def test_a_token_that_is_none_is_refused(
    stubs: Connection, member: str, name: str, token: str
) -> None:
    request = LISTS[name](member, page_token=token)

    assert failure_of(method_of(stubs, name), request) == TOKEN_INVALID


@pytest.mark.parametrize("name", LISTS)
def test_a_token_that_was_changed_is_refused(
    stubs: Connection, spender: str, name: str
) -> None:
    raw = urlsafe_b64decode(token_of(stubs, name, spender))
    changed = urlsafe_b64encode(bytes([raw[0] ^ 1]) + raw[1:]).decode()

    failure = failure_of(
        method_of(stubs, name), LISTS[name](spender, page_token=changed)
    )

    assert failure == TOKEN_INVALID


@pytest.mark.parametrize("name", ["ListLots", "ListTransactions"])
def test_a_token_of_another_list_is_refused(
    stubs: Connection, spender: str, name: str
) -> None:
    token = token_of(stubs, "ListMembers", spender)

    failure = failure_of(method_of(stubs, name), LISTS[name](spender, page_token=token))

    assert failure == TOKEN_INVALID


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "place",
    [
        None,
        {},
        [],
        [None],
        [True],
        [2**63],
        [1.5],
        ["\0"],
        ["\ud800", -1, 0],
        [-1, "\0"],
    ],
    ids=str,
)
def test_a_token_that_somebody_has_made_is_refused(
    stubs: Connection, spender: str, name: str, place: Any
) -> None:
    request = LISTS[name](spender)
    request.page_token = write_token(request, place)

    assert failure_of(method_of(stubs, name), request) == TOKEN_INVALID


@pytest.mark.parametrize("name", LISTS)
def test_a_token_of_no_json_is_refused(
    stubs: Connection, spender: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = LISTS[name](spender)
    for text in ("x", "[" * 100_000):
        with monkeypatch.context() as patched:
            patched.setattr("json.dumps", lambda *_, text=text, **__: text)
            request.page_token = write_token(request, [])
        assert failure_of(method_of(stubs, name), request) == TOKEN_INVALID


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("ListMembers", {"filter": "state = ACTIVE"}),
        ("ListLots", {"member_id": "somebody else"}),
        ("ListLots", {"unit": "points"}),
        ("ListLots", {"show_closed": True}),
        ("ListTransactions", {"member_id": "somebody else"}),
        ("ListTransactions", {"filter": "kind = EARN"}),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_a_token_of_other_arguments_is_refused(
    stubs: Connection, spender: str, name: str, changes: dict[str, Any]
) -> None:
    token = token_of(stubs, name, spender)
    request = build.changed(LISTS[name](spender, page_token=token), **changes)

    assert failure_of(method_of(stubs, name), request) == TOKEN_INVALID


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize(
    "changes",
    [{"page_size": 7}, {"consistency": Consistency(fully_consistent=True)}],
    ids=["page size", "consistency"],
)
def test_page_size_and_consistency_may_change_between_pages(
    stubs: Connection, spender: str, name: str, changes: dict[str, Any]
) -> None:
    token = token_of(stubs, name, spender)

    assert method_of(stubs, name)(LISTS[name](spender, page_token=token, **changes))


@pytest.mark.parametrize("page_size", [1, 7, 29, 30, 31, 1_000, 2**31 - 1])
def test_every_lot_comes_once_in_order_whatever_the_page_size(
    client: PointsClient, spender: str, page_size: int
) -> None:
    whole = list(client.list_lots(spender))

    paged = list(client.list_lots(spender, page_size=page_size))

    assert len(whole) == 30
    assert paged == whole


@pytest.mark.parametrize("page_size", [1, 7, 30, 31])
def test_every_transaction_comes_once_in_order_whatever_the_page_size(
    client: PointsClient, spender: str, page_size: int
) -> None:
    whole = list(client.list_transactions(spender))

    paged = list(client.list_transactions(spender, page_size=page_size))

    assert len(whole) == 30
    assert paged == whole


@pytest.mark.parametrize("page_size", [29, 30])
def test_the_last_page_has_no_token(
    stubs: Connection, spender: str, page_size: int
) -> None:
    request = ListTransactionsRequest(member_id=spender, page_size=page_size)

    token = stubs.ledger.ListTransactions(request).next_page_token

    assert bool(token) is (page_size < 30)


def test_a_page_holds_fifty_items_unless_told(
    stubs: Connection, client: PointsClient, member: str
) -> None:
    commands = build.batch(*(build.earn(member, 1) for _ in range(51))).commands
    client.batch_write(commands)

    answer = stubs.ledger.ListTransactions(ListTransactionsRequest(member_id=member))

    assert len(answer.transactions) == 50


def test_a_page_size_over_a_thousand_is_lowered(
    stubs: Connection, client: PointsClient, member: str
) -> None:
    commands = build.batch(*(build.earn(member, 1) for _ in range(1_001))).commands
    client.batch_write(commands)
    request = ListTransactionsRequest(member_id=member, page_size=1_001)

    assert len(stubs.ledger.ListTransactions(request).transactions) == 1_000


class Bystander:
    """Goes on creating members, earning and burning until told to stop."""

    def __init__(self, client: PointsClient, member_id: str) -> None:
        self._client = client
        self._member_id = member_id
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._write)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._thread.join()

    def _write(self) -> None:
        while not self._stopped.is_set():
            self._client.create_member(f"later-{new_request_id()}")
            self._client.earn(self._member_id, 2, reason="more")
            self._client.burn(self._member_id, 1, reason="less")


def test_every_member_comes_once_while_others_are_created(
    client: PointsClient, member: str
) -> None:
    names = [f"{member}-{number}" for number in range(40)]
    client.batch_write(build.batch(*map(build.create_member, names)).commands)

    with Bystander(client, member):
        listed = [item.member_id for item in client.list_members(page_size=3)]

    assert sorted(set(listed)) == sorted(listed)
    assert set(listed) >= {member, *names}


def test_every_transaction_comes_once_while_more_are_made(
    client: PointsClient, spender: str
) -> None:
    before = [item.transaction_id for item in client.list_transactions(spender)]

    with Bystander(client, spender):
        listed = [
            item.transaction_id
            for item in client.list_transactions(spender, page_size=2)
        ]

    assert listed[-30:] == before
    assert sorted(set(listed)) == sorted(listed)


def test_every_lot_comes_once_while_lots_are_drawn(
    client: PointsClient, spender: str
) -> None:
    before = [lot.lot_id for lot in client.list_lots(spender)]

    with Bystander(client, spender):
        listed = [
            lot.lot_id
            for lot in client.list_lots(spender, page_size=2, show_closed=True)
        ]

    assert sorted(set(listed)) == sorted(listed)
    assert set(listed) >= set(before)
