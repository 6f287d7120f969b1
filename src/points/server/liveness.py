"""Says not-serving while a function of a plugin holds the writer up.

Nothing can end such a function from outside: the thread it runs in is the writer's.
But it can be named, and whoever looks after the process learns that it should go.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

import structlog
from grpc_health.v1 import health, health_pb2

from points.engine.plugins.breaker import Breaker, Running


LOOK_SECONDS: Final = 0.25
"""Pause between two looks."""

_SERVING: Final = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING: Final = health_pb2.HealthCheckResponse.NOT_SERVING

_log = structlog.get_logger("points.plugins")


@asynccontextmanager
async def watched(
    breaker: Breaker,
    service: health.aio.HealthServicer,
    names: Sequence[str],
    *,
    hang_seconds: float,
) -> AsyncIterator[None]:
    """Has the health of these services follow the writer for the length of the block.

    Each is not-serving once a function of a plugin has run for `hang_seconds`, and
    serving again as soon as it has ended.
    """
    task = asyncio.create_task(_watch(breaker, service, names, hang_seconds))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _watch(
    breaker: Breaker,
    service: health.aio.HealthServicer,
    names: Sequence[str],
    hang_seconds: float,
) -> None:
    told: Running | None = None
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        hanging = _hanging(breaker, hang_seconds)
        if hanging is told:
            continue
        if hanging is not None:
            plugin, hook = hanging[0]
            _log.error("plugin_hangs", plugin=plugin, hook=hook, seconds=hang_seconds)
        elif told is not None:
            plugin, hook = told[0]
            _log.warning("plugin_goes_on", plugin=plugin, hook=hook)
        told = hanging
        for name in names:
            await service.set(name, _SERVING if told is None else _NOT_SERVING)


def _hanging(breaker: Breaker, hang_seconds: float) -> Running | None:
    """Returns what has run for too long, the innermost if one waits for another."""
    running = breaker.running
    late = running and time.perf_counter() - running[1] >= hang_seconds
    return running if late else None
