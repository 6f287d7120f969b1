"""The laws of every plugin, tried on every method of this one."""

from __future__ import annotations

from typing import Any

from plugins.charity.tests.appeals import Appeals

from points.testing.conformance import Example, assert_conforms
from points_charity.v1 import charity_service_pb2 as pb
from tests.postgresql.plugins import ON_BOTH_DATABASES


@ON_BOTH_DATABASES
def test_the_laws_of_plugins_are_kept(appeals: Appeals) -> None:
    appeals.fund(50)
    donation = appeals.give(20)
    alice: dict[str, Any] = {"member_id": "alice"}
    spring: dict[str, Any] = {"campaign_id": "spring"}
    examples = (
        pb.ListCausesRequest(),
        pb.ListCampaignsRequest(),
        pb.GetCampaignRequest(**spring),
        pb.ListDonorsRequest(**spring),
        pb.DonateRequest(**alice, **spring, points=5),
        pb.ReverseDonationRequest(**alice, **spring, number=donation.number),
        pb.ListDonationsRequest(**alice),
        pb.GetReceiptRequest(**alice, **spring, number=donation.number),
        pb.StartRecurringRequest(**alice, **spring, points=5, every=pb.EVERY_DAY),
        pb.EndRecurringRequest(**alice, recurring_id="1"),
        pb.SetPledgeRequest(**alice, **spring, basis_points=100),
        pb.FundPoolRequest(member_id="sponsor", pool_id="spring", points=5),
        pb.CloseRoundRequest(round_id="wish"),
        pb.DisburseRequest(**spring, operator="olga"),
    )
    assert_conforms(appeals.bench, "charity", [Example(each) for each in examples])
