"""Two members who become one donor, with one pledge and all plans."""

from __future__ import annotations

import pytest
from plugins.charity.tests.appeals import DAY, END, SECTION, Appeals

from points.testing.bench import Bench
from points_charity import merging
from points_charity.documents import Donor
from points_charity.merging import one_donor
from points_charity.v1 import charity_service_pb2 as pb


def test_limits_count_what_both_have_given(appeals: Appeals) -> None:
    appeals.give(450)
    appeals.give(200, member_id="bob")

    appeals.bench.merge("bob", "alice")

    assert appeals.campaign().donor_count == 1
    assert appeals.campaign().raised == 650
    with appeals.bench.refused("MEMBER_CAP", left="150"):
        appeals.give(151)
    assert appeals.give(150).points == 150


def test_the_cap_of_the_match_is_one_for_both(appeals: Appeals) -> None:
    appeals.fund(500)
    assert appeals.give(200).matched == 100
    assert appeals.give(60, member_id="bob").matched == 30

    appeals.bench.merge("bob", "alice")

    assert appeals.give(100).matched == 0


def test_who_gave_alone_goes_on_as_a_donor(appeals: Appeals) -> None:
    appeals.give(40, member_id="bob")

    appeals.bench.merge("bob", "alice")

    assert appeals.campaign().donor_count == 1
    appeals.give(10)
    assert appeals.campaign().donor_count == 1


def test_a_round_counts_one_person_once(appeals: Appeals) -> None:
    appeals.fund(500, "wish")
    appeals.give(100, "a")
    appeals.give(100, "a", member_id="bob")
    appeals.give(100, "b", member_id="sponsor")
    appeals.give(100, "b")

    appeals.bench.merge("bob", "alice")
    appeals.bench.advance(days=10)

    # One person alone, however much, is worth no match of a round.
    assert appeals.campaign("a").matched == 0
    assert appeals.campaign("b").matched == 200


def test_who_was_two_before_is_one_with_a_third(appeals: Appeals) -> None:
    appeals.fund(500)
    appeals.give(400)
    appeals.give(250, member_id="bob")
    appeals.bench.member("carol", points=1_000)

    appeals.bench.merge("alice", "bob")
    appeals.bench.merge("bob", "carol")

    with appeals.bench.refused("MEMBER_CAP", left="150"):
        appeals.give(151, member_id="carol")
    # The match of one donor ends at 120, and was 100 for each of two.
    assert appeals.give(150, member_id="carol").matched == 0
    assert appeals.campaign().donor_count == 1


def test_a_chain_of_merges_takes_along_where_those_between_gave_nothing(
    appeals: Appeals,
) -> None:
    appeals.give(100, "a")
    for name in ("carol", "dora"):
        appeals.bench.member(name, points=1_000)
    appeals.give(100, "a", member_id="dora")

    appeals.bench.merge("alice", "bob")
    appeals.bench.merge("bob", "carol")
    appeals.bench.merge("carol", "dora")

    assert appeals.campaign("a").donor_count == 1


def test_a_campaign_that_was_given_to_long_ago_counts_too(
    appeals: Appeals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "PAGE", 1)
    for campaign_id in ("short", "spring", "named"):
        appeals.give(100, campaign_id)
        appeals.give(100, campaign_id, member_id="bob")

    appeals.bench.merge("bob", "alice")

    for campaign_id in ("short", "spring", "named"):
        assert appeals.campaign(campaign_id).donor_count == 1


def test_plans_go_on_for_who_goes_on(appeals: Appeals) -> None:
    for name in ("alice", "bob"):
        appeals.bench.call(
            pb.StartRecurringRequest(
                member_id=name, campaign_id="spring", points=20, every=pb.EVERY_WEEK
            )
        )

    appeals.bench.merge("bob", "alice")
    appeals.bench.advance(days=7)

    assert [each.points for each in appeals.donations()] == [20, 20, 20]
    assert appeals.campaign().raised == 80
    end = pb.EndRecurringRequest(member_id="alice", recurring_id="2")
    appeals.bench.call(end)
    appeals.bench.advance(days=7)
    assert appeals.campaign().raised == 100


