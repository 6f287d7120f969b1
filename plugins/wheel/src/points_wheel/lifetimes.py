"""What a member counts for good: with the player, or put away where that is too much.

Wheels and prizes come and go, and a limit per `LIFETIME` holds when they come back.
Each spin reads and writes the player, so beyond some of these counts those of other
wheels are put away, each by itself, until their wheel is spun again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Final

from msgspec.structs import replace

from points.plugin import Context
from points_wheel.documents import LIFETIME, Lifetime, Player
from points_wheel.drawing import Table
from points_wheel.prizes import Scope
from points_wheel.tallies import Tallies, Tally, prefix_of
from points_wheel.windows import Per


KEPT_MAX: Final = 1_000
"""Most counts for good of a player before any is put away: few ever have as many."""

AWAY_STEP: Final = 256
"""Most counts that one spin puts away: more than it makes."""

MERGED_MAX: Final = 4_000
"""Most counts put away that go along in a merge: one call changes no more documents."""

_PAGE: Final = 1_000
_MINE: Final = (Scope.MEMBER, Per.LIFETIME)


def lifetime_names(table: Table) -> Iterator[str]:
    """Yields the names of what a member counts for good of a wheel as it is now."""
    pool, prefix = table.pool, prefix_of(Scope.MEMBER, table.wheel_id)
    if any((one.scope, one.per) == _MINE for one in pool.limits):
        yield f"{prefix}draws:{Per.LIFETIME}"
    if pool.free and pool.free.per is Per.LIFETIME:
        yield f"{prefix}free"
    for prize in pool.prizes:
        if prize.limit and prize.limit.per is Per.LIFETIME:
            yield f"{prefix}won:{prize.id}"


def brought_back(
    ctx: Context, member_id: str, player: Player, names: Iterable[str]
) -> Tallies:
    """Returns a player's counts, with those of these names that were put away.

    One that never was has counted nothing: said, so that it is looked for once.
    """
    if not player.has_away:
        return player.tallies
    places = {name: _key(name) for name in names if name not in player.tallies}
    ctx.state.expect(LIFETIME, [(member_id, key) for key in places.values()])
    found = {
        name: Tally(0, away.used if away else 0)
        for name, key in places.items()
        for away in (ctx.state.get(LIFETIME, member_id, key),)
    }
    return {**player.tallies, **found}


def put_away(
    ctx: Context,
    member_id: str,
    player: Player,
    used: Iterable[str] = (),
    step: int = AWAY_STEP,
) -> Player:
    """Returns the player without the counts for good beyond those that are kept.

    What is `used` stays, or each spin of its wheel would look for it again.
    """
    if len(player.tallies) <= KEPT_MAX:
        return player
    names = [name for name, one in player.tallies.items() if not one.start_time]
    step, here = min(step, max(0, len(names) - KEPT_MAX)), set(used)
    away = [name for name in names if name not in here][:step]
    kept = dict(player.tallies)
    for name in away:
        lifetime = Lifetime(name, kept.pop(name).used)
        ctx.state.put(LIFETIME, member_id, lifetime, _key(name))
    return replace(player, tallies=kept, has_away=player.has_away or bool(away))


def all_back(ctx: Context, member_id: str, player: Player) -> Tallies:
    """Returns all counts of a player who ends; those put away are removed there."""
    found = dict(player.tallies)
    for key, away in _all_away(ctx, member_id) if player.has_away else ():
        ctx.state.delete(LIFETIME, member_id, key)
        # What was brought back since has counted on.
        found.setdefault(away.name, Tally(0, away.used))
    return found


def _all_away(ctx: Context, member_id: str) -> list[tuple[str, Lifetime]]:
    found: list[tuple[str, Lifetime]] = []
    while len(found) < MERGED_MAX:
        after = found[-1][0] if found else ""
        page = ctx.state.list(LIFETIME, member_id, after=after, limit=_PAGE)
        found += page
        if len(page) < _PAGE:
            break
    return found


def _key(name: str) -> str:
    """Returns where a count is put away: its name may be longer than a key."""
    return sha256(name.encode()).hexdigest()
