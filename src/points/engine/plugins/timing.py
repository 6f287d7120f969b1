"""Ends functions of plugins that take too long, wherever they are by then.

A thread of its own looks at what runs, and raises `OutOfTime` in the thread that runs
it. That is only safe within the plugin's function, so nothing else may ever be hit:

* The watchdog raises only while a deadline stands that has passed, behind a lock. Who
  takes the deadline away before it has passed need not ask: its clock is read later
  than the watchdog's. Who is late takes the lock, and clears what is scheduled.
* What changes the state of the batch is shielded: it is refused when it is late, and
  left alone otherwise. A change and its entry in the journal are never torn apart.

An interpreter with one lock is taken for granted: another thread runs, and a scheduled
exception is raised, only where a function begins, calls or goes round. A function that
does none of these, such as one long pattern match in C, is ended once it returns.
One thing is not in our hands: what the collector of garbage calls within the function
may be hit in its place. It keeps the exception, which is then raised once more.
"""

from __future__ import annotations

import ctypes
import threading
from dataclasses import dataclass, field
from math import inf
from time import monotonic, sleep
from typing import TYPE_CHECKING, Final, TypeVar, TypeVarTuple, Unpack
from weakref import WeakSet


if TYPE_CHECKING:
    from collections.abc import Callable

Done = TypeVar("Done")
Given = TypeVarTuple("Given")

BOUND_SECONDS: Final = 1.0
"""How long a function of a plugin may take: nobody else is answered meanwhile."""

POLL_SECONDS: Final = 0.1
"""How much later than that it is ended, at most; and again, if it goes on."""

_raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
# Pointers, for a null one clears what is scheduled.
_raise_in.argtypes = (ctypes.c_ulong, ctypes.c_void_p)
_raise_in.restype = ctypes.c_int


class OutOfTime(BaseException):
    """Is raised in a function of a plugin that has taken too long.

    No Exception, so that what a plugin foresees does not keep it.
    """

    def __str__(self) -> str:
        """Returns what is logged."""
        return "takes longer than a function of a plugin may"


_OUT_OF_TIME: Final = id(OutOfTime)


@dataclass(slots=True, eq=False, weakref_slot=True)
class Stopwatch:
    """Bounds the time of what one thread runs; used by that thread alone."""

    thread_id: int = field(default_factory=threading.get_ident)
    deadline: float = inf
    shields: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(
        self,
        seconds: float,
        do: Callable[[Unpack[Given]], Done],
        *given: *Given,
    ) -> Done:
        """Returns what is done; raises OutOfTime if that takes longer.

        Whatever else it returns or raises by then. One may run within another, in a
        shield: its time is its own.
        """
        outer, shields, began = self.deadline, self.shields, monotonic()
        try:
            self.deadline, self.shields = began + seconds, 0
            return do(*given)
        finally:
            # Later than it was, if another ran within this one.
            deadline, self.deadline = self.deadline, inf
            # One exception may be scheduled by now, and one more about to be: each
            # is raised in one of these, and nowhere between them.
            try:
                self._settle(deadline)
            except OutOfTime:
                try:
                    self._settle(deadline)
                except OutOfTime:
                    self._settle(deadline)
            ended = monotonic()
            self.shields, self.deadline = shields, outer + (ended - began)
            if ended > deadline:
                raise OutOfTime

    def shielded(self, do: Callable[[Unpack[Given]], Done], *given: *Given) -> Done:
        """Returns what is done, all of it; raises OutOfTime instead if it is late."""
        self.shields += 1
        try:
            # In time, nothing can be scheduled; and from here on, nothing will be.
            if monotonic() > self.deadline:
                raise OutOfTime
            return do(*given)
        finally:
            self.shields -= 1

    def interrupt(self, now: float) -> None:
        """Raises OutOfTime in the thread, if it is late; called by the watchdog.

        `now` was read before the deadline is.
        """
        with self.lock:
            # In this order: who is shielded later than this is late by then, or new.
            if not self.shields and self.deadline < now:
                _raise_in(self.thread_id, _OUT_OF_TIME)

    def _settle(self, deadline: float) -> None:
        """Sees to it that nothing is scheduled any more, and nothing will be."""
        if monotonic() > deadline:
            with self.lock:
                _raise_in(self.thread_id, None)


class Watchdog:
    """Looks at all stopwatches again and again, in a thread that ends with all else."""

    def __init__(self, poll_seconds: float = POLL_SECONDS) -> None:
        self._poll_seconds = poll_seconds
        self._lock = threading.Lock()
        self._watches: WeakSet[Stopwatch] = WeakSet()
        self._thread: threading.Thread | None = None

    def stopwatch(self) -> Stopwatch:
        """Returns a stopwatch of the calling thread, looked at while it is kept."""
        watch = Stopwatch()
        with self._lock:
            self._watches.add(watch)
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="points-watchdog", daemon=True
                )
                self._thread.start()
        return watch

    def _run(self) -> None:
        while True:
            sleep(self._poll_seconds)
            self._look()

    def _look(self) -> None:
        with self._lock:
            watches = list(self._watches)
        now = monotonic()
        for watch in watches:
            if watch.deadline < now:
                watch.interrupt(now)


class _Own(threading.local):
    def __init__(self) -> None:
        self.watch = _WATCHDOG.stopwatch()


_WATCHDOG: Final = Watchdog()
_OWN: Final = _Own()


def stopwatch() -> Stopwatch:
    """Returns the stopwatch of the calling thread."""
    return _OWN.watch
