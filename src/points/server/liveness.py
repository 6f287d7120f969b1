"""Says not-serving while a function of a plugin holds the server up.

Nothing can end such a function from outside: the thread it runs in is the writer's, or
that of all calls, or one of the few that read: then others are still served, and only
its end is the same. But it can be named, whoever looks after the process learns that it
should go, and a server with a limit goes by itself: nothing was acknowledged that is
not committed.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, NamedTuple

import structlog
from grpc_health.v1 import health, health_pb2

from points.engine.plugins.breaker import Breaker, Running


LOOK_SECONDS: Final = 0.25
"""Pause between two looks."""

_SERVING: Final = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING: Final = health_pb2.HealthCheckResponse.NOT_SERVING

_log = structlog.get_logger("points.plugins")


class Hang(NamedTuple):
    """Is a function that did not end: of which plugin, and for how long by now.

    `is_stopping` says whether the server was about to stop anyway.
    """

    plugin: str
    hook: str
    seconds: float
    is_stopping: bool


@dataclass(frozen=True, slots=True)
class HangLimit:
    """Says after how many seconds a server goes that a plugin holds up, and how."""

    seconds: float
    end: Callable[[Hang], None]


class Liveness:
    """Looks at what runs of plugins, from a thread of its own.

    A function that has run for `hang_seconds` is named in the log, and so is its end.
    `on_change` is told of those that hold others up: queries, which run beside them,
    do not. `limit` is what comes of any that goes on.
    """

    def __init__(
        self, breaker: Breaker, hang_seconds: float, limit: HangLimit | None
    ) -> None:
        self.on_change: Callable[[bool], None] = tell_nobody
        self.is_stopping = False
        self._breaker = breaker
        self._hang_seconds = hang_seconds
        self._limit = limit
        self._holding: Running | None = None
        self._told: Mapping[Running, float] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name="points-liveness", daemon=True
        )

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread."""
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(LOOK_SECONDS):
            # Nobody else looks: what those come to who are told must not end it.
            with suppress(Exception):
                self._look()

    def _look(self) -> None:
        oldest, held_before = self._breaker.oldest(), self._holding
        holding = {oldest: time.perf_counter() - oldest[1]} if oldest else {}
        late = self._late(holding)
        self._holding = next(iter(late), None)
        if self._holding != held_before:
            self.on_change(self._holding is None)
        late |= self._late(self._breaker.queries())
        before = self._told
        self._told = {each: before.get(each, took) for each, took in late.items()}
        self._tell(before.keys())
        for each in before.keys() & late.keys():
            self._end_late(each, late[each] - before[each])

    def _late(self, running: Mapping[Running, float]) -> dict[Running, float]:
        """Returns what has run for too long, of what has run for so many seconds."""
        limit = self._hang_seconds
        return {each: took for each, took in running.items() if took >= limit}

    def _tell(self, before: AbstractSet[Running]) -> None:
        seconds = self._hang_seconds
        with suppress(Exception):  # A log that is full hides nothing that hangs.
            for (plugin, hook), _ in self._told.keys() - before:
                _log.error("plugin_hangs", plugin=plugin, hook=hook, seconds=seconds)
            for (plugin, hook), _ in before - self._told.keys():
                _log.warning("plugin_goes_on", plugin=plugin, hook=hook)

    def _end_late(self, hanging: Running, seconds: float) -> None:
        """Ends the server once its patience is over.

        `seconds` are counted from when the function was named: a process that was
        stopped for a while, and its functions with it, has not been hanging.
        """
        limit = self._limit
        if limit is None or seconds + self._hang_seconds < limit.seconds:
            return
        (plugin, hook), began = hanging
        ran = round(time.perf_counter() - began, 1)
        self._limit = None  # If it is still here then, there is nothing more to do.
        with suppress(Exception):
            _log.critical("plugin_ends_server", plugin=plugin, hook=hook, seconds=ran)
        limit.end(Hang(plugin, hook, ran, self.is_stopping))


@contextmanager
def watched(
    breaker: Breaker, *, hang_seconds: float, limit: HangLimit | None
) -> Iterator[Liveness]:
    """Looks at what runs of plugins for the length of the block."""
    liveness = Liveness(breaker, hang_seconds, limit)
    liveness.start()
    try:
        yield liveness
    finally:
        liveness.stop()


def health_of(
    service: health.aio.HealthServicer, names: Sequence[str]
) -> Callable[[bool], None]:
    """Returns what sets the health of services, from any thread but the loop's.

    To be called where the loop runs.
    """
    loop = asyncio.get_running_loop()

    async def set_all(state: int) -> None:
        for name in names:
            await service.set(name, state)

    def tell(is_serving: bool) -> None:  # noqa: FBT001 - a callback's one argument
        state = _SERVING if is_serving else _NOT_SERVING
        asyncio.run_coroutine_threadsafe(set_all(state), loop)

    return tell


def tell_nobody(_is_serving: bool) -> None:  # noqa: FBT001 - as above
    """Leaves the health of all services as it is."""
