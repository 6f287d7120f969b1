"""Donations on a real engine: points, match, credit and receipt in one transaction."""

from __future__ import annotations

from typing import Any

import pytest
from plugins.charity.tests.appeals import DAY, SECTION, Appeals

from points.domain.commands import FreezeMember
from points.testing.proofs import assert_idempotent, race
from points_charity.v1 import charity_service_pb2 as pb


def test_a_donation_takes_the_points_and_gives_a_credit(appeals: Appeals) -> None:
    donation = appeals.give(105)
    assert appeals.bench.available() == 895
    assert appeals.bench.balances("alice", "qualifying_points").lifetime_earned == 10
    assert donation.state == pb.DONATION_STATE_GIVEN
    assert donation.receipt == "spring-2026-000001"
    campaign = appeals.campaign()
    assert (campaign.raised, campaign.donor_count) == (105, 1)
    assert campaign.progress_basis_points == 1_050


def test_a_donation_happens_once_to_the_byte(appeals: Appeals) -> None:
    appeals.fund(300)
    request = pb.DonateRequest(member_id="alice", campaign_id="spring", points=50)
    assert_idempotent(appeals.bench, request)


def test_a_donation_is_matched_out_of_what_was_set_aside(appeals: Appeals) -> None:
    appeals.fund(300)
    assert appeals.bench.available("sponsor") == 700
    donation = appeals.give(151)
    assert (donation.offered, donation.matched) == (75, 75)
    campaign = appeals.campaign()
    assert (campaign.matched, campaign.pool_left) == (75, 225)
    assert appeals.bench.balances("sponsor").held == 225


def test_a_pool_that_runs_dry_matches_what_it_has_or_refuses(appeals: Appeals) -> None:
    appeals.fund(30)
    with appeals.bench.refused("MATCH_EXHAUSTED", matched="30", offered="50"):
        appeals.give(100, needs_match=True)
    assert appeals.bench.available() == 1_000
    donation = appeals.give(100)
    assert (donation.offered, donation.matched) == (50, 30)
    assert appeals.give(20).matched == 0


def test_sponsors_pay_in_the_order_in_which_they_came(appeals: Appeals) -> None:
    appeals.fund(20)
    appeals.fund(50, member_id="bob")
    assert appeals.give(100).matched == 50
    assert appeals.bench.balances("sponsor").held == 0
    assert appeals.bench.balances("bob").held == 20


def test_caps_of_the_match_are_per_donation_and_per_donor(appeals: Appeals) -> None:
    appeals.fund(900)
    assert appeals.give(300).matched == 100
    assert appeals.give(300).matched == 20
    assert appeals.give(300, member_id="bob").matched == 100


def test_points_are_set_aside_only_where_they_can_match(appeals: Appeals) -> None:
    with appeals.bench.refused("POINTS_INVALID"):
        appeals.fund(0)
    with appeals.bench.refused("MATCHING_NONE"):
        appeals.fund(10, "named")
    with appeals.bench.refused("CAMPAIGN_UNKNOWN"):
        appeals.fund(10, "nobody")
    with appeals.bench.refused("OPERATOR_MISSING"):
        appeals.bench.call(pb.DisburseRequest(campaign_id="spring"))
    assert appeals.bench.available("sponsor") == 1_000


def test_a_frozen_sponsor_matches_nothing(appeals: Appeals) -> None:
    appeals.fund(300)
    freeze = FreezeMember(member_id="sponsor", request_id="f", reason="test")
    appeals.bench.execute(freeze)
    assert appeals.give(100).matched == 0


