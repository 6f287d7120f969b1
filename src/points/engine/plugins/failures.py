"""How often a function of a plugin has failed in a row, and who is left alone for it.

What is wrong may be the function, or no more than what one member has: then it fails
for that one for ever, and works for all others. So failures are counted for each home
of calls, a member or an object; only where as many homes fail in a row as one may
alone is the function left alone for everybody.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final


FAILURES_MAX: Final = 5
"""Failures in a row of one home, or homes in a row, that open the breaker."""

OPEN_SECONDS: Final = 30.0
"""How long it stays open; the next call then tells whether it closes."""

HOMES_MAX: Final = 256
"""Most homes that are remembered of one function, the latest to fail."""

_EVERYBODY: Final = ""


@dataclass(slots=True)
class Failures:
    """Is what is known of a function that has failed; instants are in seconds.

    `homes` has how often it failed in a row for each of them, and `in_row` those for
    whom it failed since it last worked for anybody.
    """

    homes: dict[str, int] = field(default_factory=dict)
    in_row: set[str] = field(default_factory=set)
    _opened: dict[str, float] = field(default_factory=dict)

    def failed(self, home: str, now: float) -> None:
        """Counts a failure: the fifth in a row opens, and each one after a pause."""
        # Behind all others: the first are those that were longest ago.
        self.homes[home] = count = self.homes.pop(home, 0) + 1
        if len(self.homes) > HOMES_MAX:
            self._forget(next(iter(self.homes)))
        self.in_row.add(home)
        if count >= FAILURES_MAX:
            self._opened[home] = now
        if len(self.in_row) >= FAILURES_MAX:
            self._opened[_EVERYBODY] = now

    def succeeded(self, home: str) -> None:
        """Closes the breaker of a home, and that of everybody."""
        self._forget(home)
        self._opened.pop(_EVERYBODY, None)
        self.in_row.clear()

    def is_open(self, home: str, now: float) -> bool:
        """Says whether a home is to be left alone now, by itself or with everybody."""
        return now < max(self._end(home), self._end(_EVERYBODY))

    def is_open_for_any(self, now: float) -> bool:
        """Says whether anybody is left alone now."""
        return any(now < self._end(home) for home in list(self._opened))

    def _end(self, home: str) -> float:
        return self._opened.get(home, -math.inf) + OPEN_SECONDS

    def _forget(self, home: str) -> None:
        self.homes.pop(home, None)
        self._opened.pop(home, None)
        self.in_row.discard(home)
