"""How fresh a read is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from grpc import StatusCode

from points.client import PointsClient
from points.client.connection import Connection
from points.v1.consistency_pb2 import Consistency
from points.v1.ledger_service_pb2 import (
    GetBalancesRequest,
    GetOutcomeRequest,
    GetTransactionRequest,
    GetTrialBalanceRequest,
    ListLotsRequest,
    ListTransactionsRequest,
)
from points.v1.member_service_pb2 import GetMemberRequest, ListMembersRequest
from tests.server import build
from tests.server.failures import Failure, failure_of
from tests.server.running import Served


READS: dict[str, Any] = {
    "GetMember": lambda member, **more: GetMemberRequest(member_id=member, **more),
    "ListMembers": lambda _, **more: ListMembersRequest(page_size=1, **more),
    "GetBalances": lambda member, **more: GetBalancesRequest(member_id=member, **more),
    "ListLots": lambda member, **more: ListLotsRequest(member_id=member, **more),
    "ListTransactions": lambda member, **more: ListTransactionsRequest(
        member_id=member, **more
    ),
    "GetTransaction": lambda _, **more: GetTransactionRequest(
        transaction_id="t0-1", **more
    ),
    "GetOutcome": lambda member, **more: GetOutcomeRequest(
        member_id=member, request_id="r", **more
    ),
    "GetTrialBalance": lambda _, **more: GetTrialBalanceRequest(**more),
}


def method_of(stubs: Connection, name: str) -> Any:
    """Returns the method of a read."""
    return getattr(stubs.members, name, None) or getattr(stubs.ledger, name)


@pytest.mark.parametrize("name", READS)
@pytest.mark.parametrize(
    "revision",
    ["0-999999999999", "63-9999999999999999999", "64-0", "999999999-1", "0-0,999-1"],
)
def test_a_revision_that_was_never_reached_is_refused(
    stubs: Connection, member: str, name: str, revision: str
) -> None:
    fresh = Consistency(at_least_as_fresh=revision)

    failure = failure_of(method_of(stubs, name), READS[name](member, consistency=fresh))

    assert failure == Failure(
        code=StatusCode.OUT_OF_RANGE,
        reason="REVISION_UNKNOWN",
        metadata={"revision": revision},
    )


@pytest.mark.parametrize(
    "revision",
    ["", "x", "1", "1-", "-1", "1-2,", "1-2;3-4", "01-2", "1-2 ", "\u0661-\u0662"],
)
def test_a_revision_that_is_none_is_refused(
    stubs: Connection, member: str, revision: str
) -> None:
    request = GetBalancesRequest(
        member_id=member, consistency=Consistency(at_least_as_fresh=revision)
    )

    failure = failure_of(stubs.ledger.GetBalances, request)

    assert failure.reason == "REVISION_UNKNOWN"


FRESH = {
    "at least as fresh": lambda revision: Consistency(at_least_as_fresh=revision),
    "fully consistent": lambda _: Consistency(fully_consistent=True),
    "minimize latency": lambda _: Consistency(minimize_latency=True),
    "unsaid": lambda _: None,
}


@pytest.mark.parametrize("consistency_of", FRESH.values(), ids=FRESH)
def test_a_write_is_seen_by_the_read_that_follows(
    client: PointsClient, member: str, consistency_of: Any
) -> None:
    revision = client.earn(member, 10, reason="a").revision

    answer = client.get_balances(member, consistency=consistency_of(revision))

    assert answer.balances[0].available == 10


@pytest.mark.parametrize("name", [name for name in READS if "Transaction" not in name])
def test_the_revision_of_a_write_is_known_to_every_read(
    stubs: Connection, member: str, name: str
) -> None:
    write = stubs.ledger.Earn(build.earn(member, request_id="r"))
    fresh = Consistency(at_least_as_fresh=write.revision)

    answer = method_of(stubs, name)(READS[name](member, consistency=fresh))

    assert answer.revision


def test_the_revision_of_a_batch_is_known_to_reads(
    client: PointsClient, member: str
) -> None:
    names = [f"{member}-{number}" for number in range(20)]
    batch = build.batch(*map(build.create_member, names))
    fresh = Consistency(at_least_as_fresh=client.batch_write(batch.commands).revision)

    assert client.get_member(names[-1], consistency=fresh).member


def test_the_revision_of_a_read_is_known_to_reads(
    client: PointsClient, member: str
) -> None:
    fresh = Consistency(at_least_as_fresh=client.get_trial_balance().revision)

    assert client.get_balances(member, consistency=fresh).revision


def test_the_revision_of_a_validated_write_is_known_to_reads(
    client: PointsClient, member: str
) -> None:
    validated = client.earn(member, 1, reason="a", validate_only=True)
    fresh = Consistency(at_least_as_fresh=validated.revision)

    assert client.get_balances(member, consistency=fresh).revision


def test_a_read_of_a_whole_ledger_names_a_revision_of_its_own(
    client: PointsClient, member: str
) -> None:
    write = client.earn(member, 1, reason="a")

    listed = client.get_trial_balance().revision

    assert write.revision in listed.split(",")


@pytest.mark.parametrize("name", ["ListMembers", "GetTrialBalance"])
def test_the_revision_of_an_empty_ledger_is_known_to_reads(
    serve: Callable[..., Served], name: str
) -> None:
    with PointsClient(serve().address) as client:
        method = method_of(client, name)
        revision = method(READS[name]("nobody")).revision
        fresh = Consistency(at_least_as_fresh=revision)

        assert method(READS[name]("nobody", consistency=fresh))


def test_the_revision_of_a_batch_that_did_nothing_is_known_to_reads(
    client: PointsClient, member: str
) -> None:
    nothing = build.batch(build.earn(member, 0))
    revision = client.batch_write(nothing.commands).revision

    fresh = Consistency(at_least_as_fresh=revision)
    assert client.get_balances(member, consistency=fresh).revision
