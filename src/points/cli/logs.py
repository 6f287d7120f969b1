"""Sets structlog up: one line per call, JSON for programs, colours for people."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, BinaryIO, TextIO

import msgspec
import structlog
from structlog.typing import EventDict

from points.cli.log_lines import ConsoleLines, LogLines
from points.settings import Settings


def set_up_logs(settings: Settings) -> Callable[[], None]:
    """Sends log lines of the wanted level to standard error in the wanted format.

    Returns what writes those that still wait; it is done by itself at the end.
    """
    as_json = settings.log_format == "json" or (
        settings.log_format == "auto" and not sys.stderr.isatty()
    )
    stamps: list[Any] = [stamp]
    lines = (LogLines if as_json else ConsoleLines)(_unbuffered(sys.stderr))
    structlog.configure(
        processors=stamps + (_json() if as_json else [structlog.dev.ConsoleRenderer()]),
        logger_factory=lambda *_: lines,
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.log_level.upper()]
        ),
        cache_logger_on_first_use=True,
    )
    # What libraries warn of would be lines of another kind in between.
    logging.basicConfig(handlers=[_OfLibraries()], level=logging.WARNING, force=True)
    return lines.flush


class _OfLibraries(logging.Handler):
    """Has what libraries log written as lines like all others."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes a record; one that cannot be put into words as it came."""
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - a library's own mistake is no reason to fail
            message = str(record.msg)
        log = structlog.get_logger(record.name)
        more = {"exc_info": record.exc_info} if record.exc_info else {}
        log.log(record.levelno, "library", logger=record.name, message=message, **more)


def _unbuffered(stream: TextIO) -> BinaryIO:
    """Returns what a stream writes to: a buffer is locked while its file takes none.

    At the end Python writes out what is left in buffers, and waits for them.
    """
    found: BinaryIO = getattr(stream.buffer, "raw", stream.buffer)
    return found


def stamp(_logger: object, level: str, event: EventDict) -> EventDict:
    """Adds level and time; the text of a second is made once for all its lines."""
    seconds, rest = divmod(time.time_ns(), 1_000_000_000)
    event["level"] = level
    event["timestamp"] = f"{_second(seconds)}.{rest // 1_000:06d}Z"
    return event


@lru_cache(maxsize=2)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


_encode = msgspec.json.Encoder(enc_hook=repr).encode


def _write(event: EventDict, **_: object) -> bytes:
    """Returns a line; of what is no JSON, such as half a character, what it shows."""
    try:
        return _encode(event)
    except Exception:  # noqa: BLE001 - values come from plugins, whose `repr` may fail
        return _encode({str(name): _shown(value) for name, value in event.items()})


def _shown(value: object) -> str:
    try:
        return value if isinstance(value, str) and value.isascii() else ascii(value)
    except Exception:  # noqa: BLE001 - as above
        return f"a value of {type(value)!a}"


def _json() -> list[Any]:
    return [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(serializer=_write),
    ]
