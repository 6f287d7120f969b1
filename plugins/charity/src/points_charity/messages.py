"""Documents as messages: what a caller may see of them."""

from __future__ import annotations

from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from points_charity.calendar import NEVER, Every, occurrence
from points_charity.documents import Donation, Pool, Recurring
from points_charity.reading import Appeal, stage_of
from points_charity.v1 import charity_service_pb2 as pb


_SECOND: Final = 1_000_000


def timestamp(instant: int) -> Timestamp | None:
    """Returns an instant of microseconds as a message, None for never."""
    if instant >= NEVER:
        return None
    return Timestamp(seconds=instant // _SECOND, nanos=instant % _SECOND * 1_000)


def donation_message(campaign_id: str, donation: Donation) -> pb.Donation:
    """Returns a donation as its member sees it."""
    return pb.Donation(
        campaign_id=campaign_id,
        number=donation.number,
        member_id=donation.member_id,
        points=donation.points,
        offered=donation.offered,
        matched=donation.matched,
        bonus=donation.bonus,
        state=pb.DonationState.Value(f"DONATION_STATE_{donation.state}"),
        origin=pb.Origin.Value(f"ORIGIN_{donation.origin}"),
        donate_time=timestamp(donation.donate_time),
        receipt=donation.receipt,
        transaction_id=donation.transaction_id,
        hold_id=donation.hold_id,
        credit_id=donation.credit_id,
    )


def campaign_message(appeal: Appeal, pool: Pool, now: int) -> pb.Campaign:
    """Returns a campaign with its progress at an instant."""
    rules, state = appeal.rules, appeal.state
    goals = [goal for goal in (rules.goal, *rules.stretch_goals) if goal]
    is_begun = bool(state.donation_count)
    return pb.Campaign(
        campaign_id=appeal.campaign_id,
        title=rules.title,
        cause_id=rules.cause,
        kind=pb.CampaignKind.Value(f"CAMPAIGN_KIND_{rules.kind}"),
        state=pb.CampaignState.Value(f"CAMPAIGN_STATE_{stage_of(appeal, now)}"),
        unit=rules.unit,
        start_time=timestamp(rules.start_time),
        end_time=timestamp(rules.end_time),
        goal=rules.goal or 0,
        stretch_goals=rules.stretch_goals,
        goals_reached=sum(state.raised >= goal for goal in goals),
        raised=state.raised,
        matched=state.matched + state.promised,
        pool_left=max(0, pool.left - state.promised),
        donor_count=state.donor_count,
        donation_count=state.donation_count,
        progress_basis_points=state.raised * 10_000 // goals[0] if goals else 0,
        disbursed=state.converted,
        program_version=state.program_version if is_begun else 0,
    )


def recurring_message(recurring: Recurring, zone: str) -> pb.Recurring:
    """Returns a recurring donation, with when it is given next."""
    every = Every(recurring.every)
    due = occurrence(recurring.start_time, every, recurring.number, zone)
    is_active = recurring.state == "ACTIVE"
    return pb.Recurring(
        recurring_id=recurring.recurring_id,
        campaign_id=recurring.campaign_id,
        points=recurring.points,
        every=pb.Every.Value(f"EVERY_{recurring.every}"),
        next_time=timestamp(due) if is_active else None,
        missed=recurring.missed,
    )
