"""Takes back what came in: points leave the member for issuance.

They come from the lots that were made of what is reversed, pending or not, then
from the member's other usable lots, the earliest expiry first, and what is missing
then is up to the policy. Points that open holds hold, and other lots that are still
pending, are not the member's to give: they are passed by.

What has become of the lot meanwhile does not depend on the sweep:

* What has expired of it counts as the first to be given back, for the member has
  had nothing from it: from the lot if it was not swept, otherwise from breakage.
* What was cancelled of it went back to issuance then: it cannot be reversed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from points.domain.bounds import NEVER
from points.domain.commands import Reverse, ShortfallPolicy
from points.domain.decisions.moves import Moves
from points.domain.decisions.posted import postings_between
from points.domain.decisions.taking import take_open
from points.domain.identity import (
    BREAKAGE,
    ISSUANCE,
    WRITE_OFF,
    member_account,
    shortfall_account,
)
from points.domain.refusals import InsufficientPoints
from points.domain.state import State
from points.domain.values import Draw, Lot, Transaction


class Due(NamedTuple):
    """Is points of one unit, zero or above, to be taken back.

    `lots` are those that were made of them, the first to give first.
    """

    unit: str
    points: int
    lots: Sequence[Lot]


class Giver(NamedTuple):
    """Is who gives points back, in which part, and the account that they go to."""

    part: int
    member_id: str
    into: str = ISSUANCE


def take_back(command: Reverse, giver: Giver, state: State, due: Due) -> Moves:
    """Returns how what is due is taken back of the giver.

    Raises InsufficientPoints if the policy is STOP and it is not there, and
    LotsMissing if there may be more in lots that were not read.
    """
    unit, points, own = due
    part, member_id, into = giver
    first = _take_own(own, points)
    missing = points - first.points
    open_lots = state.open_lots(part, member_id, unit)
    others = take_open(open_lots, missing, without=own)
    missing -= others.points
    if missing and command.shortfall_policy is ShortfallPolicy.STOP:
        there = points - missing
        raise InsufficientPoints(member_id, unit, there, points)
    postings = postings_between(
        unit,
        (member_account(member_id), into, _sum(first.draws) + others.points),
        (BREAKAGE, into, _sum(first.unswept)),
        (_payer(command, member_id), into, missing),
    )
    return Moves(
        postings,
        draws=(*first.draws, *others.draws),
        lots=(*first.lots, *others.lots),
        unswept=first.unswept,
    )


def cancelled_points(lots: Iterable[Lot], now: int) -> int:
    """Returns how many points of these lots went back to issuance by a cancel.

    Those of a lot whose deadline has passed count, swept or not.
    """
    return sum(lot.ended + lot.remaining for lot in lots if _is_cancelled(lot, now))


def uncancelled(lots: Iterable[Lot], now: int) -> list[Lot]:
    """Returns those of the lots that did not end before they were ever usable."""
    return [lot for lot in lots if not _is_cancelled(lot, now)]


def lots_of(state: State, earned: Transaction) -> list[Lot]:
    """Returns the lots that an earn or activity made, as they are now."""
    found = (state.lot(lot.place()) for lot in earned.lots)
    return [lot for lot in found if lot is not None]


class _Own(NamedTuple):
    """Is what was taken of lots and of what had been swept from them, and all lots."""

    draws: tuple[Draw, ...]
    unswept: tuple[Draw, ...]
    lots: tuple[Lot, ...]

    @property
    def points(self) -> int:
        return _sum(self.draws) + _sum(self.unswept)


def _take_own(own: Sequence[Lot], points: int) -> _Own:
    """Returns what the lots give, each all that it has before the next."""
    draws, unswept, changed, rest = [], [], [], points
    for lot in own:
        left = min(lot.remaining, rest)
        swept = min(lot.ended, rest - left)
        rest -= left + swept
        changed.append(
            lot._replace(remaining=lot.remaining - left, ended=lot.ended - swept)
        )
        draws.append(Draw(lot.place(), left, lot.expire_time))
        unswept.append(Draw(lot.place(), swept, lot.expire_time))
    return _Own(_above_zero(draws), _above_zero(unswept), tuple(changed))


def _above_zero(draws: Iterable[Draw]) -> tuple[Draw, ...]:
    return tuple(draw for draw in draws if draw.points)


def _sum(draws: Iterable[Draw]) -> int:
    return sum(draw.points for draw in draws)


def _is_cancelled(lot: Lot, now: int) -> bool:
    """Says whether the lot ended before it was ever usable, swept or not."""
    return lot.activate_time == NEVER and (lot.ended > 0 or lot.expire_time <= now)


def _payer(command: Reverse, member_id: str) -> str:
    if command.shortfall_policy is ShortfallPolicy.WRITE_OFF:
        return WRITE_OFF
    return shortfall_account(member_id)
