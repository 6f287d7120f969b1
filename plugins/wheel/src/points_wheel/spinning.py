"""Spin: eligibility, limits, cost, draws, stock, prizes and record in one command."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from points.plugin import Context, DocumentKey, Posted, Reads, Refused
from points_wheel import reasons
from points_wheel.documents import (
    GROUP,
    PLAYER,
    SPIN,
    OpenCard,
    Player,
    SeedInUse,
    StoredDraw,
    StoredSpin,
    spin_key,
)
from points_wheel.drawing import Draw, NothingLeft, Standing, Table, draw_many
from points_wheel.lifetimes import lifetime_names, put_away
from points_wheel.messages import fill_spin
from points_wheel.odds import Pity
from points_wheel.pools import Pool
from points_wheel.prizes import Points, Presentation, Scope
from points_wheel.pruning import due_to_prune, put_group
from points_wheel.reading import (
    active_member,
    chance_of,
    group_of,
    moment_of,
    pity_kept,
    player_of,
    standing_of,
    table_of,
)
from points_wheel.sharing import put_shared
from points_wheel.tallies import Moment, Payment, free_left, limit_left, still_counting
from points_wheel.v1 import wheel_service_pb2 as pb
from points_wheel.windows import DAY
from points_wheel.winners import announce


_SHARED_WHEELS: Final[set[str]] = set()
"""Wheels that were seen to have shared counts: read at once from the next spin on.

