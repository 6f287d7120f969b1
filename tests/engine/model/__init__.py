"""A naive ledger to hold the engine against, and the machine that does it.

The ledger is lists of lots and of single points, with no cleverness: it shares no
code with the decisions of the engine, only the commands that it is asked to carry
out. What time does to a hold happens at that time and not when somebody looks.
"""

import pytest


# A failure tells what differs, and not only that something does.
pytest.register_assert_rewrite("tests.engine.model.asking", "tests.engine.model.checks")
