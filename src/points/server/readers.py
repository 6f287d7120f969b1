"""Threads that read for all callers, as few of them as will do.

A small read costs less than what goes with it: a thread that is woken, a snapshot that
is opened, an event loop that is woken for the answer. So a thread reads for one caller
after the other, from a snapshot that was opened after they asked, and wakes the loop
once for all answers that it has not taken up yet. All threads share one interpreter,
and several read less than one does, unless it waits for the database: others help a
crowd where that is another process, and anywhere once no read has ended for a moment.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from points.domain.refusals import Refusal
from points.server.threads import READ_THREADS
from points.store.databases.backend import Backend
from points.store.reads.reader import Snapshot, open_snapshot


CROWD: Final = 16
"""Callers who wait for one thread before another one helps, where that is quicker."""

STUCK_SECONDS: Final = 0.005
"""Not one read has ended for so long: whoever waits gets another thread."""

Result = TypeVar("Result")
_Read: TypeAlias = Callable[[Snapshot], Any]
_Answer: TypeAlias = asyncio.Future[Any]


class _Asked(NamedTuple):
    number: int
    read: _Read
    answer: _Answer


class _Told(NamedTuple):
    answer: _Answer
    result: Any
    error: BaseException | None


class Readers:
    """Carries out reads, each on a snapshot that is not older than its call."""

    def __init__(self, backend: Backend, threads: Executor) -> None:
        self._backend = backend
        self._threads = threads
        self._lock = threading.Lock()
        self._waiting: deque[_Asked] = deque()
        self._asked_count = 0
        self._told: deque[_Told] = deque()
        self._told_count = 0
        self._is_loop_woken = False
        self._active = 0
        self._watch: asyncio.TimerHandle | None = None

    async def run(self, read: Callable[[Snapshot], Result]) -> Result:
        """Returns what `read` makes of a snapshot; raises its errors, and StoreLost."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()
        with self._lock:
            self._asked_count += 1
            self._waiting.append(_Asked(self._asked_count, read, answer))
            wanted = 1 + len(self._waiting) // CROWD
            is_help_wanted = self._active < min(wanted, self._backend.readers)
        if is_help_wanted:
            self._start(loop)
        elif self._watch is None:
            self._watch_on(loop)
        return await answer

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._lock:
            self._active += 1
        self._threads.submit(self._work, loop)

    def _watch_on(self, loop: asyncio.AbstractEventLoop) -> None:
        self._watch = loop.call_later(
            STUCK_SECONDS, self._relieve, loop, self._told_count
        )

    def _relieve(self, loop: asyncio.AbstractEventLoop, told_count: int) -> None:
        """Starts another thread if no read has ended since the last look."""
        self._watch = None
        if not self._waiting:
            return
        if self._told_count == told_count and self._active < READ_THREADS:
            self._start(loop)
        self._watch_on(loop)

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        """Reads until nobody waits."""
        while self._goes_on():
            self._read_all(loop)

    def _goes_on(self) -> bool:
        """Says whether somebody waits; a thread that is told no has ended."""
        with self._lock:
            if not self._waiting:
                self._active -= 1
            return bool(self._waiting)

    def _read_all(self, loop: asyncio.AbstractEventLoop) -> None:
        """Reads for all who have asked by now, unless a read fails."""
        last = self._asked_count
        asked: _Asked | None = None
        try:
            with open_snapshot(self._backend) as snapshot:
                while asked := self._next(last):
                    self._read(loop, asked, snapshot)
        except BaseException as error:  # noqa: BLE001 - theirs, whatever it is
            # The snapshot may be broken too. If there is none, there is for nobody.
            if asked is not None:
                self._tell(loop, _Told(asked.answer, None, error))
                return
            while asked := self._next(last):
                self._tell(loop, _Told(asked.answer, None, error))

    def _next(self, last: int) -> _Asked | None:
        """Returns who has waited longest, None if that one came behind `last`."""
        with self._lock:
            is_there = self._waiting and self._waiting[0].number <= last
            return self._waiting.popleft() if is_there else None

    def _read(
        self, loop: asyncio.AbstractEventLoop, asked: _Asked, snapshot: Snapshot
    ) -> None:
        if asked.answer.cancelled():
            return
        try:
            told = _Told(asked.answer, asked.read(snapshot), None)
        except Refusal as refusal:
            told = _Told(asked.answer, None, refusal)
        self._tell(loop, told)

    def _tell(self, loop: asyncio.AbstractEventLoop, told: _Told) -> None:
        """Has the loop take up an answer, with all others that wait for it."""
        self._told_count += 1
        self._told.append(told)
        if not self._is_loop_woken:
            self._is_loop_woken = True
            loop.call_soon_threadsafe(self._resolve)

    def _resolve(self) -> None:
        self._is_loop_woken = False
        for _ in range(len(self._told)):
            answer, result, error = self._told.popleft()
            if answer.done():
                continue
            if error is None:
                answer.set_result(result)
            elif isinstance(error, Exception) and not isinstance(error, StopIteration):
                answer.set_exception(error)
            else:  # No future takes it, or it would end the loop.
                answer.set_exception(RuntimeError(repr(error)))
