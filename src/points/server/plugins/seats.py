"""How many threads the queries of one plugin may take: others read there too.

Nothing ends a query from outside. So a thread counts until it is done, whether or not
anybody still waits for its answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from typing import Any, Final, TypeVar, TypeVarTuple, Unpack

from points.domain.refusals import PluginBusy


QUERIES_MAX: Final = 4
"""Most queries of one plugin at a time: half of the threads that read."""

STILL_SECONDS: Final = 3.0
"""A plugin of which no query ends for so long, while all seats are taken, is busy."""

Answer = TypeVar("Answer")
Given = TypeVarTuple("Given")


class Seats:
    """Is what the queries of one plugin share; to be used in one event loop.

    Who finds no seat waits in a line, and is refused once the line stands still.
    """

    def __init__(
        self,
        plugin: str,
        limit: int = QUERIES_MAX,
        still_seconds: float = STILL_SECONDS,
    ) -> None:
        self._plugin = plugin
        self._limit = limit
        self._still_seconds = still_seconds
        self._taken = 0
        self._line: dict[asyncio.Future[None], None] = {}
        self._moved = 0.0

    async def take(self) -> None:
        """Takes a seat, for `run`; raises PluginBusy."""
        if self._taken < self._limit:
            self._taken += 1
            self._moved = asyncio.get_running_loop().time()
            return
        mine = asyncio.get_running_loop().create_future()
        self._line[mine] = None
        try:
            await self._wait(mine)
        except BaseException:
            if mine.done():
                self._leave()  # It was given a seat, and goes: it passes it on.
            self._line.pop(mine, None)
            raise

    async def run(
        self,
        threads: Executor,
        answer: Callable[[Unpack[Given]], Answer],
        *given: *Given,
    ) -> Answer:
        """Returns the answer from a thread; the seat is free when the thread is."""
        loop = asyncio.get_running_loop()

        def end(_: Future[Any]) -> None:
            with suppress(RuntimeError):  # The loop has ended.
                loop.call_soon_threadsafe(self._leave)

        try:
            running = threads.submit(answer, *given)
        except BaseException:
            self._leave()
            raise
        running.add_done_callback(end)
        return await asyncio.wrap_future(running)

    async def _wait(self, mine: asyncio.Future[None]) -> None:
        loop = asyncio.get_running_loop()
        while not mine.done():
            left = self._moved + self._still_seconds - loop.time()
            if left <= 0:
                raise PluginBusy(self._plugin, self._limit)
            await asyncio.wait([mine], timeout=left)

    def _leave(self) -> None:
        """Gives a seat to the first in the line, if there is one."""
        self._moved = asyncio.get_running_loop().time()
        first = next(iter(self._line), None)
        if first is None:
            self._taken -= 1
        else:
            del self._line[first]
            first.set_result(None)
