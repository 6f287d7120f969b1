"""Leaves a function of a plugin alone for a while once it keeps failing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from operator import itemgetter
from typing import Generic, TypeAlias, TypeVar

from points.engine.plugins.failures import Failures
from points.engine.tallies import Hook, HookTally


Running: TypeAlias = tuple[Hook, float]
"""Is a function that runs now, and since when on the performance counter."""


@dataclass(slots=True)
class _Query:
    """Is a query that runs now: what it has waited for the database so far is not its.

    `reads_since` is when the read began that it waits for now, if it does.
    """

    running: Running
    waited: float = 0.0
    reads_since: float | None = None

    def own_seconds(self, now: float) -> float:
        """Returns how long it has run without waiting for the database."""
        since = self.reads_since
        return (now if since is None else since) - self.running[1] - self.waited


_What = TypeVar("_What")


class Breaker:
    """Counts failures in a row, by hook; used by the writer's thread alone.

    `tally` is of all calls since the start. `running` is what the writer is in now,
    and `asking` what other threads are in that ask plugins on the way to it, and
    `answering` those that answer queries beside it: for those to look at who watch.
    `failures` are those of the hooks that have failed the last time for somebody.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.tally = HookTally()
        self.running: Running | None = None
        self._asked: dict[int, Running] = {}
        self._answered: dict[int, _Query] = {}
        self._clock = clock
        self.failures: dict[Hook, Failures] = {}

    def asking(self, hook: Hook) -> AbstractContextManager[None]:
        """Has it known that this thread is in a function of a plugin in the block."""
        return _Noted(self._asked, (hook, time.perf_counter()))

    def answering(self, hook: Hook) -> AbstractContextManager[None]:
        """Has it known that this thread is in a query of a plugin in the block."""
        return _Noted(self._answered, _Query((hook, time.perf_counter())))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Has it known that this thread's query waits for the database in the block.

        How long that takes is no fault of the plugin's; how often it asks has a bound
        of its own.
        """
        query, began = self._answered.get(threading.get_ident()), time.perf_counter()
        if query is None:
            yield
            return
        query.reads_since = began
        try:
            yield
        finally:
            # In this order: whoever looks in between sees no more than there is.
            query.waited += time.perf_counter() - began
            query.reads_since = None

    def oldest(self) -> Running | None:
        """Returns what has run for the longest of all that holds others up now."""
        running = self.running
        found = [*list(self._asked.values()), *([running] if running else [])]
        return min(found, key=itemgetter(1), default=None)

    def queries(self) -> Mapping[Running, float]:
        """Returns the queries that run now, with the seconds that are their own."""
        now, found = time.perf_counter(), list(self._answered.values())
        return {each.running: each.own_seconds(now) for each in found}

    def is_open(self, hook: Hook, home: str) -> bool:
        """Says whether the hook is to be left alone now in calls of a home."""
        found = self.failures.get(hook)
        return found is not None and found.is_open(home, self._clock())

    def failed(self, hook: Hook, home: str) -> None:
        """Counts a failure."""
        self.tally.add_failure(hook)
        self.failures.setdefault(hook, Failures()).failed(home, self._clock())

    def succeeded(self, hook: Hook, home: str) -> None:
        """Closes the breaker of the hook for a home, and for everybody."""
        found = self.failures.get(hook)
        if found is not None:
            found.succeeded(home)
            if not found.homes:
                del self.failures[hook]

    def opened(self) -> list[Hook]:
        """Returns the hooks that are left alone now in anybody's calls."""
        now, found = self._clock(), list(self.failures.items())
        return sorted(hook for hook, each in found if each.is_open_for_any(now))


class _Noted(AbstractContextManager[None], Generic[_What]):
    """Notes what this thread is in for the length of the block; not to be nested.

    No generator: each call of a plugin goes through two of these.
    """

    __slots__ = ("_places", "_what")

    def __init__(self, places: dict[int, _What], what: _What) -> None:
        self._places = places
        self._what = what

    def __enter__(self) -> None:
        self._places[threading.get_ident()] = self._what

    def __exit__(self, *_: object) -> None:
        del self._places[threading.get_ident()]
