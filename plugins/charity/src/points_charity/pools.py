"""Matching pools: points of sponsors, set aside in advance and captured in part."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate
from typing import Any, Final, NamedTuple

from points.plugin import Context, Reads, Refusal, Refused
from points_charity import reasons
from points_charity.calendar import NEVER
from points_charity.config import Round
from points_charity.documents import (
    CAMPAIGN,
    POOL,
    ROUND,
    Pool,
    PoolHold,
    RoundState,
    Taken,
)
from points_charity.reading import (
    appeal_of,
    check_open,
    config_of,
    keys_of,
    pool_of,
)
from points_charity.v1 import charity_service_pb2 as pb


HOLDS_MAX: Final = 200
"""Most holds of a pool: every donation looks at them."""


def pool_reads(request: Any) -> Reads:
    """Returns what funding reads beside the sponsor: the campaign or round."""
    pool_id = request.pool_id
    return Reads(units=("points",), documents=keys_of(pool_id) if pool_id else ())


def fund_pool(ctx: Context, request: Any) -> pb.FundPoolResponse:
    """Sets points aside; the refusals are those of the proto."""
    if request.points <= 0:
        raise Refused(reasons.POINTS_INVALID)
    is_round = request.pool_id in config_of(ctx).rounds
    unit = (_round_unit if is_round else _campaign_unit)(ctx, request.pool_id)
    pool = pool_of(ctx, request.pool_id)
    if len(pool.holds) >= HOLDS_MAX:
        raise Refused(reasons.POOL_FULL, pool_id=request.pool_id, holds_max=HOLDS_MAX)
    held = set_aside(ctx, request.member_id, request.points, unit)
    pool = replace(pool, holds=(*pool.holds, held))
    ctx.state.put(POOL, request.pool_id, pool)
    return pb.FundPoolResponse(hold_id=held.hold_id, pool_left=pool.left)


def set_aside(ctx: Context, sponsor_id: str, points: int, unit: str) -> PoolHold:
    """Places a hold whose points outlive their expiry while they wait."""
    hold = ctx.ledger.place_hold(
        points,
        unit=unit,
        member_id=sponsor_id,
        freeze_expiry=True,
        reason="matching pool",
    )
    return PoolHold(sponsor_id, hold.hold_id, points)


def _campaign_unit(ctx: Context, campaign_id: str) -> str:
    appeal = appeal_of(ctx, campaign_id)
    if appeal.rules.matching is None:
        raise Refused(reasons.MATCHING_NONE, pool_id=campaign_id)
    check_open(ctx, appeal)
    ctx.state.put(CAMPAIGN, campaign_id, appeal.state)
    if appeal.rules.end_time < NEVER:  # the rest goes back, even if nobody gives
        ctx.schedule("settle", appeal.rules.end_time, owner=campaign_id)
    return appeal.rules.unit


def _round_unit(ctx: Context, round_id: str) -> str:
    state = ctx.state.get(ROUND, round_id)
    rules = _round_rules(ctx, round_id, state)
    if state is None:
        state = RoundState(program_version=ctx.config_version)
        ctx.state.put(ROUND, round_id, state)
        ctx.schedule("close_round", rules.end_time, owner=round_id)
    if state.state != "OPEN" or ctx.now >= rules.end_time:
        raise Refused(reasons.ROUND_CLOSED, round_id=round_id)
    return rules.unit


def _round_rules(ctx: Context, round_id: str, state: RoundState | None) -> Round:
    """Returns the rules of a round: those of its first funding, once there was one."""
    version = state.program_version if state else ctx.config_version
    rules: Round = ctx.config_at(version).rounds[round_id]
    return rules


def usable(ctx: Context, pool: Pool, most: int) -> int:
    """Returns the points that sponsors can pay now, or `most` if they can pay more.

    Those of frozen ones cannot. No more sponsors are looked at than it takes.
    """
    found = 0
    for hold in pool.holds:
        if found >= most:
            break
        found += hold.left if _is_active(ctx, hold) else 0
    return min(found, most)


def _is_active(ctx: Context, hold: PoolHold) -> bool:
    return ctx.member(hold.sponsor_id).state == "ACTIVE"


def take(
    ctx: Context, pool: Pool, points: int, reason: str
) -> tuple[Pool, tuple[Taken, ...]]:
    """Captures points of the pool, from the oldest holds, as many as there are.

    The hold of a frozen sponsor stays. One that somebody has voided or captured in
    the plugin's place is given back, and leaves the pool.
    """
    holds, taken = [], []
    for hold in pool.holds:
        part, after = _captured(ctx, hold, min(points, hold.left), reason)
        if part is not None:
            taken.append(part)
            points -= part.points
        if after.left > 0:
            holds.append(after)
    return replace(pool, holds=tuple(holds)), tuple(taken)


def _captured(
    ctx: Context, hold: PoolHold, points: int, reason: str
) -> tuple[Taken | None, PoolHold]:
    """Captures points of a hold, if it can be; returns them and what is left of it.

    Nobody looks at the sponsor before: what reads the hold reads the sponsor, and one
    who is frozen is refused.
    """
    if points <= 0:
        return None, hold
    try:
        posted = ctx.ledger.capture_hold(
            hold.hold_id, member_id=hold.sponsor_id, points=points, reason=reason
        )
    except Refusal as refusal:
        return None, _not_captured(ctx, hold, refusal)
    taken = Taken(hold.sponsor_id, posted.transaction_id, points)
    return taken, hold._replace(left=hold.left - points)


def _not_captured(ctx: Context, hold: PoolHold, refusal: Refusal) -> PoolHold:
    if refusal.reason() == "MEMBER_FROZEN":
        return hold
    released(ctx, hold)
    return hold._replace(left=0)


class GivenBack(NamedTuple):
    """Is what became of a match that is taken back.

    `returned` points are in the pool again. `kept` points cannot go back to sponsors
    who are merged or erased, or whom the ledger refuses them: they stay with the cause.
    """

    pool: Pool
    returned: int = 0
    kept: int = 0


def give_back(
    ctx: Context, pool: Pool, taken: tuple[Taken, ...], unit: str, *, is_open: bool
) -> GivenBack:
    """Reverses what was captured, and sets it aside again while the pool is open.

    Points that expired meanwhile are void, and do not come back to the pool. A pool
    that is full takes none back: they stay with their sponsor.
    """
    back = GivenBack(pool)
    for part in taken:
        if not _reversed(ctx, part):
            back = back._replace(kept=back.kept + part.points)
        elif is_open and len(back.pool.holds) < HOLDS_MAX:
            back = _with_part(ctx, back, part, unit)
    return back


def _reversed(ctx: Context, part: Taken) -> bool:
    """Gives a sponsor back what was captured; says whether it is not with the cause."""
    try:
        ctx.ledger.reverse(
            part.transaction_id, member_id=part.sponsor_id, reason="match returned"
        )
    except Refusal as refusal:
        return refusal.reason() == "ALREADY_REVERSED"
    return True


def _with_part(ctx: Context, back: GivenBack, part: Taken, unit: str) -> GivenBack:
    """Sets aside again what a sponsor got back, unless the ledger does not let it."""
    points = _alive(ctx, part, unit)
    if points <= 0:
        return back
    try:
        hold = set_aside(ctx, part.sponsor_id, points, unit)
    except Refusal:
        return back
    pool = replace(back.pool, holds=(*back.pool.holds, hold))
    return back._replace(pool=pool, returned=back.returned + points)


def _alive(ctx: Context, part: Taken, unit: str) -> int:
    """Returns how much of a reversed match its sponsor can set aside again."""
    if ctx.member(part.sponsor_id).state != "ACTIVE":
        return 0
    return min(
        part.points, ctx.ledger.balance(unit, member_id=part.sponsor_id).available
    )


def oldest(pool: Pool, points: int) -> tuple[PoolHold, ...]:
    """Returns the holds that points are captured from, if all of them can be."""
    before = accumulate((hold.left for hold in pool.holds), initial=0)
    return tuple(
        hold for hold, used in zip(pool.holds, before, strict=False) if used < points
    )


def release(ctx: Context, pool: Pool) -> int:
    """Gives what is left of a pool back to its sponsors; returns how much."""
    return sum(released(ctx, hold) for hold in pool.holds)


def released(ctx: Context, hold: PoolHold) -> int:
    """Gives a hold back and returns its points: 0 if it is not open any more."""
    try:
        posted = ctx.ledger.void_hold(
            hold.hold_id, member_id=hold.sponsor_id, reason="pool is over"
        )
    except Refusal:
        return 0
    return posted.points
