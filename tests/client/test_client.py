"""The client makes up request ids, retries, sends deadlines and follows pages."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

import grpc
import pytest
from google.protobuf.message import Message

from points.client import (
    NaiveTimeError,
    PointsClient,
    PointsError,
    batch_command,
    earn_request,
    open_channel,
)
from points.v1 import ledger_service_pb2, member_service_pb2
from points.v1.consistency_pb2 import Consistency
from points.v1.ledger_service_pb2_grpc import LedgerServiceStub
from points.v1.lot_pb2 import Lot
from points.v1.member_pb2 import Member
from points.v1.transaction_pb2 import Transaction
from tests.client.scripted import Script, failure
from tests.postgresql.proxy import TcpProxy


Use = Callable[[PointsClient], object]

NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - naive on purpose
FRESH = Consistency(fully_consistent=True)
SECOND_PAGE = "two"

WRITES: list[Use] = [
    lambda client: client.create_member("alice"),
    lambda client: client.update_member("alice", {"city": "Bern"}),
    lambda client: client.freeze_member("alice"),
    lambda client: client.unfreeze_member("alice"),
    lambda client: client.earn("alice", 25, reason="purchase"),
    lambda client: client.burn("alice", 10, reason="reward"),
]


@pytest.mark.parametrize("write", WRITES)
def test_each_write_gets_a_request_id_of_its_own(
    client: PointsClient,
    script: Script,
    write: Use,
) -> None:
    write(client)
    write(client)

    first, second = (request.request_id for request in script.requests)
    assert len(first) == len(second) == 36
    assert first != second


@pytest.mark.parametrize("write", WRITES)
def test_the_request_id_stays_the_same_over_retries(
    client: PointsClient,
    script: Script,
    write: Use,
) -> None:
    script.failures = [failure(grpc.StatusCode.UNAVAILABLE)] * 4

    write(client)

    assert len(script.requests) == 5
    assert script.requests == script.requests[:1] * 5


def test_a_given_request_id_is_kept(client: PointsClient, script: Script) -> None:
    client.earn("alice", 25, reason="purchase", request_id="order-17")

    assert script.requests[0].request_id == "order-17"


def test_a_server_that_stays_away_is_given_up_after_five_attempts(
    client: PointsClient,
    script: Script,
) -> None:
    script.failures = [failure(grpc.StatusCode.UNAVAILABLE)] * 9

    with pytest.raises(PointsError):
        client.get_member("alice")

    assert len(script.requests) == 5


def test_a_server_that_is_away_for_a_moment_is_found_again(script: Script) -> None:
    host, port = script.address.split(":")
    with TcpProxy(upstream=(host, int(port))) as proxy:
        proxy.cut()
        back = threading.Timer(0.1, proxy.heal)
        back.start()
        with PointsClient("{}:{}".format(*proxy.address)) as client:
            client.earn("alice", 25, reason="purchase")
        back.join()

    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "code",
    [code for code in grpc.StatusCode if code.name not in {"OK", "UNAVAILABLE"}],
)
def test_nothing_else_is_retried(
    client: PointsClient,
    script: Script,
    code: grpc.StatusCode,
) -> None:
    script.failures = [failure(code)]

    with pytest.raises(PointsError) as caught:
        client.get_member("alice")

    assert caught.value.code is code
    assert len(script.requests) == 1


def test_every_call_carries_the_deadline(script: Script) -> None:
    with PointsClient(script.address, timeout_seconds=9.0) as client:
        client.get_member("alice")

    # gRPC rounds what it sends up.
    assert 5.0 < script.seconds_left[0] < 9.5


def test_retries_share_the_deadline_of_the_call(script: Script) -> None:
    script.failures = [failure(grpc.StatusCode.UNAVAILABLE)] * 3

    with PointsClient(script.address, timeout_seconds=9.0) as client:
        client.get_member("alice")

    assert script.seconds_left[-1] < script.seconds_left[0]


def test_pages_of_members_are_followed(client: PointsClient, script: Script) -> None:
    script.answers = [
        member_service_pb2.ListMembersResponse(
            members=[Member(member_id="alice"), Member(member_id="bob")],
            next_page_token=SECOND_PAGE,
        ),
        member_service_pb2.ListMembersResponse(members=[Member(member_id="carol")]),
    ]

    members = list(client.list_members(filter_by="state = ACTIVE", page_size=2))

    assert [member.member_id for member in members] == ["alice", "bob", "carol"]
    assert script.requests == [
        member_service_pb2.ListMembersRequest(
            filter="state = ACTIVE",
            page_size=2,
            page_token=page_token,
        )
        for page_token in ("", SECOND_PAGE)
    ]


def test_pages_of_lots_are_followed(client: PointsClient, script: Script) -> None:
    script.answers = [
        ledger_service_pb2.ListLotsResponse(
            lots=[Lot(lot_id="1")],
            next_page_token=SECOND_PAGE,
        ),
        ledger_service_pb2.ListLotsResponse(lots=[Lot(lot_id="2")]),
    ]

    lots = list(client.list_lots("alice", unit="points", show_closed=True))

    assert [lot.lot_id for lot in lots] == ["1", "2"]
    assert script.requests == [
        ledger_service_pb2.ListLotsRequest(
            member_id="alice",
            unit="points",
            show_closed=True,
            page_token=page_token,
        )
        for page_token in ("", SECOND_PAGE)
    ]


def test_pages_of_transactions_are_followed(
    client: PointsClient,
    script: Script,
) -> None:
    script.answers = [
        ledger_service_pb2.ListTransactionsResponse(
            transactions=[Transaction(transaction_id="2")],
            next_page_token=SECOND_PAGE,
        ),
        ledger_service_pb2.ListTransactionsResponse(
            transactions=[Transaction(transaction_id="1")],
        ),
    ]

    transactions = list(client.list_transactions("alice", filter_by="kind = EARN"))

    assert [transaction.transaction_id for transaction in transactions] == ["2", "1"]
    assert script.requests == [
        ledger_service_pb2.ListTransactionsRequest(
            member_id="alice",
            filter="kind = EARN",
            page_token=page_token,
        )
        for page_token in ("", SECOND_PAGE)
    ]


def test_a_page_is_asked_for_only_when_it_is_needed(
    client: PointsClient,
    script: Script,
) -> None:
    script.answers = [
        ledger_service_pb2.ListLotsResponse(
            lots=[Lot(lot_id="1")],
            next_page_token=SECOND_PAGE,
        ),
    ]

    next(client.list_lots("alice"))

    assert len(script.requests) == 1


def test_a_time_without_a_zone_is_refused_before_anything_is_sent(
    client: PointsClient,
    script: Script,
) -> None:
    with pytest.raises(NaiveTimeError):
        client.earn("alice", 1, reason="purchase", effective_time=NAIVE)

    assert script.requests == []


@pytest.mark.parametrize(
    ("use", "request_"),
    [
        (
            lambda client: client.create_member(
                "alice",
                attributes={"city": "Bern"},
                request_id="r-1",
                validate_only=True,
            ),
            member_service_pb2.CreateMemberRequest(
                member_id="alice",
                attributes={"city": "Bern"},
                request_id="r-1",
                validate_only=True,
            ),
        ),
        (
            lambda client: client.get_member("alice", consistency=FRESH),
            member_service_pb2.GetMemberRequest(member_id="alice", consistency=FRESH),
        ),
        (
            lambda client: client.freeze_member(
                "alice",
                reason="fraud",
                request_id="r-1",
            ),
            member_service_pb2.FreezeMemberRequest(
                member_id="alice",
                reason="fraud",
                request_id="r-1",
            ),
        ),
        (
            lambda client: client.unfreeze_member(
                "alice",
                reason="cleared",
                request_id="r-1",
            ),
            member_service_pb2.UnfreezeMemberRequest(
                member_id="alice",
                reason="cleared",
                request_id="r-1",
            ),
        ),
        (
            lambda client: client.burn(
                "alice",
                10,
                reason="reward",
                request_id="r-1",
                sink="charity",
            ),
            ledger_service_pb2.BurnRequest(
                member_id="alice",
                unit="points",
                points=10,
                reason="reward",
                request_id="r-1",
                sink="charity",
            ),
        ),
        (
            lambda client: client.get_balances("alice", unit="points"),
            ledger_service_pb2.GetBalancesRequest(member_id="alice", unit="points"),
        ),
        (
            lambda client: client.get_transaction("t-1"),
            ledger_service_pb2.GetTransactionRequest(transaction_id="t-1"),
        ),
        (
            lambda client: client.get_outcome("alice", "r-1"),
            ledger_service_pb2.GetOutcomeRequest(member_id="alice", request_id="r-1"),
        ),
        (
            lambda client: client.get_trial_balance(unit="points"),
            ledger_service_pb2.GetTrialBalanceRequest(unit="points"),
        ),
    ],
)
def test_a_method_sends_what_it_is_given(
    client: PointsClient,
    script: Script,
    use: Use,
    request_: Message,
) -> None:
    use(client)

    assert script.requests == [request_]


def test_an_update_names_what_it_changes(client: PointsClient, script: Script) -> None:
    client.update_member("alice", {"city": "Bern"}, paths=["attributes.city"], etag="1")

    [request] = script.requests
    assert list(request.update_mask.paths) == ["attributes.city"]
    assert request.attributes == {"city": "Bern"}
    assert request.etag == "1"


def test_a_batch_keeps_the_order_of_its_commands(
    client: PointsClient,
    script: Script,
) -> None:
    commands = [
        batch_command(earn_request("alice", points, reason="x", request_id=str(points)))
        for points in (3, 1, 2)
    ]

    client.batch_write(commands, mode=ledger_service_pb2.BATCH_MODE_ATOMIC)

    assert list(script.requests[0].commands) == commands
    assert script.requests[0].mode == ledger_service_pb2.BATCH_MODE_ATOMIC


def test_many_calls_can_be_in_flight_through_the_stub(
    client: PointsClient,
    script: Script,
) -> None:
    futures = [
        client.ledger.Earn.future(
            earn_request("alice", 1, reason="x", request_id=str(number)),
            timeout=5.0,
        )
        for number in range(20)
    ]

    answers = [future.result() for future in futures]

    assert len(answers) == len(script.requests) == 20


def test_options_of_the_caller_go_before_those_of_the_client(script: Script) -> None:
    options = [("grpc.service_config", "{}")]
    script.failures = [failure(grpc.StatusCode.UNAVAILABLE)]

    with (
        PointsClient(script.address, options=options) as client,
        pytest.raises(PointsError),
    ):
        client.get_member("alice")

    assert len(script.requests) == 1


def test_a_closed_client_calls_no_more(script: Script) -> None:
    client = PointsClient(script.address)

    client.close()

    with pytest.raises(ValueError, match="closed channel"):
        client.get_member("alice")


def test_credentials_encrypt_the_channel(script: Script) -> None:
    credentials = grpc.ssl_channel_credentials()

    # The server speaks plain text, so that an encrypted call cannot get through.
    with open_channel(script.address, credentials=credentials) as channel:
        stub = LedgerServiceStub(channel)
        with pytest.raises(grpc.RpcError):
            stub.GetTrialBalance(
                ledger_service_pb2.GetTrialBalanceRequest(),
                timeout=2.0,
            )

    assert script.requests == []
