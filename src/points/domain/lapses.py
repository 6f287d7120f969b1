"""What lapses come to that nobody has recorded yet: reads show them as settled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Self

from points.domain.holds import lapse
from points.domain.identity import Place
from points.domain.values import Draw, Hold, Lot


@dataclass(frozen=True, slots=True)
class Lapses:
    """Is what the lapses of a member do, by unit or by lot.

    `held` is what they no longer hold, `burned` what they burn, and `freed` are the
    draws that come back, with the unit of each: the points can be drawn until the
    draw's expiry.
    """

    held: Counter[str] = field(default_factory=Counter)
    burned: Counter[str] = field(default_factory=Counter)
    freed: list[tuple[str, Draw]] = field(default_factory=list)
    held_of: Counter[Place] = field(default_factory=Counter)
    returned_to: Counter[Place] = field(default_factory=Counter)

    @classmethod
    def of(cls, holds: Iterable[Hold], lots: Mapping[Place, Lot]) -> Self:
        """Returns what the lapses of these holds come to."""
        lapses = cls()
        for hold in holds:
            lapses._add(hold, lots)
        return lapses

    def settled(self, lot: Lot) -> Lot:
        """Returns the lot as the lapses leave it."""
        returned = self.returned_to[lot.place()]
        return lot._replace(
            held=lot.held - self.held_of[lot.place()],
            remaining=lot.remaining + returned,
        )

    def _add(self, hold: Hold, lots: Mapping[Place, Lot]) -> None:
        release = lapse(hold, lots)
        self.held[hold.unit] += hold.open_points
        self.burned[hold.unit] += release.captured_points
        for draw in hold.draws:
            self.held_of[draw.lot] += draw.points
        for draw in release.returned:
            self.returned_to[draw.lot] += draw.points
        for draw in (*release.returned, *release.renewed):
            self.freed.append((hold.unit, draw))
