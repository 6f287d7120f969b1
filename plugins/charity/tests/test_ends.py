"""What happens by itself: settlements, rounds that close, recurring donations."""

from __future__ import annotations

from copy import deepcopy

import pytest
from plugins.charity.tests.appeals import DAY, END, SECTION, Appeals

from points.domain.commands import FreezeMember
from points_charity import settling
from points_charity.v1 import charity_service_pb2 as pb


def test_all_or_nothing_holds_until_the_end_and_gives_if_the_goal_is_met(
    appeals: Appeals,
) -> None:
    appeals.fund(500, "roof")
    donation = appeals.give(200, "roof")
    appeals.give(150, "roof", "bob")
    assert donation.state == pb.DONATION_STATE_HELD
    assert appeals.bench.balances().held == 200
    assert appeals.campaign("roof").matched == 350
    with appeals.bench.refused("RECEIPT_NONE"):
        appeals.receipt(donation)
    with appeals.bench.refused("CAMPAIGN_NOT_OVER"):
        appeals.disburse("roof")
    appeals.bench.advance(days=10)
    appeals.bench.run_due()
    campaign = appeals.campaign("roof")
    assert campaign.state == pb.CAMPAIGN_STATE_SUCCEEDED
    assert (campaign.raised, campaign.matched) == (350, 350)
    assert appeals.bench.balances("sponsor").held == 0
    assert appeals.bench.available("sponsor") == 650
    assert appeals.bench.balances("alice", "qualifying_points").available == 200
    (given,) = appeals.donations()
    assert given.state == pb.DONATION_STATE_GIVEN
    assert given.receipt == "roof-2026-000001"
    assert appeals.disburse("roof").points == 700


def test_all_or_nothing_gives_everything_back_if_the_goal_is_missed(
    appeals: Appeals,
) -> None:
    appeals.fund(500, "roof")
    appeals.give(299, "roof")
    appeals.bench.advance(days=10)
    appeals.bench.run_due()
    assert appeals.campaign("roof").state == pb.CAMPAIGN_STATE_FAILED
    assert appeals.bench.available() == 1_000
    assert appeals.bench.available("sponsor") == 1_000
    with appeals.bench.refused("NOTHING_TO_DISBURSE"):
        appeals.disburse("roof")


def test_a_pool_that_nobody_used_goes_back_at_the_end(appeals: Appeals) -> None:
    appeals.fund(500, "roof")
    appeals.bench.advance(days=10)
    assert appeals.bench.balances("sponsor").held == 0
    assert appeals.bench.available("sponsor") == 1_000


def test_a_held_donation_can_be_taken_back_and_counts_no_more(
    appeals: Appeals,
) -> None:
    appeals.fund(500, "roof")
    donation = appeals.give(300, "roof")
    answer = appeals.reverse(donation)
    assert answer.donation.state == pb.DONATION_STATE_VOIDED
    assert appeals.bench.available() == 1_000
    assert appeals.campaign("roof").pool_left == 500
    appeals.bench.advance(days=10)
    appeals.bench.run_due()
    assert appeals.campaign("roof").state == pb.CAMPAIGN_STATE_FAILED


def test_a_donor_who_is_frozen_at_the_end_gets_the_points_back(
    appeals: Appeals,
) -> None:
    appeals.give(200, "roof")
    appeals.give(200, "roof", "bob")
    freeze = FreezeMember(member_id="bob", request_id="f", reason="test")
    appeals.bench.execute(freeze)
    appeals.bench.advance(days=10)
    appeals.bench.run_due()
    campaign = appeals.campaign("roof")
    assert campaign.state == pb.CAMPAIGN_STATE_SUCCEEDED
    assert (campaign.raised, campaign.donor_count) == (200, 1)
    assert appeals.bench.available("bob") == 1_000


def test_a_settlement_takes_as_many_steps_as_it_needs(
    appeals: Appeals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "STEP", 3)
    for _ in range(7):
        appeals.give(60, "roof")
    appeals.bench.advance(days=10)
    for _ in range(3):
        appeals.bench.advance(seconds=1)
    assert appeals.campaign("roof").state == pb.CAMPAIGN_STATE_SUCCEEDED
    assert appeals.bench.balances().held == 0
    assert appeals.campaign("roof").raised == 420


