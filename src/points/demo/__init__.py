"""Replays eighteen months of real purchases against a running server.

`purchases` reads them, `phases` turns them into calls, `window` keeps a bounded
number of calls in flight, `replay` measures, `report` compares the books with what
is known about the purchases, and `run` shows all of it on a console.

`shop` plays the same purchases under a program with rules and tiers, through an
engine of its own whose clock follows the log; `holdings` counts what members have
then, and `run_program` shows it.
"""

from points.demo.demonstration import run
from points.demo.program_demonstration import LedgerInUseError, run_program
from points.demo.purchases import PurchaseLogMissingError
from points.demo.window import StalledError


__all__ = [
    "LedgerInUseError",
    "PurchaseLogMissingError",
    "StalledError",
    "run",
    "run_program",
]
