"""A naive ladder: it looks at every midnight, and whenever something is gathered.

Three days count together. A tier is kept for two days, and lost a day later unless
enough is gathered by then to keep it.
"""

from __future__ import annotations

from typing import Final

from points.domain.commands import SetStanding
from tests.engine.model.base import Base
from tests.engine.model.things import DAY, NEVER, ModelStanding, No, Outcome


TIERS: Final = {"": -1, "bronze": 0, "silver": 20, "gold": 50}
"""Tiers and what reaches them, the lowest first."""

_KEEPS: Final = {"": -1, "bronze": 0, "silver": 10, "gold": 30}
_RANKS: Final = {tier: rank for rank, tier in enumerate(TIERS)}
_UNIT: Final = "qualifying_points"
_PERIOD_DAYS: Final = 3
_TERM_DAYS: Final = 2


class Climbing(Base):
    """Moves members up and down."""

    def gather(self, member_id: str, unit: str, points: int, happened: int) -> None:
        """Counts points on the day when they were earned; negative ones go back."""
        if unit != _UNIT or not points:
            return
        self.books.gathered[member_id, happened // DAY] += points
        standing = self.books.standings[member_id]
        if points < 0:
            self._fall(member_id, standing)
        self._step(member_id, standing, self.now)

    def gather_all(self, member_id: str, of: str) -> None:
        """Counts what another member has gathered, too."""
        for (whose, day), points in list(self.books.gathered.items()):
            if whose == of:
                self.books.gathered[member_id, day] += points
        self._step(member_id, self.books.standings[member_id], self.now)

    def set_standing(self, command: SetStanding) -> Outcome:
        """Puts a floor under a member, or takes it away."""
        if command.ladder != "status":
            raise No("LADDER_UNKNOWN")
        if command.tier not in TIERS:
            raise No("TIER_UNKNOWN")
        self.known(command.member_id)
        if command.until_time <= self.now:
            raise No("INVALID_ARGUMENT")
        standing = self.books.standings[command.member_id]
        standing.floor, standing.floor_ends = command.tier, command.until_time
        return ("STANDING", *self.standing(command.member_id))

    def standing(self, member_id: str) -> tuple[str, str, int, str, int, int]:
        """Returns the tier of a member, and how it was earned and for how long."""
        found = self.books.standings[member_id]
        floor = found.floor if self.now < found.floor_ends else ""
        tier = max(found.earned, floor, key=_RANKS.__getitem__)
        earned = (found.earned, found.since, found.base, found.ends, found.lost)
        return (tier, *earned)

    def climb(self, until: int) -> None:
        """Lets time go by for all, midnight by midnight."""
        for midnight in range((self.now // DAY + 1) * DAY, until + 1, DAY):
            for member_id, standing in self.books.standings.items():
                self._step(member_id, standing, midnight)

    def _value(self, member_id: str, instant: int) -> int:
        today = instant // DAY
        days = range(today - _PERIOD_DAYS + 1, today + 1)
        return sum(self.books.gathered[member_id, day] for day in days)

    def _step(self, member_id: str, standing: ModelStanding, instant: int) -> None:
        if standing.ends <= instant:
            self._judge(member_id, standing, instant)
        reached = _highest(TIERS, self._value(member_id, instant))
        if _RANKS[reached] > _RANKS[standing.earned]:
            _begin(standing, reached, instant)

    def _judge(self, member_id: str, standing: ModelStanding, instant: int) -> None:
        last = min(instant, standing.lost - 1)
        value = max(self._value(member_id, at) for at in (standing.ends, last))
        if value >= _KEEPS[standing.earned]:
            standing.base = standing.earned
            _set_term(standing, standing.ends)
        elif standing.lost <= instant:
            lower = dict(list(_KEEPS.items())[: _RANKS[standing.earned]])
            standing.base = _highest(lower, value)
            _begin(standing, standing.base, instant)

    def _fall(self, member_id: str, standing: ModelStanding) -> None:
        """Takes a tier away that was reached with what is gone."""
        value = max(self._value(member_id, at) for at in (standing.since, self.now))
        tier = max(_highest(TIERS, value), standing.base, key=_RANKS.__getitem__)
        if _RANKS[tier] < _RANKS[standing.earned]:
            standing.earned, standing.since = tier, self.now
            if not _KEEPS[tier]:
                standing.ends = standing.lost = NEVER


def _highest(needs: dict[str, int], value: int) -> str:
    return [tier for tier, need in needs.items() if need <= value][-1]


def _begin(standing: ModelStanding, tier: str, instant: int) -> None:
    standing.earned, standing.since = tier, instant
    _set_term(standing, instant)


def _set_term(standing: ModelStanding, start: int) -> None:
    standing.ends = standing.lost = NEVER
    if _KEEPS[standing.earned]:
        standing.ends = (start // DAY + _TERM_DAYS) * DAY
        standing.lost = standing.ends + DAY