def test_donors_at_once_are_never_matched_beyond_the_pool(appeals: Appeals) -> None:
    appeals.fund(100)
    donors = [appeals.bench.member(f"d{n}", points=50) for n in range(8)]
    answers = race(
        appeals.bench,
        len(donors),
        lambda n: pb.DonateRequest(
            member_id=donors[n], campaign_id="spring", points=50
        ),
    )
    donations = [answer.donation for answer in answers]
    assert sum(donation.matched for donation in donations) == 100
    assert sorted(donation.number for donation in donations) == list(range(1, 9))
    assert appeals.campaign().pool_left == 0
    assert appeals.bench.balances("sponsor").held == 0


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"campaign_id": "none"}, "CAMPAIGN_UNKNOWN"),
        ({"campaign_id": ""}, "CAMPAIGN_UNKNOWN"),
        ({"points": 0}, "POINTS_INVALID"),
        ({"points": -5}, "POINTS_INVALID"),
        ({"points": 4}, "DONATION_SIZE"),
        ({"points": 501}, "DONATION_SIZE"),
        ({"campaign_id": "full", "points": 101}, "GOAL_REACHED"),
        ({"campaign_id": "named", "is_anonymous": True}, "ANONYMOUS_FORBIDDEN"),
        ({"alias": "x" * 65}, "ALIAS_INVALID"),
        ({"member_id": "poor"}, "INSUFFICIENT_POINTS"),
        ({"member_id": "cold"}, "MEMBER_INACTIVE"),
        ({"member_id": "nobody"}, "MEMBER_NOT_FOUND"),
    ],
)
def test_a_donation_is_refused_and_changes_nothing(
    appeals: Appeals, fields: dict[str, Any], reason: str
) -> None:
    appeals.bench.member("poor", points=3)
    appeals.bench.member("cold", points=100)
    freeze = FreezeMember(member_id="cold", request_id="f", reason="test")
    appeals.bench.execute(freeze)
    appeals.fund(100)
    before = appeals.campaign()
    with appeals.bench.refused(reason):
        appeals.give(**{"points": 50, **fields})
    assert appeals.campaign() == before
    assert appeals.bench.available() == 1_000
    assert appeals.donations() == []


def test_a_member_gives_no_more_than_its_cap(appeals: Appeals) -> None:
    appeals.give(500)
    with appeals.bench.refused("MEMBER_CAP", left="300"):
        appeals.give(301)
    appeals.give(300)


def test_the_last_donation_is_taken_in_part_if_the_donor_likes(
    appeals: Appeals,
) -> None:
    appeals.give(80, "full")
    with appeals.bench.refused("GOAL_REACHED", left="20"):
        appeals.give(50, "full")
    assert appeals.give(50, "full", accepts_part=True).points == 20
    with appeals.bench.refused("GOAL_REACHED", left="0"):
        appeals.give(1, "full", accepts_part=True)


def test_a_campaign_ends_exactly_at_its_end(appeals: Appeals) -> None:
    appeals.bench.clock.advance(days=10, microseconds=-1)
    appeals.give(10, "short")
    appeals.bench.clock.advance(microseconds=1)
    with appeals.bench.refused("CAMPAIGN_CLOSED"):
        appeals.give(10, "short")


def test_receipts_are_gapless_by_campaign_and_local_year(appeals: Appeals) -> None:
    made = [appeals.give(10).receipt, appeals.give(10, "named").receipt]
    reversed_one = appeals.give(10, member_id="bob")
    appeals.reverse(reversed_one)
    made.append(appeals.give(10).receipt)
    appeals.bench.clock.advance(days=365)
    made.append(appeals.give(10).receipt)
    assert made == [
        "spring-2026-000001",
        "named-2026-000001",
        "spring-2026-000003",
        "spring-2027-000001",
    ]
    assert appeals.receipt(reversed_one).receipt == "spring-2026-000002"
    assert appeals.receipt(reversed_one).is_reversed


def test_a_receipt_is_the_same_whenever_it_is_asked_for(appeals: Appeals) -> None:
    donation = appeals.give(30, alias="Al")
    first = appeals.receipt(donation)
    assert "1/3 minor units of EUR" in first.value_statement
    section = {**SECTION, "causes": {"reef": {"title": "Other"}}}
    appeals.bench.configure("charity", section)
    assert appeals.receipt(donation) == first
    with appeals.bench.refused("DONATION_UNKNOWN"):
        donation.member_id = "bob"
        appeals.receipt(donation)


def test_a_running_campaign_keeps_its_rules(appeals: Appeals) -> None:
    appeals.give(10)
    campaigns = {**SECTION["campaigns"], "spring": {"cause": "reef", "end_time": 5}}
    appeals.bench.configure("charity", {**SECTION, "campaigns": campaigns})
    appeals.give(10)
    with appeals.bench.refused("DONATION_SIZE"):
        appeals.give(4)


def test_a_reversal_gives_back_points_match_and_credit(appeals: Appeals) -> None:
    appeals.fund(100)
    donation = appeals.give(100)
    answer = appeals.reverse(donation)
    assert answer.match_returned == 50
    assert answer.donation.state == pb.DONATION_STATE_REVERSED
    assert appeals.bench.available() == 1_000
    assert appeals.bench.balances("alice", "qualifying_points").available == 0
    assert appeals.bench.balances("sponsor").held == 100
    campaign = appeals.campaign()
    assert (campaign.raised, campaign.matched, campaign.donor_count) == (0, 0, 0)
    assert campaign.pool_left == 100
    with appeals.bench.refused("DONATION_REVERSED"):
        appeals.reverse(donation)


