"""What a reversed claim gives back to the budget that it was paid from.

Be it when it was collected, or before, out of its reserve. In proportion to the points
that are back so far, but never into a period that is over. The claim itself stays
collected: what is taken back is not offered again.
"""

from __future__ import annotations

from collections.abc import Iterator

from points.domain.counters import CounterMove, returned
from points.domain.decisions.pool_back import Span
from points.domain.progress import Move
from points.domain.returns import part_of_move
from points.domain.state import Decision, Stamp, State
from points.domain.values import Record, Transaction


def with_budget_back(
    decision: Decision, record: Record, state: State, stamp: Stamp, span: Span
) -> Decision:
    """Returns the reverse of a claim with what its budget gets back of a span."""
    paid, told = record.result, decision.result
    assert isinstance(paid, Transaction)
    assert isinstance(told, Transaction)
    moves = tuple(_moves(paid, span, stamp.now))
    counters = tuple(_counters(paid, span, stamp.now))
    for claim in paid.claims:
        own, shared = claim.reserve.back(part_of_move(claim.points, *span), stamp.now)
        moves, counters = (*moves, *own), (*counters, *shared)
    before = state.progress(stamp.part, record.member_id)
    return decision._replace(
        result=told._replace(moves=moves, counters=counters),
        counters=counters,
        progress=before.after(moves, {}, stamp.now) if moves else None,
    )


def _moves(paid: Transaction, span: Span, now: int) -> Iterator[Move]:
    """Yields what goes back of what the budget has paid to this member."""
    for name, by, end_time in paid.moves:
        back = part_of_move(by, *span)
        if back and name.startswith("budget/") and now < end_time:
            yield Move(name, -back, end_time)


def _counters(paid: Transaction, span: Span, now: int) -> Iterator[CounterMove]:
    """Yields what goes back of what the budget has paid to everybody."""
    for move in paid.counters:
        back = returned(move, part_of_move(move.used, *span), now)
        if back is not None:
            yield back
