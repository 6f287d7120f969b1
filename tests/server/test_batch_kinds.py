"""BatchWrite takes what moves members under the program: each as the call alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import pytest

from points.client import PointsClient, Refused, batch_command, new_request_id
from points.server.requests import batch_command as command_of
from points.store.proof.audit import audit
from points.v1.activity_pb2 import Activity
from points.v1.activity_service_pb2 import RecordActivityRequest
from points.v1.claim_pb2 import Claim, ClaimRequest
from points.v1.ledger_service_pb2 import BATCH_MODE_ATOMIC, BatchCommand
from points.v1.member_service_pb2 import SetPoolRequest
from points.v1.tier_service_pb2 import SetStandingRequest
from tests.server.running import Served


DOCUMENT: Final = """
program: shop
money: {currency: EUR}
units: {points: {kind: currency}, merits: {kind: growth}}
pools: {household: {units: [points], share: 0.5}}
ladders:
  status:
    qualifying: {unit: merits}
    period: {kind: LIFETIME}
    demote: NONE
    tiers: [{name: low, threshold: 0}, {name: high, threshold: 100}]
rules:
  purchase:
    activities: [purchase]
    awards: [{unit: points, points: {per_money: {each: 1, points: 1}}}]
  review:
    activities: [review]
    awards: [{unit: points, points: {fixed: 5}}]
    claim: {within: P14D}
"""


@pytest.fixture
def client(serve_reused: Callable[..., Served]) -> Iterator[PointsClient]:
    """Yields a client of a server with pools, tiers and claims, and Ada with a home."""
    served = serve_reused()
    with PointsClient(served.address) as client:
        client.apply_program(DOCUMENT, operator="olga", reason="spring")
        client.create_member("ada")
        client.create_member("home")
        yield client
    assert audit(served.engine.store.backend).differences == []


def purchase(money: int) -> RecordActivityRequest:
    """Returns a purchase of Ada's."""
    return RecordActivityRequest(
        member_id="ada",
        request_id=new_request_id(),
        activity=Activity(type="purchase", money=money),
    )


def joining() -> SetPoolRequest:
    """Returns Ada's way into the household."""
    return SetPoolRequest(
        member_id="ada",
        request_id=new_request_id(),
        pool="household",
        pools_into="home",
    )


def test_who_joins_a_pool_earns_for_it_with_the_next_command_of_a_batch(
    client: PointsClient,
) -> None:
    commands = [purchase(10), joining(), purchase(20)]

    answer = client.batch_write(list(map(batch_command, commands)))

    results = [each.outcome.WhichOneof("result") for each in answer.outcomes]
    assert results == ["transaction", "member", "transaction"]
    assert client.get_balances("ada").balances[0].available == 20
    assert client.get_balances("home").balances[0].available == 10


def test_an_atomic_batch_takes_a_pool_and_an_activity_back_together(
    client: PointsClient,
) -> None:
    unknown = joining()
    unknown.pool = "club"
    commands = list(map(batch_command, [purchase(10), unknown]))

    with pytest.raises(Refused) as refused:
        client.batch_write(commands, mode=BATCH_MODE_ATOMIC)

    assert refused.value.reason == "POOL_UNKNOWN"
    assert not list(client.list_transactions("ada"))


def test_claims_and_floors_are_set_in_a_batch(client: PointsClient) -> None:
    client.record_activity("ada", "review")
    (claim,) = client.list_claims("ada")
    collect = ClaimRequest(
        member_id="ada", request_id=new_request_id(), claim_id=claim.claim_id
    )
    floor = SetStandingRequest(
        member_id="ada",
        request_id=new_request_id(),
        ladder="status",
        tier="high",
        operator="grace",
        reason="invited",
    )

    client.batch_write([batch_command(collect), batch_command(floor)])

    (collected,) = client.list_claims("ada", state=Claim.STATE_CLAIMED)
    assert collected.claim_id == claim.claim_id
    assert client.get_standing("ada").standings[0].tier == "high"


def test_a_repeated_batch_of_activities_earns_once(client: PointsClient) -> None:
    commands = [batch_command(purchase(10))]
    client.batch_write(commands)

    again = client.batch_write(commands)

    assert again.outcomes[0].replayed
    assert client.get_balances("ada").balances[0].available == 10


def test_every_command_that_a_batch_may_hold_is_understood() -> None:
    fields = BatchCommand.DESCRIPTOR.oneofs_by_name["command"].fields

    for field in fields:
        command = BatchCommand()
        getattr(command, field.name).SetInParent()
        command_of(command)
