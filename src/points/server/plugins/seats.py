"""How many threads the queries of plugins may take: others read there too.

Nothing ends a query from outside. So a thread counts until it is done, whether or not
anybody still waits for its answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, TypeVar, TypeVarTuple, Unpack

from points.domain.refusals import PluginBusy
from points.server.threads import QUERIES_MAX, QUERIES_OF_ALL_MAX


STILL_SECONDS: Final = 3.0
"""Where no query ends for so long, while all seats are taken, plugins are busy."""

Answer = TypeVar("Answer")
Given = TypeVarTuple("Given")


@dataclass(slots=True)
class _Row:
    """Is some seats, how many are taken, and when one was taken or left last."""

    limit: int
    taken: int = 0
    moved: float = 0.0

    @property
    def is_full(self) -> bool:
        return self.taken >= self.limit

    def move(self, count: int) -> None:
        self.taken += count
        self.moved = asyncio.get_running_loop().time()


class Seats:
    """Is what the queries of plugins share; to be used in one event loop.

    Each plugin has `limit` of them at most, and all together `limit_of_all`. Who finds
    no seat waits in a line, and is refused once what is full stands still.
    """

    def __init__(
        self,
        limit: int = QUERIES_MAX,
        limit_of_all: int = QUERIES_OF_ALL_MAX,
        still_seconds: float = STILL_SECONDS,
    ) -> None:
        self._limit = limit
        self._still_seconds = still_seconds
        self._all = _Row(limit_of_all)
        self._rows: dict[str, _Row] = {}
        self._line: dict[asyncio.Future[None], str] = {}

    async def take(self, plugin: str) -> None:
        """Takes a seat for a plugin, to be used by `run`; raises PluginBusy."""
        if self._full(plugin) is None:
            self._move(plugin, 1)
            return
        mine = asyncio.get_running_loop().create_future()
        self._line[mine] = plugin
        try:
            await self._wait(plugin, mine)
        except BaseException:
            if mine.done():
                self._leave(plugin)  # It was given a seat, and goes: it passes it on.
            self._line.pop(mine, None)
            raise

    async def run(
        self,
        plugin: str,
        threads: Executor,
        answer: Callable[[Unpack[Given]], Answer],
        *given: *Given,
    ) -> Answer:
        """Returns the answer from a thread; the seat is free when the thread is."""
        loop = asyncio.get_running_loop()

        def end(_: Future[Any]) -> None:
            with suppress(RuntimeError):  # The loop has ended.
                loop.call_soon_threadsafe(self._leave, plugin)

        try:
            running = threads.submit(answer, *given)
        except BaseException:
            self._leave(plugin)
            raise
        running.add_done_callback(end)
        return await asyncio.wrap_future(running)

    async def _wait(self, plugin: str, mine: asyncio.Future[None]) -> None:
        loop = asyncio.get_running_loop()
        while not mine.done():
            full = self._full(plugin) or self._all
            left = full.moved + self._still_seconds - loop.time()
            if left <= 0:
                raise PluginBusy(plugin, full.limit)
            await asyncio.wait([mine], timeout=left)

    def _full(self, plugin: str) -> _Row | None:
        """Returns what has no seat left for a plugin: its own, or those of all."""
        row = self._row(plugin)
        if row.is_full:
            return row
        return self._all if self._all.is_full else None

    def _row(self, plugin: str) -> _Row:
        return self._rows.setdefault(plugin, _Row(self._limit))

    def _move(self, plugin: str, count: int) -> None:
        self._row(plugin).move(count)
        self._all.move(count)

    def _leave(self, plugin: str) -> None:
        """Frees a seat, and gives it to the first in the line who may have it."""
        self._move(plugin, -1)
        for first, name in self._line.items():
            if self._full(name) is None:
                del self._line[first]
                self._move(name, 1)
                first.set_result(None)
                return
