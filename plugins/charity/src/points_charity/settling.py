"""The end of a campaign: what is held is captured or given back, in small steps.

A step is one run of the job `settle`, one transaction: a settlement that is cut off
anywhere goes on with the next one.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any, Final

from points.plugin import Context, DocumentKey, Reads, Refusal, Run
from points_charity.config import Kind
from points_charity.documents import (
    CAMPAIGN,
    DONATION,
    DONOR,
    POOL,
    CampaignState,
    Donation,
    Donor,
    Pool,
    number_key,
)
from points_charity.giving import credit, take_match, with_receipt
from points_charity.pools import oldest, release
from points_charity.reading import Appeal, appeal_of, keys_of, pool_of


STEP: Final = 50
"""Most donations that are settled in one transaction."""

UNFORESEEN: Final = 10
"""Most donations that are settled by a run which could not see them ahead.

Each of them has a hold, a donor and a credit, and a pool has hundreds of holds more.
"""


def settle_reads(run: Run) -> Reads:
    """Returns what a step reads: its donations and, seen ahead, who pays for them."""
    first = int(run.body.get("first", 1))
    numbers = range(first, first + STEP)
    keys = (DocumentKey(DONATION.name, run.owner, number_key(n)) for n in numbers)
    donors = tuple(run.body.get("members", ()))
    return Reads(
        units=("points",),
        members=donors,
        documents=(*keys_of(run.owner, *donors), *keys),
        holds=tuple((member_id, hold) for member_id, hold in run.body.get("holds", ())),
    )


def settle(ctx: Context, run: Run) -> None:
    """Settles the next donations of a campaign that is over; run as a job."""
    appeal = appeal_of(ctx, run.owner)
    if (
        appeal.state.state not in ("OPEN", "SETTLING")
        or ctx.now < appeal.rules.end_time
    ):
        return
    state = appeal.state
    if appeal.rules.kind is Kind.ALL_OR_NOTHING:
        state = _begun(appeal)
        if "first" in run.body or state.donation_count <= UNFORESEEN:
            state = _step(ctx, appeal._replace(state=state))
    if state.settled_number < _last(appeal, state):
        ctx.schedule(
            "settle",
            ctx.now,
            owner=run.owner,
            key=str(state.settled_number),
            body=_ahead(ctx, run.owner, state),
        )
    else:
        state = _finished(ctx, appeal, state)
    ctx.state.put(CAMPAIGN, run.owner, state)


def _ahead(ctx: Context, campaign_id: str, state: CampaignState) -> dict[str, Any]:
    """Returns what the next step is told: where it begins, and what it ends."""
    after = number_key(state.settled_number)
    page = ctx.state.list(DONATION, campaign_id, after=after, limit=STEP)
    held = [each for _, each in page if each.state == "HELD"]
    is_last = state.settled_number + STEP >= state.donation_count
    matched = sum(each.matched for each in held) if state.is_met else 0
    pool = pool_of(ctx, campaign_id)
    paying = pool.holds if is_last else oldest(pool, matched)
    return {
        "first": state.settled_number + 1,
        "members": list(dict.fromkeys(each.member_id for each in held)),
        "holds": [(each.member_id, each.hold_id) for each in held]
        + [(hold.sponsor_id, hold.hold_id) for hold in paying],
    }


def _last(appeal: Appeal, state: CampaignState) -> int:
    is_held = appeal.rules.kind is Kind.ALL_OR_NOTHING
    return state.donation_count if is_held else 0


def _begun(appeal: Appeal) -> CampaignState:
    """Returns the state with the decision, made once: was the goal met?"""
    state = appeal.state
    if state.state == "SETTLING":
        return state
    is_met = state.raised >= (appeal.rules.goal or 0)
    return replace(state, state="SETTLING", is_met=is_met)


def _step(ctx: Context, appeal: Appeal) -> CampaignState:
    state = appeal.state
    first = state.settled_number + 1
    for number in range(first, min(first + STEP, state.donation_count + 1)):
        donation = ctx.state.get(DONATION, appeal.campaign_id, number_key(number))
        if donation is not None and donation.state == "HELD":
            state = _settled(ctx, appeal._replace(state=state), donation)
        state = replace(state, settled_number=number)
    return state


def _settled(ctx: Context, appeal: Appeal, donation: Donation) -> CampaignState:
    """Captures a donation, or voids it: one of a frozen member is voided, too.

    So is one whose hold somebody has voided or captured in the plugin's place: a
    settlement never stands still for one donation.
    """
    is_active = ctx.member(donation.member_id).state == "ACTIVE"
    wants = appeal.state.is_met and is_active
    transaction_id = _capture(ctx, appeal, donation) if wants else ""
    if transaction_id:
        state, donation = _captured(ctx, appeal, donation, transaction_id)
    else:
        state, donation = _voided(ctx, appeal, donation)
    key = number_key(donation.number)
    ctx.state.put(DONATION, appeal.campaign_id, donation, key)
    return state


def _capture(ctx: Context, appeal: Appeal, donation: Donation) -> str:
    """Burns a donation's points; returns the transaction, empty if it cannot be."""
    try:
        posted = ctx.ledger.capture_hold(
            donation.hold_id,
            member_id=donation.member_id,
            points=donation.points,
            reason=f"donation to {appeal.campaign_id}",
        )
    except Refusal:
        return ""
    return posted.transaction_id


