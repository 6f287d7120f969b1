"""Draws: n of them one behind the other, each from the state that the last one left."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from json.encoder import encode_basestring_ascii as _text
from typing import NamedTuple

from points_wheel.display import Shown, show, spin_reels
from points_wheel.fair import Stream
from points_wheel.odds import Groups, Pity, Weights, current_weights, pick, pity_after
from points_wheel.pools import Pool
from points_wheel.prizes import NOTHING, Line, Scope
from points_wheel.tallies import (
    NO_TALLIES,
    Count,
    Moment,
    Payment,
    Tallies,
    counted,
    counts_of,
    gone_prizes,
    stock_left,
)


class Table(NamedTuple):
    """Is what is drawn from: a wheel by its id, its pity groups, its odds version."""

    wheel_id: str
    pool: Pool
    groups: Groups
    version: str


class Chance(NamedTuple):
    """Is where the words come from; `nonce` is that of the next draw."""

    server_seed: bytes
    client_seed: str
    nonce: int


class Standing(NamedTuple):
    """Is all that draws read and move: pity, and the counts of each scope."""

    pity: Pity
    mine: Tallies
    shared: Tallies
    group: Tallies = NO_TALLIES

    def tallies(self) -> dict[Scope, Tallies]:
        """Returns the counts by scope."""
        return {
            Scope.MEMBER: self.mine,
            Scope.POOL: self.shared,
            Scope.GROUP: self.group,
        }


class Draw(NamedTuple):
    """Is one draw, with everything that it followed from.

    `weights` are those of the outcomes in their order, `roll` the number that was
    drawn below their total (-1 for reels), `inputs` the digest of odds version,
    weights, pity and stock.
    """

    nonce: int
    prize_id: str
    payment: Payment
    roll: int
    weights: Weights
    shown: Shown
    inputs: str
    pity: Pity
    stock: dict[str, int]
    counts: tuple[Count, ...]


class NothingLeft(Exception):  # noqa: N818 - the handlers make a refusal of it
    """Is raised where no outcome is left to be drawn."""


def draw_many(
    table: Table,
    standing: Standing,
    chance: Chance,
    payments: Sequence[Payment],
    moment: Moment,
) -> tuple[tuple[Draw, ...], Standing]:
    """Returns a draw for each payment, and what they leave; raises NothingLeft."""
    draws = []
    for number, payment in enumerate(payments):
        turn = Chance(chance.server_seed, chance.client_seed, chance.nonce + number)
        drawn = draw_one(table, standing, turn, payment, moment)
        standing = after_draw(table, standing, drawn)
        draws.append(drawn)
    return tuple(draws), standing


def draw_one(
    table: Table, standing: Standing, chance: Chance, payment: Payment, moment: Moment
) -> Draw:
    """Returns the draw of one nonce from the state as it stands."""
    pool = table.pool
    gone = gone_prizes(pool, table.wheel_id, standing.shared, standing.mine, moment)
    weights = current_weights(
        pool, table.groups, gone, standing.pity, is_counted=is_counted(payment)
    )
    if not any(weights.values()):
        raise NothingLeft
    roll, prize_id, shown = outcome_of(pool, weights, Stream(*chance))
    pity = {name: standing.pity[name] for name in table.groups if name in standing.pity}
    stock = stocks_of(pool, standing.shared, moment)
    return Draw(
        nonce=chance.nonce,
        prize_id=prize_id,
        payment=payment,
        roll=roll,
        weights=weights,
        shown=shown,
        inputs=inputs_digest(table.version, weights, pity, stock),
        pity=pity,
        stock=stock,
        counts=counts_of(pool, table.wheel_id, prize_id, payment, moment),
    )


def is_counted(payment: Payment) -> bool:
    """Returns whether a draw was paid for, so that every pity group counts it."""
    return payment is Payment.POINTS


def outcome_of(pool: Pool, weights: Weights, stream: Stream) -> tuple[int, str, Shown]:
    """Returns the roll, the outcome and how it is shown, from the words of a stream."""
    if pool.reels:
        symbols = spin_reels(pool, stream)
        prize_id = paid_by(pool, weights).get(symbols, NOTHING)
        return -1, prize_id, Shown(symbols=symbols)
    roll = stream.below(sum(weights.values()))
    prize_id = pick(weights, roll)
    return roll, prize_id, show(pool, prize_id, stream)


def paid_by(pool: Pool, weights: Weights) -> dict[Line, str]:
    """Returns the outcome of each line of a slot that is drawn reel by reel.

    A prize that cannot be had weighs nothing: its lines stand for the fallback.
    """
    return {
        line: prize.id if weights[prize.id] else pool.fallback
        for prize in pool.prizes
        for line in prize.lines
    }


def stocks_of(pool: Pool, shared: Tallies, moment: Moment) -> dict[str, int]:
    """Returns the pieces that are left of every prize that has a stock."""
    if not pool.is_bounded:
        return {}
    return {
        prize.id: stock_left(prize.stock, prize.id, shared, moment)
        for prize in pool.prizes
        if prize.stock
    }


def inputs_digest(
    version: str, weights: Weights, pity: Pity, stock: dict[str, int]
) -> str:
    """Returns the digest of what a draw followed from beside its seed and nonce.

    It is the SHA-256 of the JSON of `odds_version`, `pity` (group to count and
    guarantee), `stock` (prize to pieces left) and `weights` (pairs in order).
    """
    pairs = (f"{_text(name)}:{left}" for name, left in sorted(stock.items()))
    groups = (
        f"{_text(name)}:[{state.misses},{'true' if state.is_guaranteed else 'false'}]"
        for name, state in sorted(pity.items())
    )
    odds = ",".join([f"[{_text(name)},{weight}]" for name, weight in weights.items()])
    # Put together here, for an encoder takes longer than all the rest.
    written = (
        f'{{"odds_version":{_text(version)},"pity":{{{",".join(groups)}}}'
        f',"stock":{{{",".join(pairs)}}},"weights":[{odds}]}}'
    )
    return hashlib.sha256(written.encode()).hexdigest()


def after_draw(table: Table, standing: Standing, draw: Draw) -> Standing:
    """Returns what a draw leaves: pity further on, and everything it took counted."""
    pity = pity_after(
        table.pool,
        table.groups,
        standing.pity,
        draw.prize_id,
        is_counted=is_counted(draw.payment),
    )
    if not draw.counts:
        return Standing(pity, standing.mine, standing.shared, standing.group)
    after = standing.tallies()
    for scope, name, start_time, more in draw.counts:
        after[scope] = counted(after[scope], name, start_time, more)
    return Standing(pity, *after.values())
