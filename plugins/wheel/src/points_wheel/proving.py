"""ListSpins and VerifySpin: what was drawn, and the published data that proves it."""

from __future__ import annotations

import hashlib
from typing import Any, Final

from points.plugin import Context, Refused
from points_wheel import reasons
from points_wheel.cards import pool_then
from points_wheel.display import lines_of, positions_of
from points_wheel.documents import SPIN, StoredDraw, StoredSpin, spin_key
from points_wheel.drawing import paid_by
from points_wheel.messages import spin_message
from points_wheel.pages import page_size_of
from points_wheel.pools import Pool
from points_wheel.prizes import Presentation
from points_wheel.reading import spin_of
from points_wheel.seeds import retired_seed, revealed_message
from points_wheel.v1 import wheel_service_pb2 as pb
from points_wheel.verifying import problems_of


_MARK: Final = 16


def list_spins(ctx: Context, request: Any) -> pb.ListSpinsResponse:
    """Returns spins, the latest first; the refusals are those of the proto."""
    size = page_size_of(request)
    after = _after(request.member_id, request.page_token)
    found = ctx.state.list(SPIN, request.member_id, after=after, limit=size)
    spins = [spin_message(spin, ctx.now) for _, spin in found]
    is_more = len(found) == size
    token = _mark(request.member_id) + found[-1][0] if is_more else ""
    return pb.ListSpinsResponse(spins=spins, next_page_token=token)


def _mark(member_id: str) -> str:
    """Returns what binds a page token to its member."""
    return hashlib.sha256(member_id.encode()).hexdigest()[:_MARK]


def _after(member_id: str, token: str) -> str:
    if not token:
        return ""
    key = token[_MARK:]
    is_key = key.isdigit() and len(key) == len(spin_key(1))
    if token[:_MARK] != _mark(member_id) or not is_key:
        raise Refused(reasons.PAGE_TOKEN_INVALID)
    return key


def verify_spin(ctx: Context, request: Any) -> pb.VerifySpinResponse:
    """Returns a spin's proof, worked out again; the refusals are those of the proto."""
    spin = spin_of(ctx, request.member_id, request.spin_id)
    seed = retired_seed(ctx, request.member_id, spin.seed_number)
    pool = pool_then(ctx, spin)
    proof = pb.SpinProof(
        seed=revealed_message(seed),
        odds_version=spin.odds_version,
        draws=[draw_proof(pool, spin, draw) for draw in spin.draws],
    )
    problems = problems_of(proof)
    return pb.VerifySpinResponse(is_proved=not problems, problems=problems, proof=proof)


def draw_proof(pool: Pool, spin: StoredSpin, draw: StoredDraw) -> pb.DrawProof:
    """Returns everything that a draw followed from, beside its seed."""
    weights = spin.weights[draw.vector]
    return pb.DrawProof(
        nonce=draw.nonce,
        prize_ids=spin.outcomes,
        weights=weights,
        displays=[_displays(pool, prize_id) for prize_id in spin.outcomes],
        reels=[_reel(reel) for reel in pool.reels],
        lines=_paid(pool, dict(zip(spin.outcomes, map(int, weights), strict=True))),
        pity=[
            pb.PityCount(group=name, count=state[0], is_guaranteed=state[1])
            for name, state in draw.pity.items()
        ],
        stock=draw.stock,
        inputs_digest=draw.inputs,
        roll=draw.roll,
        prize_id=draw.prize_id,
        position=draw.position,
        symbols=draw.symbols,
    )


def _displays(pool: Pool, prize_id: str) -> pb.Displays:
    if pool.presentation is Presentation.SCRATCH:
        return pb.Displays()
    if pool.presentation is Presentation.SLOT:
        return pb.Displays(lines=["|".join(line) for line in lines_of(pool, prize_id)])
    return pb.Displays(positions=positions_of(pool, prize_id))


def _reel(reel: tuple[tuple[str, int], ...]) -> pb.Reel:
    symbols, weights = zip(*reel, strict=True)
    return pb.Reel(symbols=symbols, weights=weights)


def _paid(pool: Pool, weights: dict[str, int]) -> list[pb.Paid]:
    if not pool.reels:
        return []
    paid = paid_by(pool, weights)
    return [pb.Paid(line="|".join(line), prize_id=name) for line, name in paid.items()]
