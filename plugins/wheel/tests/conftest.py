"""Fixtures: a fair on a bench."""

from __future__ import annotations

import pytest
from plugins.wheel.tests.fair import Fair

import tests.moderation  # noqa: F401 - how thorough properties are
from points.testing.bench import Bench


@pytest.fixture
def fair(bench: Bench) -> Fair:
    """Returns a fair with one player, Alice, who has 1,000 points."""
    found = Fair(bench)
    found.player()
    return found
