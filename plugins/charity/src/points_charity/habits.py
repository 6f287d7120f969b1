"""Recurring donations and pledges: giving that goes on by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from points.plugin import Context, Recorded, Refused, Run
from points_charity import reasons
from points_charity.calendar import Every, occurrence
from points_charity.config import CharityConfig
from points_charity.documents import GIVER, RECURRING, Giver, Recurring, number_key
from points_charity.donations import pledged
from points_charity.giving import Gift, give
from points_charity.messages import donation_message, recurring_message
from points_charity.reading import appeal_of, config_of, giver_of
from points_charity.v1 import charity_service_pb2 as pb


_EVERY: Final = {
    pb.EVERY_DAY: Every.DAY,
    pb.EVERY_WEEK: Every.WEEK,
    pb.EVERY_MONTH: Every.MONTH,
}

RECURRING_JOB: Final = "recurring"
MISSED_JOB: Final = "recurring_missed"

GIVEN_UP_AFTER: Final = 3_600_000_000
"""Microseconds after which a donation counts as missed that was not decided at all.

By then the host has given up the job that the ledger refused.
"""

WHOLE: Final = 10_000
"""All of what is earned, in ten thousandths."""


def start_recurring(ctx: Context, request: Any) -> pb.StartRecurringResponse:
    """Gives now, and again and again; the refusals are those of the proto."""
    every = _EVERY.get(request.every)
    if every is None:
        raise Refused(reasons.EVERY_MISSING)
    giver = giver_of(ctx, request.member_id)
    recurring = Recurring(
        recurring_id=str(giver.recurring_count + 1),
        campaign_id=request.campaign_id,
        points=request.points,
        every=every.value,
        start_time=ctx.now,
        is_anonymous=request.is_anonymous,
    )
    giver = replace(giver, recurring_count=giver.recurring_count + 1)
    ctx.state.put(GIVER, request.member_id, giver)
    appeal = appeal_of(ctx, request.campaign_id)
    donation, _ = give(ctx, appeal, _gift(request.member_id, recurring))
    recurring = scheduled(ctx, request.member_id, recurring)
    return pb.StartRecurringResponse(
        recurring=recurring_message(recurring, ctx.zone),
        donation=donation_message(request.campaign_id, donation),
    )


def _gift(member_id: str, recurring: Recurring) -> Gift:
    return Gift(
        member_id=member_id,
        points=recurring.points,
        is_anonymous=recurring.is_anonymous,
        origin="RECURRING",
    )


def scheduled(ctx: Context, member_id: str, recurring: Recurring) -> Recurring:
    """Keeps a recurring donation with its next time, the first one ahead of now."""
    every, number = Every(recurring.every), recurring.number + 1
    while occurrence(recurring.start_time, every, number, ctx.zone) <= ctx.now:
        number += 1
    at = occurrence(recurring.start_time, every, number, ctx.zone)
    after = replace(recurring, number=number)
    _keep(ctx, member_id, after)
    key, body = recurring.recurring_id, {"campaign_id": recurring.campaign_id}
    ctx.schedule(RECURRING_JOB, at, owner=member_id, key=key, body=body)
    ctx.schedule(MISSED_JOB, at + GIVEN_UP_AFTER, owner=member_id, key=key, body=body)
    return after


def unscheduled(ctx: Context, member_id: str, recurring_id: str) -> None:
    """Has a recurring donation never be made again."""
    for job in (RECURRING_JOB, MISSED_JOB):
        ctx.unschedule(job, owner=member_id, key=recurring_id)


def _keep(ctx: Context, member_id: str, recurring: Recurring) -> None:
    key = number_key(int(recurring.recurring_id))
    ctx.state.put(RECURRING, member_id, recurring, key)


def go_on(ctx: Context, member_id: str, recurring: Recurring) -> None:
    """Keeps a recurring donation for another member, with the time that comes next."""
    scheduled(ctx, member_id, replace(recurring, number=recurring.number - 1))


def recur(ctx: Context, run: Run) -> None:
    """Gives once more, or counts that it could not be; run as a job."""
    recurring = _find(ctx, run.owner, run.key)
    if recurring is None or recurring.state != "ACTIVE":
        return
    try:
        _give_again(ctx, run.owner, recurring)
        recurring = replace(recurring, missed=0)
    except Refused:  # nothing was changed: rules refuse before anything is
        recurring = replace(recurring, missed=recurring.missed + 1)
    _go_on_or_end(ctx, run.owner, recurring)


def miss(ctx: Context, run: Run) -> None:
    """Counts a donation that the ledger refused until it was given up; run as a job.

    What the ledger refuses may come behind something that was done, so that the run
    which tried has to be undone: it cannot say so itself.
    """
    recurring = _find(ctx, run.owner, run.key)
    if recurring is not None and recurring.state == "ACTIVE":
        recurring = replace(recurring, missed=recurring.missed + 1)
        _go_on_or_end(ctx, run.owner, recurring)


def _go_on_or_end(ctx: Context, member_id: str, recurring: Recurring) -> None:
    unscheduled(ctx, member_id, recurring.recurring_id)
    if recurring.missed >= config_of(ctx).missed_max:
        _keep(ctx, member_id, replace(recurring, state="ENDED"))
    else:
        scheduled(ctx, member_id, recurring)


def _give_again(ctx: Context, member_id: str, recurring: Recurring) -> None:
    appeal = appeal_of(ctx, recurring.campaign_id)
    available = ctx.ledger.balance(appeal.rules.unit, member_id=member_id).available
    if available < recurring.points:
        raise Refused(reasons.POINTS_INVALID)
    give(ctx, appeal, _gift(member_id, recurring))


def _find(ctx: Context, member_id: str, recurring_id: str) -> Recurring | None:
    if not (recurring_id.isascii() and recurring_id.isdigit()):
        return None
    key = number_key(int(recurring_id[:12]))
    return ctx.state.get(RECURRING, member_id, key)


def end_recurring(ctx: Context, request: Any) -> pb.EndRecurringResponse:
    """Ends a recurring donation; the refusals are those of the proto."""
    recurring_id = request.recurring_id
    recurring = _find(ctx, request.member_id, recurring_id)
    if recurring is None:
        raise Refused(reasons.RECURRING_UNKNOWN, recurring_id=recurring_id)
    if recurring.state != "ACTIVE":
        raise Refused(reasons.RECURRING_ENDED, recurring_id=recurring_id)
    after = replace(recurring, state="ENDED")
    _keep(ctx, request.member_id, after)
    unscheduled(ctx, request.member_id, recurring_id)
    return pb.EndRecurringResponse(recurring=recurring_message(after, ctx.zone))


def set_pledge(ctx: Context, request: Any) -> pb.SetPledgeResponse:
    """Pledges a share of what is earned; the refusals are those of the proto."""
    basis_points = request.basis_points
    if not 0 <= basis_points <= WHOLE:
        raise Refused(reasons.PLEDGE_INVALID)
    campaign_id = request.campaign_id if basis_points else ""
    if basis_points and appeal_of(ctx, campaign_id).rules.earn_rate is None:
        raise Refused(reasons.PLEDGES_NOT_TAKEN, campaign_id=campaign_id)
    giver: Giver = replace(
        giver_of(ctx, request.member_id),
        pledge_campaign=campaign_id,
        pledge_basis_points=basis_points,
    )
    ctx.state.put(GIVER, request.member_id, giver)
    return pb.SetPledgeResponse(campaign_id=campaign_id, basis_points=basis_points)


def is_pledging(config: CharityConfig, kind: str) -> bool:
    """Returns whether any campaign takes pledges: earnings cost nothing elsewhere."""
    del kind
    return any(each.earn_rate is not None for each in config.campaigns.values())


def give_on(ctx: Context, recorded: Recorded) -> None:
    """Gives the pledged share of what a member has just earned; run as a reaction.

    What rules refuse, or is not usable yet, is not given: the earning stands.
    """
    giver = giver_of(ctx, recorded.member_id)
    if not giver.pledge_basis_points:
        return
    appeal = appeal_of(ctx, giver.pledge_campaign)
    unit, rate = appeal.rules.unit, appeal.rules.earn_rate
    if rate is None:
        return
    share = pledged(recorded.points.get(unit, 0), giver.pledge_basis_points)
    available = ctx.ledger.balance(unit, member_id=recorded.member_id).available
    if not 0 < share <= available:
        return
    exact = share * rate
    points = exact.numerator // exact.denominator
    gift = Gift(recorded.member_id, points, origin="PLEDGE", bonus=points - share)
    try:
        give(ctx, appeal, gift)
    except Refused:  # nothing was changed: rules refuse before anything is
        return