def test_a_donation_that_became_money_stays(appeals: Appeals) -> None:
    first = appeals.give(100)
    appeals.disburse()
    with appeals.bench.refused("DONATION_FINAL"):
        appeals.reverse(first)
    appeals.reverse(appeals.give(50))


def test_money_is_paid_in_whole_units_and_the_rest_is_kept(appeals: Appeals) -> None:
    appeals.give(100)
    first = appeals.disburse()
    assert (first.points, first.money, first.currency) == (100, 33, "EUR")
    assert (first.remainder_numerator, first.remainder_denominator) == ("1", "3")
    with appeals.bench.refused("NOTHING_TO_DISBURSE"):
        appeals.disburse()
    rate = {"conversion": {"currency": "EUR", "minor_units_per_point": "1/2"}}
    appeals.bench.configure("charity", {**SECTION, "causes": {"reef": rate}})
    appeals.give(101)
    second = appeals.disburse()  # 101/2 + 1/3 = 50 5/6
    assert (second.points, second.money) == (101, 50)
    assert (second.remainder_numerator, second.remainder_denominator) == ("5", "6")
    assert second.program_version > first.program_version
    causes = appeals.bench.call(pb.ListCausesRequest()).causes
    assert causes[0].paid["EUR"] == 83


def test_donors_are_listed_by_alias_and_never_by_member(appeals: Appeals) -> None:
    appeals.give(10, alias="Al")
    appeals.give(20, member_id="bob", alias="Bobby", is_anonymous=True)
    appeals.reverse(appeals.give(30, alias="gone"))
    request = pb.ListDonorsRequest(campaign_id="spring", page_size=2)
    first = appeals.bench.call(request)
    assert [(donor.alias, donor.points) for donor in first.donors] == [("", 20)]
    request.page_token = first.next_page_token
    second = appeals.bench.call(request)
    assert [(donor.alias, donor.points) for donor in second.donors] == [("Al", 10)]
    assert not second.next_page_token
    with appeals.bench.refused("PAGE_TOKEN_INVALID"):
        request.campaign_id = "named"
        appeals.bench.call(request)


def test_campaigns_are_listed_by_cause(appeals: Appeals) -> None:
    found = appeals.bench.call(pb.ListCampaignsRequest(cause_id="reef")).campaigns
    assert [each.campaign_id for each in found] == sorted(SECTION["campaigns"])
    assert not appeals.bench.call(pb.ListCampaignsRequest(cause_id="x")).campaigns


def test_a_pledge_gives_on_what_is_earned_at_the_rate_of_the_campaign(
    appeals: Appeals,
) -> None:
    pledge = pb.SetPledgeRequest(
        member_id="alice", campaign_id="spring", basis_points=2_000
    )
    appeals.bench.call(pledge)
    appeals.bench.earn("alice", 101)
    assert appeals.bench.available() == 1_081
    (donation,) = appeals.donations()
    assert (donation.points, donation.bonus) == (30, 10)
    assert donation.origin == pb.ORIGIN_PLEDGE
    appeals.reverse(donation)
    assert appeals.bench.available() == 1_101


def test_a_pledge_rests_while_no_campaign_takes_any(appeals: Appeals) -> None:
    pledge = pb.SetPledgeRequest(
        member_id="alice", campaign_id="named", basis_points=5_000
    )
    appeals.bench.call(pledge)
    campaigns = {
        name: {key: rule for key, rule in rules.items() if key != "earn_rate"}
        for name, rules in SECTION["campaigns"].items()
    }
    appeals.bench.configure("charity", {**SECTION, "campaigns": campaigns})
    appeals.bench.earn("alice", 100)
    assert appeals.donations() == []
    with appeals.bench.refused("PLEDGES_NOT_TAKEN"):
        appeals.bench.call(pledge)
    appeals.bench.configure("charity", SECTION)
    appeals.bench.earn("alice", 100)

    assert [each.points for each in appeals.donations()] == [50]


def test_a_pledge_that_cannot_be_kept_leaves_the_earning(appeals: Appeals) -> None:
    pledge = pb.SetPledgeRequest(
        member_id="alice", campaign_id="short", basis_points=10_000
    )
    appeals.bench.call(pledge)
    appeals.bench.clock.now += 20 * DAY
    appeals.bench.earn("alice", 50)
    assert appeals.bench.available() == 1_050
    with appeals.bench.refused("PLEDGE_INVALID"):
        appeals.bench.call(
            pb.SetPledgeRequest(
                member_id="alice", campaign_id="short", basis_points=10_001
            )
        )
