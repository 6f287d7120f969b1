"""When the writer takes up what can wait: in the gaps that callers leave.

What a server has done by itself (jobs of plugins, sweeps) comes by the same queue as
calls, and each piece of it holds callers up for as long as it takes. So it waits:

* While nobody calls, it has the writer for itself, in batches as large as any.
* Where others call, it is taken up only while none of them waits, in small batches
  of its own, and behind each of them callers have the writer for three times as long:
  it takes a `SHARE` of the writer's time at most.
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
    take about `BATCH_SECONDS` together.
    """

    called: float = -math.inf
    rest_end: float = -math.inf
    size: int = 1

    def pause(self, now: float) -> float:
        """Returns for how long nothing is taken up that can wait, if nobody calls."""
        return max(0.0, min(self.rest_end, self.called + IDLE_SECONDS) - now)

    def room(self, now: float, since: float, *, are_callers_waiting: bool) -> int:
        """Returns how many jobs that can wait are taken up now.

        The first of them has waited `since` an instant.
        """
        if are_callers_waiting:
            return self.size if self.is_late(now, since) else 0
        if now >= self.called + IDLE_SECONDS:
            return sys.maxsize
        return self.size if now >= self.rest_end else 0

    def is_late(self, now: float, since: float) -> bool:
        """Says whether callers have kept what waits `since` an instant for too long."""
        return now >= max(self.rest_end, since) + LATE_SECONDS

    def after(self, began: float, ended: float, *, calls: int, others: int) -> Gaps:
        """Returns what is known behind a batch of so many jobs of either kind.

        What others took in a batch of callers is little, and is not known.
        """
        if calls:
            rest_end = ended if others else self.rest_end
            return self._replace(called=ended, rest_end=rest_end)
        took = ended - began
        rest = min((SHARE - 1) * took, REST_SECONDS_MAX)
        return self._replace(rest_end=ended + rest, size=self._size(took, others))

    def _size(self, took: float, count: int) -> int:
        """Returns how many jobs to take, now that so many have taken so long."""
        if took > BATCH_SECONDS:
            return max(1, min(SIZE_MAX, int(count * BATCH_SECONDS / took)))
        return min(SIZE_MAX, max(self.size, 2 * count))