A hint alone: what it lacks is read on demand, what it has too much is read in vain.
"""

_PRIZE_UNITS: Final[dict[str, tuple[str, ...]]] = {}
"""Units that may be won at wheels that were seen: a hint like those above."""

_SCOPES: Final = {
    Scope.MEMBER: "the member",
    Scope.POOL: "the wheel",
    Scope.GROUP: "the device group",
}

GROUP_CHARACTERS_MAX: Final = 256

CARDS_MAX: Final = 1_000
"""Most cards of a member that wait to be scratched."""

_NAMES: Final = {
    pb.PAYMENT_FREE: Payment.FREE,
    pb.PAYMENT_SPIN: Payment.SPIN,
    pb.PAYMENT_POINTS: Payment.POINTS,
}


class Moved(NamedTuple):
    """Is what a spin did: to the ledger, at what cost, to the pity, to which group."""

    transaction_ids: tuple[str, ...]
    cost: Points | None
    pity_before: Pity
    pity_after: Pity
    group_id: str


def spin_reads(request: Any) -> Reads:
    """Returns what a spin reads beside its member: the wheel, if members share it."""
    wheel_id = request.wheel_id
    objects = (wheel_id,) if wheel_id in _SHARED_WHEELS else ()
    group_id = group_of(request)
    return Reads(
        units=(request.unit or "points",),
        earned=_PRIZE_UNITS.get(wheel_id, ()),
        objects=objects,
        documents=(DocumentKey(GROUP.name, group_id),) if group_id else (),
    )


def spin(ctx: Context, request: Any) -> pb.SpinResponse:
    """Draws; the refusals are those of the proto."""
    table = table_of(ctx, request.wheel_id)
    _check_eligible(ctx, table, request)
    player = player_of(ctx, request.member_id)
    if table.pool.is_shared:
        _SHARED_WHEELS.add(table.wheel_id)
    _PRIZE_UNITS[table.wheel_id] = tuple(table.pool.largest)
    standing = standing_of(ctx, table, player, group_of(request))
    moment = moment_of(ctx)
    payments = _payments(table, player, standing, request, moment)
    _check_limits(table, standing, len(payments), moment)
    _check_cards(table, player, len(payments), ctx.now)
    seed = _seed_of(player)
    cost = _cost_of(table.pool, payments, request.unit)
    paid = _pay(ctx, table, cost)
    _check_room(ctx, table, len(payments))
    drawn, after = _draw(ctx, table, standing, seed, payments)
    prizes = _give(ctx, table, drawn)
    ids = tuple([each.transaction_id for each in (*paid, *prizes)])
    group_id = group_of(request) if table.pool.is_grouped else ""
    moved = Moved(ids, cost, standing.pity, after.pity, group_id)
    stored = _stored(ctx, table, player, drawn, moved)
    player = due_to_prune(ctx, _player_after(table, player, stored, after))
    player = put_away(ctx, request.member_id, player, lifetime_names(table))
    ctx.state.put(PLAYER, request.member_id, player)
    ctx.state.put(SPIN, request.member_id, stored, spin_key(stored.number))
    announce(ctx, table.pool, stored)
    if table.pool.is_shared:
        put_shared(ctx, table.wheel_id, table.pool, after.shared)
    if group_id:
        put_group(ctx, group_id, after.group)
    response = pb.SpinResponse()
    fill_spin(response.spin, stored, ctx.now)
    return response


def _check_eligible(ctx: Context, table: Table, request: Any) -> None:
    pool = table.pool
    if not pool.start_time <= ctx.now < pool.end_time:
        raise Refused(reasons.WHEEL_CLOSED, wheel_id=table.wheel_id)
    if request.odds_version not in ("", table.version):
        raise Refused(reasons.ODDS_CHANGED, odds_version=table.version)
    member = active_member(ctx)
    if pool.tiers and not set(pool.tiers) & set(member.tiers.values()):
        raise Refused(reasons.TIER_TOO_LOW, tiers=", ".join(pool.tiers))
    if not 0 <= request.draws <= pool.draws_max:
        raise Refused(reasons.DRAWS_INVALID, draws_max=pool.draws_max)
    is_named = bool(request.device_group) or not pool.is_grouped
    if not is_named or len(request.device_group) > GROUP_CHARACTERS_MAX:
        raise Refused(reasons.DEVICE_GROUP_INVALID, characters_max=GROUP_CHARACTERS_MAX)


def _payments(
    table: Table, player: Player, standing: Standing, request: Any, moment: Moment
) -> list[Payment]:
    """Returns what each draw is paid with: what costs nothing comes first."""
    draws = request.draws or 1
    wanted = _NAMES.get(request.payment)
    free = free_left(table.pool, table.wheel_id, standing.mine, moment)
    spins = player.spins.get(table.wheel_id, 0)
    payments: list[Payment] = []
    for kind, left in (
        (Payment.FREE, free),
        (Payment.SPIN, spins),
        (Payment.POINTS, draws),
    ):
        if wanted in (None, kind):
            payments += [kind] * min(left, draws - len(payments))
    if len(payments) < draws:
        raise Refused(reasons.SPINS_INSUFFICIENT, left=len(payments))
    return payments


def _check_limits(table: Table, standing: Standing, draws: int, moment: Moment) -> None:
    if not table.pool.limits:
        return
    for scope, tallies in standing.tallies().items():
        left = limit_left(table.pool, table.wheel_id, scope, tallies, moment)
        if left is not None and left < draws:
            raise Refused(reasons.DRAW_LIMIT, scope=_SCOPES[scope], left=left)


def _check_cards(table: Table, player: Player, draws: int, now: int) -> None:
    """Refuses more cards than a member may have unscratched: one document has all."""
    if table.pool.presentation is not Presentation.SCRATCH:
        return
    left = CARDS_MAX - len(_open_cards(player, now))
    if left < draws:
        raise Refused(reasons.CARDS_WAITING, left=left)


def _open_cards(player: Player, now: int) -> list[OpenCard]:
    """Returns the cards that can still be scratched."""
    return [card for card in player.cards if card.lapse_time > now]


def _seed_of(player: Player) -> SeedInUse:
    if player.seed is None:
        raise Refused(reasons.SEED_REQUIRED)
    return player.seed


def _cost_of(pool: Pool, payments: list[Payment], unit: str) -> Points | None:
    draws = payments.count(Payment.POINTS)
    if not (draws and pool.costs):
        return None
    unit = unit or pool.costs[0].unit
    cost = next((each for each in pool.costs if each.unit == unit), None)
    if cost is None:
        raise Refused(reasons.PAYMENT_UNKNOWN, unit=unit)
    if draws == 1:
        return cost
    # What is in force is checked already: checking it anew costs more than the draw.
    return Points.model_construct(unit=unit, points=cost.points * draws)


def _pay(ctx: Context, table: Table, cost: Points | None) -> list[Posted]:
    if cost is None:
        return []
    reason = f"spin of {table.wheel_id}"
    return [ctx.ledger.burn(cost.points, unit=cost.unit, reason=reason)]


def _check_room(ctx: Context, table: Table, draws: int) -> None:
    """Refuses who could not be given what may be won, before anything is drawn."""
    for unit, points in table.pool.largest.items():
        room = ctx.ledger.room(unit)
        if room is not None and room < points * draws:
            raise Refused(reasons.NO_ROOM, points=points * draws, unit=unit, room=room)


def _draw(
    ctx: Context,
    table: Table,
    standing: Standing,
    seed: SeedInUse,
    payments: list[Payment],
) -> tuple[tuple[Draw, ...], Standing]:
    chance = chance_of(ctx, ctx.call.member_id, seed)
    try:
        return draw_many(table, standing, chance, payments, moment_of(ctx))
    except NothingLeft:
        raise Refused(reasons.SOLD_OUT) from None


def _give(ctx: Context, table: Table, drawn: tuple[Draw, ...]) -> list[Posted]:
    """Gives the points that were won, unless they wait on a card: one earn a unit."""
    if table.pool.presentation is Presentation.SCRATCH:
        return []
    won: dict[str, int] = {}
    for draw in drawn:
        prize = table.pool.by_id.get(draw.prize_id)
        if prize and prize.points:
            unit = prize.points.unit
            won[unit] = won.get(unit, 0) + prize.points.points
    reason = f"prize of {table.wheel_id}"
    return [
        ctx.ledger.earn(points, unit=unit, reason=reason)
        for unit, points in won.items()
    ]


def _stored(
    ctx: Context,
    table: Table,
    player: Player,
    drawn: tuple[Draw, ...],
    moved: Moved,
) -> StoredSpin:
    seed = _seed_of(player)
    vectors = list(dict.fromkeys([tuple(draw.weights.values()) for draw in drawn]))
    return StoredSpin(
        number=player.spin_count + 1,
        wheel_id=table.wheel_id,
        spin_time=ctx.now,
        odds_version=table.version,
        program_version=ctx.config_version,
        seed_number=seed.number,
        commitment=seed.commitment,
        outcomes=tuple(drawn[0].weights),
        weights=tuple([tuple(map(str, vector)) for vector in vectors]),
        draws=tuple([_stored_draw(ctx, table.pool, draw, vectors) for draw in drawn]),
        cost_unit=moved.cost.unit if moved.cost else "",
        cost_points=moved.cost.points if moved.cost else 0,
        transaction_ids=moved.transaction_ids,
        pity_before=moved.pity_before,
        pity_after=moved.pity_after,
        group_id=moved.group_id,
    )


def _stored_draw(
    ctx: Context, pool: Pool, draw: Draw, vectors: list[tuple[int, ...]]
) -> StoredDraw:
    state, days = _state_of(pool, draw.prize_id)
    return StoredDraw(
        nonce=draw.nonce,
        prize_id=draw.prize_id,
        payment=draw.payment.value,
        roll=str(draw.roll),
        vector=vectors.index(tuple(draw.weights.values())),
        position=draw.shown.position,
        cell=draw.shown.cell,
        symbols=draw.shown.symbols,
        inputs=draw.inputs,
        pity=draw.pity,
        stock=draw.stock,
        counts=draw.counts,
        state=state,
        deadline_time=ctx.now + days * DAY if days else 0,
    )


def _state_of(pool: Pool, prize_id: str) -> tuple[str, int]:
    if pool.presentation is Presentation.SCRATCH:
        return "HIDDEN", pool.reveal_days
    prize = pool.by_id.get(prize_id)
    if prize and prize.item:
        return "CLAIMABLE", prize.item.claim_days
    return "GIVEN", 0


def _player_after(
    table: Table, player: Player, stored: StoredSpin, after: Standing
) -> Player:
    seed = _seed_of(player)
    cards = [
        OpenCard(stored.number, index, draw.deadline_time)
        for index, draw in enumerate(stored.draws)
        if draw.state == "HIDDEN"
    ]
    waiting = _open_cards(player, stored.spin_time)
    return replace(
        player,
        seed=replace(seed, nonce=seed.nonce + len(stored.draws)),
        spin_count=stored.number,
        pity=pity_kept(table, player, after.pity),
        tallies=still_counting(after.mine, stored.spin_time),
        spins=_spins_after(table, player, stored),
        cards=(*waiting, *cards),
    )


def _spins_after(table: Table, player: Player, stored: StoredSpin) -> dict[str, int]:
    moved = won_spins(table.pool, stored) - used_spins(stored)
    if not moved:
        return dict(player.spins)
    left = player.spins.get(table.wheel_id, 0) + moved
    return {**player.spins, table.wheel_id: left}


def won_spins(pool: Pool, stored: StoredSpin) -> int:
    """Returns the spins that the draws of a spin gave, those of open cards left out."""
    return sum(
        [
            prize.spins or 0
            for draw in stored.draws
            if draw.state == "GIVEN" and (prize := pool.by_id.get(draw.prize_id))
        ]
    )


def used_spins(stored: StoredSpin) -> int:
    """Returns the spins that a spin was paid with."""
    return [draw.payment for draw in stored.draws].count(Payment.SPIN)
