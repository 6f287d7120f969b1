"""Settings of Hypothesis for tests of the rules."""

from __future__ import annotations

from hypothesis import settings


# A busy machine is not a failure.
settings.register_profile("points", deadline=None)
settings.load_profile("points")
