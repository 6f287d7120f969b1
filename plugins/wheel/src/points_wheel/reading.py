"""What handlers look up: the wheel, the player, the spin, or a refusal."""

from __future__ import annotations

import hashlib
from typing import Any, Final, NamedTuple

from points.plugin import Context, MemberView, Refused
from points_wheel import reasons
from points_wheel.config import WheelConfig
from points_wheel.documents import (
    GROUP,
    PLAYER,
    SPIN,
    Player,
    SeedInUse,
    Shared,
    StoredDraw,
    StoredSpin,
    spin_key,
)
from points_wheel.drawing import Chance, Standing, Table
from points_wheel.lifetimes import brought_back, lifetime_names
from points_wheel.odds import Pity, PityState
from points_wheel.pools import Pool
from points_wheel.prizes import PityGroup
from points_wheel.sealing import KeyMissing, Sealed, unseal
from points_wheel.sharing import shared_of
from points_wheel.tallies import NO_TALLIES, Moment


_GONE: Final = frozenset({"MERGED", "ERASED"})


class Place(NamedTuple):
    """Is a spin of a member, and one of its draws."""

    spin: StoredSpin
    draw: StoredDraw


def config_of(ctx: Context) -> WheelConfig:
    """Returns the configuration in force."""
    config: WheelConfig = ctx.config
    return config


def table_of(ctx: Context, wheel_id: str) -> Table:
    """Returns a wheel of the program in force; refuses with WHEEL_UNKNOWN."""
    config = config_of(ctx)
    pool = config.wheels.get(wheel_id)
    if pool is None:
        raise Refused(reasons.WHEEL_UNKNOWN, wheel_id=wheel_id)
    return Table(wheel_id, pool, config.groups[wheel_id], config.versions[wheel_id])


def moment_of(ctx: Context) -> Moment:
    """Returns when the call is answered."""
    return Moment(ctx.now, ctx.zone)


def player_of(ctx: Context, member_id: str) -> Player:
    """Returns what is kept of a member."""
    return ctx.state.get(PLAYER, member_id) or Player()


def standing_of(
    ctx: Context, table: Table, player: Player, group_id: str = ""
) -> Standing:
    """Returns what the next draw of a player reads; the shared counts if there are."""
    pool = table.pool
    shared = shared_of(ctx, table.wheel_id, pool) if pool.is_shared else NO_TALLIES
    group = ctx.state.get(GROUP, group_id) if group_id and pool.is_grouped else None
    return Standing(
        pity_of(table, player),
        brought_back(ctx, ctx.call.member_id, player, lifetime_names(table)),
        shared,
        (group or Shared()).tallies,
    )


def group_of(request: Any) -> str:
    """Returns the object that a group of devices is, by its digest: empty for none.

    A group may be an address, which is nobody's business in a ledger.
    """
    if not request.device_group:
        return ""
    named = f"{request.wheel_id}:{request.device_group}".encode()
    return f"group-{hashlib.sha256(named).hexdigest()}"


def pity_key(name: str, group: PityGroup, pool: Pool) -> str:
    """Returns where a group's state is kept: by season if it does not carry over."""
    return name if group.carries_over else f"{name}@{pool.season}"


def pity_of(table: Table, player: Player) -> Pity:
    """Returns the state of each group of a wheel."""
    return {
        name: player.pity.get(pity_key(name, group, table.pool), PityState())
        for name, group in table.groups.items()
    }


def pity_kept(table: Table, player: Player, pity: Pity) -> dict[str, PityState]:
    """Returns the states of all of a member's groups, with these of a wheel."""
    moved = {
        pity_key(name, group, table.pool): pity[name]
        for name, group in table.groups.items()
    }
    return {**player.pity, **moved}


def chance_of(ctx: Context, member_id: str, seed: SeedInUse) -> Chance:
    """Returns the words to draw from; refuses with SEED_KEY_MISSING."""
    return Chance(secret_of(ctx, member_id, seed), seed.client_seed, seed.nonce)


def secret_of(ctx: Context, member_id: str, seed: SeedInUse) -> bytes:
    """Returns the server seed as it is; refuses with SEED_KEY_MISSING."""
    if not seed.key_id:
        return seed.secret
    stored = Sealed(seed.secret, seed.key_id)
    try:
        return unseal(stored, keys_of(ctx), owner=member_id)
    except KeyMissing:
        raise Refused(reasons.SEED_KEY_MISSING, key_id=seed.key_id) from None


def keys_of(ctx: Context) -> list[bytes]:
    """Returns the keys that seal and open seeds: the program's, then the server's."""
    keys = config_of(ctx).seed_keys
    return [*(bytes.fromhex(key.get_secret_value()) for key in keys), *ctx.keys]


def spin_of(ctx: Context, member_id: str, spin_id: str) -> StoredSpin:
    """Returns a spin of a member; refuses with SPIN_UNKNOWN."""
    key = key_of(spin_id)
    spin = ctx.state.get(SPIN, member_id, key) if key else None
    if spin is None or str(spin.number) != spin_id:
        raise Refused(reasons.SPIN_UNKNOWN, spin_id=spin_id)
    return spin


def key_of(spin_id: str) -> str:
    """Returns the key of a spin by its id, empty for a text that is none."""
    is_number = spin_id.isascii() and spin_id.isdigit() and len(spin_id) <= 12  # noqa: PLR2004 - digits of a key
    return spin_key(int(spin_id)) if is_number else ""


def active_member(ctx: Context) -> MemberView:
    """Returns the member of the call; refuses one who is frozen or gone."""
    member = ctx.member()
    if member.state != "ACTIVE":
        raise Refused(reasons.MEMBER_INACTIVE, state=member.state)
    return member


def check_present(ctx: Context) -> None:
    """Refuses a member who was merged or erased: nothing of theirs is written again.

    One who is frozen may still have a seed revealed: draws of before can be proved.
    """
    state = ctx.member().state
    if state in _GONE:
        raise Refused(reasons.MEMBER_INACTIVE, state=state)


def place_of(ctx: Context, request: Any) -> Place:
    """Returns the draw that an active member names, of a spin that was not voided."""
    active_member(ctx)
    spin = spin_of(ctx, request.member_id, request.spin_id)
    if spin.is_voided:
        raise Refused(reasons.SPIN_VOIDED, spin_id=request.spin_id)
    if not 0 <= request.index < len(spin.draws):
        raise Refused(
            reasons.CARD_UNKNOWN, spin_id=request.spin_id, index=request.index
        )
    return Place(spin, spin.draws[request.index])
