"""One donation: checks, points, match, credit, receipt and record in one command.

Everything that can be refused by a rule is refused before anything is changed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from points.plugin import Context, Refused
from points_charity import reasons
from points_charity.calendar import NEVER, year_of
from points_charity.config import Campaign, Kind
from points_charity.documents import (
    CAMPAIGN,
    DONATION,
    DONOR,
    GAVE,
    GIVEN,
    GIVER,
    POOL,
    CampaignState,
    Donation,
    Donor,
    Gave,
    Pool,
    Reference,
    Taken,
    latest_key,
    number_key,
)
from points_charity.donations import is_size_fine, room_of
from points_charity.matching import Match, match_of
from points_charity.pools import take, usable
from points_charity.quadratic import scaled_root
from points_charity.reading import (
    Appeal,
    check_open,
    config_of,
    giver_of,
    pool_of,
    remember_sponsors,
)


ALIAS_MAX = 64
"""Most characters of an alias."""


class Gift(NamedTuple):
    """Is what a member wants to give, `bonus` of it added by the program."""

    member_id: str
    points: int
    alias: str = ""
    is_anonymous: bool = False
    accepts_part: bool = False
    needs_match: bool = False
    origin: str = "ONCE"
    bonus: int = 0


class Paid(NamedTuple):
    """Is what a donation did to the ledger."""

    transaction_id: str = ""
    hold_id: str = ""
    bonus_id: str = ""
    credit_id: str = ""
    taken: tuple[Taken, ...] = ()
    balance_after: int = 0


def give(ctx: Context, appeal: Appeal, gift: Gift) -> tuple[Donation, int]:
    """Returns the donation that was made, and what the member can spend then."""
    check_open(ctx, appeal)
    donor = ctx.state.get(DONOR, appeal.campaign_id, gift.member_id)
    gift = _checked(ctx, appeal, gift, donor or Donor())
    pool = pool_of(ctx, appeal.campaign_id)
    match = _match(ctx, appeal, gift, donor or Donor(), pool)
    is_held = appeal.rules.kind is Kind.ALL_OR_NOTHING
    paid = (_hold if is_held else _pay)(ctx, appeal, gift, match)
    if not is_held:
        match = match._replace(matched=sum(part.points for part in paid.taken))
        _check_match(gift, match)
    state = _counted(appeal, gift, match, is_new=donor is None or not donor.points)
    donation = _donation(ctx, state, gift, match, paid)
    if not is_held:
        state, donation = with_receipt(ctx, appeal, state, donation)
    before = donor or Donor(is_counted=_is_counted(ctx, appeal, gift.member_id))
    after = _donor_after(before, gift, match)
    state = rooted(appeal, state, before, after)
    ctx.state.put(DONOR, appeal.campaign_id, after, gift.member_id)
    if donor is None:
        mark_donor(ctx, appeal.campaign_id, gift.member_id)
    _write(ctx, appeal, state, donation)
    return donation, paid.balance_after


def mark_donor(ctx: Context, campaign_id: str, member_id: str) -> None:
    """Keeps with a member that a campaign has it as a donor, for a merge to come."""
    ctx.state.put(GAVE, member_id, Gave(campaign_id), campaign_id)


def _checked(ctx: Context, appeal: Appeal, gift: Gift, donor: Donor) -> Gift:
    """Returns the gift, or the part of it that the goal leaves; refuses the rest."""
    rules, campaign_id = appeal.rules, appeal.campaign_id
    _check_donor(ctx, rules, campaign_id, gift)
    if not is_size_fine(rules, gift.points):
        raise Refused(
            reasons.DONATION_SIZE,
            campaign_id=campaign_id,
            donation_min=rules.donation_min,
            donation_max=rules.donation_max or "any number of",
        )
    room = room_of(rules, given=donor.points, raised=appeal.state.raised)
    if room.member_left is not None and gift.points > room.member_left:
        raise Refused(
            reasons.MEMBER_CAP, left=room.member_left, campaign_id=campaign_id
        )
    if room.goal_left is None or gift.points <= room.goal_left:
        return gift
    if not (gift.accepts_part and room.goal_left):
        raise Refused(
            reasons.GOAL_REACHED, left=room.goal_left, campaign_id=campaign_id
        )
    return gift._replace(points=room.goal_left)


def _check_donor(ctx: Context, rules: Campaign, campaign_id: str, gift: Gift) -> None:
    if gift.points <= 0:
        raise Refused(reasons.POINTS_INVALID)
    if len(gift.alias) > ALIAS_MAX:
        raise Refused(reasons.ALIAS_INVALID)
    if gift.is_anonymous and not rules.is_anonymous_allowed:
        raise Refused(reasons.ANONYMOUS_FORBIDDEN, campaign_id=campaign_id)
    state = ctx.member(gift.member_id).state
    if state != "ACTIVE":
        raise Refused(reasons.MEMBER_INACTIVE, state=state)


def _match(ctx: Context, appeal: Appeal, gift: Gift, donor: Donor, pool: Pool) -> Match:
    matching = appeal.rules.matching
    if matching is None:
        return Match(0, 0)
    left = pool.left
    # A promise has to know what sponsors can pay: what is taken at once shows it.
    if appeal.rules.kind is Kind.ALL_OR_NOTHING:
        remember_sponsors(appeal.campaign_id, pool)
        left = max(0, usable(ctx, pool, pool.left) - appeal.state.promised)
    match = match_of(
        matching.terms, gift.points, donor_matched=donor.matched, pool_left=left
    )
    _check_match(gift, match)
    return match


def _check_match(gift: Gift, match: Match) -> None:
    if gift.needs_match and match.matched < match.offered:
        raise Refused(reasons.MATCH_EXHAUSTED, **match._asdict())


def _hold(ctx: Context, appeal: Appeal, gift: Gift, match: Match) -> Paid:
    """Sets the points aside; they do not expire while they wait."""
    del match
    bonus_id = _bonus(ctx, appeal, gift)
    posted = ctx.ledger.place_hold(
        gift.points,
        unit=appeal.rules.unit,
        member_id=gift.member_id,
        freeze_expiry=True,
        reason=f"donation to {appeal.campaign_id}",
    )
    return Paid(
        hold_id=posted.hold_id, bonus_id=bonus_id, balance_after=posted.balance_after
    )


def _pay(ctx: Context, appeal: Appeal, gift: Gift, match: Match) -> Paid:
    bonus_id = _bonus(ctx, appeal, gift)
    posted = ctx.ledger.burn(
        gift.points,
        unit=appeal.rules.unit,
        member_id=gift.member_id,
        reason=f"donation to {appeal.campaign_id}",
    )
    taken = take_match(ctx, appeal.campaign_id, match.matched)
    credit_id = credit(ctx, appeal.rules, gift.member_id, gift.points)
    return Paid(
        transaction_id=posted.transaction_id,
        bonus_id=bonus_id,
        credit_id=credit_id,
        taken=taken,
        balance_after=posted.balance_after,
    )


def _bonus(ctx: Context, appeal: Appeal, gift: Gift) -> str:
    """Adds what the program gives to a pledge; it is usable at once."""
    if not gift.bonus:
        return ""
    posted = ctx.ledger.earn(
        gift.bonus,
        unit=appeal.rules.unit,
        member_id=gift.member_id,
        activate_time=ctx.now,
        reason=f"rate of {appeal.campaign_id}",
    )
    return posted.transaction_id


def take_match(ctx: Context, campaign_id: str, matched: int) -> tuple[Taken, ...]:
    """Captures a match from the campaign's pool."""
    if not matched:
        return ()
    pool, taken = take(
        ctx, pool_of(ctx, campaign_id), matched, f"match for {campaign_id}"
    )
    ctx.state.put(POOL, campaign_id, pool)
    return taken


