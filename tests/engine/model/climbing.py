"""Naive ladders: they look at every midnight, and whenever something is gathered.

Three days count together. A tier is kept for two days, and lost a day later unless
enough is gathered by then to keep it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from points.domain.commands import SetStanding
from tests.engine.model.base import Base
from tests.engine.model.things import DAY, NEVER, ModelStanding, No, Outcome


class Ladder(NamedTuple):
    """Is what its tiers need of a unit, and what keeps them, the lowest first."""

    unit: str
    needs: dict[str, int]
    keeps: dict[str, int]


LADDERS: Final = {
    "status": Ladder(
        "qualifying_points",
        {"": -1, "bronze": 0, "silver": 20, "gold": 50},
        {"": -1, "bronze": 0, "silver": 10, "gold": 30},
    ),
    "travel": Ladder(
        "miles",
        {"": -1, "bronze": 0, "silver": 10, "gold": 25},
        {"": -1, "bronze": 0, "silver": 6, "gold": 15},
    ),
}
"""Ladders by name: of one the points wait at times, and go to pools."""

_RANKS: Final = {tier: rank for rank, tier in enumerate(LADDERS["status"].needs)}
_PERIOD_DAYS: Final = 3
_TERM_DAYS: Final = 2


class Climbing(Base):
    """Moves members up and down."""

    def gather(self, member_id: str, unit: str, points: int, happened: int) -> None:
        """Counts points on the day when they were earned; negative ones go back."""
        self.gather_each(member_id, unit, [(points, happened)])

    def gather_each(
        self, member_id: str, unit: str, parts: Iterable[tuple[int, int]]
    ) -> None:
        """Counts points of several days at once, before anybody climbs or falls."""
        counted = [(points, at // DAY) for points, at in parts if points]
        for points, day in counted:
            self.books.gathered[member_id, unit, day] += points
        for name, ladder in LADDERS.items():
            if ladder.unit == unit and counted:
                if any(points < 0 for points, _ in counted):
                    self._fall(member_id, name)
                self._step(member_id, name, self.now)

    def gather_all(self, member_id: str, of: str) -> None:
        """Counts what another member has gathered, too."""
        for (whose, unit, day), points in list(self.books.gathered.items()):
            if whose == of:
                self.books.gathered[member_id, unit, day] += points
        for name in LADDERS:
            self._step(member_id, name, self.now)

    def set_standing(self, command: SetStanding) -> Outcome:
        """Puts a floor under a member, or takes it away."""
        who, name = command.member_id, command.ladder
        if name not in LADDERS:
            raise No("LADDER_UNKNOWN")
        if command.tier not in _RANKS:
            raise No("TIER_UNKNOWN")
        self.known(who)
        if command.until_time <= self.now:
            raise No("INVALID_ARGUMENT")
        standing = self.books.standings[who, name]
        standing.floor, standing.floor_ends = command.tier, command.until_time
        return ("STANDING", *self.standing(who, name))

    def standing(
        self, member_id: str, ladder: str
    ) -> tuple[str, str, int, str, int, int]:
        """Returns the tier of a member, and how it was earned and for how long."""
        found = self.books.standings[member_id, ladder]
        floor = found.floor if self.now < found.floor_ends else ""
        tier = max(found.earned, floor, key=_RANKS.__getitem__)
        earned = (found.earned, found.since, found.base, found.ends, found.lost)
        return (tier, *earned)

    def climb(self, until: int) -> None:
        """Lets time go by for all, midnight by midnight."""
        for midnight in range((self.now // DAY + 1) * DAY, until + 1, DAY):
            for member_id, ladder in self.books.standings:
                self._step(member_id, ladder, midnight)

    def gathered(self, member_id: str, ladder: str) -> dict[int, int]:
        """Returns what a member has gathered on each day that counts now."""
        return self._days(member_id, ladder, self.now)

    def _days(self, member_id: str, ladder: str, instant: int) -> dict[int, int]:
        today, unit = instant // DAY, LADDERS[ladder].unit
        days = range(today - _PERIOD_DAYS + 1, today + 1)
        return {day: self.books.gathered[member_id, unit, day] for day in days}

    def _value(self, member_id: str, ladder: str, instant: int) -> int:
        return sum(self._days(member_id, ladder, instant).values())

    def _step(self, member_id: str, ladder: str, instant: int) -> None:
        standing = self.books.standings[member_id, ladder]
        if standing.ends <= instant:
            self._judge(member_id, ladder, instant)
        value = self._value(member_id, ladder, instant)
        reached = _highest(LADDERS[ladder].needs, value)
        if _RANKS[reached] > _RANKS[standing.earned]:
            _begin(standing, ladder, reached, instant)

    def _judge(self, member_id: str, ladder: str, instant: int) -> None:
        standing = self.books.standings[member_id, ladder]
        keeps = LADDERS[ladder].keeps
        last = min(instant, standing.lost - 1)
        ends = (standing.ends, last)
        value = max(self._value(member_id, ladder, at) for at in ends)
        if value >= keeps[standing.earned]:
            standing.base = standing.earned
            _set_term(standing, ladder, standing.ends)
        elif standing.lost <= instant:
            lower = dict(list(keeps.items())[: _RANKS[standing.earned]])
            standing.base = _highest(lower, value)
            _begin(standing, ladder, standing.base, instant)

    def _fall(self, member_id: str, ladder: str) -> None:
        """Takes a tier away that was reached with what is gone."""
        standing = self.books.standings[member_id, ladder]
        times = (standing.since, self.now)
        value = max(self._value(member_id, ladder, at) for at in times)
        reached = _highest(LADDERS[ladder].needs, value)
        tier = max(reached, standing.base, key=_RANKS.__getitem__)
        if _RANKS[tier] < _RANKS[standing.earned]:
            standing.earned, standing.since = tier, self.now
            if not LADDERS[ladder].keeps[tier]:
                standing.ends = standing.lost = NEVER


def _highest(needs: dict[str, int], value: int) -> str:
    return [tier for tier, need in needs.items() if need <= value][-1]


def _begin(standing: ModelStanding, ladder: str, tier: str, instant: int) -> None:
    standing.earned, standing.since = tier, instant
    _set_term(standing, ladder, instant)


def _set_term(standing: ModelStanding, ladder: str, start: int) -> None:
    standing.ends = standing.lost = NEVER
    if LADDERS[ladder].keeps[standing.earned]:
        standing.ends = (start // DAY + _TERM_DAYS) * DAY
        standing.lost = standing.ends + DAY
