"""Two members who become one: what was won is given, what was counted goes along.

The spins of the member who ends stay where they are, with every seed revealed, so that
each of them can be proved for as long as it is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from points.plugin import Context, OnFailure, Reaction, Recorded
from points_wheel.cards import pool_then
from points_wheel.documents import (
    PLAYER,
    SPIN,
    Player,
    StoredDraw,
    StoredSpin,
    spin_key,
)
from points_wheel.lifetimes import all_back, brought_back, put_away
from points_wheel.odds import PityState
from points_wheel.pools import Pool
from points_wheel.reading import player_of
from points_wheel.seeds import closed
from points_wheel.tallies import Tallies, Tally, still_counting
from points_wheel.winners import announce_draw


SPINS_MAX: Final = 500
"""Most spins that are looked through for what waits, the latest ones."""


@dataclass(slots=True)
class Won:
    """Is what waited to be taken: points by unit, and spins by wheel."""

    points: Counter[str] = field(default_factory=Counter)
    spins: Counter[str] = field(default_factory=Counter)


def merge(ctx: Context, recorded: Recorded) -> None:
    """Gives what a member who was merged has left to the one who goes on.

    Cards are scratched, and items claimed: nobody else could do it any more.
    """
    goes_on, ended = recorded.member_id, recorded.counterparty
    other = ctx.state.get(PLAYER, ended)
    if other is None:
        return
    won = Won()
    for _, spin in ctx.state.list(SPIN, ended, limit=SPINS_MAX):
        _take_all(ctx, recorded, spin, won)
    for unit, points in won.points.items():
        ctx.ledger.earn(points, unit=unit, reason="cards of a merged member")
    other = replace(other, tallies=all_back(ctx, ended, other))
    mine = player_of(ctx, goes_on)
    names = [name for name, one in other.tallies.items() if not one.start_time]
    mine = replace(mine, tallies=brought_back(ctx, goes_on, mine, names))
    after = one_player(mine, other, won.spins, ctx.now)
    after = put_away(ctx, goes_on, after, step=len(after.tallies))
    ctx.state.put(PLAYER, goes_on, after)
    ctx.state.put(PLAYER, ended, _left(ctx, ended, other))


def one_player(
    mine: Player, other: Player, won_spins: Mapping[str, int], now: int
) -> Player:
    """Returns the player of both, who has the seed and the spins of the first.

    Limits count what both have drawn, and pity is the further of the two: two that
    are half way make none that is there. What the other has overused is no matter any
    more: spins of a member who was merged are not taken back.
    """
    pity = dict(mine.pity)
    for name, state in other.pity.items():
        pity[name] = _further(pity.get(name, PityState()), state)
    spins = Counter(mine.spins)
    spins.update(other.spins)
    spins.update(won_spins)
    tallies = still_counting(_together(mine.tallies, other.tallies), now)
    return replace(mine, pity=pity, tallies=tallies, spins=dict(spins))


def _further(mine: PityState, other: PityState) -> PityState:
    return PityState(
        max(mine.misses, other.misses), mine.is_guaranteed or other.is_guaranteed
    )


def _together(mine: Tallies, other: Tallies) -> Tallies:
    """Returns the counts of both; of two windows the later one counts."""
    found = dict(mine)
    for name, tally in other.items():
        known = found.get(name, Tally(tally.start_time, 0))
        same = known.start_time == tally.start_time
        both = Tally(known.start_time, known.used + tally.used)
        found[name] = both if same else max(known, tally)
    return found


def _take_all(ctx: Context, recorded: Recorded, spin: StoredSpin, won: Won) -> None:
    """Takes what waits of a spin, and keeps the spin with that taken."""
    ended = recorded.counterparty
    waiting = [] if spin.is_voided else list(_waiting(spin, ctx.now))
    if not waiting:
        return
    pool, draws = pool_then(ctx, spin), list(spin.draws)
    for index in waiting:
        if draws[index].state == "HIDDEN":
            scratched = replace(draws[index], state="GIVEN")
            announce_draw(ctx, pool, spin, index, scratched, winner_id=ended)
        draws[index] = _taken(ctx, pool, spin, draws[index], won)
    after = replace(spin, draws=tuple(draws), given_to=recorded.member_id)
    ctx.state.put(SPIN, ended, after, spin_key(spin.number))


def _waiting(spin: StoredSpin, now: int) -> Iterator[int]:
    for index, draw in enumerate(spin.draws):
        if draw.state in ("HIDDEN", "CLAIMABLE") and now < draw.deadline_time:
            yield index


def _taken(
    ctx: Context, pool: Pool, spin: StoredSpin, draw: StoredDraw, won: Won
) -> StoredDraw:
    prize = pool.by_id.get(draw.prize_id)
    if prize and prize.item:
        told = {"spin_id": str(spin.number), "prize_id": draw.prize_id}
        ctx.emit("item_claimed", told)
        return replace(draw, state="CLAIMED", deadline_time=0)
    if prize and prize.points:
        won.points[prize.points.unit] += prize.points.points
    if prize and prize.spins:
        won.spins[spin.wheel_id] += prize.spins
    return replace(draw, state="GIVEN", deadline_time=0)


def _left(ctx: Context, ended: str, player: Player) -> Player:
    """Returns what stays of the member who ends: all that proofs need.

    A seed whose key is lost stays sealed: that is no reason to keep two members.
    """
    gone = replace(
        player,
        pity={},
        tallies={},
        spins={},
        overused={},
        cards=(),
        has_away=False,
    )
    return closed(ctx, ended, gone) or gone


MERGING: Final = Reaction(
    name="merge",
    kinds=frozenset({"MERGE_IN"}),
    handler=merge,
    on_failure=OnFailure.ABORT,
)
