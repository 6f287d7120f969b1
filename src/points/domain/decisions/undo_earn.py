"""Reverses an earn or a collected claim, wholly or in part, of one unit."""

from __future__ import annotations

from typing import NamedTuple

from points.domain.commands import Reverse
from points.domain.decisions.moves import Moves
from points.domain.decisions.pool_back import (
    PoolDue,
    PoolHalf,
    Span,
    arrivals,
    earned_lots,
    pool_half,
)
from points.domain.decisions.taking_back import Due, Giver, take_back
from points.domain.kinds import reversible_points
from points.domain.refusals import AlreadyReversed
from points.domain.returns import Returned
from points.domain.state import Stamp, State
from points.domain.values import Kind, Record, Transaction


class EarnUndone(NamedTuple):
    """Is what goes back of an earn; `reversed_points` and `returned` are by then.

    `span` is that of what goes back to the budget of a claim: to its end, though some
    was cancelled before, if the reverse `is_whole`.
    """

    moves: Moves
    reversed_points: int
    returned: Returned
    pooled: PoolDue
    span: Span
    is_whole: bool


def undo_earn(
    command: Reverse, state: State, stamp: Stamp, record: Record
) -> EarnUndone:
    """Returns what goes back of an earn.

    Of a claim that was cancelled, wholly or in part, nothing is left behind all that
    can be taken back: its budget gets back what was cancelled, too, if it is no more
    than that. Raises AlreadyReversed and what `take_back` raises.
    """
    earned = record.result
    assert isinstance(earned, Transaction)
    unit, done = earned.postings[0].unit, state.reversal(record.place())
    half = pool_half(state, earned, command.member_id, stamp.now)
    lots = earned_lots(state, earned, command.member_id, half, stamp.now)
    gone = lots.cancelled(unit) + (half.made.cancelled(unit) if half else 0)
    total, before = reversible_points(earned), done.reversed_points
    left = max(total - before - gone, 0)
    points = command.points or left
    is_whole = record.kind is Kind.CLAIM and gone > 0 and points == left
    # All of it was cancelled: then its budget alone has something to get back, once.
    is_for_budget = is_whole and not (command.points or done.returned.is_whole)
    if not (0 < points <= left or is_for_budget):
        raise AlreadyReversed(command.transaction_id, left, command.points)
    span = Span(before, before + points, total)
    pooled = _pooled(half, unit, span, done.returned, left)
    of_pool = pooled.points.get(unit, 0)
    own = Due(unit, points - of_pool, lots.usable(unit))
    giver = Giver(stamp.part, command.member_id)
    moves = take_back(command, giver, state, own)
    return EarnUndone(
        moves._replace(postings=(*moves.postings, *arrivals(pooled))),
        span.after,
        done.returned.after((), {}, is_whole=False, pooled=pooled.points),
        pooled,
        span._replace(after=total) if is_whole else span,
        is_whole=is_whole,
    )


def _pooled(
    half: PoolHalf | None, unit: str, span: Span, done: Returned, left: int
) -> PoolDue:
    """Returns what a pool gives of what goes back, of all that is `left`."""
    if half is None or not left:
        return PoolDue()
    given = dict(done.pooled).get(unit, 0)
    return PoolDue(half, (half.due(unit, span, given=given, left=left),))
