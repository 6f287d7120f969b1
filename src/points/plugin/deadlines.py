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
from contextlib import AbstractContextManager, nullcontext
from types import CodeType, FrameType
from typing import Any, Final


START_SECONDS: Final = 30.0
"""How long a plugin's import, each of its hooks or its end may take."""

_AGAIN_SECONDS: Final = 1.0
"""After that it is told again: the first time it may have been deaf."""

_DEAF_SECONDS: Final = 5.0
"""How long a function may go on that was told to end; then the process ends."""

_IS_AT_HAND: Final = hasattr(signal, "setitimer")


class TookTooLong(BaseException):
    """Is raised in a function that has not ended in time: nothing of it is caught."""


def within(seconds: float, what: str) -> AbstractContextManager[None]:
    """Raises TookTooLong in the block once it has taken so long.

    Should the block not end by that either, the process does, and says that `what`
    hangs. Without a bound in threads that are not the main one.
    """
    is_main = threading.current_thread() is threading.main_thread()
    return _Deadline(seconds, what) if _IS_AT_HAND and is_main else nullcontext()


class _Deadline:
    """Is the bound of one block: a timer that raises, and a thread for the deaf."""

    def __init__(self, seconds: float, what: str) -> None:
        self._seconds, self._what = seconds, what

    def __enter__(self) -> None:
        """Winds the timers up."""
        self._began = time.monotonic()
        self._last = threading.Timer(self._seconds + _DEAF_SECONDS, _end, (self._what,))
        self._last.daemon = True
        self._last.start()
        self._handler = signal.signal(signal.SIGALRM, self._late)
        self._before = signal.setitimer(
            signal.ITIMER_REAL, self._seconds, _AGAIN_SECONDS
        )

    def __exit__(self, *_: object) -> None:
        """Stops the timers, and winds up again what ran before."""
        signal.setitimer(signal.ITIMER_REAL, 0)
        self._last.cancel()
        signal.signal(signal.SIGALRM, self._handler)
        _go_on(self._before, time.monotonic() - self._began)

    def _late(self, _number: int, frame: FrameType | None) -> None:
        """Raises in the block alone: what was raised here would leave timers behind.

        One that comes too early or too late for that comes again, or is not needed.
        """
        if not any(each in _OWN for each in _codes(frame)):
            raise TookTooLong(f"{self._what} has not ended within {self._seconds:g} s")


_OWN: Final = (_Deadline.__enter__.__code__, _Deadline.__exit__.__code__)


def _codes(frame: FrameType | None) -> Iterator[CodeType]:
    """Yields what is being carried out, the innermost first."""
    while frame is not None:
        yield frame.f_code
        frame = frame.f_back


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
