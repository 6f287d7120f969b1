"""Reverses what came in: points leave the member for issuance.

They come from the lot that the earn made, pending or not, then from the member's
other usable lots, the earliest expiry first, and what is missing then is up to the
policy. Points that open holds hold, and other lots that are still pending, are not
the member's to give: they are passed by.

What has become of the lot meanwhile does not depend on the sweep:

* What has expired of it counts as the first to be given back, for the member has
  had nothing from it: from the lot if it was not swept, otherwise from breakage.
* What was cancelled of it went back to issuance then: it cannot be reversed again.
"""

from __future__ import annotations

from typing import NamedTuple

from points.domain.bounds import NEVER
from points.domain.commands import Reverse, ShortfallPolicy
from points.domain.decisions.moves import Moves
from points.domain.decisions.posted import postings_between
from points.domain.decisions.taking import take, take_open
from points.domain.identity import (
    BREAKAGE,
    ISSUANCE,
    WRITE_OFF,
    member_account,
    shortfall_account,
)
from points.domain.refusals import InsufficientPoints
from points.domain.state import Stamp, State
from points.domain.values import Lot, Transaction


def undo_earn(
    command: Reverse, state: State, stamp: Stamp, earned: Transaction, points: int
) -> Moves:
    """Returns how `points`, above zero, of an earn are taken back.

    Raises InsufficientPoints if the policy is STOP and they are not there, and
    LotsMissing if there may be more in lots that were not read.
    """
    unit = earned.postings[0].unit
    own = [lot for lot in lots_of(state, earned) if not _is_cancelled(lot, stamp.now)]
    first = take(own, points)
    swept = _take_swept(own, first.lots, points - first.points)
    missing = points - first.points - swept.points
    open_lots = state.open_lots(stamp.part, command.member_id, unit)
    others = take_open(open_lots, missing, without=own)
    missing -= others.points
    if missing and command.shortfall_policy is ShortfallPolicy.STOP:
        there = points - missing
        raise InsufficientPoints(command.member_id, unit, there, points)
    member = member_account(command.member_id)
    postings = postings_between(
        unit,
        (member, ISSUANCE, first.points + others.points),
        (BREAKAGE, ISSUANCE, swept.points),
        (_payer(command), ISSUANCE, missing),
    )
    lots = (*swept.lots, *others.lots)
    return Moves(postings, draws=(*first.draws, *others.draws), lots=lots)


def cancelled_points(state: State, stamp: Stamp, earned: Transaction) -> int:
    """Returns how many points of the earn went back to issuance by a cancel.

    Those of a lot whose deadline has passed count, swept or not.
    """
    return sum(
        lot.ended + lot.remaining
        for lot in lots_of(state, earned)
        if _is_cancelled(lot, stamp.now)
    )


def lots_of(state: State, earned: Transaction) -> list[Lot]:
    """Returns the lots that an earn made, as they are now."""
    found = (state.lot(lot.place()) for lot in earned.lots)
    return [lot for lot in found if lot is not None]


class _Swept(NamedTuple):
    points: int
    lots: tuple[Lot, ...]


def _take_swept(own: list[Lot], taken: tuple[Lot, ...], points: int) -> _Swept:
    """Returns what is taken of the points that went to breakage, and all own lots."""
    changed = {lot.number: lot for lot in taken}
    rest = points
    for lot in own:
        given = min(lot.ended, rest)
        rest -= given
        current = changed.get(lot.number, lot)
        changed[lot.number] = current._replace(ended=lot.ended - given)
    return _Swept(points - rest, tuple(changed.values()))


def _is_cancelled(lot: Lot, now: int) -> bool:
    """Says whether the lot ended before it was ever usable, swept or not."""
    return lot.activate_time == NEVER and (lot.ended > 0 or lot.expire_time <= now)


def _payer(command: Reverse) -> str:
    if command.shortfall_policy is ShortfallPolicy.WRITE_OFF:
        return WRITE_OFF
    return shortfall_account(command.member_id)
