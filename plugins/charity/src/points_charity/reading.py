"""What handlers look up: campaigns under the rules they keep, pools, donations."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from points.plugin import Context, DocumentKey, Reads, Refused, Run
from points_charity import reasons
from points_charity.config import Campaign, CharityConfig, Kind
from points_charity.documents import (
    CAMPAIGN,
    DONATION,
    DONOR,
    GIVER,
    POOL,
    CampaignState,
    Donation,
    Giver,
    Pool,
    number_key,
)


SPONSORS: Final[dict[str, tuple[str, ...]]] = {}
"""Sponsors of pools that a promise looked at: read with the next one at once.

A match that is taken needs none of them: it reads the holds that pay it. A hint alone:
what it lacks is read on demand, what it has too much is read in vain.
"""


class Appeal(NamedTuple):
    """Is a campaign: its id, the rules that it keeps, and how far it has come."""

    campaign_id: str
    rules: Campaign
    state: CampaignState


def config_of(ctx: Context) -> CharityConfig:
    """Returns the configuration in force."""
    config: CharityConfig = ctx.config
    return config


def keys_of(campaign_id: str, *donors: str) -> tuple[DocumentKey, ...]:
    """Returns where a campaign, its pool and these donors of it stand.

    Named one by one: a campaign has any number of donors and donations.
    """
    own = tuple(DocumentKey(one.name, campaign_id) for one in (CAMPAIGN, POOL))
    given = tuple(DocumentKey(DONOR.name, campaign_id, name) for name in donors)
    return own + given


def giving_reads(request: Any) -> Reads:
    """Returns what a donation reads beside its donor: its campaign and sponsors."""
    campaign_id = request.campaign_id
    return Reads(
        units=("points",),
        members=SPONSORS.get(campaign_id, ()),
        documents=keys_of(campaign_id, request.member_id) if campaign_id else (),
    )


def recurring_reads(run: Run) -> Reads:
    """Returns what a recurring donation reads: as Donate does."""
    name = str(run.body.get("campaign_id", ""))
    return Reads(
        units=("points",),
        members=SPONSORS.get(name, ()),
        documents=keys_of(name, run.owner) if name else (),
    )


def appeal_of(ctx: Context, campaign_id: str) -> Appeal:
    """Returns a campaign under the rules that it keeps; refuses an unknown one."""
    state = ctx.state.get(CAMPAIGN, campaign_id) if campaign_id else None
    config = config_of(ctx)
    if state and state.program_version != ctx.config_version:
        config = ctx.config_at(state.program_version)
    rules = config.campaigns.get(campaign_id)
    if rules is None:
        raise Refused(reasons.CAMPAIGN_UNKNOWN, campaign_id=campaign_id)
    return Appeal(
        campaign_id, rules, state or CampaignState(program_version=ctx.config_version)
    )


def check_open(ctx: Context, appeal: Appeal) -> None:
    """Refuses with CAMPAIGN_CLOSED before the start and from the end on."""
    is_on = appeal.rules.start_time <= ctx.now < appeal.rules.end_time
    if not is_on or appeal.state.state != "OPEN":
        raise Refused(reasons.CAMPAIGN_CLOSED, campaign_id=appeal.campaign_id)


def pool_of(ctx: Context, pool_id: str) -> Pool:
    """Returns the matching points of a campaign or a round."""
    return ctx.state.get(POOL, pool_id) or Pool()


def remember_sponsors(pool_id: str, pool: Pool) -> None:
    """Has the sponsors of a pool be read with the next donation."""
    SPONSORS[pool_id] = tuple(sorted({hold.sponsor_id for hold in pool.holds}))


def giver_of(ctx: Context, member_id: str) -> Giver:
    """Returns what is kept of a member."""
    return ctx.state.get(GIVER, member_id) or Giver()


def donation_of(
    ctx: Context, member_id: str, campaign_id: str, number: int
) -> Donation:
    """Returns a member's donation; refuses with DONATION_UNKNOWN."""
    found = None
    if 0 < number < 10**12:
        found = ctx.state.get(DONATION, campaign_id, number_key(number))
    if found is None or found.member_id != member_id:
        raise Refused(reasons.DONATION_UNKNOWN, number=number, campaign_id=campaign_id)
    return found


def stage_of(appeal: Appeal, now: int) -> str:
    """Returns where a campaign stands at an instant, settled or not yet."""
    if appeal.state.state != "OPEN":
        return appeal.state.state
    if now < appeal.rules.start_time:
        return "PLANNED"
    if now < appeal.rules.end_time:
        return "OPEN"
    is_held = appeal.rules.kind is Kind.ALL_OR_NOTHING
    return "SETTLING" if is_held else "SUCCEEDED"