def test_a_round_splits_its_pool_by_how_many_gave(appeals: Appeals) -> None:
    appeals.fund(100, "wish")
    appeals.give(100, "a")
    appeals.give(50, "b")
    appeals.give(50, "b", "bob")
    appeals.give(25, "c", "bob")
    appeals.give(25, "c", "sponsor")
    with appeals.bench.refused("ROUND_NOT_OVER"):
        appeals.bench.call(pb.CloseRoundRequest(round_id="wish"))
    appeals.bench.advance(days=10)
    matched = {name: appeals.campaign(name).matched for name in "abc"}
    assert matched == {"a": 0, "b": 67, "c": 33}  # 100 to 50, of 100
    with appeals.bench.refused("ROUND_CLOSED"):
        appeals.bench.call(pb.CloseRoundRequest(round_id="wish"))
    with appeals.bench.refused("ROUND_UNKNOWN"):
        appeals.bench.call(pb.CloseRoundRequest(round_id="nobody"))
    assert appeals.disburse("b").points == 167


def test_a_round_is_funded_by_the_rules_that_it_keeps(appeals: Appeals) -> None:
    appeals.fund(100, "wish")
    later = deepcopy(SECTION)
    later["rounds"]["wish"] = {"end_time": END + DAY, "unit": "qualifying_points"}
    for name in "abc":
        later["campaigns"][name]["unit"] = "qualifying_points"
    appeals.bench.configure("charity", later)

    appeals.fund(10, "wish", "bob")
    assert appeals.bench.balances("bob").held == 10
    appeals.bench.clock.now = END
    with appeals.bench.refused("ROUND_CLOSED"):
        appeals.fund(10, "wish", "bob")


def test_several_donations_of_one_donor_are_one_root(appeals: Appeals) -> None:
    appeals.fund(500, "wish")
    for _ in range(4):
        appeals.give(25, "a")
    appeals.give(100, "a", "bob")
    appeals.reverse(appeals.give(44, "a"))
    appeals.bench.advance(days=10)
    assert appeals.campaign("a").matched == 200  # (10 + 10)^2 - 200
    assert appeals.bench.available("sponsor") == 800


def test_a_recurring_donation_goes_on_until_it_is_ended(appeals: Appeals) -> None:
    start = pb.StartRecurringRequest(
        member_id="alice", campaign_id="spring", points=50, every=pb.EVERY_WEEK
    )
    recurring = appeals.bench.call(start).recurring
    for _ in range(3):
        appeals.bench.advance(days=7)
    assert len(appeals.donations()) == 4
    assert appeals.bench.available() == 800
    end = pb.EndRecurringRequest(member_id="alice", recurring_id=recurring.recurring_id)
    appeals.bench.call(end)
    appeals.bench.advance(days=7)
    assert len(appeals.donations()) == 4
    with appeals.bench.refused("RECURRING_ENDED"):
        appeals.bench.call(pb.EndRecurringRequest(member_id="alice", recurring_id="1"))
    with appeals.bench.refused("RECURRING_UNKNOWN"):
        appeals.bench.call(pb.EndRecurringRequest(member_id="alice", recurring_id="x"))


def test_a_recurring_donation_that_fails_too_often_is_ended(appeals: Appeals) -> None:
    appeals.bench.member("poor", points=70)
    start = pb.StartRecurringRequest(
        member_id="poor", campaign_id="spring", points=50, every=pb.EVERY_DAY
    )
    appeals.bench.call(start)
    for _ in range(3):
        appeals.bench.advance(days=1)
    assert len(appeals.donations("poor")) == 1
    with appeals.bench.refused("RECURRING_ENDED"):
        appeals.bench.call(pb.EndRecurringRequest(member_id="poor", recurring_id="1"))


def test_a_recurring_donation_needs_its_pause_and_its_rules(appeals: Appeals) -> None:
    start = pb.StartRecurringRequest(member_id="alice", campaign_id="spring", points=50)
    with appeals.bench.refused("EVERY_MISSING"):
        appeals.bench.call(start)
    start.every, start.points = pb.EVERY_DAY, 1
    with appeals.bench.refused("DONATION_SIZE"):
        appeals.bench.call(start)
    assert appeals.donations() == []
