"""RevealCard and ClaimItem: prizes that were drawn before, and are taken later."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from points.plugin import Context, DocumentKey, Reads, Refused
from points_wheel import reasons
from points_wheel.documents import (
    PLAYER,
    SPIN,
    Player,
    StoredDraw,
    StoredSpin,
    spin_key,
)
from points_wheel.messages import draw_message
from points_wheel.pools import Pool
from points_wheel.reading import Place, key_of, place_of, player_of
from points_wheel.v1 import wheel_service_pb2 as pb
from points_wheel.windows import DAY
from points_wheel.winners import announce_draw


def card_reads(request: Any) -> Reads:
    """Returns what calls about a spin read: the spin, and the member's points."""
    key = key_of(request.spin_id)
    spins = (DocumentKey(SPIN.name, request.member_id, key),) if key else ()
    return Reads(units=("points",), documents=spins)


def pool_then(ctx: Context, spin: StoredSpin) -> Pool:
    """Returns the wheel under the rules that a spin was made by."""
    pool: Pool = ctx.config_at(spin.program_version).wheels[spin.wheel_id]
    return pool


def reveal_card(ctx: Context, request: Any) -> pb.RevealCardResponse:
    """Scratches a card; the refusals are those of the proto."""
    place = place_of(ctx, request)
    if place.draw.state != "HIDDEN":
        raise Refused(reasons.CARD_REVEALED)
    if ctx.now >= place.draw.deadline_time:
        raise Refused(reasons.CARD_LAPSED)
    pool = pool_then(ctx, place.spin)
    transaction_id = _give(ctx, pool, place)
    drawn = _revealed(ctx, pool, place.draw)
    announce_draw(ctx, pool, place.spin, request.index, drawn)
    _write(ctx, request, place.spin, drawn, transaction_id)
    _write_player(ctx, request, place, pool)
    return pb.RevealCardResponse(
        draw=draw_message(request.index, drawn, ctx.now), transaction_id=transaction_id
    )


def _give(ctx: Context, pool: Pool, place: Place) -> str:
    prize = pool.by_id.get(place.draw.prize_id)
    if not (prize and prize.points):
        return ""
    won, reason = prize.points, f"card of {place.spin.wheel_id}"
    return ctx.ledger.earn(won.points, unit=won.unit, reason=reason).transaction_id


def _revealed(ctx: Context, pool: Pool, draw: StoredDraw) -> StoredDraw:
    prize = pool.by_id.get(draw.prize_id)
    if prize and prize.item:
        deadline = ctx.now + prize.item.claim_days * DAY
        return replace(draw, state="CLAIMABLE", deadline_time=deadline)
    return replace(draw, state="GIVEN", deadline_time=0)


def _write(
    ctx: Context, request: Any, spin: StoredSpin, drawn: StoredDraw, made: str
) -> None:
    draws = list(spin.draws)
    draws[request.index] = drawn
    ids = (*spin.transaction_ids, made) if made else spin.transaction_ids
    after = replace(spin, draws=tuple(draws), transaction_ids=ids)
    ctx.state.put(SPIN, request.member_id, after, spin_key(spin.number))


def _write_player(ctx: Context, request: Any, place: Place, pool: Pool) -> None:
    player = player_of(ctx, request.member_id)
    number, wheel_id = place.spin.number, place.spin.wheel_id
    prize = pool.by_id.get(place.draw.prize_id)
    won = (prize.spins or 0) if prize else 0
    spins = {wheel_id: player.spins.get(wheel_id, 0) + won} if won else {}
    cards = tuple(
        card
        for card in player.cards
        if (card.spin_number, card.draw_index) != (number, request.index)
    )
    after: Player = replace(player, cards=cards, spins={**player.spins, **spins})
    ctx.state.put(PLAYER, request.member_id, after)


def claim_item(ctx: Context, request: Any) -> pb.ClaimItemResponse:
    """Claims an item; the refusals are those of the proto."""
    place = place_of(ctx, request)
    _check_claimable(place.draw, ctx.now)
    drawn = replace(place.draw, state="CLAIMED", deadline_time=0)
    _write(ctx, request, place.spin, drawn, "")
    ctx.emit("item_claimed", {"spin_id": request.spin_id, "prize_id": drawn.prize_id})
    return pb.ClaimItemResponse(draw=draw_message(request.index, drawn, ctx.now))


def _check_claimable(draw: StoredDraw, now: int) -> None:
    if draw.state == "HIDDEN":
        raise Refused(reasons.CARD_HIDDEN)
    if draw.state == "CLAIMED":
        raise Refused(reasons.ITEM_CLAIMED)
    if draw.state != "CLAIMABLE":
        raise Refused(reasons.ITEM_NONE, prize_id=draw.prize_id)
    if now >= draw.deadline_time:
        raise Refused(reasons.CLAIM_LAPSED)
