"""What becomes of the open points of a hold, lot by lot.

Decisions and reads share it: what a lapse is going to do can so be shown before
anybody has recorded it. It depends on when the hold lapsed, not on when that is
recorded, so that both are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from points.domain.bounds import NEVER, TIME_MAX
from points.domain.identity import Place
from points.domain.refusals import HoldExceeded
from points.domain.values import Draw, Hold, HoldState, Lot, TimeoutAction


class Release(NamedTuple):
    """Is how the open draws of a hold are divided; none is in two of them.

    `captured` are burned, `returned` go back to their own lots, and `renewed` come
    back in a new lot of their own; `left` stay open. The expiry of a draw is that
    of the lot that the points are in.
    """

    captured: tuple[Draw, ...] = ()
    returned: tuple[Draw, ...] = ()
    renewed: tuple[Draw, ...] = ()
    left: tuple[Draw, ...] = ()

    @property
    def captured_points(self) -> int:
        """Returns how many points are burned."""
        return sum(draw.points for draw in self.captured)

    @property
    def voided_points(self) -> int:
        """Returns how many points are given back."""
        return sum(draw.points for draw in (*self.returned, *self.renewed))

    def leaves(self, hold: Hold, *, ended: HoldState, at: int) -> Hold:
        """Returns the hold afterwards: `ended`, unless there are draws left."""
        return hold._replace(
            draws=self.left,
            captured_points=hold.captured_points + self.captured_points,
            voided_points=hold.voided_points + self.voided_points,
            state=HoldState.OPEN if self.left else ended,
            update_time=at,
        )


def capture(
    hold: Hold, lots: Mapping[Place, Lot], points: int, *, void_rest: bool, at: int
) -> Release:
    """Returns what a capture does at an instant; 0 points are all that it can take.

    Draws are captured from the first on. Those of lots that have expired are left
    out, unless the hold freezes the expiry. Raises HoldExceeded.
    """
    usable = [draw for draw in hold.draws if _is_usable(hold, lots[draw.lot], at)]
    open_points = sum(draw.points for draw in usable)
    wanted = points or open_points
    if not 0 < wanted <= open_points:
        raise HoldExceeded(
            hold.place().hold_id(), open_points, wanted or hold.open_points
        )
    captured, left = _taken(hold.draws, {draw.lot for draw in usable}, wanted)
    if not void_rest:
        return Release(captured=captured, left=left)
    return give_back(hold, left, lots, at=at)._replace(captured=captured)


def give_back(
    hold: Hold, draws: Iterable[Draw], lots: Mapping[Place, Lot], *, at: int
) -> Release:
    """Returns what giving draws back does at an instant.

    They go back to their own lots. If the hold freezes the expiry, those whose lot
    has expired meanwhile expire later than the lot by the time they were held: in
    a lot of their own, for the rest of the old one stays expired.
    """
    returned, renewed = [], []
    for draw in draws:
        end = lots[draw.lot].expire_time
        if hold.freeze_expiry and end <= at:
            later = min(end + at - hold.place_time, TIME_MAX)
            renewed.append(draw._replace(expire_time=later))
        else:
            returned.append(draw._replace(expire_time=end))
    return Release(returned=tuple(returned), renewed=tuple(renewed))


def lapse(hold: Hold, lots: Mapping[Place, Lot]) -> Release:
    """Returns what the lapse of an open hold does at its `lapse_time`.

    A lapse that captures takes what a capture could take then, and gives the
    rest back.
    """
    at = hold.lapse_time
    if hold.on_timeout is TimeoutAction.CAPTURE:
        try:
            return capture(hold, lots, 0, void_rest=True, at=at)
        except HoldExceeded:
            pass  # Everything has expired: there is nothing to capture.
    return give_back(hold, hold.draws, lots, at=at)


def lapsed(hold: Hold, lots: Mapping[Place, Lot]) -> Hold:
    """Returns the hold as its lapse leaves it, whenever that is recorded."""
    release = lapse(hold, lots)
    return release.leaves(hold, ended=HoldState.LAPSED, at=hold.lapse_time)


def _is_usable(hold: Hold, lot: Lot, at: int) -> bool:
    return hold.freeze_expiry or lot.expire_time == NEVER or lot.expire_time > at


def _taken(
    draws: tuple[Draw, ...], usable: set[Place], points: int
) -> tuple[tuple[Draw, ...], tuple[Draw, ...]]:
    """Returns `points` from the front of the usable draws, and what is left."""
    taken, left = [], []
    for draw in draws:
        part = min(draw.points, points) if draw.lot in usable else 0
        points -= part
        if part:
            taken.append(draw._replace(points=part))
        if part < draw.points:
            left.append(draw._replace(points=draw.points - part))
    return tuple(taken), tuple(left)
