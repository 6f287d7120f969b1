"""When the writer takes up what can wait: in the gaps that callers leave.

What a server has done by itself (jobs of plugins, sweeps) comes by the same queue as
calls, and each piece of it holds callers up for as long as it takes. So it waits:

* While nobody calls, it has the writer for itself, in batches as large as any.
* Where others call, it is taken up only while none of them waits, in small batches
  of its own, and behind each of them callers have the writer for three times as long:
  it takes a `SHARE` of the writer's time at most.
* Where callers come at even intervals, it begins right behind one of them, or as long
  as it will be done before the next one is likely to come: not where that one would
  run into it.
* It gives way to a caller who comes while it is under way, as long as nothing of it is
  committed: all of it is undone, and done again in a gap to come; not for ever.
* Where callers leave no gap, or none that is long enough, a little of it goes along
  with a batch of theirs from time to time: it is held up, and never for good.

A server knows its own callers only: of two on one database each looks for its own gaps.
"""

from __future__ import annotations

import math
import sys
from typing import Final, NamedTuple


SHARE: Final = 4
"""One so many of the writer's time is the most that others have beside callers."""

IDLE_SECONDS: Final = 1.0
"""Nobody calls: for so long no batch had a caller's job."""

BATCH_SECONDS: Final = 0.005
"""What a batch beside callers should take: one of them may come right behind its start.

A job that takes longer by itself is a batch nevertheless, and has a longer rest.
"""

BEHIND_SECONDS: Final = 0.001
"""Right behind a batch of callers: no later instant is further from the next one."""

LATE_SECONDS: Final = 0.05
"""Who was kept from it for so long by callers goes with them, and gives way no more."""

WAYS_MAX: Final = 2
"""How often in a row a batch gives way: gaps may all be shorter than it takes."""

REST_SECONDS_MAX: Final = 0.25
"""Longest rest behind a batch, however long it took."""

SIZE_MAX: Final = 256
"""Most jobs of a batch beside callers, however quick they are."""


class GaveWay(Exception):  # noqa: N818 - says what a batch did
    """Is raised in a batch of what can wait when a caller comes: nothing was done."""


class Gaps(NamedTuple):
    """Is what is known of the gaps, by a clock that never goes back, in seconds.

    `called` is when the last batch of a caller ended, and `rest_end` when the rest
    behind the last one that could wait does. `size` is how many jobs that can wait
    take about `BATCH_SECONDS` together, `took` what a batch of them may take. `gap` is
    the mean from the end of a batch of callers to the next one, and `spread` how far
    from that it mostly is, as TCP has the times of its round trips (RFC 6298).
    """

    called: float = -math.inf
    rest_end: float = -math.inf
    size: int = 1
    took: float = 0.0
    gap: float = 0.0
    spread: float = 0.0

    def pause(self, now: float) -> float:
        """Returns for how long nothing is taken up that can wait, if nobody calls."""
        begin, idle = max(now, self.rest_end), self.called + IDLE_SECONDS
        return max(0.0, min(begin if self._fits(begin) else idle, idle) - now)

    def room(self, now: float, since: float, *, are_callers_waiting: bool) -> int:
        """Returns how many jobs that can wait are taken up now.

        The first of them has waited `since` an instant.
        """
        if are_callers_waiting:
            return self.size if self.is_late(now, since) else 0
        if now >= self.called + IDLE_SECONDS:
            return sys.maxsize
        return self.size if now >= self.rest_end and self._fits(now) else 0

    def is_late(self, now: float, since: float) -> bool:
        """Says whether callers have kept what waits `since` an instant for too long."""
        return now >= max(self.rest_end, since) + LATE_SECONDS

    def after(self, began: float, ended: float, *, calls: int, others: int) -> Gaps:
        """Returns what is known behind a batch of so many jobs of either kind.

        What others took in a batch of callers is little, and is not known.
        """
        took = ended - began
        if calls:
            rest_end = ended if others else self.rest_end
            return self._called(began)._replace(called=ended, rest_end=rest_end)
        rest = min((SHARE - 1) * took, REST_SECONDS_MAX)
        return self._replace(
            rest_end=ended + rest,
            size=self._size(took, others),
            took=max(took, self.took + (took - self.took) / 8),
        )

    @property
    def _even(self) -> float:
        """Returns how long nearly all gaps are; nothing if that cannot be said."""
        return max(0.0, self.gap - 2 * self.spread)

    def _fits(self, begin: float) -> bool:
        """Says whether a batch may begin then, without a caller who runs into it.

        Where gaps are not even, one instant is as good as any other.
        """
        behind = begin - self.called
        return (
            not self._even
            or behind <= BEHIND_SECONDS
            or behind + self.took <= self._even
        )

    def _called(self, began: float) -> Gaps:
        """Returns what is known of the gaps once a batch of callers has begun."""
        gap = began - self.called
        if gap >= IDLE_SECONDS:
            return self
        if not self.gap:
            return self._replace(gap=gap, spread=gap / 2)
        off = gap - self.gap
        return self._replace(
            gap=self.gap + off / 8, spread=self.spread + (abs(off) - self.spread) / 4
        )

    def _size(self, took: float, count: int) -> int:
        """Returns how many jobs to take, now that so many have taken so long."""
        most = min(BATCH_SECONDS, self._even or BATCH_SECONDS)
        if took > most:
            return max(1, min(SIZE_MAX, int(count * most / took)))
        return min(SIZE_MAX, max(self.size, 2 * count))
