"""When the writer waits a moment for callers who were answered together.

A batch costs much the same whatever its size, and callers who were answered together
come back together. Few callers, fewer than half a batch, are not waited for: under
less than full load they come each when they like, and would only wait longer. The
more often it is in vain, the rarer it is tried.
"""

from __future__ import annotations

from typing import Final


OFF_MAX: Final = 63
"""Most batches in a row that wait for nobody, since waiting was in vain."""


class Gathering:
    """Is what the last batches tell of the next one; for the writer's thread alone.

    A batch takes `batch_limit` commands, and waits for `seconds_max` at most.
    """

    def __init__(self, batch_limit: int, seconds_max: float) -> None:
        self._batch_limit = batch_limit
        self._seconds_max = seconds_max
        self._callers = 1
        self._took = 0.0
        self._off = self._off_next = 0

    def ended(self, callers: int, seconds: float) -> None:
        """Takes down a batch that took so long, and how many callers there are now."""
        self._callers = min(callers, self._batch_limit)
        self._took = seconds

    def missing(self) -> int:
        """Returns how many are waited for beside the first who came, zero for nobody.

        To be called once for each batch.
        """
        if self._callers < self._batch_limit // 2:
            return 0
        if self._off:
            self._off -= 1
            return 0
        return self._callers - 1

    @property
    def seconds(self) -> float:
        """Returns how long the others are waited for: as long as a batch at most."""
        return min(self._took, self._seconds_max)

    def waited(self, *, have_come: bool) -> None:
        """Takes down whether they came in time; each time they do not counts double."""
        in_vain = 0 if have_come else 2 * self._off_next + 1
        self._off = self._off_next = min(in_vain, OFF_MAX)
