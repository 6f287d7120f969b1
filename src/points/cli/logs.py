"""Sets structlog up: one line per call, JSON for programs, colours for people."""

from __future__ import annotations

import logging
import sys
from typing import Any

import orjson
import structlog

from points.settings import Settings


def set_up_logs(settings: Settings) -> None:
    """Sends log lines of the wanted level to standard error in the wanted format."""
    as_json = settings.log_format == "json" or (
        settings.log_format == "auto" and not sys.stderr.isatty()
    )
    stamps: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=stamps + (_json() if as_json else [structlog.dev.ConsoleRenderer()]),
        logger_factory=(
            structlog.BytesLoggerFactory(sys.stderr.buffer)
            if as_json
            else structlog.PrintLoggerFactory(sys.stderr)
        ),
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping()[settings.log_level.upper()]
        ),
        cache_logger_on_first_use=True,
    )


def _json() -> list[Any]:
    return [
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(serializer=orjson.dumps),
    ]
