"""Causes, campaigns, donors, donations and receipts as they are read."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from points.plugin import Context, Refused
from points_charity import reasons
from points_charity.documents import (
    CAUSE,
    DONATION,
    GIVEN,
    CauseState,
    Donation,
    latest_key,
    number_key,
)
from points_charity.messages import campaign_message, donation_message, timestamp
from points_charity.reading import (
    Appeal,
    appeal_of,
    config_of,
    donation_of,
    pool_of,
)
from points_charity.v1 import charity_service_pb2 as pb


DONORS_MAX: Final = 500
"""Most donors of one answer."""

DONATIONS_MAX: Final = 200
"""Most donations of a member in one answer."""

_PAGE: Final = 50
_MARK: Final = 16


def list_causes(ctx: Context, request: Any) -> pb.ListCausesResponse:
    """Returns the causes of the program."""
    del request
    names = sorted(config_of(ctx).causes)
    return pb.ListCausesResponse(causes=[_cause(ctx, name) for name in names])


def _cause(ctx: Context, cause_id: str) -> pb.Cause:
    rules = config_of(ctx).causes[cause_id]
    state = ctx.state.get(CAUSE, cause_id) or CauseState()
    rate = rules.conversion.minor_units_per_point
    return pb.Cause(
        cause_id=cause_id,
        title=rules.title,
        currency=rules.conversion.currency,
        rate_numerator=rate.numerator,
        rate_denominator=rate.denominator,
        paid=state.paid,
    )


def list_campaigns(ctx: Context, request: Any) -> pb.ListCampaignsResponse:
    """Returns the campaigns of the program, those of one cause if it is named."""
    names = [
        name
        for name, rules in config_of(ctx).campaigns.items()
        if request.cause_id in ("", rules.cause)
    ]
    return pb.ListCampaignsResponse(
        campaigns=[_campaign(ctx, name) for name in sorted(names)]
    )


def get_campaign(ctx: Context, request: Any) -> pb.GetCampaignResponse:
    """Returns a campaign; the refusals are those of the proto."""
    return pb.GetCampaignResponse(campaign=_campaign(ctx, request.campaign_id))


def _campaign(ctx: Context, campaign_id: str) -> pb.Campaign:
    appeal = appeal_of(ctx, campaign_id)
    return campaign_message(appeal, pool_of(ctx, campaign_id), ctx.now)


def list_donors(ctx: Context, request: Any) -> pb.ListDonorsResponse:
    """Returns the donations of a campaign; the refusals are those of the proto."""
    appeal = appeal_of(ctx, request.campaign_id)
    size = _size(request.page_size, DONORS_MAX)
    behind = _number(appeal.campaign_id, request.page_token)
    last = appeal.state.donation_count if behind is None else behind - 1
    numbers = range(last, max(0, last - size), -1)
    found = [_donation(ctx, appeal, number) for number in numbers]
    counted = [each for each in found if each and each.state in ("HELD", "GIVEN")]
    token = _token(appeal.campaign_id, last - size + 1) if last > size else ""
    return pb.ListDonorsResponse(
        donors=[_donor(donation) for donation in counted], next_page_token=token
    )


def _donation(ctx: Context, appeal: Appeal, number: int) -> Donation | None:
    return ctx.state.get(DONATION, appeal.campaign_id, number_key(number))


def _donor(donation: Donation) -> pb.Donor:
    return pb.Donor(
        alias=donation.alias,
        points=donation.points,
        matched=donation.matched,
        donate_time=timestamp(donation.donate_time),
    )


def list_donations(ctx: Context, request: Any) -> pb.ListDonationsResponse:
    """Returns the donations of a member; the refusals are those of the proto."""
    member_id = request.member_id
    size = _size(request.page_size, DONATIONS_MAX)
    number = _number(member_id, request.page_token)
    after = "" if number is None else latest_key(number)
    found = ctx.state.list(GIVEN, member_id, after=after, limit=size)
    donations = [
        donation_message(
            reference.campaign_id,
            donation_of(ctx, member_id, reference.campaign_id, reference.number),
        )
        for _, reference in found
    ]
    is_more = len(found) == size
    token = _token(member_id, 10**12 - int(found[-1][0])) if is_more else ""
    return pb.ListDonationsResponse(donations=donations, next_page_token=token)


def _size(wanted: int, most: int) -> int:
    return min(wanted, most) if wanted > 0 else _PAGE


def _token(owner: str, number: int) -> str:
    """Returns where to go on, bound to whose list it is."""
    return f"{hashlib.sha256(owner.encode()).hexdigest()[:_MARK]}{number}"


def _number(owner: str, token: str) -> int | None:
    """Returns the number of a token, None without one; refuses one of another list."""
    if not token:
        return None
    rest = token[_MARK:]
    is_number = rest.isascii() and rest.isdigit() and len(rest) <= 12  # noqa: PLR2004 - digits of a key
    if not is_number or token != _token(owner, int(rest)):
        raise Refused(reasons.PAGE_TOKEN_INVALID)
    return int(rest)


def get_receipt(ctx: Context, request: Any) -> pb.GetReceiptResponse:
    """Returns a receipt; the refusals are those of the proto."""
    campaign_id = request.campaign_id
    appeal = appeal_of(ctx, campaign_id)
    donation = donation_of(ctx, request.member_id, campaign_id, request.number)
    if not donation.receipt:
        raise Refused(reasons.RECEIPT_NONE)
    receipt = pb.Receipt(
        receipt=donation.receipt,
        campaign_id=campaign_id,
        cause_id=appeal.rules.cause,
        alias=donation.alias,
        points=donation.points,
        unit=appeal.rules.unit,
        matched=donation.matched,
        donate_time=timestamp(donation.donate_time),
        transaction_id=donation.transaction_id,
        value_statement=_statement(ctx, appeal),
        is_reversed=donation.state == "REVERSED",
    )
    return pb.GetReceiptResponse(receipt=receipt)


def _statement(ctx: Context, appeal: Appeal) -> str:
    """Returns what points were worth under the rules that the campaign keeps."""
    then = ctx.config_at(appeal.state.program_version)
    terms = then.causes[appeal.rules.cause].conversion
    rate = terms.minor_units_per_point
    return (
        f"One point of {appeal.rules.unit} is worth {rate} minor units of "
        f"{terms.currency}; no goods or services were given in return."
    )
