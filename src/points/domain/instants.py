"""Instants as texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final


_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def write_instant(instant: int) -> str:
    """Returns microseconds since 1970 as RFC 3339 in UTC: 2026-01-01T12:00:00Z."""
    shown = (_EPOCH + timedelta(microseconds=instant)).isoformat()
    return shown.replace("+00:00", "Z")
