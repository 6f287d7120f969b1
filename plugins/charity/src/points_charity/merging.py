"""Two members who become one: totals, plans and the pledge go along.

Donations and their receipts stay in the name that they were made in. None of them is a
hold any more: a member with open holds is not merged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from points.plugin import Context, OnFailure, Reaction, Recorded, Refused
from points_charity.documents import (
    CAMPAIGN,
    DONOR,
    GAVE,
    GIVEN,
    GIVER,
    RECURRING,
    CampaignState,
    Donor,
    Giver,
    Recurring,
)
from points_charity.giving import mark_donor, rooted
from points_charity.habits import go_on, unscheduled
from points_charity.reading import Appeal, appeal_of, giver_of


PAGE: Final = 1_000
"""Documents of one page, and donations looked through that may be of no `gave`."""


def merge(ctx: Context, recorded: Recorded) -> None:
    """Gives what a merged member has promised and has given to the one who goes on."""
    goes_on, ended = recorded.member_id, recorded.counterparty
    other = ctx.state.get(GIVER, ended)
    if other is None:
        return
    campaigns = sorted(_campaigns_of(ctx, ended))
    # Read together: one by one, each would have the merge begun again.
    donors = [(each, name) for each in campaigns for name in (ended, goes_on)]
    ctx.state.expect(DONOR, donors)
    ctx.state.expect(CAMPAIGN, [(each, "") for each in campaigns])
    for campaign_id in campaigns:
        _unite_donors(ctx, campaign_id, goes_on, ended)
    mine = _with_pledge(giver_of(ctx, goes_on), other)
    ctx.state.put(GIVER, goes_on, _with_plans(ctx, goes_on, ended, mine))
    after = replace(other, pledge_campaign="", pledge_basis_points=0)
    ctx.state.put(GIVER, ended, after)


def _campaigns_of(ctx: Context, member_id: str) -> set[str]:
    """Returns the campaigns that have a member as a donor, by whomever it came.

    Donations that were made before there was a `gave` tell of theirs, the latest ones.
    """
    given = ctx.state.list(GIVEN, member_id, limit=PAGE)
    found = {reference.campaign_id for _, reference in given}
    page = ctx.state.list(GAVE, member_id, limit=PAGE)
    while page:
        found.update(key for key, _ in page)
        page = ctx.state.list(GAVE, member_id, after=page[-1][0], limit=PAGE)
    return found


def _with_pledge(mine: Giver, other: Giver) -> Giver:
    """Returns the giver with a pledge, the own one if there is one."""
    if mine.pledge_basis_points:
        return mine
    return replace(
        mine,
        pledge_campaign=other.pledge_campaign,
        pledge_basis_points=other.pledge_basis_points,
    )


def _unite_donors(ctx: Context, campaign_id: str, goes_on: str, ended: str) -> None:
    """Makes one donor of a campaign out of two; limits count what both have given."""
    other = ctx.state.get(DONOR, campaign_id, ended)
    if other is None:
        return
    mine = ctx.state.get(DONOR, campaign_id, goes_on)
    both = one_donor(mine or replace(other, points=0, matched=0), other)
    ctx.state.delete(DONOR, campaign_id, ended)
    ctx.state.put(DONOR, campaign_id, both, goes_on)
    mark_donor(ctx, campaign_id, goes_on)
    try:
        appeal = appeal_of(ctx, campaign_id)
    except Refused:  # the program has it no more: nothing counts donors there
        return
    state = one_fewer(appeal, mine or Donor(), other, both)
    if state != appeal.state:
        ctx.state.put(CAMPAIGN, campaign_id, state)


def one_donor(mine: Donor, other: Donor) -> Donor:
    """Returns the donor that two are together; one who counts twice counts once.

    One person is verified, or is not: in either name is enough for all that was given.
    """
    return Donor(
        points=mine.points + other.points,
        matched=mine.matched + other.matched,
        is_counted=mine.is_counted or other.is_counted,
    )


def one_fewer(appeal: Appeal, mine: Donor, other: Donor, both: Donor) -> CampaignState:
    """Returns the state of a campaign whose two donors are one.

    A quadratic round counts the root of what a person has given: of one who was two
    it counts less, be the campaign over, for its round may not be. What is settled
    stays.
    """
    state = appeal.state
    if state.state == "OPEN":
        fewer = bool(mine.points and other.points)
        state = replace(state, donor_count=state.donor_count - fewer)
    for before in (mine, other):
        state = rooted(appeal, state, before, _gone(before))
    return rooted(appeal, state, _gone(both), both)


def _gone(donor: Donor) -> Donor:
    return replace(donor, points=0, matched=0)


def _with_plans(ctx: Context, goes_on: str, ended: str, giver: Giver) -> Giver:
    """Returns the giver who goes on with the plans of the one who ends."""
    for key, plan in _plans_of(ctx, ended):
        ctx.state.delete(RECURRING, ended, key)
        unscheduled(ctx, ended, plan.recurring_id)
        number = giver.recurring_count + 1
        giver = replace(giver, recurring_count=number)
        go_on(ctx, goes_on, replace(plan, recurring_id=str(number)))
    return giver


def _plans_of(ctx: Context, member_id: str) -> list[tuple[str, Recurring]]:
    """Returns the plans that go on, whatever was begun and ended before them."""
    found, after = list[tuple[str, Recurring]](), ""
    while page := ctx.state.list(RECURRING, member_id, after=after, limit=PAGE):
        found += [one for one in page if one[1].state == "ACTIVE"]
        after = page[-1][0]
    return found


MERGING: Final = Reaction(
    name="merge",
    kinds=frozenset({"MERGE_IN"}),
    handler=merge,
    on_failure=OnFailure.ABORT,
)
