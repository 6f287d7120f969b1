"""Proofs of draws: worked out again from published data alone.

Needs nothing of the server: the revealed seed, the weights that were drawn from, and
the rules of `fair`. What a proof cannot show is that the stock and the pity it names
were the true ones; their digest was stored with the draw, in the ledger's chain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from points_wheel.digests import digest_of
from points_wheel.disclosure import DIGITS_MAX
from points_wheel.fair import SEED_BYTES, Stream, commitment_of
from points_wheel.odds import pick
from points_wheel.v1.wheel_service_pb2 import DrawProof, SpinProof


def problems_of(proof: SpinProof) -> list[str]:
    """Returns what does not follow from the seed, in words; nothing if all does."""
    seed = proof.seed
    try:
        secret = bytes.fromhex(seed.server_seed)
    except ValueError:
        return ["the server seed is not hexadecimal"]
    problems = []
    if len(secret) != SEED_BYTES:
        problems.append(f"the server seed has {len(secret)} bytes")
    if commitment_of(secret) != seed.commitment:
        problems.append("the server seed is not what was committed to")
    for draw in proof.draws:
        found = _draw_problems(proof, draw, secret)
        problems += [f"nonce {draw.nonce}: {problem}" for problem in found]
    return problems


def _is_whole(draw: DrawProof) -> bool:
    """Tells whether a draw says all that it has to: one may come from anybody."""
    count = len(draw.prize_ids)
    return (
        count == len(set(draw.prize_ids)) == len(draw.displays)
        and _can_be_drawn(draw.prize_ids, draw.weights)
        and all(_can_be_drawn(reel.symbols, reel.weights) for reel in draw.reels)
    )


def _can_be_drawn(names: Sequence[str], weights: Sequence[str | int]) -> bool:
    """Tells whether there is a weight for each name, and any of them above zero."""
    digits = [str(weight) for weight in weights]
    are_numbers = all(
        each.isascii() and each.isdigit() and len(each) <= DIGITS_MAX for each in digits
    )
    return len(names) == len(digits) and are_numbers and any(map(int, digits))


def _draw_problems(proof: SpinProof, draw: DrawProof, secret: bytes) -> list[str]:
    if not _is_whole(draw):
        return ["weights, outcomes and displays do not belong together"]
    problems = []
    if not 0 <= draw.nonce < proof.seed.draws:
        problems.append("the seed was never used for it")
    weights = dict(zip(draw.prize_ids, map(int, draw.weights), strict=True))
    if _inputs(proof, draw, weights) != draw.inputs_digest:
        problems.append("the inputs are not those whose digest was stored")
    told = {
        "roll": draw.roll,
        "prize": draw.prize_id,
        "position": draw.position,
        "symbols": list(draw.symbols),
    }
    stream = Stream(secret, proof.seed.client_seed, draw.nonce)
    found = _reels(draw, stream) if draw.reels else _outcome(draw, weights, stream)
    problems += [
        f"{name} is {found[name]!r}, told was {value!r}"
        for name, value in told.items()
        if found[name] != value
    ]
    return problems


def _inputs(proof: SpinProof, draw: DrawProof, weights: dict[str, int]) -> str:
    pity = {each.group: [each.count, each.is_guaranteed] for each in draw.pity}
    return digest_of(
        {
            "odds_version": proof.odds_version,
            "pity": pity,
            "stock": dict(draw.stock),
            "weights": list(weights.items()),
        }
    )


def _outcome(
    draw: DrawProof, weights: dict[str, int], stream: Stream
) -> dict[str, Any]:
    roll = stream.below(sum(weights.values()))
    prize_id = pick(weights, roll)
    displays = draw.displays[list(draw.prize_ids).index(prize_id)]
    position, symbols = -1, list[str]()
    if displays.lines:
        symbols = displays.lines[stream.below(len(displays.lines))].split("|")
    elif displays.positions:
        position = displays.positions[stream.below(len(displays.positions))]
    told = {"prize": prize_id, "position": position, "symbols": symbols}
    return {"roll": str(roll), **told}


def _reels(draw: DrawProof, stream: Stream) -> dict[str, Any]:
    symbols = []
    for reel in draw.reels:
        weights = dict(zip(reel.symbols, reel.weights, strict=True))
        symbols.append(pick(weights, stream.below(sum(weights.values()))))
    paid = {line.line: line.prize_id for line in draw.lines}
    prize_id = paid.get("|".join(symbols), "nothing")
    return {"roll": "-1", "prize": prize_id, "position": -1, "symbols": symbols}
