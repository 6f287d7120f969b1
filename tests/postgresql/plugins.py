"""Has tests of plugins run on PostgreSQL, too."""

from __future__ import annotations

from typing import Final

import pytest


ON_BOTH_DATABASES: Final = pytest.mark.parametrize(
    "points_database", ["sqlite", "postgresql"], indirect=True
)
"""Is for what ends in SQL: the laws of a plugin, and one file of what it does most."""
