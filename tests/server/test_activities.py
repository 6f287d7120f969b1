"""ActivityService, as callers see it: a document is applied, facts earn by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from points.client import PointsClient, Refused
from points.program.shipped import shipped_text
from points.store.proof.audit import audit
from points.v1.activity_pb2 import Activity, ActivityItem, AwardShare
from points.v1.lot_pb2 import Lot
from points.v1.reversal_pb2 import REASON_CODE_CLAWBACK
from points.v1.transaction_pb2 import TRANSACTION_KIND_ACTIVITY, Posting
from tests.server.running import Served


ITEMS: Final = (
    ActivityItem(item_id="x", money=10_000, quantity=2, category="wine"),
    ActivityItem(item_id="y", money=2_345),
)


@pytest.fixture
def served_here(serve_reused: Callable[..., Served]) -> Served:
    """Returns a server whose program only this test changes."""
    return serve_reused()


@pytest.fixture
def shop(served_here: Served) -> Iterator[PointsClient]:
    """Yields a client of a server with the retail example, and Ada in it."""
    with PointsClient(served_here.address) as client:
        text = shipped_text("retail")
        client.apply_program(text, operator="olga", reason="the shop opens")
        client.create_member("ada")
        yield client


def test_record_activity_answers_with_every_award_and_its_lot(
    shop: PointsClient,
) -> None:
    answer = shop.record_activity(
        "ada", "purchase", money=12_345, items=ITEMS, attributes={"till": "4"}
    )

    found = answer.transaction
    assert found.kind == TRANSACTION_KIND_ACTIVITY
    assert found.activity == Activity(
        type="purchase",
        money=12_345,
        quantity=1,
        items=[
            ITEMS[0],
            ActivityItem(item_id="y", money=2_345, quantity=1),
        ],
    )
    assert dict(found.metadata) == {"till": "4"}
    assert [(a.rule_id, a.unit, a.points) for a in found.awards][1:] == [
        ("purchase", "qualifying_points", 123),
        ("wine", "points", 4),
    ]
    assert [award.lot_id for award in found.awards] == [o.lot_id for o in found.lots]
    assert found.lots[0].state == Lot.STATE_PENDING
    assert found.awards[2].shares == [AwardShare(item_id="x", points=4)]
    assert found.awards[2].explanation == ["2 for each 1 of 2: 4"]
    assert found.program_version == 1
    assert answer.revision


def test_record_activity_stays_as_it_was_answered(shop: PointsClient) -> None:
    first = shop.record_activity("ada", "purchase", money=700, request_id="a")

    again = shop.record_activity("ada", "purchase", money=700, request_id="a")

    assert again.replayed
    assert again.transaction == first.transaction
    assert (
        shop.get_transaction(first.transaction.transaction_id).transaction
        == first.transaction
    )


def test_simulate_activity_tells_what_would_be_earned_and_changes_nothing(
    shop: PointsClient, served_here: Served
) -> None:
    activity = Activity(type="purchase", money=5_000)

    simulated = shop.simulate_activity("ada", activity)

    assert simulated.transaction_id == ""
    assert simulated.request_id == ""
    assert {award.lot_id for award in simulated.awards} == {""}
    assert list(shop.list_transactions("ada")) == []
    recorded = shop.record_activity("ada", "purchase", money=5_000).transaction
    assert list(simulated.postings) == list(recorded.postings)
    assert audit(served_here.engine.store.backend).differences == []


def test_what_an_activity_may_not_say_is_told_by_field(shop: PointsClient) -> None:
    wrong = {
        "currency": {"currency": "XXX"},
        "partner": {"partner": "nobody"},
        "occur_time": {"occur_time": datetime.now(UTC) - timedelta(days=40)},
        "money": {"money": -5},
    }

    for field, fields in wrong.items():
        with pytest.raises(Refused) as refused:
            shop.record_activity("ada", "purchase", **fields)  # type: ignore[arg-type]
        assert refused.value.reason == "INVALID_ARGUMENT"
        assert field in str(refused.value)


def test_a_program_decides_from_its_version_on_and_never_changes_what_was(
    shop: PointsClient,
) -> None:
    before = shop.record_activity("ada", "check", money=100).transaction
    text = """
program: retail
units: {points: {kind: currency}, qualifying_points: {kind: growth}}
sinks: [redemption, donation, purchase, fee]
rules:
  check: {activities: [check], awards: [{unit: points, points: {fixed: 7}}]}
"""
    shop.apply_program(text, operator="olga", reason="simpler")

    after = shop.record_activity("ada", "check").transaction

    assert (before.program_version, after.program_version) == (1, 2)
    assert list(after.postings) == [
        Posting(source="issuance", destination="member:ada", unit="points", points=7)
    ]
    assert shop.get_transaction(before.transaction_id).transaction == before


def test_an_activity_is_returned_by_item_and_then_whole(
    shop: PointsClient, served_here: Served
) -> None:
    bought = shop.record_activity("ada", "purchase", money=12_345, items=ITEMS)
    transaction_id = bought.transaction.transaction_id
    why: Any = {"reason_code": REASON_CODE_CLAWBACK, "reason": "sent back"}

    first = shop.reverse("ada", transaction_id, item_ids=["x"], **why).transaction
    with pytest.raises(Refused) as again:
        shop.reverse("ada", transaction_id, item_ids=["x"], **why)
    with pytest.raises(Refused) as unknown:
        shop.reverse("ada", transaction_id, item_ids=["z"], **why)
    rest = shop.reverse("ada", transaction_id, **why).transaction

    assert (list(first.returned_items), list(rest.returned_items)) == (["x"], ["y"])
    assert first.reverses == transaction_id
    assert again.value.reason == "ALREADY_REVERSED"
    assert unknown.value.reason == "INVALID_ARGUMENT"
    found = shop.get_transaction(transaction_id).transaction
    assert found.reversed_points == sum(p.points for p in found.postings)
    assert list(found.reversed_by) == [first.transaction_id, rest.transaction_id]
    assert {b.available + b.pending for b in shop.get_balances("ada").balances} == {0}
    assert audit(served_here.engine.store.backend).differences == []
