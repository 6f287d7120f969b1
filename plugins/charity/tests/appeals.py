"""Campaigns, sponsors and donors on a bench."""

from __future__ import annotations

from typing import Any, Final

from points.testing.bench import Bench
from points.testing.clock import NOON
from points_charity.v1 import charity_service_pb2 as pb


DAY: Final = 86_400_000_000
END: Final = NOON + 10 * DAY

SECTION: Final[dict[str, Any]] = {
    "causes": {
        "reef": {
            "title": "Reefs",
            "conversion": {"currency": "EUR", "minor_units_per_point": "1/3"},
        },
    },
    "campaigns": {
        "spring": {
            "cause": "reef",
            "goal": 1_000,
            "stretch_goals": [2_000],
            "matching": {"ratio": "1/2", "donation_max": 100, "donor_max": 120},
            "credit": {"unit": "qualifying_points", "ratio": "1/10"},
            "donation_min": 5,
            "donation_max": 500,
            "member_max": 800,
            "earn_rate": "3/2",
        },
        "roof": {
            "cause": "reef",
            "kind": "ALL_OR_NOTHING",
            "goal": 300,
            "end_time": END,
            "matching": {"ratio": 1},
            "credit": {},
        },
        "full": {"cause": "reef", "goal": 100, "over_funding": "STOP_AT_GOAL"},
        "named": {"cause": "reef", "is_anonymous_allowed": False, "earn_rate": 1},
        "short": {"cause": "reef", "end_time": END, "earn_rate": 1},
        "a": {"cause": "reef", "round": "wish", "end_time": END},
        "b": {"cause": "reef", "round": "wish", "end_time": END},
        "c": {"cause": "reef", "round": "wish", "end_time": END},
    },
    "rounds": {"wish": {"end_time": END}},
    "missed_max": 2,
}


class Appeals:
    """Is a bench with campaigns, and the calls that givers make."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        bench.configure("charity", SECTION)

    def give(
        self,
        points: int,
        campaign_id: str = "spring",
        member_id: str = "alice",
        **fields: Any,
    ) -> pb.Donation:
        """Calls Donate."""
        request = pb.DonateRequest(
            member_id=member_id, campaign_id=campaign_id, points=points, **fields
        )
        answer: pb.DonateResponse = self.bench.call(request)
        return answer.donation

    def fund(
        self, points: int, pool_id: str = "spring", member_id: str = "sponsor"
    ) -> pb.FundPoolResponse:
        """Calls FundPool."""
        request = pb.FundPoolRequest(
            member_id=member_id, pool_id=pool_id, points=points
        )
        answer: pb.FundPoolResponse = self.bench.call(request)
        return answer

    def campaign(self, campaign_id: str = "spring") -> pb.Campaign:
        """Calls GetCampaign."""
        request = pb.GetCampaignRequest(campaign_id=campaign_id)
        answer: pb.GetCampaignResponse = self.bench.call(request)
        return answer.campaign

    def reverse(self, donation: pb.Donation) -> pb.ReverseDonationResponse:
        """Calls ReverseDonation."""
        request = pb.ReverseDonationRequest(
            member_id=donation.member_id,
            campaign_id=donation.campaign_id,
            number=donation.number,
        )
        answer: pb.ReverseDonationResponse = self.bench.call(request)
        return answer

    def disburse(self, campaign_id: str = "spring") -> pb.DisburseResponse:
        """Calls Disburse."""
        request = pb.DisburseRequest(campaign_id=campaign_id, operator="olga")
        answer: pb.DisburseResponse = self.bench.call(request)
        return answer

    def donations(self, member_id: str = "alice") -> list[pb.Donation]:
        """Calls ListDonations."""
        request = pb.ListDonationsRequest(member_id=member_id)
        answer: pb.ListDonationsResponse = self.bench.call(request)
        return list(answer.donations)

    def receipt(self, donation: pb.Donation) -> pb.Receipt:
        """Calls GetReceipt."""
        request = pb.GetReceiptRequest(
            member_id=donation.member_id,
            campaign_id=donation.campaign_id,
            number=donation.number,
        )
        answer: pb.GetReceiptResponse = self.bench.call(request)
        return answer.receipt
