"""Ends a function of a plugin that does not end by itself, before calls are answered.

Only where that is safe: in the main thread, which waits for nobody while a server
starts or stops, a signal can raise in whatever Python runs.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Final, NoReturn


START_SECONDS: Final = 30.0
"""How long a plugin's import, each of its hooks or its end may take."""

_AGAIN_SECONDS: Final = 1.0
"""After that it is told again: the first time it may have been deaf."""

_DEAF_SECONDS: Final = 5.0
"""How long a function may go on that was told to end; then the process ends."""

_IS_AT_HAND: Final = hasattr(signal, "setitimer")


class TookTooLong(BaseException):
    """Is raised in a function that has not ended in time: nothing of it is caught."""


@contextmanager
def within(seconds: float, what: str) -> Iterator[None]:
    """Raises TookTooLong in the block once it has taken so long.

    Should the block not end by that either, the process does, and says that `what`
    hangs. Without a bound in threads that are not the main one.
    """
    is_main = threading.current_thread() is threading.main_thread()
    if not (_IS_AT_HAND and is_main):
        yield
        return

    def late(_number: int, _frame: FrameType | None) -> NoReturn:
        raise TookTooLong(f"{what} has not ended within {seconds:g} s")

    handler = signal.signal(signal.SIGALRM, late)
    before = signal.setitimer(signal.ITIMER_REAL, seconds, _AGAIN_SECONDS)
    last = threading.Timer(seconds + _DEAF_SECONDS, _end, (what,))
    last.daemon = True
    last.start()
    began = time.monotonic()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        last.cancel()
        signal.signal(signal.SIGALRM, handler)
        _go_on(before, time.monotonic() - began)


def _go_on(timer: tuple[float, float], passed: float) -> None:
    """Winds up again the timer that ran before, if one did."""
    left, interval = timer
    if left:
        signal.setitimer(signal.ITIMER_REAL, max(left - passed, 0.001), interval)


def _end(what: str, leave: Any = os._exit) -> None:
    """Ends the process, for nothing else ends the function that it waits for."""
    sys.stderr.write(f"points: {what} hangs, and nothing but our end can end it\n")
    sys.stderr.flush()
    leave(1)
