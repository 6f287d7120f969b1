"""SetPool: members earn into an account that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from points.client import PointsClient, Refused
from points.v1.transaction_pb2 import TransactionKind
from tests.server.running import Served


DOCUMENT = """
program: shop
money: {currency: EUR}
units: {points: {kind: currency, expiry: {after: P12M}}}
pools: {household: {units: [points], share: 0.5}}
rules:
  purchase:
    activities: [purchase]
    awards: [{unit: points, points: {per_money: {each: 1, points: 1}}}]
"""


@pytest.fixture
def client(serve: Callable[..., Served]) -> Iterator[PointsClient]:
    """Yields a client of a server with pools, and Ada with a home."""
    with PointsClient(serve().address) as client:
        client.apply_program(DOCUMENT, operator="olga", reason="spring")
        client.create_member("ada")
        client.create_member("home")
        yield client


def test_set_pool_lets_a_share_of_what_is_earned_go_over(client: PointsClient) -> None:
    told = client.set_pool("ada", "household", "home").member
    activity = client.record_activity("ada", "purchase", money=101).transaction
    (taken,) = client.list_transactions("home")

    assert (told.pool, told.pools_into) == ("household", "home")
    assert activity.counterparty_member_id == "home"
    assert (activity.balance_after, taken.balance_after) == (51, 50)
    assert taken.kind == TransactionKind.TRANSACTION_KIND_POOL_IN
    assert taken.counterparty_member_id == "ada"
    assert taken.counterparty_transaction_id == activity.transaction_id


def test_a_member_leaves_a_pool(client: PointsClient) -> None:
    client.set_pool("ada", "household", "home")
    left = client.set_pool("ada").member
    client.record_activity("ada", "purchase", money=10)

    assert (left.pool, left.pools_into) == ("", "")
    assert not list(client.list_transactions("home"))


def test_a_pool_that_the_program_does_not_have_is_refused(
    client: PointsClient,
) -> None:
    with pytest.raises(Refused) as refused:
        client.set_pool("ada", "club", "home")

    assert refused.value.reason == "POOL_UNKNOWN"


def test_setting_a_pool_again_is_the_same_call(client: PointsClient) -> None:
    first = client.set_pool("ada", "household", "home", request_id="p")
    again = client.set_pool("ada", "household", "home", request_id="p")

    assert (first.replayed, again.replayed) == (False, True)
    assert first.member == again.member
