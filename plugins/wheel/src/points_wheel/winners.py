"""ListWinners: who has won what is announced, by masked id, the latest first.

An entry is made where a prize is given or can be claimed, at the time of its draw; it
goes with the spin that is taken back, and `keep_days` after the draw: from then on
nobody is told of it, and the next job that forgets one of the wheel removes it.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any, Final

from points.plugin import Context, Refused, Run
from points_wheel import reasons
from points_wheel.documents import WINNER, StoredDraw, StoredSpin, Winner
from points_wheel.messages import timestamp
from points_wheel.pages import page_size_of
from points_wheel.pools import Pool
from points_wheel.reading import config_of, table_of
from points_wheel.v1 import wheel_service_pb2 as pb
from points_wheel.windows import DAY


FORGET_WINNER: Final = "forget_winner"
"""The job that takes a winner off the list."""

STEP: Final = 50
"""Most winners that one job takes off the list beside its own."""

_MASK: Final = "***"
_MASKED_MIN: Final = 5
_LATEST: Final = 10**16
_KEY: Final = re.compile(r"\d{16}-[0-9a-f]{16}")
_MARK: Final = 16
_WON: Final = ("GIVEN", "CLAIMABLE")


def announce(ctx: Context, pool: Pool, spin: StoredSpin) -> None:
    """Puts the draws of a spin on the list that have won what is announced."""
    for index, draw in enumerate(spin.draws):
        announce_draw(ctx, pool, spin, index, draw)


def announce_draw(
    ctx: Context,
    pool: Pool,
    spin: StoredSpin,
    index: int,
    draw: StoredDraw,
    *,
    winner_id: str = "",
) -> None:
    """Puts a draw on the list if it has won what is announced.

    The spin is of `winner_id`, by default of the member who calls.
    """
    if draw.state not in _WON or not _is_announced(pool, draw):
        return
    member_id = winner_id or ctx.call.member_id
    key = _key(member_id, spin, index)
    winner = Winner(masked(member_id), draw.prize_id, spin.spin_time)
    ctx.state.put(WINNER, spin.wheel_id, winner, key)
    keep = _keep(ctx)
    if keep:
        ctx.schedule(FORGET_WINNER, spin.spin_time + keep, owner=spin.wheel_id, key=key)


def withdraw(ctx: Context, pool: Pool, spin: StoredSpin) -> None:
    """Takes the draws of a spin off the list."""
    for index, draw in enumerate(spin.draws):
        if draw.state in _WON and _is_announced(pool, draw):
            key = _key(ctx.call.member_id, spin, index)
            ctx.state.delete(WINNER, spin.wheel_id, key)
            ctx.unschedule(FORGET_WINNER, owner=spin.wheel_id, key=key)


def _keep(ctx: Context) -> int:
    """Returns how long a winner is listed, in microseconds; 0 for good."""
    return (config_of(ctx).keep_days or 0) * DAY


def forget_winner(ctx: Context, run: Run) -> None:
    """Takes a winner off the list; run as a job.

    With it go some of those before it who have no job: they won while all were kept.
    Nobody goes sooner than the settings of now have it.
    """
    keep, winner = _keep(ctx), ctx.state.get(WINNER, run.owner, run.key)
    if not keep:
        return
    if winner and ctx.now < winner.draw_time + keep:
        due = winner.draw_time + keep
        ctx.schedule(FORGET_WINNER, due, owner=run.owner, key=run.key)
        return
    ctx.state.delete(WINNER, run.owner, run.key)
    older = ctx.state.list(WINNER, run.owner, after=run.key, limit=STEP)
    gone = [key for key, each in older if each.draw_time + keep <= ctx.now]
    for key in gone:
        ctx.state.delete(WINNER, run.owner, key)
    if len(gone) == STEP:
        ctx.schedule(FORGET_WINNER, ctx.now, owner=run.owner, key=gone[-1])


def masked(member_id: str) -> str:
    """Returns an id of which the ends alone are shown, and nothing of a short one."""
    if len(member_id) < _MASKED_MIN:
        return _MASK
    return f"{member_id[0]}{_MASK}{member_id[-1]}"


def list_winners(ctx: Context, request: Any) -> pb.ListWinnersResponse:
    """Returns winners, the latest first; the refusals are those of the proto."""
    wheel_id = table_of(ctx, request.wheel_id).wheel_id
    size = page_size_of(request)
    after = _after(wheel_id, request.page_token)
    page = ctx.state.list(WINNER, wheel_id, after=after, limit=size)
    keep = _keep(ctx)
    found = [one for one in page if not keep or ctx.now < one[1].draw_time + keep]
    winners = [
        pb.Winner(
            masked_member_id=each.masked_id,
            prize_id=each.prize_id,
            draw_time=timestamp(each.draw_time),
        )
        for _, each in found
    ]
    token = _mark(wheel_id) + found[-1][0] if len(found) == size else ""
    return pb.ListWinnersResponse(winners=winners, next_page_token=token)


def _is_announced(pool: Pool, draw: StoredDraw) -> bool:
    prize = pool.by_id.get(draw.prize_id)
    return bool(prize and prize.is_announced)


def _key(member_id: str, spin: StoredSpin, index: int) -> str:
    """Returns the key of a draw on the list: the latest one is the first in order."""
    told = f"{member_id}:{spin.number}:{index}"
    digest = hashlib.sha256(told.encode()).hexdigest()[:_MARK]
    return f"{_LATEST - spin.spin_time:016d}-{digest}"


def _mark(wheel_id: str) -> str:
    """Returns what binds a page token to its wheel."""
    return hashlib.sha256(f"winners of {wheel_id}".encode()).hexdigest()[:_MARK]


def _after(wheel_id: str, token: str) -> str:
    if not token:
        return ""
    key = token[_MARK:]
    if token[:_MARK] != _mark(wheel_id) or not _KEY.fullmatch(key):
        raise Refused(reasons.PAGE_TOKEN_INVALID)
    return key
