"""Fixtures: campaigns on a bench."""

from __future__ import annotations

import pytest
from plugins.charity.tests.appeals import Appeals

import tests.moderation  # noqa: F401 - how thorough properties are
from points.testing.bench import Bench


@pytest.fixture
def appeals(bench: Bench) -> Appeals:
    """Returns campaigns with Alice, Bob and a sponsor, who have 1,000 points each."""
    found = Appeals(bench)
    for member_id in ("alice", "bob", "sponsor"):
        bench.member(member_id, points=1_000)
    return found
