"""ListClaims and Claim, as callers see them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

import pytest

from points.client import PointsClient, Refused
from points.store.proof.audit import audit
from points.v1.activity_pb2 import Award
from points.v1.claim_pb2 import Claim
from points.v1.reversal_pb2 import REASON_CODE_CLAWBACK
from points.v1.transaction_pb2 import TRANSACTION_KIND_CLAIM, Posting, Transaction
from tests.server.running import Served


DOCUMENT: Final = """
program: shop
units: {points: {kind: currency}}
sinks: [redemption, donation]
rules:
  review:
    activities: [review]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    claim: {within: P14D}
  late:
    activities: [late]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    budget: words
budgets:
  words: {unit: points, fixed: {points: 10, per: YEAR}, overflow: QUEUE}
"""


@pytest.fixture
def served_here(serve_reused: Callable[..., Served]) -> Served:
    """Returns a server whose program only this test changes."""
    return serve_reused()


@pytest.fixture
def shop(served_here: Served) -> Iterator[PointsClient]:
    """Yields a client of a server whose reviews are collected, and Ada in it."""
    with PointsClient(served_here.address) as client:
        client.apply_program(DOCUMENT, operator="olga", reason="the shop opens")
        for name in ("ada", "bob"):
            client.create_member(name)
        yield client
    assert audit(served_here.engine.store.backend).differences == []


def review(shop: PointsClient, quantity: int = 5, kind: str = "review") -> Transaction:
    """Records a review of Ada's."""
    return shop.record_activity("ada", kind, quantity=quantity).transaction


def reason_of(call: Callable[[], object]) -> str:
    """Returns why a call is refused."""
    with pytest.raises(Refused) as refused:
        call()
    return refused.value.reason


def test_an_award_that_waits_names_its_claim_and_no_lot(shop: PointsClient) -> None:
    found = review(shop)

    (claim,) = shop.list_claims("ada")
    assert list(found.postings) == []
    assert list(found.awards) == [
        Award(
            rule_id="review",
            unit="points",
            points=5,
            claim_id=claim.claim_id,
            explanation=found.awards[0].explanation,
        )
    ]
    assert (claim.points, claim.state) == (5, Claim.STATE_OPEN)
    assert (claim.member_id, claim.rule_id) == ("ada", "review")
    assert claim.transaction_id == found.transaction_id
    assert claim.create_time == found.record_time
    assert claim.lapse_time.seconds % 86_400 == 0
    assert (claim.budget, claim.claim_transaction_id) == ("", "")


def test_claim_mints_what_waited(shop: PointsClient) -> None:
    waiting = review(shop).awards[0].claim_id

    answer = shop.claim("ada", waiting, reason="tapped")

    found = answer.transaction
    assert (found.kind, found.reason) == (TRANSACTION_KIND_CLAIM, "tapped")
    assert list(found.postings) == [
        Posting(source="issuance", destination="member:ada", unit="points", points=5)
    ]
    (award,) = found.awards
    assert award.lot_id == found.lots[0].lot_id
    assert (award.rule_id, award.points, award.claim_id) == ("review", 5, "")
    assert answer.claim.state == Claim.STATE_CLAIMED
    assert answer.claim.claim_transaction_id == found.transaction_id
    assert list(shop.list_claims("ada")) == []
    assert list(shop.list_claims("ada", state=Claim.STATE_CLAIMED)) == [answer.claim]
    assert shop.get_transaction(found.transaction_id).transaction == found
    assert answer.revision


def test_a_collected_claim_tells_what_was_reversed_of_it(shop: PointsClient) -> None:
    taken = shop.claim("ada", review(shop).awards[0].claim_id).transaction
    back = shop.reverse(
        "ada",
        taken.transaction_id,
        reason_code=REASON_CODE_CLAWBACK,
        reason="copied",
        points=2,
    ).transaction

    found = shop.get_transaction(taken.transaction_id).transaction
    assert found.reversed_points == 2
    assert list(found.reversed_by) == [back.transaction_id]


def test_a_claim_is_safe_to_repeat(shop: PointsClient) -> None:
    waiting = review(shop).awards[0].claim_id
    first = shop.claim("ada", waiting, request_id="c")

    again = shop.claim("ada", waiting, request_id="c")

    assert again.replayed
    assert (again.transaction, again.claim) == (first.transaction, first.claim)
    assert reason_of(lambda: shop.claim("ada", waiting)) == "CLAIM_NOT_OPEN"


def test_validating_and_simulating_make_no_claim_and_collect_none(
    shop: PointsClient,
) -> None:
    simulated = shop.record_activity("ada", "review", validate_only=True).transaction
    assert [award.claim_id for award in simulated.awards] == [""]
    assert list(shop.list_claims("ada")) == []
    waiting = review(shop).awards[0].claim_id

    answer = shop.claim("ada", waiting, validate_only=True)

    assert answer.claim.claim_transaction_id == ""
    assert answer.transaction.transaction_id == ""
    assert [claim.claim_id for claim in shop.list_claims("ada")] == [waiting]


def test_what_is_not_ones_own_is_not_found(shop: PointsClient) -> None:
    waiting = review(shop).awards[0].claim_id

    assert reason_of(lambda: shop.claim("bob", waiting)) == "CLAIM_NOT_FOUND"
    assert reason_of(lambda: shop.claim("ada", "c1-2")) == "CLAIM_NOT_FOUND"
    assert reason_of(lambda: shop.claim("ada", "")) == "INVALID_ARGUMENT"
    assert reason_of(lambda: shop.claim("eve", waiting)) == "MEMBER_NOT_FOUND"
    assert reason_of(lambda: list(shop.list_claims("eve"))) == "MEMBER_NOT_FOUND"


def test_a_claim_waits_until_its_budget_can_pay(shop: PointsClient) -> None:
    review(shop, 8, "late")
    waiting = review(shop, 3, "late").awards[0]

    (claim,) = shop.list_claims("ada")

    assert claim.claim_id == waiting.claim_id
    assert (claim.budget, claim.HasField("lapse_time")) == ("words", False)
    told = reason_of(lambda: shop.claim("ada", claim.claim_id))
    assert told == "BUDGET_EXHAUSTED"


def test_list_claims_goes_page_by_page_the_latest_first(shop: PointsClient) -> None:
    made = [review(shop).awards[0].claim_id for _ in range(5)]

    found = [claim.claim_id for claim in shop.list_claims("ada", page_size=2)]

    assert found == made[::-1]


def test_a_state_that_there_is_not_is_refused(shop: PointsClient) -> None:
    unknown = Claim.State.ValueType(9)

    told = reason_of(lambda: list(shop.list_claims("ada", state=unknown)))

    assert told == "INVALID_ARGUMENT"
