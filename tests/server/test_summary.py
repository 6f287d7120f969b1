"""GetSummary: all there is to say about one member."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import grpc
import pytest

from points.client import PointsClient, Refused
from points.v1.transaction_pb2 import TransactionKind
from tests.server.running import Served


DOCUMENT = """
program: shop
money: {currency: EUR}
units:
  points: {kind: currency, expiry: {after: P12M}, value: {points: 300, money: 100}}
  miles: {kind: growth}
sinks: [redemption]
segments:
  near: {when: 'member.attributes["town"] == "Bremen"'}
rules:
  purchase:
    activities: [purchase]
    awards:
      - {unit: points, points: {per_money: {each: 1, points: 1}}}
      - {unit: miles, points: {per_money: {each: 10, points: 1}}}
  gift:
    activities: [birthday]
    awards: [{unit: points, points: {fixed: 5}}]
    claim: {within: P7D}
ladders:
  status:
    qualifying: {unit: miles}
    period: {kind: LIFETIME}
    demote: NONE
    tiers: [{name: low, threshold: 0}, {name: high, threshold: 100}]
"""


@pytest.fixture
def client(serve: Callable[..., Served]) -> Iterator[PointsClient]:
    """Yields a client of a server under a document, with Ada who has bought."""
    with PointsClient(serve().address) as client:
        client.apply_program(DOCUMENT, operator="olga", reason="spring")
        client.create_member("ada", attributes={"town": "Bremen"})
        client.record_activity("ada", "purchase", money=700)
        client.record_activity("ada", "birthday")
        client.place_hold("ada", 100, reason="voucher")
        yield client


def test_get_summary_tells_points_with_what_they_are_worth(
    client: PointsClient,
) -> None:
    told = client.get_summary("ada")
    miles, points = sorted(told.units, key=lambda each: each.balances.unit)

    assert (points.balances.available, points.balances.held) == (600, 100)
    assert (points.available_money, points.outstanding_money) == (200, 233)
    assert [each.points for each in points.balances.next_expirations] == [600]
    assert (miles.balances.available, miles.available_money) == (70, 0)
    assert (told.currency, told.available_money) == ("EUR", 200)


def test_where_the_member_stands_and_what_waits_is_told(client: PointsClient) -> None:
    told = client.get_summary("ada")
    (standing,) = told.standings
    (claim,) = told.claims

    assert (standing.tier, standing.next_tier, standing.points_to_next) == (
        "low",
        "high",
        30,
    )
    assert (claim.rule_id, claim.points) == ("gift", 5)
    assert list(told.segments) == ["near"]
    assert told.member.attributes["town"] == "Bremen"


def test_what_has_changed_of_late_is_told_with_rule_and_version(
    client: PointsClient,
) -> None:
    told = client.get_summary("ada")
    kinds = [each.kind for each in told.latest_transactions]
    purchase = told.latest_transactions[-1]

    assert kinds == [
        TransactionKind.TRANSACTION_KIND_HOLD,
        TransactionKind.TRANSACTION_KIND_ACTIVITY,
        TransactionKind.TRANSACTION_KIND_ACTIVITY,
    ]
    assert purchase.program_version == told.program_version == 1
    assert [award.rule_id for award in purchase.awards] == ["purchase", "purchase"]
    assert all(award.explanation for award in purchase.awards)
    assert len(client.get_summary("ada", latest_count=1).latest_transactions) == 1


def test_all_of_it_is_as_fresh_as_was_asked(client: PointsClient) -> None:
    told = client.get_summary("ada")

    assert told.revision == client.get_balances("ada").revision


@pytest.mark.parametrize(
    ("member_id", "count", "code"),
    [
        ("nobody", 0, grpc.StatusCode.NOT_FOUND),
        ("", 0, grpc.StatusCode.INVALID_ARGUMENT),
        ("ada", -1, grpc.StatusCode.INVALID_ARGUMENT),
    ],
)
def test_a_summary_of_nobody_is_refused(
    client: PointsClient, member_id: str, count: int, code: grpc.StatusCode
) -> None:
    with pytest.raises(Refused) as refused:
        client.get_summary(member_id, latest_count=count)

    assert refused.value.code is code


def test_a_program_without_a_document_says_nothing_of_worth(
    serve: Callable[..., Served],
) -> None:
    with PointsClient(serve().address) as client:
        client.create_member("ada")
        client.earn("ada", 5, reason="visit")
        told = client.get_summary("ada")

    assert told.units[0].balances.available == 5
    assert (told.currency, told.available_money, told.program_version) == ("", 0, 0)