def credit(ctx: Context, rules: Campaign, member_id: str, points: int) -> str:
    """Gives the donor's credit, rounded down; returns its transaction, if any."""
    if rules.credit is None:
        return ""
    exact = points * rules.credit.ratio
    whole = exact.numerator // exact.denominator
    if not whole:
        return ""
    unit = rules.credit.unit
    posted = ctx.ledger.earn(
        whole, unit=unit, member_id=member_id, reason="thanks for giving"
    )
    return posted.transaction_id


def _counted(
    appeal: Appeal, gift: Gift, match: Match, *, is_new: bool
) -> CampaignState:
    state = appeal.state
    is_held = appeal.rules.kind is Kind.ALL_OR_NOTHING
    return replace(
        state,
        raised=state.raised + gift.points,
        matched=state.matched + (0 if is_held else match.matched),
        promised=state.promised + (match.matched if is_held else 0),
        donor_count=state.donor_count + is_new,
        donation_count=state.donation_count + 1,
    )


def _donation(
    ctx: Context, state: CampaignState, gift: Gift, match: Match, paid: Paid
) -> Donation:
    return Donation(
        number=state.donation_count,
        member_id=gift.member_id,
        points=gift.points,
        offered=match.offered,
        matched=match.matched,
        donate_time=ctx.now,
        state="HELD" if paid.hold_id else "GIVEN",
        alias="" if gift.is_anonymous else gift.alias,
        is_anonymous=gift.is_anonymous,
        origin=gift.origin,
        transaction_id=paid.transaction_id,
        hold_id=paid.hold_id,
        credit_id=paid.credit_id,
        bonus_id=paid.bonus_id,
        bonus=gift.bonus,
        taken=paid.taken,
    )


