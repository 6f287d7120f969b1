"""An engine with tasks alone."""

from __future__ import annotations

import pytest

import tests.moderation  # noqa: F401 - how thorough properties are
from points.plugin.host import load_plugins
from points.plugin.registry import Registry


@pytest.fixture(scope="session")
def points_registry() -> Registry:
    """Returns tasks, as they are installed."""
    return Registry((load_plugins().registry.by_name["tasks"],))
