"""What all members count together: a wheel's document, and stocks that are put away.

A prize may be taken out of a wheel and put back: what was won of a stock that counts
for good is remembered meanwhile, but not in the document that each spin writes, or that
would grow with every prize that comes and goes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from points.plugin import Context
from points_wheel.documents import AWAY, SHARED, Shared
from points_wheel.pools import Pool
from points_wheel.tallies import STOCK, Tallies, Tally, still_counting
from points_wheel.windows import Per


AWAY_STEP: Final = 64
"""Most stocks that one spin puts away: as many as a wheel has prizes."""


def shared_of(ctx: Context, wheel_id: str, pool: Pool) -> Tallies:
    """Returns what all members have drawn of a wheel, as its prizes are now."""
    names = [
        f"{STOCK}{prize.id}"
        for prize in pool.prizes
        if prize.stock and prize.stock.per is Per.LIFETIME
    ]
    return with_away(ctx, wheel_id, names)


def with_away(ctx: Context, wheel_id: str, names: Iterable[str]) -> Tallies:
    """Returns what all members have drawn, with stocks of these names brought back.

    One that was never put away has no pieces used: said, so that it is looked for once.
    """
    shared = ctx.state.get(SHARED, wheel_id) or Shared()
    if not shared.has_away:
        return shared.tallies
    found = dict(shared.tallies)
    for name in names:
        if name not in found:
            away = ctx.state.get(AWAY, wheel_id, name)
            found[name] = away.tallies[name] if away else Tally(0, 0)
    return found


def put_shared(
    ctx: Context, wheel_id: str, pool: Pool | None, tallies: Tallies
) -> None:
    """Keeps what all members have drawn of a wheel as it is now, None for one gone.

    Windows that are over are forgotten, stocks of prizes that it has no more put away.
    """
    kept = dict(still_counting(tallies, ctx.now))
    away = _away(pool, kept)
    for name in away:
        stock = Shared(tallies={name: kept.pop(name)})
        ctx.state.put(AWAY, wheel_id, stock, name)
    before = ctx.state.get(SHARED, wheel_id)
    has_away = bool(away) or (before is not None and before.has_away)
    ctx.state.put(SHARED, wheel_id, Shared(tallies=kept, has_away=has_away))


def _away(pool: Pool | None, tallies: Tallies) -> list[str]:
    """Returns some counts for good of stocks that a wheel does not have any more."""
    prizes = pool.prizes if pool else ()
    here = {f"{STOCK}{prize.id}" for prize in prizes if prize.stock}
    found = [
        name
        for name, tally in tallies.items()
        if name.startswith(STOCK) and name not in here and not tally.start_time
    ]
    return found[:AWAY_STEP]
