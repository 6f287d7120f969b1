"""Sets structlog up: one line per call, JSON for programs, colours for people."""

from __future__ import annotations

import atexit
import io
import logging
import sys
import threading
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, BinaryIO, Final

import orjson
import structlog
from structlog.typing import EventDict

from points.settings import Settings


_FLUSH_SECONDS: Final = 0.1
"""Pause in which log lines gather before they are flushed."""


def set_up_logs(settings: Settings) -> None:
    """Sends log lines of the wanted level to standard error in the wanted format."""
    as_json = settings.log_format == "json" or (
        settings.log_format == "auto" and not sys.stderr.isatty()
    )
    stamps: list[Any] = [stamp]
    structlog.configure(
        processors=stamps + (_json() if as_json else [structlog.dev.ConsoleRenderer()]),
        logger_factory=(
            structlog.BytesLoggerFactory(DelayedFlush(sys.stderr.buffer))  # type: ignore[arg-type]  # writes and flushes
            if as_json
            else structlog.PrintLoggerFactory(sys.stderr)
        ),
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.log_level.upper()]
        ),
        cache_logger_on_first_use=True,
    )


def stamp(_logger: object, level: str, event: EventDict) -> EventDict:
    """Adds level and time; the text of a second is made once for all its lines."""
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    event["level"] = level
    event["timestamp"] = f"{_second(seconds)}.{rest // 1_000:06d}Z"
    return event


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


class DelayedFlush:
    """Writes log lines at once and flushes them a little later, many together.

    A system call for each line costs as much as the line. What the last tenth of
    a second has logged is lost if the process is killed; the ledger is not.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = io.BufferedWriter(io.FileIO(file.fileno(), "wb", closefd=False))
        self._pending = threading.Event()
        atexit.register(self._file.flush)
        threading.Thread(target=self._work, name="points-log", daemon=True).start()

    def write(self, line: bytes) -> int:
        """Takes a line."""
        return self._file.write(line)

    def flush(self) -> None:
        """Asks for a flush soon."""
        if not self._pending.is_set():
            self._pending.set()

    def _work(self) -> None:
        while True:
            self._pending.wait()
            time.sleep(_FLUSH_SECONDS)
            self._pending.clear()
            self._file.flush()


def _json() -> list[Any]:
    return [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(serializer=orjson.dumps),
    ]
