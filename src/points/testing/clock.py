"""A clock that tests hold in their hands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final


NOON: Final = 1_767_268_800_000_000
"""2026-01-01 12:00 UTC in microseconds: when every test begins."""

_START: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class Clock:
    """Tells `now`, in microseconds since 1970 UTC, until it is moved."""

    now: int = NOON

    def __call__(self) -> int:
        """Returns the instant."""
        return self.now

    def advance(self, **duration: int) -> None:
        """Moves the clock forwards: `days`, `hours`, `minutes`, `microseconds`, ..."""
        self.now += timedelta(**duration) // timedelta(microseconds=1)

    def freeze_at(self, instant: datetime) -> None:
        """Sets the clock to an instant with a zone, earlier or later."""
        if instant.tzinfo is None:
            raise ValueError("an instant needs a zone, such as UTC")
        self.now = (instant - _START) // timedelta(microseconds=1)
