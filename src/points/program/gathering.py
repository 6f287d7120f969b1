"""What a member has gathered on a ladder, and what of it counts when."""

from __future__ import annotations

from dataclasses import dataclass

from points.domain.qualifying import DAY_MIN, Qualified, day_of
from points.domain.standings import Standing
from points.program.document.ladders import Promotion
from points.program.ladders import ReadyLadder
from points.program.tier_terms import is_whole, judged_from, period_days


@dataclass(frozen=True, slots=True)
class Gathering:
    """Is what one member has gathered on one ladder; `created` is a day."""

    ready: ReadyLadder
    amounts: Qualified
    created: int

    def value_at(self, day: int) -> int:
        """Returns what counts in the period that holds the day."""
        days = period_days(self.ready, day, self.created)
        return self.ready.value(self.amounts, days)

    def day_at(self, instant: int) -> int:
        """Returns the day of an instant."""
        return day_of(instant, self.ready.zone)

    def earning_value(self, instant: int) -> int:
        """Returns what promotes at an instant: the last period, if the next counts."""
        day = self.day_at(instant)
        if self.ready.ladder.promote is Promotion.AT_ONCE:
            return self.value_at(day)
        return self.value_at(self.last_period(day))

    def judged_value(self, standing: Standing, instant: int) -> int:
        """Returns what keeps a tier that is judged at an instant of its grace.

        The best of the whole periods within the length of its term, of the last one
        of the term and of those that begin in the grace before the instant; of
        rolling ones, that on the day after the term and that at the instant.
        """
        last = self.day_at(
            min(instant, max(standing.until_time, standing.lose_time - 1))
        )
        if not is_whole(self.ready):
            first = self.day_at(standing.until_time)
            return max(self.value_at(first), self.value_at(last))
        days = self._whole_days(judged_from(self.ready, standing.until_time), last)
        days |= {self.day_at(standing.until_time - 1)}
        return max(map(self.value_at, days))

    def _whole_days(self, first: int, last: int) -> set[int]:
        """Returns the days within bounds whose periods begin within them, too."""
        return {
            day
            for day in self.ready.days_of(self.amounts)
            if day <= last and period_days(self.ready, day, self.created).first >= first
        }

    def last_period(self, day: int) -> int:
        """Returns the last day of the period before the one that holds the day."""
        if not is_whole(self.ready):
            return day - 1
        return max(DAY_MIN, period_days(self.ready, day, self.created).first - 1)


def gathering_of(
    ready: ReadyLadder, amounts: Qualified, member_create_time: int
) -> Gathering:
    """Returns what a member who was created at an instant has gathered."""
    return Gathering(ready, amounts, day_of(member_create_time, ready.zone))
