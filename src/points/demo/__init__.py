"""Replays eighteen months of real purchases against a running server.

`purchases` reads them, `phases` turns them into calls, `window` keeps a bounded
number of calls in flight, `replay` measures, `report` compares the books with what
is known about the purchases, and `run` shows all of it on a console.
"""

from points.demo.demonstration import run
from points.demo.purchases import PurchaseLogMissingError
from points.demo.window import StalledError


__all__ = ["PurchaseLogMissingError", "StalledError", "run"]