def _captured(
    ctx: Context, appeal: Appeal, donation: Donation, transaction_id: str
) -> tuple[CampaignState, Donation]:
    state = appeal.state
    promised = donation.matched
    taken = take_match(ctx, appeal.campaign_id, promised)
    matched = sum(part.points for part in taken)
    donation = replace(
        donation,
        state="GIVEN",
        transaction_id=transaction_id,
        credit_id=_credit(ctx, appeal, donation),
        taken=taken,
        matched=matched,
    )
    state = replace(
        state,
        matched=state.matched + matched,
        promised=state.promised - promised,
    )
    return with_receipt(ctx, appeal, state, donation)


def _credit(ctx: Context, appeal: Appeal, donation: Donation) -> str:
    """Gives the donor's credit, unless a limit of the donor has no room for it."""
    try:
        return credit(ctx, appeal.rules, donation.member_id, donation.points)
    except Refusal:
        return ""


def _voided(
    ctx: Context, appeal: Appeal, donation: Donation
) -> tuple[CampaignState, Donation]:
    state, member_id = appeal.state, donation.member_id
    reason = f"{appeal.campaign_id} did not reach its goal"
    with suppress(Refusal):
        ctx.ledger.void_hold(donation.hold_id, member_id=member_id, reason=reason)
    if donation.bonus_id:
        with suppress(Refusal):
            ctx.ledger.reverse(donation.bonus_id, member_id=member_id, reason=reason)
    state = replace(state, promised=state.promised - donation.matched)
    if state.is_met:
        state = _without(ctx, appeal.campaign_id, state, donation)
    return state, replace(donation, state="VOIDED")


def _without(
    ctx: Context, campaign_id: str, state: CampaignState, donation: Donation
) -> CampaignState:
    """Takes a donation out of a campaign's sums, where others were given."""
    before = ctx.state.get(DONOR, campaign_id, donation.member_id) or Donor()
    after = replace(
        before,
        points=before.points - donation.points,
        matched=before.matched - donation.matched,
    )
    ctx.state.put(DONOR, campaign_id, after, donation.member_id)
    return replace(
        state,
        raised=state.raised - donation.points,
        donor_count=state.donor_count - (after.points == 0),
    )


def _finished(ctx: Context, appeal: Appeal, state: CampaignState) -> CampaignState:
    """Gives the rest of the pool back, and says how it ended."""
    pool = pool_of(ctx, appeal.campaign_id)
    if pool.holds:
        release(ctx, pool)
        ctx.state.put(POOL, appeal.campaign_id, Pool())
    is_failed = appeal.rules.kind is Kind.ALL_OR_NOTHING and not state.is_met
    return replace(state, state="FAILED" if is_failed else "SUCCEEDED")
