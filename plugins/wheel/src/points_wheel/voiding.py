"""VoidSpin: a spin taken back by hand, with everything that it moved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from points.plugin import Context, Refused
from points_wheel import reasons
from points_wheel.cards import pool_then
from points_wheel.documents import (
    GROUP,
    PLAYER,
    SPIN,
    Player,
    StoredSpin,
    spin_key,
)
from points_wheel.drawing import Table
from points_wheel.lifetimes import brought_back, put_away
from points_wheel.messages import spin_message
from points_wheel.odds import PityState
from points_wheel.pools import Pool
from points_wheel.prizes import Scope
from points_wheel.pruning import put_group
from points_wheel.reading import config_of, pity_kept, pity_of, player_of, spin_of
from points_wheel.sharing import put_shared, with_away
from points_wheel.spinning import used_spins, won_spins
from points_wheel.tallies import STOCK, Tallies, given_back
from points_wheel.v1 import wheel_service_pb2 as pb
from points_wheel.winners import withdraw


LATER_MAX: Final = 500
"""Spins looked through for one with the same pity: behind more, there was one."""


def void_spin(ctx: Context, request: Any) -> pb.VoidSpinResponse:
    """Takes a spin back; the refusals are those of the proto."""
    if not request.operator:
        raise Refused(reasons.OPERATOR_MISSING)
    spin = spin_of(ctx, request.member_id, request.spin_id)
    _check_voidable(spin)
    _check_unmerged(ctx, spin, request.member_id)
    table = _table_then(ctx, spin)
    player = _player_of(ctx, request.member_id, spin)
    for transaction_id in spin.transaction_ids:
        reason = f"{request.operator}: {request.reason}"
        ctx.ledger.reverse(transaction_id, reason=reason)
    pity = _pity_back(ctx, table, player, spin)
    after = _player_back(table.pool, player, spin)
    if pity is not None:
        after = replace(after, pity=pity_kept(table, player, pity))
    after = put_away(ctx, request.member_id, after)
    ctx.state.put(PLAYER, request.member_id, after)
    _write_shared(ctx, table, spin)
    _write_group(ctx, spin)
    withdraw(ctx, table.pool, spin)
    voided = _voided(spin)
    ctx.state.put(SPIN, request.member_id, voided, spin_key(spin.number))
    return pb.VoidSpinResponse(
        spin=spin_message(voided, ctx.now), is_pity_restored=pity is not None
    )


def _player_of(ctx: Context, member_id: str, spin: StoredSpin) -> Player:
    """Returns the player, with what the spin has counted and was put away since."""
    player = player_of(ctx, member_id)
    names = [
        count.name
        for draw in spin.draws
        for count in draw.counts
        if count.scope is Scope.MEMBER and not count.start_time
    ]
    return replace(player, tallies=brought_back(ctx, member_id, player, names))


def _check_voidable(spin: StoredSpin) -> None:
    if spin.is_voided:
        raise Refused(reasons.SPIN_VOIDED, spin_id=spin.number)
    if any(draw.state == "CLAIMED" for draw in spin.draws):
        raise Refused(reasons.ITEM_CLAIMED)


def _check_unmerged(ctx: Context, spin: StoredSpin, owner: str) -> None:
    """Raises Refused once what a spin counted and brought is another member's."""
    if spin.given_to or ctx.member(owner).state == "MERGED":
        raise Refused(reasons.SPIN_MERGED, spin_id=spin.number)


def _table_then(ctx: Context, spin: StoredSpin) -> Table:
    pool = pool_then(ctx, spin)
    groups = ctx.config_at(spin.program_version).groups_of(pool)
    return Table(spin.wheel_id, pool, groups, spin.odds_version)


def _pity_back(
    ctx: Context, table: Table, player: Player, spin: StoredSpin
) -> Mapping[str, PityState] | None:
    """Returns the pity before a spin, None if something has moved it since."""
    is_same = pity_of(table, player) == spin.pity_after
    return spin.pity_before if is_same and not _is_drawn_since(ctx, spin) else None


def _is_drawn_since(ctx: Context, spin: StoredSpin) -> bool:
    """Tells whether a later spin drew with the same pity, be it where it was again."""
    if not spin.pity_after:
        return False
    member_id = ctx.member().member_id
    latest = ctx.state.list(SPIN, member_id, limit=LATER_MAX)
    later = [each for _, each in latest if each.number > spin.number]
    return len(later) == LATER_MAX or any(
        not each.is_voided and each.pity_after.keys() & spin.pity_after.keys()
        for each in later
    )


def _player_back(pool: Pool, player: Player, spin: StoredSpin) -> Player:
    """Returns the player without a spin; spins that are used up stay used."""
    back = used_spins(spin) - won_spins(pool, spin)
    return replace(
        _spins_back(player, spin.wheel_id, back),
        tallies=_counts_back(player.tallies, spin, Scope.MEMBER),
        cards=tuple(card for card in player.cards if card.spin_number != spin.number),
    )


def _spins_back(player: Player, wheel_id: str, back: int) -> Player:
    """Returns the player with so many spins more, or less.

    What cannot be taken back, for it is used, is overused. That is made up for by what
    another void gives back, and by nothing else: spins left without those overused are
    always those won without those used, in whatever order both are taken back.
    """
    if not back:
        return player
    overused = player.overused.get(wheel_id, 0)
    left = player.spins.get(wheel_id, 0)
    settled = min(overused, max(back, 0))
    after = left + back - settled
    return replace(
        player,
        spins={**player.spins, wheel_id: max(0, after)},
        overused={**player.overused, wheel_id: overused - settled + max(0, -after)},
    )


def _counts_back(
    tallies: Tallies, spin: StoredSpin, scope: Scope, *, stock: bool = True
) -> Tallies:
    for draw in spin.draws:
        for count in draw.counts:
            is_kept = count.name.startswith(STOCK) and not stock
            if count.scope is scope and not is_kept:
                start_time, more = count.start_time, count.more
                tallies = given_back(tallies, count.name, start_time, more)
    return tallies


def _write_shared(ctx: Context, table: Table, spin: StoredSpin) -> None:
    """Gives back what all members count, stocks of prizes that are gone, too."""
    if not table.pool.is_shared:
        return
    counts = [count for draw in spin.draws for count in draw.counts]
    stocks = [count.name for count in counts if count.name.startswith(STOCK)]
    shared = with_away(ctx, spin.wheel_id, stocks)
    stock = table.pool.void_returns_stock
    tallies = _counts_back(shared, spin, Scope.POOL, stock=stock)
    pool = config_of(ctx).wheels.get(spin.wheel_id)
    put_shared(ctx, spin.wheel_id, pool, tallies)


def _write_group(ctx: Context, spin: StoredSpin) -> None:
    group = ctx.state.get(GROUP, spin.group_id) if spin.group_id else None
    if group is None:
        return
    put_group(ctx, spin.group_id, _counts_back(group.tallies, spin, Scope.GROUP))


def _voided(spin: StoredSpin) -> StoredSpin:
    draws = tuple(replace(draw, state="VOIDED") for draw in spin.draws)
    return replace(spin, is_voided=True, draws=draws)
