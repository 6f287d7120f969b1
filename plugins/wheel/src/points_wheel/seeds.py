"""RotateSeed and RevealSeed: commitments before draws, secrets behind them."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from points.plugin import Context, Refused
from points_wheel import reasons
from points_wheel.documents import (
    PLAYER,
    SEED,
    Player,
    RetiredSeed,
    SeedInUse,
    seed_key,
)
from points_wheel.fair import SEED_BYTES, commitment_of
from points_wheel.messages import seed_message
from points_wheel.reading import (
    check_present,
    config_of,
    keys_of,
    player_of,
    secret_of,
)
from points_wheel.sealing import NONCE_BYTES, seal
from points_wheel.v1 import wheel_service_pb2 as pb


CLIENT_SEED_MAX: Final = 64
"""Most characters of a client seed."""

_UNSCRATCHED: Final = "a card is not scratched yet"


def rotate_seed(ctx: Context, request: Any) -> pb.RotateSeedResponse:
    """Ends a seed and commits to the next; the refusals are those of the proto."""
    check_present(ctx)
    player = player_of(ctx, request.member_id)
    client_seed = _client_seed(ctx, player, request.client_seed)
    rotated = _rotated(ctx, request.member_id, player, client_seed)
    ctx.state.put(PLAYER, request.member_id, rotated.player)
    retired = rotated.retired
    return pb.RotateSeedResponse(
        seed=seed_message(rotated.seed),
        revealed=revealed_message(retired) if retired else None,
    )


def end_due(ctx: Context, player: Player, keep: int) -> int:
    """Returns when the server ends a member's seed by itself: 0 if there is none.

    So long after the commitment, and once no card can be scratched any more.
    """
    if player.seed is None:
        return 0
    lapses = [card.lapse_time for card in player.cards if card.lapse_time > ctx.now]
    return max(player.seed.commit_time + keep, *lapses, 0)


def ended(ctx: Context, member_id: str, player: Player) -> Player | None:
    """Returns the player with the next seed, told as an event.

    None if the present one cannot be revealed: its key is missing.
    """
    client_seed = _client_seed(ctx, player, "")
    try:
        rotated = _rotated(ctx, member_id, player, client_seed)
    except Refused:
        return None
    told = {"member_id": member_id, "commitment": rotated.seed.commitment}
    ctx.emit("seed_rotated", told)
    return rotated.player


def closed(ctx: Context, member_id: str, player: Player) -> Player | None:
    """Returns the player whose seed is revealed, and with none to come.

    None if there is none, or it cannot be revealed: its key is missing.
    """
    try:
        retired = retired_of(ctx, member_id, player)
    except Refused:
        return None
    if retired is None:
        return None
    ctx.state.put(SEED, member_id, retired, seed_key(retired.number))
    return replace(player, seed=None, seed_count=retired.number + 1)


class _Rotated(NamedTuple):
    """Is what a rotation has come to."""

    player: Player
    seed: SeedInUse
    retired: RetiredSeed | None


def _rotated(
    ctx: Context, member_id: str, player: Player, client_seed: str
) -> _Rotated:
    retired = retired_of(ctx, member_id, player)
    if retired:
        ctx.state.put(SEED, member_id, retired, seed_key(retired.number))
    seed = _new_seed(ctx, member_id, player.seed_count + 1, client_seed)
    after = replace(player, seed=seed, seed_count=seed.number)
    return _Rotated(after, seed, retired)


def _client_seed(ctx: Context, player: Player, wanted: str) -> str:
    if not wanted:
        before = player.seed.client_seed if player.seed else ""
        return before or config_of(ctx).default_client_seed
    is_fine = wanted.isascii() and wanted.isprintable() and ":" not in wanted
    if not is_fine or len(wanted) > CLIENT_SEED_MAX:
        raise Refused(reasons.CLIENT_SEED_INVALID)
    return wanted


def retired_of(ctx: Context, member_id: str, player: Player) -> RetiredSeed | None:
    """Returns the present seed with its secret; no game may still depend on it."""
    seed = player.seed
    if seed is None:
        return None
    if any(card.lapse_time > ctx.now for card in player.cards):
        raise Refused(reasons.SEED_IN_USE, number=seed.number, why=_UNSCRATCHED)
    return RetiredSeed(
        number=seed.number,
        commitment=seed.commitment,
        server_seed=secret_of(ctx, member_id, seed).hex(),
        client_seed=seed.client_seed,
        draws=seed.nonce,
        end_time=ctx.now,
    )


def _new_seed(ctx: Context, member_id: str, number: int, client_seed: str) -> SeedInUse:
    secret = ctx.random.token(SEED_BYTES)
    nonce = ctx.random.token(NONCE_BYTES)
    sealed = seal(secret, keys_of(ctx), owner=member_id, nonce=nonce)
    return SeedInUse(
        number=number,
        commitment=commitment_of(secret),
        secret=sealed.secret,
        key_id=sealed.key_id,
        client_seed=client_seed,
        commit_time=ctx.now,
        program_version=ctx.config_version,
    )


def reveal_seed(ctx: Context, request: Any) -> pb.RevealSeedResponse:
    """Returns a seed that was ended; the refusals are those of the proto."""
    seed = retired_seed(ctx, request.member_id, request.number)
    return pb.RevealSeedResponse(seed=revealed_message(seed))


def retired_seed(ctx: Context, member_id: str, number: int) -> RetiredSeed:
    """Returns a seed that was ended; refuses with SEED_IN_USE or SEED_UNKNOWN."""
    player = player_of(ctx, member_id)
    if player.seed and player.seed.number == number:
        raise Refused(reasons.SEED_IN_USE, number=number, why="RotateSeed ends it")
    found = None
    if 0 < number < player.seed_count:
        found = ctx.state.get(SEED, member_id, seed_key(number))
    if found is None:
        raise Refused(reasons.SEED_UNKNOWN, number=number)
    return found


def revealed_message(seed: RetiredSeed) -> pb.RevealedSeed:
    """Returns a revealed seed as a message."""
    return pb.RevealedSeed(
        number=seed.number,
        commitment=seed.commitment,
        server_seed=seed.server_seed,
        client_seed=seed.client_seed,
        draws=seed.draws,
    )
