"""Fixtures: an auction house on a bench."""

from __future__ import annotations

import pytest
from plugins.auction.tests.house import House

import tests.moderation  # noqa: F401 - how thorough properties are
from points.testing.bench import Bench


@pytest.fixture
def house(bench: Bench) -> House:
    """Returns an auction house with three bidders, of 1,000 points each."""
    found = House(bench)
    found.members("ann", "bob", "cem")
    return found