def with_receipt(
    ctx: Context, appeal: Appeal, state: CampaignState, donation: Donation
) -> tuple[CampaignState, Donation]:
    """Returns the donation with the next receipt of its campaign and local year."""
    year = str(year_of(ctx.now, ctx.zone))
    count = state.receipts.get(year, 0) + 1
    receipt = f"{appeal.campaign_id}-{year}-{count:06d}"
    receipts = {**state.receipts, year: count}
    return replace(state, receipts=receipts), replace(donation, receipt=receipt)


def _donor_after(before: Donor, gift: Gift, match: Match) -> Donor:
    return replace(
        before,
        points=before.points + gift.points,
        matched=before.matched + match.matched,
    )


def _is_counted(ctx: Context, appeal: Appeal, member_id: str) -> bool:
    found = config_of(ctx).rounds.get(appeal.rules.round)
    if found is None or not found.verified_by:
        return True
    return found.verified_by in ctx.member(member_id).attributes


def rooted(
    appeal: Appeal, state: CampaignState, before: Donor, after: Donor
) -> CampaignState:
    """Returns the state with the sum of roots moved by what a donor's total did."""
    if not (appeal.rules.round and after.is_counted):
        return state
    moved = scaled_root(after.points) - scaled_root(before.points)
    return replace(
        state,
        root_sum=state.root_sum + moved,
        root_points=state.root_points + after.points - before.points,
    )


def _write(
    ctx: Context, appeal: Appeal, state: CampaignState, donation: Donation
) -> None:
    campaign_id = appeal.campaign_id
    ctx.state.put(CAMPAIGN, campaign_id, state)
    ctx.state.put(DONATION, campaign_id, donation, number_key(donation.number))
    giver = giver_of(ctx, donation.member_id)
    giver = replace(giver, donation_count=giver.donation_count + 1)
    ctx.state.put(GIVER, donation.member_id, giver)
    reference = Reference(campaign_id, donation.number)
    key = latest_key(giver.donation_count)
    ctx.state.put(GIVEN, donation.member_id, reference, key)
    if state.donation_count == 1 and appeal.rules.end_time < NEVER:
        ctx.schedule("settle", appeal.rules.end_time, owner=campaign_id)
    ctx.emit("donated", {"campaign_id": campaign_id, "number": str(donation.number)})