def test_a_member_with_hundreds_of_plans_is_merged(appeals: Appeals) -> None:
    plan = pb.StartRecurringRequest(
        member_id="bob", campaign_id="named", points=1, every=pb.EVERY_WEEK
    )
    for _ in range(260):
        appeals.bench.call(plan)

    appeals.bench.merge("bob", "alice")

    with appeals.bench.refused("RECURRING_UNKNOWN"):
        appeals.bench.call(
            pb.EndRecurringRequest(member_id="alice", recurring_id="261")
        )
    appeals.bench.call(pb.EndRecurringRequest(member_id="alice", recurring_id="260"))


def test_a_donor_of_hundreds_of_campaigns_is_merged(appeals: Appeals) -> None:
    names = [f"c{number}" for number in range(300)]
    campaigns = {name: {"cause": "reef"} for name in names}
    appeals.bench.configure("charity", {**SECTION, "campaigns": campaigns})
    for name in names:
        for giver in ("alice", "bob"):
            appeals.bench.call(
                pb.DonateRequest(member_id=giver, campaign_id=name, points=1)
            )

    appeals.bench.merge("bob", "alice")

    assert {appeals.campaign(name).donor_count for name in names} == {1}


def test_plans_go_on_however_many_have_ended(
    appeals: Appeals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "PAGE", 2)
    plan = pb.StartRecurringRequest(
        member_id="bob", campaign_id="spring", points=20, every=pb.EVERY_WEEK
    )
    for number in ("1", "2", "3"):
        appeals.bench.call(plan)
        if number != "3":
            end = pb.EndRecurringRequest(member_id="bob", recurring_id=number)
            appeals.bench.call(end)

    appeals.bench.merge("bob", "alice")
    appeals.bench.advance(days=7)

    assert [each.points for each in appeals.donations()] == [20]
    with appeals.bench.refused("RECURRING_ENDED"):
        appeals.bench.call(pb.EndRecurringRequest(member_id="bob", recurring_id="1"))


def test_a_pledge_goes_along_where_there_is_none(appeals: Appeals) -> None:
    pledge = pb.SetPledgeRequest(
        member_id="bob", campaign_id="named", basis_points=5_000
    )
    appeals.bench.call(pledge)

    appeals.bench.merge("bob", "alice")
    appeals.bench.earn("alice", 100)

    assert appeals.campaign("named").raised == 50


def test_who_was_verified_in_either_name_is() -> None:
    counted, uncounted = Donor(points=4, matched=2), Donor(points=5, is_counted=False)

    assert one_donor(counted, uncounted) == Donor(points=9, matched=2)
    assert one_donor(uncounted, counted) == Donor(points=9, matched=2)
    assert not one_donor(uncounted, uncounted).is_counted


def test_a_round_counts_all_that_a_person_gave_who_was_verified_in_one_name(
    appeals: Appeals,
) -> None:
    rounds = {"wish": {"end_time": END, "verified_by": "checked"}}
    appeals.bench.configure("charity", {**SECTION, "rounds": rounds})
    for name in ("carol", "dora"):
        appeals.bench.member(name, points=1_000, attributes={"checked": "yes"})
    appeals.fund(500, "wish")
    for name in ("alice", "carol", "dora"):
        appeals.give(50, "a", member_id=name)

    appeals.bench.merge("carol", "alice")
    appeals.bench.advance(days=10)

    # Two people, of 100 and of 50: twice the root of their product, rounded down.
    assert appeals.campaign("a").matched == 141


def test_one_person_is_matched_as_one_though_the_campaign_ended_before_its_round(
    bench: Bench,
) -> None:
    campaigns = {
        name: {**rules, "end_time": END - 5 * DAY} if name in "abc" else rules
        for name, rules in SECTION["campaigns"].items()
    }
    appeals = Appeals(bench)
    bench.configure("charity", {**SECTION, "campaigns": campaigns})
    for name in ("alice", "bob", "sponsor"):
        bench.member(name, points=1_000)
    appeals.fund(500, "wish")
    for name in ("alice", "bob"):
        appeals.give(100, "a", member_id=name)
    bench.advance(days=6)

    bench.merge("bob", "alice")
    bench.advance(days=5)

    assert appeals.campaign("a").matched == 0
