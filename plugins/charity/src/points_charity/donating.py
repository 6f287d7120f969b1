"""Donate and ReverseDonation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from points.plugin import Context, Refused
from points_charity import reasons
from points_charity.config import Kind
from points_charity.documents import (
    CAMPAIGN,
    DONATION,
    DONOR,
    CampaignState,
    Donation,
    Donor,
    number_key,
)
from points_charity.giving import Gift, give, rooted
from points_charity.messages import donation_message
from points_charity.reading import Appeal, appeal_of, donation_of
from points_charity.returning import return_match
from points_charity.v1 import charity_service_pb2 as pb


class Undone(NamedTuple):
    """Is a donation that was taken back, what is in the pool again, and what is not.

    The `kept` points of its match stay with the campaign.
    """

    donation: Donation
    returned: int
    kept: int = 0


def donate(ctx: Context, request: Any) -> pb.DonateResponse:
    """Gives points; the refusals are those of the proto."""
    gift = Gift(
        member_id=request.member_id,
        points=request.points,
        alias=request.alias,
        is_anonymous=request.is_anonymous,
        accepts_part=request.accepts_part,
        needs_match=request.needs_match,
    )
    donation, balance = give(ctx, appeal_of(ctx, request.campaign_id), gift)
    return pb.DonateResponse(
        donation=donation_message(request.campaign_id, donation), balance_after=balance
    )


def reverse_donation(ctx: Context, request: Any) -> pb.ReverseDonationResponse:
    """Takes a donation back; the refusals are those of the proto."""
    campaign_id = request.campaign_id
    appeal = appeal_of(ctx, campaign_id)
    donation = donation_of(ctx, request.member_id, campaign_id, request.number)
    _check_reversible(ctx, appeal, donation)
    undo = _void if donation.state == "HELD" else _reverse
    undone = undo(ctx, appeal, donation, request.reason or "donation taken back")
    _write(ctx, appeal, undone)
    return pb.ReverseDonationResponse(
        donation=donation_message(campaign_id, undone.donation),
        match_returned=undone.returned,
    )


def _check_reversible(ctx: Context, appeal: Appeal, donation: Donation) -> None:
    if donation.number <= appeal.state.final_number:
        raise Refused(reasons.DONATION_FINAL)
    if donation.state not in ("HELD", "GIVEN"):
        raise Refused(reasons.DONATION_REVERSED, state=donation.state.lower())
    # Whether the goal was met is judged by what is held at the end.
    if donation.state == "HELD" and ctx.now >= appeal.rules.end_time:
        raise Refused(reasons.CAMPAIGN_CLOSED, campaign_id=appeal.campaign_id)


def _void(ctx: Context, appeal: Appeal, donation: Donation, reason: str) -> Undone:
    del appeal
    ctx.ledger.void_hold(donation.hold_id, member_id=donation.member_id, reason=reason)
    _bonus_back(ctx, donation, reason)
    return Undone(replace(donation, state="VOIDED"), donation.matched)


def _reverse(ctx: Context, appeal: Appeal, donation: Donation, reason: str) -> Undone:
    member_id = donation.member_id
    ctx.ledger.reverse(donation.transaction_id, member_id=member_id, reason=reason)
    _bonus_back(ctx, donation, reason)
    if donation.credit_id:
        ctx.ledger.reverse(donation.credit_id, member_id=member_id, reason=reason)
    back = return_match(ctx, appeal, donation)
    return Undone(replace(donation, state="REVERSED"), back.returned, back.kept)


def _bonus_back(ctx: Context, donation: Donation, reason: str) -> None:
    if donation.bonus_id:
        ctx.ledger.reverse(
            donation.bonus_id, member_id=donation.member_id, reason=reason
        )


def _write(ctx: Context, appeal: Appeal, undone: Undone) -> None:
    donation = undone.donation
    campaign_id, member_id = appeal.campaign_id, donation.member_id
    before = ctx.state.get(DONOR, campaign_id, member_id) or Donor()
    after = replace(
        before,
        points=before.points - donation.points,
        matched=before.matched - donation.matched,
    )
    state = rooted(appeal, _uncounted(appeal, undone, after), before, after)
    ctx.state.put(DONOR, campaign_id, after, member_id)
    ctx.state.put(CAMPAIGN, campaign_id, state)
    ctx.state.put(DONATION, campaign_id, donation, number_key(donation.number))


def _uncounted(appeal: Appeal, undone: Undone, donor: Donor) -> CampaignState:
    state, donation = appeal.state, undone.donation
    is_held = appeal.rules.kind is Kind.ALL_OR_NOTHING and donation.state == "VOIDED"
    matched = donation.matched
    return replace(
        state,
        raised=state.raised - donation.points,
        matched=state.matched - (0 if is_held else matched - undone.kept),
        promised=state.promised - (matched if is_held else 0),
        donor_count=state.donor_count - (donor.points == 0),
    )
