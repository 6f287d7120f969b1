"""Lines on their way to a file: what is urgent at once, the rest many together.

A write for each line is a system call for each call of the server, and hands the
interpreter over to another thread in the middle of it: a busy server pays more for
that than for making the line.
"""

from __future__ import annotations

import atexit
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from threading import Event, Lock, Thread
from time import sleep
from typing import BinaryIO, Final, TextIO


LATE_SECONDS: Final = 0.05
"""Longest time that a line waits for others; only a killed process loses it."""

LINES_MAX: Final = 100_000
"""Lines that wait for a file that takes none: the oldest go first."""


class LogLines:
    """Takes lines from any thread, as a logger of structlog does, by its levels.

    Those from `warning` on are written before it returns, behind all that came
    before them. The others are written by a thread of its own. A file that takes
    nothing, be it a full disk or a closed pipe, loses lines, and nothing else: who
    logs never learns of it, and lines to come are written once it can be.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting: deque[bytes] = deque(maxlen=LINES_MAX)
        self._some = Event()
        self._lock = Lock()
        Thread(target=self._write_for_ever, name="points-log", daemon=True).start()
        atexit.register(self.flush)

    def info(self, line: bytes) -> None:
        """Takes a line that is written soon."""
        self._waiting.append(line)
        if not self._some.is_set():
            self._some.set()

    def warning(self, line: bytes) -> None:
        """Writes a line, and all before it, at once."""
        self._waiting.append(line)
        self.flush()

    debug = msg = log = info
    error = exception = critical = fatal = failure = err = warn = warning

    def flush(self) -> None:
        """Writes all lines that wait, in their order."""
        with self._lock, suppress(OSError, ValueError):
            lines = list(self._taken())
            if lines:
                self._file.write(b"\n".join([*lines, b""]))
                self._file.flush()

    def _taken(self) -> Iterator[bytes]:
        """Yields the lines that wait now; others may come meanwhile, or be lost."""
        for _ in range(len(self._waiting)):
            yield self._waiting.popleft()

    def _write_for_ever(self) -> None:
        while True:
            self._some.wait()
            sleep(LATE_SECONDS)
            self._some.clear()
            self.flush()


class ConsoleLines:
    """Writes lines for people, each at once, as a logger of structlog does.

    Like LogLines it keeps to itself that a file takes nothing.
    """

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._lock = Lock()

    def msg(self, line: str) -> None:
        """Writes a line."""
        with self._lock, suppress(OSError, ValueError):
            self._file.write(f"{line}\n")
            self._file.flush()

    debug = info = log = warn = warning = msg
    error = exception = critical = fatal = failure = err = msg

    def flush(self) -> None:
        """Has nothing to write: every line was."""
