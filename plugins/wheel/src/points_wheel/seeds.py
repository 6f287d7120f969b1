"""RotateSeed and RevealSeed: commitments before draws, secrets behind them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

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
from points_wheel.reading import config_of, keys_of, player_of, secret_of
from points_wheel.sealing import NONCE_BYTES, seal
from points_wheel.v1 import wheel_service_pb2 as pb


CLIENT_SEED_MAX: Final = 64
"""Most characters of a client seed."""

_UNSCRATCHED: Final = "a card is not scratched yet"


def rotate_seed(ctx: Context, request: Any) -> pb.RotateSeedResponse:
    """Ends a seed and commits to the next; the refusals are those of the proto."""
    player = player_of(ctx, request.member_id)
    client_seed = _client_seed(ctx, player, request.client_seed)
    retired = retired_of(ctx, request.member_id, player)
    if retired:
        ctx.state.put(SEED, request.member_id, retired, seed_key(retired.number))
    seed = _new_seed(ctx, request.member_id, player.seed_count + 1, client_seed)
    after = replace(player, seed=seed, seed_count=seed.number)
    ctx.state.put(PLAYER, request.member_id, after)
    return pb.RotateSeedResponse(
        seed=seed_message(seed), revealed=revealed_message(retired) if retired else None
    )


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
