"""CloseRound: a quadratic pool split over the campaigns of a round, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from points.plugin import Context, DocumentKey, Reads, Refused, Run
from points_charity import reasons
from points_charity.config import CharityConfig
from points_charity.documents import (
    CAMPAIGN,
    POOL,
    ROUND,
    CampaignState,
    Pool,
    RoundState,
)
from points_charity.pools import release, take, usable
from points_charity.quadratic import raw_match, split, wanted
from points_charity.reading import config_of, pool_of
from points_charity.v1 import charity_service_pb2 as pb


def round_reads(request: Any) -> Reads:
    """Returns what closing reads: the round and its pool."""
    return _reads(request.round_id)


def round_job_reads(run: Run) -> Reads:
    """Returns what the job reads, the same."""
    return _reads(run.owner)


def _reads(round_id: str) -> Reads:
    keys = tuple(DocumentKey(one.name, round_id) for one in (ROUND, POOL))
    return Reads(
        units=("points",),
        documents=keys if round_id else (),
    )


def close_round(ctx: Context, request: Any) -> pb.CloseRoundResponse:
    """Splits the pool; the refusals are those of the proto."""
    round_id = request.round_id
    config = _config_then(ctx, round_id)
    if round_id not in config.rounds:
        raise Refused(reasons.ROUND_UNKNOWN, round_id=round_id)
    if ctx.now < config.rounds[round_id].end_time:
        raise Refused(reasons.ROUND_NOT_OVER, round_id=round_id)
    shares, left = _close(ctx, config, round_id)
    return pb.CloseRoundResponse(shares=shares, left=left)


def close_round_job(ctx: Context, run: Run) -> None:
    """Closes a round that is over, unless a call already did; run as a job."""
    state = ctx.state.get(ROUND, run.owner)
    if state is not None and state.state == "OPEN":
        _close(ctx, _config_then(ctx, run.owner), run.owner)


def _config_then(ctx: Context, round_id: str) -> CharityConfig:
    """Returns the rules that a round keeps: those of its first funding."""
    state = ctx.state.get(ROUND, round_id) if round_id else None
    if state is None:
        return config_of(ctx)
    then: CharityConfig = ctx.config_at(state.program_version)
    return then


def _close(
    ctx: Context, config: CharityConfig, round_id: str
) -> tuple[dict[str, int], int]:
    found = ctx.state.get(ROUND, round_id)
    if found is not None and found.state != "OPEN":
        raise Refused(reasons.ROUND_CLOSED, round_id=round_id)
    states = _states(ctx, config, round_id)
    pool = pool_of(ctx, round_id)
    raw = {n: raw_match(s.root_sum, s.root_points) for n, s in states.items()}
    pool, shares = _paid(ctx, pool, raw, f"match of {round_id}")
    left = release(ctx, pool)
    for name, share in shares.items():
        state = replace(states[name], matched=states[name].matched + share)
        ctx.state.put(CAMPAIGN, name, state)
    version = found.program_version if found else ctx.config_version
    closed = RoundState(program_version=version, state="CLOSED", shares=shares)
    ctx.state.put(ROUND, round_id, closed)
    ctx.state.put(POOL, round_id, Pool())
    return shares, left


def _paid(
    ctx: Context, pool: Pool, raw: Mapping[str, int], reason: str
) -> tuple[Pool, dict[str, int]]:
    """Takes the matches out of a pool; returns its rest, and what each one got.

    Nobody is looked at in advance: what frozen sponsors lack is seen when it is taken,
    and looked for in the rest, of which a part of a point may still be to be split.
    """
    pool, paid = _taken(ctx, pool, _sum(split(pool.left, raw)), reason)
    there = paid + usable(ctx, pool, wanted(raw.values()) - paid)
    shares = split(there, raw)
    pool, more = _taken(ctx, pool, _sum(shares) - paid, reason)
    if paid + more < _sum(shares):  # a hold was gone
        shares = split(paid + more, raw)
    return pool, shares


def _taken(ctx: Context, pool: Pool, points: int, reason: str) -> tuple[Pool, int]:
    pool, taken = take(ctx, pool, points, reason)
    return pool, sum(part.points for part in taken)


def _sum(shares: Mapping[str, int]) -> int:
    return sum(shares.values())


def _states(
    ctx: Context, config: CharityConfig, round_id: str
) -> dict[str, CampaignState]:
    """Returns the campaigns of a round that got anything, by name."""
    names = [name for name, each in config.campaigns.items() if each.round == round_id]
    ctx.state.expect(CAMPAIGN, [(name, "") for name in names])
    found = {name: ctx.state.get(CAMPAIGN, name) for name in sorted(names)}
    return {name: state for name, state in found.items() if state is not None}
