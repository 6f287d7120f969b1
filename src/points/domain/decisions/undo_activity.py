"""Reverses an activity, whole or by item: what it earned and counted goes back.

Points are taken unit by unit as those of an earn are. The activity's own lots come
first: those that are still pending, then what has expired, then what the returned
awards made. A pool gives its share of each unit.

Counters go back as `uncounting` says. The fractions that awards carry stay as they
are: they are less than a point, and later activities may have used them.

What waits to be collected becomes less likewise, and the budget that has paid for
it gets that back. What was collected is another transaction, to be reversed itself;
what has lapsed stays lapsed, and its budget gets it back by the sweep.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from points.domain.activities import Award
from points.domain.claims import Claim, ClaimState
from points.domain.commands import Reverse
from points.domain.counters import CounterMove
from points.domain.decisions.moves import Moves, joined
from points.domain.decisions.pool_back import (
    MadeLots,
    PoolDue,
    PoolHalf,
    Span,
    arrivals,
    earned_lots,
    pool_half,
)
from points.domain.decisions.taking_back import (
    Due,
    Giver,
    take_back,
)
from points.domain.decisions.uncounting import Uncounting
from points.domain.identity import Place
from points.domain.program import Program
from points.domain.progress import Move
from points.domain.refusals import AlreadyReversed, InvalidArgument
from points.domain.returns import Returned, earned_by, earned_in_all
from points.domain.state import Stamp, State
from points.domain.values import Lot, Record, Transaction


class ActivityUndone(NamedTuple):
    """Is what goes back of an activity; `returned` is what has by then.

    `moves` are of the member's progress, `counters` of shared ones. `pooled` is
    what a pool has to give of the points, `claims` are those that have become less.
    """

    points: Moves
    items: tuple[str, ...]
    returned: Returned
    moves: tuple[Move, ...] = ()
    counters: tuple[CounterMove, ...] = ()
    pooled: PoolDue = PoolDue()
    claims: tuple[Claim, ...] = ()


def undo_activity(
    command: Reverse, state: State, program: Program, stamp: Stamp, record: Record
) -> ActivityUndone:
    """Returns what goes back of an activity; `program` is the one of then.

    Raises InvalidArgument (points, or an item that it does not have),
    AlreadyReversed and what `take_back` raises, in this order.
    """
    earned = record.result
    assert isinstance(earned, Transaction)
    done = state.reversal(record.place()).returned
    half = pool_half(state, earned, command.member_id, stamp.now)
    undoing = _Undoing(command, state, stamp, earned, done, half)
    undoing.check()
    points = {unit: undoing.points(unit) for unit in undoing.total}
    pooled = undoing.pooled(points)
    given, giver = pooled.points, Giver(stamp.part, command.member_id)
    own = [undoing.due(u, each - given.get(u, 0)) for u, each in points.items()]
    taken = joined([take_back(command, giver, state, each) for each in own])
    whole, claims = undoing.is_whole, tuple(undoing.claims())
    uncounting = Uncounting(
        earned=earned,
        done=done,
        items=undoing.items,
        is_whole=whole,
        waiting=undoing.waiting,
        claims=claims,
        counts=program.rules.counts if program.rules else _counts_all,
        progress=state.progress(stamp.part, command.member_id),
        used=lambda key: state.counter(*key).used,
        now=stamp.now,
    )
    return ActivityUndone(
        taken._replace(postings=(*taken.postings, *arrivals(pooled))),
        undoing.items,
        done.after(undoing.items, points, is_whole=whole, pooled=given),
        tuple(uncounting.moves()),
        tuple(uncounting.counters()),
        pooled,
        tuple(claim.without(less) for claim, less in claims),
    )


def _counts_all(_counter: str, _award: Award) -> bool:
    return True


@dataclass(frozen=True)
class _Undoing:
    """Works out what one reverse of an activity gives back."""

    command: Reverse
    state: State
    stamp: Stamp
    earned: Transaction
    done: Returned
    half: PoolHalf | None

    @property
    def all_items(self) -> tuple[str, ...]:
        assert self.earned.activity is not None
        return tuple(item.id for item in self.earned.activity.items)

    @property
    def items(self) -> tuple[str, ...]:
        """Returns the items that are returned: all that are left unless told."""
        left = (each for each in self.all_items if each not in self.done.items)
        return self.command.item_ids or tuple(left)

    @property
    def total(self) -> Mapping[str, int]:
        return {
            u: each for u, each in earned_in_all(self.earned.awards).items() if each
        }

    @property
    def is_whole(self) -> bool:
        """Says whether nothing is left behind."""
        if not self.command.item_ids:
            return True
        gone = (*self.done.items, *self.command.item_ids)
        return set(self.all_items) <= set(gone) and self._earned(gone) == self._in_all

    def check(self) -> None:
        if self.command.points:
            what = "must be 0: an activity is reversed whole or by item"
            raise InvalidArgument({"points": what})
        unknown = [e for e in self.command.item_ids if e not in self.all_items]
        if unknown:
            what = f"the activity has no item {unknown[0]!r}"
            raise InvalidArgument({"item_ids": what})
        again = any(each in self.done.items for each in self.command.item_ids)
        if again or self.done.is_whole:
            left = 0 if self.done.is_whole else sum(map(self._left, self.total))
            raise AlreadyReversed(self.command.transaction_id, left, 0)

    def points(self, unit: str) -> int:
        """Returns what is taken back of a unit: never more than is left of it."""
        points = self._left(unit)
        if not self.is_whole:
            wanted = earned_by(self.earned.awards, self.items)
            points = min(points, wanted.get(unit, 0))
        return points

    def pooled(self, points: Mapping[str, int]) -> PoolDue:
        """Returns what a pool gives of these points, and the lots in their order."""
        half, order = self.half, self._order()
        if half is None:
            return PoolDue()
        dues = (self._of_pool(half, unit, each) for unit, each in points.items())
        sorted_dues = (d._replace(lots=sorted(d.lots, key=order)) for d in dues)
        return PoolDue(half, tuple(sorted_dues))

    def _of_pool(self, half: PoolHalf, unit: str, points: int) -> Due:
        done = dict(self.done.points).get(unit, 0)
        given = dict(self.done.pooled).get(unit, 0)
        span = Span(done, done + points, self.total[unit])
        return half.due(unit, span, given=given, left=self._left(unit))

    def due(self, unit: str, points: int) -> Due:
        """Returns what the member gives of a unit, and the lots in their order."""
        own = self._lots.usable(unit)
        return Due(unit, points, sorted(own, key=self._order()))

    @property
    def waiting(self) -> Mapping[int, Claim]:
        """Returns the claims of the activity as they are, by their positions."""
        found: dict[int, Claim] = {}
        for made in self.earned.claims:
            claim = self.state.claim(made.place())
            assert claim is not None, "claims are never deleted"
            found[made.position] = claim
        return found

    def claims(self) -> Iterator[tuple[Claim, int]]:
        """Yields the claims that are open, each with how many points it loses."""
        chosen = frozenset(self.items)
        shares = {each.claim_position: each.shares for each in self.earned.awards}
        for position, claim in self.waiting.items():
            gone = sum(n for item_id, n in shares[position] if item_id in chosen)
            less = claim.points if self.is_whole else min(gone, claim.points)
            if less and claim.state_at(self.stamp.now) is ClaimState.OPEN:
                yield claim, less

    def _earned(self, items: tuple[str, ...]) -> int:
        return sum(earned_by(self.earned.awards, items).values())

    @property
    def _in_all(self) -> int:
        return sum(self.total.values())

    def _left(self, unit: str) -> int:
        gone = self._lots.cancelled(unit)
        if self.half is not None:
            gone += self.half.made.cancelled(unit)
        done = dict(self.done.points).get(unit, 0)
        return max(self.total[unit] - done - gone, 0)

    @property
    def _lots(self) -> MadeLots:
        earner, now = self.command.member_id, self.stamp.now
        return earned_lots(self.state, self.earned, earner, self.half, now)

    def _order(self) -> Callable[[Lot], tuple[bool, bool, bool]]:
        """Returns what puts the lots in the order in which they give points.

        Those of the returned awards: what they made, or what came of it to a pool.
        """
        chosen, now = frozenset(self.items), self.stamp.now
        mine = {
            Place(self.stamp.part, award.lot_number).lot_id()
            for award in self.earned.awards
            if self.is_whole or any(item_id in chosen for item_id, _ in award.shares)
        }
        return lambda lot: (
            lot.activate_time <= now,
            now < lot.expire_time,
            mine.isdisjoint((lot.place().lot_id(), lot.origin)),
        )
