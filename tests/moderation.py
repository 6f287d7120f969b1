"""How thorough the tests are that can always ask for more; loads Hypothesis's profile.

Whoever imports this has it: every conftest of tests with properties does.
"""

from __future__ import annotations

import os
from typing import Final

from hypothesis import settings


TIMES: Final = int(os.environ.get("MODEL_TIMES", "1"))
"""How many times as many examples as usual are tried: `poe model` asks for 40."""

EXAMPLES: Final = 50 * TIMES
"""How many examples of each property are tried."""

# A busy machine is slow now and then: what takes too long is the timeout's matter.
settings.register_profile("points", deadline=None, max_examples=EXAMPLES)
settings.load_profile("points")
