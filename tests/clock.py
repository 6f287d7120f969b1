"""A clock that tests hold in their hands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


NOON: Final = 1_767_268_800_000_000
"""2026-01-01 12:00 UTC in microseconds."""

SECOND: Final = 1_000_000
HOUR: Final = 3_600 * SECOND
DAY: Final = 24 * HOUR


@dataclass
class Clock:
    """Tells `now` until it is moved."""

    now: int = NOON

    def __call__(self) -> int:
        """Returns the instant."""
        return self.now

    def advance(self, microseconds: int) -> None:
        """Moves the clock forwards, or backwards as bad clocks do."""
        self.now += microseconds
