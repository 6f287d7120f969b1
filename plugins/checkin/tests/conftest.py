"""An engine with check-in alone."""

from __future__ import annotations

import pytest
from hypothesis import settings

from points.plugin.host import load_plugins
from points.plugin.registry import Registry


# A busy machine is slow now and then: what takes too long is the timeout's matter.
settings.register_profile("points", deadline=None)
settings.load_profile("points")


@pytest.fixture(scope="session")
def points_registry() -> Registry:
    """Returns check-in, as it is installed."""
    return Registry((load_plugins().registry.by_name["checkin"],))
