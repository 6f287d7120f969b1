"""Lines on their way to a file: one thread writes them, and nobody waits for it long.

A write for each line is a system call for each call of the server, and hands the
interpreter over to another thread in the middle of it: a busy server pays more for
that than for making the line. And a pipe that nobody reads takes nothing for ever: a
server that wrote for itself would stand still with it, and so would what watches it.
"""

from __future__ import annotations

import atexit
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from threading import Condition, Event, Thread
from time import monotonic
from typing import BinaryIO, Final


LATE_SECONDS: Final = 0.05
"""Longest time that a line waits for others; only a killed process loses it."""

PATIENCE_SECONDS: Final = 0.5
"""Longest time that an urgent line has its caller wait for a file that takes none."""

LINES_MAX: Final = 100_000
"""Lines that wait for a file that takes none: the oldest go first."""


class LogLines:
    """Takes lines from any thread, as a logger of structlog does, by its levels.

    Those from `warning` on are written before it returns, behind all that came
    before them. A file that takes nothing, be it a full disk, a closed pipe or one
    that nobody reads, loses lines, and holds nobody up for more than
    `PATIENCE_SECONDS`: who logs never learns of it, and lines to come are written
    once it can be.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._waiting: deque[bytes] = deque(maxlen=LINES_MAX)
        self._some, self._urgent = Event(), Event()
        self._rested = Condition()
        self._writing_since: float | None = None
        self._begun = self._ended = 0
        Thread(target=self._write_for_ever, name="points-log", daemon=True).start()
        atexit.register(self.flush)

    def info(self, line: bytes) -> None:
        """Takes a line that is written soon."""
        self._waiting.append(line)
        if not self._some.is_set():
            self._some.set()

    def warning(self, line: bytes) -> None:
        """Has a line written, and all before it, at once."""
        self._waiting.append(line)
        self.flush()

    debug = msg = log = info
    error = exception = critical = fatal = failure = err = warn = warning

    def flush(self) -> None:
        """Has all lines that wait written; gives up on a file that takes none.

        Those that come meanwhile are not waited for: on a busy server there is no end
        of them.
        """
        wanted = self._begun + 1  # A write that is under way may have left some.
        self._urgent.set()
        self._some.set()
        deadline = monotonic() + PATIENCE_SECONDS
        with self._rested:
            while self._ended < wanted and (left := self._patience(deadline)) > 0:
                self._rested.wait(left)

    def _patience(self, deadline: float) -> float:
        """Returns how long to wait: no longer for a write that takes long already."""
        since, now = self._writing_since, monotonic()
        until = deadline if since is None else min(deadline, since + PATIENCE_SECONDS)
        return until - now

    def _write_for_ever(self) -> None:
        while True:
            self._some.wait()
            self._urgent.wait(LATE_SECONDS)
            self._some.clear()
            self._urgent.clear()
            self._write()

    def _write(self) -> None:
        """Writes all lines that wait, in their order."""
        self._writing_since = monotonic()
        self._begun += 1
        with suppress(OSError, ValueError):
            lines = list(self._taken())
            if lines:
                self._put(b"\n".join([*lines, b""]))
        self._writing_since = None
        with self._rested:
            self._ended = self._begun
            self._rested.notify_all()

    def _put(self, text: bytes) -> None:
        """Writes all of a text, of which a raw file may take a part at a time."""
        left = memoryview(text)
        while left:
            left = left[self._file.write(left) or len(left) :]
        self._file.flush()

    def _taken(self) -> Iterator[bytes]:
        """Yields the lines that wait now; others may come meanwhile, or be lost."""
        for _ in range(len(self._waiting)):
            yield self._waiting.popleft()


class ConsoleLines:
    """Writes lines for people, each at once, as a logger of structlog does."""

    def __init__(self, file: BinaryIO) -> None:
        self._lines = LogLines(file)
        self.flush = self._lines.flush

    def msg(self, line: str) -> None:
        """Writes a line."""
        self._lines.warning(line.encode(errors="backslashreplace"))

    debug = info = log = warn = warning = msg
    error = exception = critical = fatal = failure = err = msg
