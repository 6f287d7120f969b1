"""A match that goes back to its pool: at once, or in steps where many have paid it.

Each hold of it takes three reads that nobody can foresee: those of hundreds are more
than one call may do.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from points.plugin import Context, DocumentKey, Reads, Run
from points_charity.documents import (
    CAMPAIGN,
    DONATION,
    POOL,
    Donation,
    Pool,
    number_key,
)
from points_charity.pools import GivenBack, give_back
from points_charity.reading import Appeal, appeal_of, keys_of, pool_of


RETURN_JOB: Final = "return_match"

STEP: Final = 50
"""Most holds of a match that are given back in one transaction."""


def return_match(ctx: Context, appeal: Appeal, donation: Donation) -> GivenBack:
    """Gives a match back, or its first step; returns what became of that."""
    back = _step(ctx, appeal, donation, 0)
    if donation.taken:
        _keep(ctx, appeal, back.pool, donation, STEP)
    return back


def _step(ctx: Context, appeal: Appeal, donation: Donation, done: int) -> GivenBack:
    """Gives back the holds that come next."""
    return give_back(
        ctx,
        pool_of(ctx, appeal.campaign_id),
        donation.taken[done : done + STEP],
        appeal.rules.unit,
        is_open=appeal.state.state == "OPEN",
    )


def _keep(
    ctx: Context, appeal: Appeal, pool: Pool, donation: Donation, done: int
) -> None:
    """Keeps the pool, and has the next step done at once if there is one."""
    ctx.state.put(POOL, appeal.campaign_id, pool)
    if done < len(donation.taken):
        ctx.schedule(
            RETURN_JOB,
            ctx.now,
            owner=appeal.campaign_id,
            key=f"{donation.number}-{done}",
            body={"number": donation.number, "done": done},
        )


def return_reads(run: Run) -> Reads:
    """Returns what a step reads: the donation, its campaign and the pool."""
    key = DocumentKey(DONATION.name, run.owner, number_key(run.body["number"]))
    return Reads(documents=(*keys_of(run.owner), key))


def return_more(ctx: Context, run: Run) -> None:
    """Gives the next holds of a match back; run as a job."""
    appeal, done = appeal_of(ctx, run.owner), run.body["done"]
    donation = ctx.state.get(DONATION, run.owner, number_key(run.body["number"]))
    if donation is None:
        return
    back = _step(ctx, appeal, donation, done)
    if back.kept:
        matched = appeal.state.matched + back.kept
        ctx.state.put(CAMPAIGN, run.owner, replace(appeal.state, matched=matched))
    _keep(ctx, appeal, back.pool, donation, done + STEP)
