"""Glances at members: those who ask while one is read share the next.

One statement tells of them all, in one round trip, and their answers go back to the
event loop together: a read by itself costs several times what it costs among others.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Executor
from typing import Final, NamedTuple, TypeAlias

from points.engine.engine import Engine
from points.store.errors import StoreRejected
from points.store.reads.glances import Glance, Place, read_glances


TOGETHER_MAX: Final = 256
"""Most members of one statement: nobody waits long for others."""

_Answer: TypeAlias = asyncio.Future[Glance | None]


class _Asked(NamedTuple):
    place: Place
    answer: _Answer


class Glances:
    """Reads glances in a thread, one statement at a time."""

    def __init__(self, engine: Engine, threads: Executor) -> None:
        self._engine = engine
        self._threads = threads
        self._waiting: deque[_Asked] = deque()
        self._looking: asyncio.Task[None] | None = None

    async def of(self, part: int, member_id: str) -> Glance | None:
        """Returns a glance at a member, not older than this call.

        None if it cannot tell everything: then a snapshot has to. Raises StoreLost.
        """
        loop = asyncio.get_running_loop()
        answer: _Answer = loop.create_future()
        self._waiting.append(_Asked((part, member_id), answer))
        if self._looking is None:
            self._looking = loop.create_task(self._look())
        return await answer

    async def _look(self) -> None:
        """Reads until nobody waits; who comes meanwhile is read the next time."""
        try:
            while self._waiting:
                await self._look_once()
        finally:
            self._looking = None

    async def _look_once(self) -> None:
        count = min(len(self._waiting), TOGETHER_MAX)
        asked = [self._waiting.popleft() for _ in range(count)]
        places = [each.place for each in asked]
        loop = asyncio.get_running_loop()
        try:
            found = await loop.run_in_executor(self._threads, self._read, places)
        except Exception as error:  # noqa: BLE001 - theirs, whatever it is
            for each in asked:
                if not each.answer.done():
                    each.answer.set_exception(error)
            return
        for each, glance in zip(asked, found, strict=True):
            if not each.answer.done():
                each.answer.set_result(glance)

    def _read(self, places: Sequence[Place]) -> Sequence[Glance | None]:
        now = self._engine.clock()
        try:
            found = read_glances(self._engine.store.backend, places, now=now)
        except StoreRejected:  # Perhaps for one of them: each is read by itself then.
            return [None] * len(places)
        return [each if self._tells_all(each) else None for each in found]

    def _tells_all(self, glance: Glance) -> bool:
        is_program_known = glance.program_version <= self._engine.programs.last
        return is_program_known and not glance.has_lapses
