"""GetWheel: everything that a player has to know before paying for a draw."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from points.plugin import Context
from points_wheel.consolidated import consolidated
from points_wheel.disclosure import MILLIONTHS, exact, millionths, percent
from points_wheel.display import positions_of
from points_wheel.documents import Player
from points_wheel.drawing import Standing, Table
from points_wheel.jointly import joint_rates
from points_wheel.messages import seed_message, timestamp
from points_wheel.odds import PityState, current_weights
from points_wheel.prizes import Limit, PityGroup, Prize, Scope
from points_wheel.reading import (
    config_of,
    group_of,
    moment_of,
    player_of,
    standing_of,
    table_of,
)
from points_wheel.tallies import (
    Moment,
    free_left,
    gone_prizes,
    prefix_of,
    stock_left,
    used,
)
from points_wheel.v1 import wheel_service_pb2 as pb
from points_wheel.windows import window_of


def get_wheel(ctx: Context, request: Any) -> pb.GetWheelResponse:
    """Returns a wheel as a member sees it; the refusals are those of the proto."""
    table = table_of(ctx, request.wheel_id)
    player = player_of(ctx, request.member_id)
    standing = standing_of(ctx, table, player, group_of(request))
    moment = moment_of(ctx)
    answer = _rules(ctx, table)
    answer.MergeFrom(_odds(table, standing, moment))
    answer.MergeFrom(_mine(table, player, standing, moment))
    return answer


def _rules(ctx: Context, table: Table) -> pb.GetWheelResponse:
    pool = table.pool
    return pb.GetWheelResponse(
        wheel_id=table.wheel_id,
        title=pool.title,
        presentation=pb.Presentation.Value(f"PRESENTATION_{pool.presentation}"),
        start_time=timestamp(pool.start_time),
        end_time=timestamp(pool.end_time),
        odds_version=table.version,
        program_version=ctx.config_version,
        sold_out=pb.SoldOutPolicy.Value(f"SOLD_OUT_POLICY_{pool.sold_out}"),
        fallback=pool.fallback,
        costs=[pb.PointsOf(unit=each.unit, points=each.points) for each in pool.costs],
        draws_max=pool.draws_max,
        keep_days=config_of(ctx).keep_days or 0,
    )


def _odds(table: Table, standing: Standing, moment: Moment) -> pb.GetWheelResponse:
    pool = table.pool
    gone = _gone(table, standing, moment)
    paid = current_weights(pool, table.groups, gone, standing.pity, is_counted=True)
    free = current_weights(pool, table.groups, gone, standing.pity, is_counted=False)
    rates = joint_rates(pool, tuple(table.groups.items())) if table.groups else None
    return pb.GetWheelResponse(
        prizes=[_prize(table, each, standing, gone, moment) for each in pool.prizes],
        base_odds=odds_messages(pool.base),
        current_odds=odds_messages(paid),
        free_odds=odds_messages(free),
        consolidated_odds=odds_messages(rates or {}),
        pity=[
            pity_message(table, name, group, standing.pity.get(name, PityState()))
            for name, group in table.groups.items()
        ],
    )


def _gone(table: Table, standing: Standing, moment: Moment) -> frozenset[str]:
    return gone_prizes(
        table.pool, table.wheel_id, standing.shared, standing.mine, moment
    )


def odds_messages(weights: Mapping[str, int]) -> list[pb.Odds]:
    """Returns odds as they are disclosed; none where nothing can be won."""
    total = sum(weights.values())
    if not total:
        return []
    shares = millionths(weights)
    return [
        pb.Odds(
            prize_id=name,
            weight=str(weight),
            total=str(total),
            percent=percent(shares[name]),
        )
        for name, weight in weights.items()
    ]


def _prize(
    table: Table,
    prize: Prize,
    standing: Standing,
    gone: frozenset[str],
    moment: Moment,
) -> pb.Prize:
    stock = prize.stock
    left = stock_left(stock, prize.id, standing.shared, moment) if stock else 0
    won = prize.points
    return pb.Prize(
        prize_id=prize.id,
        points=pb.PointsOf(unit=won.unit, points=won.points) if won else None,
        spins=prize.spins or 0,
        claim_days=prize.item.claim_days if prize.item else 0,
        is_limited=stock is not None,
        stock_left=left,
        pity_groups=prize.pity,
        is_featured=prize.is_featured,
        is_announced=prize.is_announced,
        is_available=prize.id not in gone,
        positions=positions_of(table.pool, prize.id),
    )


def pity_message(
    table: Table, name: str, group: PityGroup, state: PityState
) -> pb.Pity:
    """Returns a group's rules, a member's state, and the long-run probabilities."""
    rates = consolidated(table.pool, name, group)
    numerator, denominator = exact(rates.hit)
    return pb.Pity(
        group=name,
        hard=group.hard or 0,
        soft_start=group.soft.start if group.soft else 0,
        soft_step=group.soft.step if group.soft else 0,
        free_draws_count=group.free_draws_count,
        carries_over=group.carries_over,
        is_featured=group.featured,
        count=state.misses,
        is_guaranteed=state.is_guaranteed,
        consolidated_numerator=numerator,
        consolidated_denominator=denominator,
        consolidated_percent=_rounded(rates.hit),
        featured_percent=_rounded(rates.featured) if group.featured else "",
    )


def _rounded(chance: Fraction) -> str:
    """Returns a probability as a percentage, rounded half up."""
    return percent((2 * MILLIONTHS * chance.numerator // chance.denominator + 1) // 2)


def _mine(
    table: Table, player: Player, standing: Standing, moment: Moment
) -> pb.GetWheelResponse:
    return pb.GetWheelResponse(
        free_draws=free_left(table.pool, table.wheel_id, standing.mine, moment),
        spins=player.spins.get(table.wheel_id, 0),
        limits=[_limit(table, each, standing, moment) for each in table.pool.limits],
        seed=seed_message(player.seed) if player.seed else None,
    )


def _limit(
    table: Table, limit: Limit, standing: Standing, moment: Moment
) -> pb.LimitLeft:
    window = window_of(limit.per, moment.now, moment.zone)
    tallies = standing.tallies()[limit.scope]
    prefix = prefix_of(limit.scope, table.wheel_id)
    gone = used(tallies, f"{prefix}draws:{limit.per}", window.start_time)
    return pb.LimitLeft(
        per=limit.per.value,
        is_shared=limit.scope is Scope.POOL,
        is_of_group=limit.scope is Scope.GROUP,
        draws=limit.draws,
        left=max(0, limit.draws - gone),
        reset_time=timestamp(window.end_time),
    )
