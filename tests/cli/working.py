"""What workers run in tests of those who look after them: little to import.

Run as a program it is their parent, and says when they serve.
"""

from __future__ import annotations

import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

from points.cli.workers import Workers, follow_parent


GREETED = "greeted"
"""Name of the file that says that all workers have served."""


def serves(number: int, ready: Connection) -> None:
    """Says that it serves, and does nothing until it is asked to stop."""
    ready.send(number)
    time.sleep(60)


def follows(number: int, ready: Connection) -> None:
    """Serves for as long as its parent lives."""
    follow_parent()
    serves(number, ready)


def ends(number: int, ready: Connection, status: int) -> None:
    """Ends before it serves."""
    del number, ready
    sys.exit(status)


def serves_once(number: int, ready: Connection, folder: str, status: int) -> None:
    """Ends once all have served, but for the successor: that one goes on."""
    first, successor = (Path(folder) / f"{name}{number}" for name in ("first", "next"))
    is_first = not first.exists()
    (first if is_first else successor).touch()
    ready.send(number)
    if not is_first:
        time.sleep(60)
    while not (Path(folder) / GREETED).exists():
        time.sleep(0.01)
    sys.exit(status)


if __name__ == "__main__":
    Workers(follows, 2, ()).run(
        on_ready=lambda: print("ready", flush=True),  # noqa: T201 - output
        stop_seconds=5,
    )
