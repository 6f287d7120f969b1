"""What a pool gives back of an earning that is reversed.

It gives its share of what goes back, rounded so that all reverses of an earning
together take all that it got: the earner gives the rest. Its points leave as those
of an earner do (see `undo_earn`), out of the lots that it got first, but for
`transit`. From there they go to issuance in the record of the reverse, because it is
the earner for whom they counted. Whoever the pool was merged into gives in its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from points.domain.commands import Reverse
from points.domain.decisions.moves import Moves, joined
from points.domain.decisions.posted import posted
from points.domain.decisions.sides import After, side_stamp
from points.domain.decisions.taking_back import (
    Due,
    Giver,
    cancelled_points,
    lots_of,
    take_back,
    uncancelled,
)
from points.domain.identity import (
    ISSUANCE,
    RESERVED_PREFIX,
    TRANSIT,
    Place,
    member_account,
)
from points.domain.returns import part_of_move
from points.domain.state import Decision, Side, Stamp, State
from points.domain.values import Kind, Lot, Member, Posting, Transaction


class Span(NamedTuple):
    """Is how far reverses of an earning have come and come now, of its `total`."""

    before: int
    after: int
    total: int

    @property
    def points(self) -> int:
        """Returns what goes back now."""
        return self.after - self.before


class MadeLots(NamedTuple):
    """Is lots that an earning made, as they are `now`, and who gives of them first."""

    lots: Sequence[Lot]
    giver: str
    now: int

    def cancelled(self, unit: str) -> int:
        """Returns what went back before it was ever usable."""
        return cancelled_points(self._of(unit), self.now)

    def usable(self, unit: str) -> list[Lot]:
        """Returns what the giver may give back from first."""
        own = uncancelled(self._of(unit), self.now)
        return [lot for lot in own if lot.member_id == self.giver]

    def _of(self, unit: str) -> list[Lot]:
        return [lot for lot in self.lots if lot.unit == unit]


class PoolHalf(NamedTuple):
    """Is what a pool got of an earning: who has it now, the points, and the lots.

    As they are wherever merges have carried them on.
    """

    holder: Member
    taken: Transaction
    made: MadeLots

    def due(self, unit: str, span: Span, *, given: int, left: int) -> Due:
        """Returns what it gives of what goes back in a unit now.

        It has `given` so many points before, and `left` are all that both have.
        """
        got = self._got(unit)
        mine = got - given - self.made.cancelled(unit)
        share = min(part_of_move(got, *span), mine)
        points = max(share, span.points - (left - mine))
        return Due(unit, points, self.made.usable(unit))

    def _got(self, unit: str) -> int:
        return sum(
            each.points
            for each in self.taken.postings
            if (each.source, each.unit) == (TRANSIT, unit)
        )


class PoolDue(NamedTuple):
    """Is what the half of a pool has to give back: nothing without one."""

    half: PoolHalf | None = None
    dues: tuple[Due, ...] = ()

    @property
    def points(self) -> dict[str, int]:
        """Returns the points by unit."""
        return {due.unit: due.points for due in self.dues}


def pool_half(
    state: State, earned: Transaction, earner: str, now: int
) -> PoolHalf | None:
    """Returns the pool's half of an earning, or None where there is none.

    Nor is there one any more if the pool was merged into the earner. Raises
    HalfMissing.
    """
    if earned.counterparty_place is None:
        return None
    record, holder, lots = state.pool_half(earned.counterparty_place)
    assert isinstance(record.result, Transaction)
    if holder.member_id == earner:
        return None
    return PoolHalf(holder, record.result, MadeLots(lots, holder.member_id, now))


def earned_lots(
    state: State, earned: Transaction, earner: str, half: PoolHalf | None, now: int
) -> MadeLots:
    """Returns the lots of an earning that are the earner's, whatever a pool's half is.

    Among them those that a pool got of it, once a merge has brought them back to the
    earner: cancelled or taken, they are like those that never left.
    """
    lots, place = lots_of(state, earned), earned.counterparty_place
    if half is None and place is not None:
        lots += state.pool_half(place)[2]
    return MadeLots(lots, earner, now)


def arrivals(pooled: PoolDue) -> tuple[Posting, ...]:
    """Returns how what a pool gives reaches issuance."""
    given = pooled.points.items()
    return tuple(Posting(TRANSIT, ISSUANCE, unit, each) for unit, each in given if each)


def with_pool_back(
    command: Reverse,
    decision: Decision,
    pooled: PoolDue,
    state: State,
    stamp: Stamp,
) -> Decision:
    """Returns the reverse with the side of the pool that gives what is due.

    Raises what `take_back` raises.
    """
    due = [each for each in pooled.dues if each.points]
    if pooled.half is None or not due:
        return decision
    holder, told = pooled.half.holder, decision.result
    assert isinstance(told, Transaction)
    there = side_stamp(
        state, stamp, holder.part, made_lot_count=decision.made_lot_count
    )
    giver = Giver(there.part, holder.member_id, TRANSIT)
    given = joined([take_back(command, giver, state, each) for each in due])
    side = _side(command, given, After(state, decision.accounts), holder, there)
    place = Place(stamp.part, stamp.number)
    named = side.result
    assert isinstance(named, Transaction)
    return decision._replace(
        result=told._replace(
            counterparty=holder.member_id,
            counterparty_place=Place(there.part, there.number),
        ),
        sides=(
            Side(
                part=there.part,
                member_id=holder.member_id,
                request_id=f"{RESERVED_PREFIX}pool/{place.transaction_id()}",
                kind=Kind.POOL_OUT,
                decision=side._replace(
                    result=named._replace(
                        counterparty=command.member_id, counterparty_place=place
                    ),
                    effective_time=decision.effective_time,
                ),
            ),
        ),
    )


def _side(
    command: Reverse, given: Moves, accounts: After, holder: Member, there: Stamp
) -> Decision:
    """Returns the pool's half of the reverse."""
    changed = posted(accounts, there.part, holder.member_id, given.postings)
    mine, unit = member_account(holder.member_id), given.postings[0].unit
    return Decision(
        result=Transaction(
            postings=given.postings,
            balance_after=After(accounts, changed)
            .account(there.part, mine, unit)
            .balance,
            reason=command.reason,
            metadata={},
            draws=given.draws,
            reason_code=command.reason_code,
            operator=command.operator,
            unswept=given.unswept,
        ),
        effective_time=there.now,
        channel=command.channel,
        accounts=changed,
        lots=given.lots,
    )
