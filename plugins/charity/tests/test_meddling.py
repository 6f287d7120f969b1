"""What operators do behind a campaign's back: nothing that it cannot cope with."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.charity.tests.appeals import SECTION, Appeals

from points.domain.commands import CaptureHold, FreezeMember, SetLimits, VoidHold
from points_charity import pools
from points_charity.documents import CAUSE
from points_charity.v1 import charity_service_pb2 as pb


def void(appeals: Appeals, hold_id: str, member_id: str = "sponsor") -> None:
    """Gives a hold back by the ledger's own call."""
    appeals.bench.execute(
        VoidHold(member_id=member_id, request_id=f"void-{hold_id}", hold_id=hold_id)
    )


def limit(appeals: Appeals, member_id: str, **limits: Any) -> None:
    """Bounds what a member may have and do."""
    appeals.bench.execute(
        SetLimits(
            member_id=member_id,
            request_id=f"limit-{member_id}",
            operator="olga",
            reason="test",
            **limits,
        )
    )


def test_a_hold_that_was_voided_leaves_the_pool_and_others_pay(
    appeals: Appeals,
) -> None:
    void(appeals, appeals.fund(30).hold_id)
    appeals.fund(50, member_id="bob")

    assert appeals.give(80).matched == 40
    assert appeals.campaign().pool_left == 10
    assert appeals.bench.available("sponsor") == 1_000


def test_a_donation_whose_match_is_gone_is_not_matched_or_refused(
    appeals: Appeals,
) -> None:
    void(appeals, appeals.fund(30).hold_id)
    with appeals.bench.refused("MATCH_EXHAUSTED", matched="0", offered="20"):
        appeals.give(40, needs_match=True)
    assert appeals.bench.available() == 1_000
    donation = appeals.give(40)
    assert (donation.offered, donation.matched) == (20, 0)
    assert appeals.campaign().pool_left == 0


def test_a_hold_that_was_captured_in_part_is_given_back(appeals: Appeals) -> None:
    hold_id = appeals.fund(30).hold_id
    appeals.bench.execute(
        CaptureHold(
            member_id="sponsor", request_id="meddle", hold_id=hold_id, points=25
        )
    )
    assert appeals.give(40).matched == 0
    assert appeals.bench.balances("sponsor").held == 0
    assert appeals.bench.available("sponsor") == 975


def test_a_settlement_does_not_stand_still_for_a_hold_that_is_gone(
    appeals: Appeals,
) -> None:
    void(appeals, appeals.fund(300, "roof").hold_id)
    appeals.give(200, "roof")
    void(appeals, appeals.give(200, "roof", "bob").hold_id, "bob")
    appeals.bench.advance(days=10)

    campaign = appeals.campaign("roof")
    assert campaign.state == pb.CAMPAIGN_STATE_SUCCEEDED
    assert (campaign.raised, campaign.matched, campaign.donor_count) == (200, 0, 1)
    assert appeals.bench.available("bob") == 1_000
    assert appeals.donations("bob")[0].state == pb.DONATION_STATE_VOIDED


def test_a_donor_with_no_room_for_the_credit_gives_all_the_same(
    appeals: Appeals,
) -> None:
    appeals.give(300, "roof")
    limit(appeals, "alice", unit="qualifying_points", ceiling=10)
    appeals.bench.advance(days=10)

    assert appeals.campaign("roof").state == pb.CAMPAIGN_STATE_SUCCEEDED
    assert appeals.bench.balances("alice", "qualifying_points").available == 0
    assert appeals.bench.available() == 700


def test_a_round_splits_what_is_left_of_its_pool(appeals: Appeals) -> None:
    void(appeals, appeals.fund(100, "wish").hold_id)
    appeals.fund(30, "wish", "bob")
    appeals.give(100, "b")
    appeals.give(100, "b", "sponsor")
    appeals.bench.advance(days=10)

    assert appeals.campaign("b").matched == 30
    assert appeals.bench.balances("bob").held == 0
    assert appeals.bench.available("bob") == 970


def test_a_round_splits_all_that_a_frozen_sponsor_leaves_of_its_pool(
    appeals: Appeals,
) -> None:
    appeals.fund(10, "wish", "bob")
    appeals.fund(5, "wish")
    for campaign_id in "ab":  # each is worth twice the root of two
        appeals.give(1, campaign_id)
        appeals.give(2, campaign_id, "sponsor")
    freeze = FreezeMember(member_id="bob", request_id="f", reason="test")
    appeals.bench.execute(freeze)
    appeals.bench.advance(days=10)

    assert appeals.campaign("a").matched == 3
    assert appeals.campaign("b").matched == 2
    assert appeals.bench.available("bob") == 1_000


def test_a_pool_has_no_more_holds_than_a_donation_can_look_at(
    appeals: Appeals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pools, "HOLDS_MAX", 2)
    appeals.fund(10)
    appeals.fund(40)
    with appeals.bench.refused("POOL_FULL", holds_max="2"):
        appeals.fund(10)
    assert appeals.bench.balances("sponsor").held == 50
    donation = appeals.give(20)
    appeals.fund(10)
    assert appeals.reverse(donation).match_returned == 0  # its place is taken
    assert appeals.bench.balances("sponsor").held == 50


def test_a_fraction_of_a_unit_is_kept_in_its_own_currency(appeals: Appeals) -> None:
    appeals.give(100)
    appeals.disburse()  # 100/3 = 33 1/3 cents
    rate = {"conversion": {"currency": "JPY", "minor_units_per_point": "1/2"}}
    appeals.bench.configure("charity", {**SECTION, "causes": {"reef": rate}})
    appeals.give(101)
    yen = appeals.disburse()  # 101/2 = 50 1/2 yen
    assert (yen.money, yen.remainder_numerator, yen.remainder_denominator) == (
        50,
        "1",
        "2",
    )
    appeals.bench.configure("charity", SECTION)
    appeals.give(101)
    assert appeals.disburse().money == 34  # 101/3 + 1/3


def test_an_older_cause_keeps_its_fraction_for_what_it_was_paid_in() -> None:
    older = {"paid": {"EUR": 33}, "remainder": [1, 3], "disbursement_count": 1}
    assert CAUSE.upgrades[1](older) == {
        "paid": {"EUR": 33},
        "remainders": {"EUR": [1, 3]},
        "disbursement_count": 1,
    }
