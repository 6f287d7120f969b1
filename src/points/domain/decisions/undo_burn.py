"""Reverses what went out: points leave the sink for the lots they were drawn from.

The lot drawn last gets its points back first. Where a partial reverse goes on is
told by how much was reversed before, so that several restore what one whole would.
The points keep the expiry of their lot as it is now. If that has passed, VOID gives
them back to the lot and sweeps them on to breakage at once, and REISSUE makes a new
lot that keeps the earn time and lives for the grace period.

Nothing of it repays a shortfall: a burn that is reversed leaves the member as if
it had never been, and what the member owes with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from points.domain.bounds import AT_ONCE
from points.domain.commands import ExpiredPolicy, Reverse
from points.domain.decisions.moves import Moves
from points.domain.decisions.posted import postings_between
from points.domain.identity import BREAKAGE, Place, member_account
from points.domain.state import Stamp, State
from points.domain.values import Draw, Lot, Record, Transaction


def undo_burn(
    command: Reverse, state: State, stamp: Stamp, record: Record, points: int
) -> Moves:
    """Returns how `points`, above zero, of a burn or capture are given back."""
    burned = record.result
    assert isinstance(burned, Transaction)
    sink = next(p for p in burned.postings if p.destination.startswith("burn:"))
    end = sink.points - state.reversal(record.place()).reversed_points
    back = _GivingBack(command, state, stamp)
    for draw in _drawn_last(burned.draws, end - points, end):
        back.give(draw)
    member = member_account(command.member_id)
    postings = postings_between(
        sink.unit,
        (sink.destination, member, points),
        (member, BREAKAGE, sum(draw.points for draw in back.draws)),
    )
    return Moves(
        postings,
        draws=tuple(back.draws),
        returns=tuple(back.returns),
        lots=tuple(back.lots.values()),
        made=tuple(back.made),
    )


def _drawn_last(draws: tuple[Draw, ...], start: int, end: int) -> Iterator[Draw]:
    """Yields the draws of the points from `start` to before `end`, the last first.

    The points of a burn are numbered from zero in the order in which they were drawn.
    """
    behind = sum(draw.points for draw in draws)
    for draw in reversed(draws):
        before = behind - draw.points
        points = min(end, behind) - max(start, before)
        if points > 0:
            yield draw._replace(points=points)
        behind = before


@dataclass(slots=True)
class _GivingBack:
    """Gives draws back to their lots, and remembers what became of each lot."""

    command: Reverse
    state: State
    stamp: Stamp
    draws: list[Draw] = field(default_factory=list)
    returns: list[Draw] = field(default_factory=list)
    lots: dict[Place, Lot] = field(default_factory=dict)
    made: list[Lot] = field(default_factory=list)

    def give(self, draw: Draw) -> None:
        """Gives one draw back, as the expiry of its lot allows."""
        lot = self.lots.get(draw.lot) or self.state.lot(draw.lot)
        assert lot is not None, "lots are never deleted"
        if self.stamp.now < lot.expire_time:
            self._return(lot._replace(remaining=lot.remaining + draw.points), draw)
        elif self.command.expired_policy is ExpiredPolicy.REISSUE:
            self.made.append(self._reissued(lot, draw.points))
        else:
            self._return(lot._replace(ended=lot.ended + draw.points), draw)
            self.draws.append(draw._replace(expire_time=lot.expire_time))

    def _return(self, lot: Lot, draw: Draw) -> None:
        self.lots[draw.lot] = lot
        self.returns.append(draw._replace(expire_time=lot.expire_time))

    def _reissued(self, lot: Lot, points: int) -> Lot:
        return Lot(
            part=self.stamp.part,
            number=self.stamp.lot_number + len(self.made),
            member_id=lot.member_id,
            unit=lot.unit,
            points=points,
            remaining=points,
            earn_time=lot.earn_time,
            activate_time=AT_ONCE,
            expire_time=self.stamp.now + self.command.grace,
            record_number=self.stamp.number,
            origin=lot.place().lot_id(),
        )
