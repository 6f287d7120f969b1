"""Lots, and what happens to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from points.domain.identity import Place


class Lot(NamedTuple):
    """Is what one earn made: points with one activation and one expiry.

    Usable from `activate_time` on and before `expire_time` (half-open).
    `remaining` can be drawn, `held` is drawn by open holds. A lot that `waits_for`
    an event has no activation yet: it is NEVER, and `expire_time` is the deadline
    at which the lot is cancelled. `expiry` is a text of `domain.terms`: what the
    expiry will be, and what the lot waited for. `origin` is the id of the lot that
    the points came from in a transfer, a merge or a reissue. `ended` is what was
    swept from it: expired, or cancelled if it was never active. `noticed_time` is
    the expiry of which notice was given: 0 for none since it was set. `earner` is
    whose earning a pool got these points of, wherever merges have carried them since;
    empty for all other lots, and for those of pools of before it was kept.
    """

    part: int
    number: int
    member_id: str
    unit: str
    points: int
    remaining: int
    earn_time: int
    activate_time: int
    expire_time: int
    record_number: int
    held: int = 0
    waits_for: str = ""
    expiry: str = ""
    origin: str = ""
    ended: int = 0
    noticed_time: int = 0
    earner: str = ""

    @property
    def has_come(self) -> bool:
        """Says whether another member has earned the points, or a merge brought them.

        They count in that member's lifetime, whatever becomes of them. What a pool
        has got and a merge brings back to its earner has not come.
        """
        return bool(self.origin) and self.earner != self.member_id

    @property
    def is_drawn(self) -> bool:
        """Says whether nothing is left that could be drawn."""
        return self.remaining == 0

    def moved(self, left: int, held: int = 0) -> Lot:
        """Returns the lot with so many more points left and held, or fewer."""
        # Field by field: `_replace` takes six times as long, for each of many.
        a, b, c, d, e, remaining, f, g, h, i, was_held, j, k, m, n, o, p = self
        remaining, was_held = remaining + left, was_held + held
        changed = (a, b, c, d, e, remaining, f, g, h, i, was_held, j, k, m, n, o, p)
        return tuple.__new__(Lot, changed)

    def draw(self, points: int) -> Draw:
        """Returns the draw of so many of its points."""
        # Past the constructors: a burn may draw many lots.
        place = tuple.__new__(Place, self[:2])
        return tuple.__new__(Draw, (place, points, self.expire_time))

    def place(self) -> Place:
        """Returns where the lot stands."""
        return Place(self.part, self.number)


def emptied(lots: Iterable[Lot], *, into_hold: bool = False) -> list[Lot]:
    """Returns the lots with nothing left of them, be it that it is held now.

    In one go, and a value at a time only where it changes: a burn may draw many.
    """
    new = tuple.__new__
    if into_hold:
        return [
            new(Lot, (a, b, c, d, e, 0, f, g, h, i, held + left, j, k, m, n, o, p))
            for a, b, c, d, e, left, f, g, h, i, held, j, k, m, n, o, p in lots
        ]
    return [
        new(Lot, (a, b, c, d, e, 0, f, g, h, i, held, j, k, m, n, o, p))
        for a, b, c, d, e, _, f, g, h, i, held, j, k, m, n, o, p in lots
    ]


def drawn_whole(lots: Iterable[Lot]) -> list[Draw]:
    """Returns the draws of all that is left of these lots, in their order."""
    new = tuple.__new__
    return [
        new(Draw, (new(Place, lot[:2]), lot.remaining, lot.expire_time)) for lot in lots
    ]


class Draw(NamedTuple):
    """Says how many points were taken from one lot, or given back to it."""

    lot: Place
    points: int
    expire_time: int


class Retimed(NamedTuple):
    """Says which activation and expiry a lot has from now on; it waits no more."""

    lot: Place
    activate_time: int
    expire_time: int


class Notice(NamedTuple):
    """Is the advance notice of points of one unit that will expire; it moves nothing.

    `lots` are as draws: what is left of each lot, and when that expires.
    """

    unit: str
    lots: tuple[Draw, ...]
