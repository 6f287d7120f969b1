"""The one thread that follows the ledger for all watchers of a server process.

It looks at the heads of the parts when the writer says that it has committed, and
every few milliseconds besides, because other server processes commit as well. New
records are read once, whatever the number of watchers; without any it sleeps.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

import structlog

from points.domain.changes import Position
from points.store.databases.backend import Backend
from points.store.errors import StoreLost
from points.store.reads.feed import Stretch
from points.store.reads.reader import open_snapshot


_REST_SECONDS: Final = 0.002
"""Pause between two looks: under load it gathers several batches into one look."""

_log = structlog.get_logger("points.feed")


class Audience(Protocol):
    """Takes what the feed finds; called in the feed's thread."""

    def tell(self, stretch: Stretch) -> None:
        """Takes the next changes, or none, with the position behind them."""

    def lose(self, error: Exception) -> None:
        """Takes the reason why the feed cannot go on for now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedLimits:
    """Bounds of the feed: how often it looks, and how much it reads at a time."""

    poll_seconds: float = 0.05
    changes_read: int = 500


class Feed:
    """Follows the ledger from the first watcher on, until there is none left."""

    def __init__(
        self, backend: Backend, audience: Audience, limits: FeedLimits | None = None
    ) -> None:
        self._backend = backend
        self._audience = audience
        self._limits = limits or FeedLimits()
        self._position: Position | None = None
        self._watcher_count = 0
        self._is_nudged = False
        self._is_stopping = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="points-feed")

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread."""
        with self._changed:
            self._is_stopping = True
            self._changed.notify()
        self._thread.join()

    def nudge(self) -> None:
        """Makes the feed look at once; does nothing while nobody watches.

        Called by the writer after each commit, and never waits for a database.
        """
        if self._watcher_count:
            with self._changed:
                self._is_nudged = True
                self._changed.notify()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Keeps the feed going for the length of the block."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def _count(self, more: int) -> None:
        with self._changed:
            self._watcher_count += more
            self._changed.notify()

    def _run(self) -> None:
        while self._wait():
            try:
                stretch = self._look()
            except StoreLost as error:
                _log.warning("feed_lost", error=str(error))
                self._fail(error)
            except Exception as error:  # noqa: BLE001 - the next watcher tries again
                _log.error("feed_failed", exc_info=error)
                self._fail(error)
            else:
                self._position = stretch.position
                self._audience.tell(stretch)
                self._rest(_REST_SECONDS, look_again=not stretch.complete)

    def _wait(self) -> bool:
        """Waits until it is time to look; says no at the end."""
        with self._changed:
            while not self._watcher_count and not self._is_stopping:
                self._position = None
                self._changed.wait()
            if not self._is_nudged and not self._is_stopping:
                self._changed.wait(self._limits.poll_seconds)
            self._is_nudged = False
            return not self._is_stopping

    def _look(self) -> Stretch:
        """Returns what has come since the last look; the first finds nothing."""
        with open_snapshot(self._backend) as snapshot:
            end = snapshot.last_position()
            start = self._position or end
            return snapshot.changes(start, end, limit=self._limits.changes_read)

    def _fail(self, error: Exception) -> None:
        """Begins anew: whoever watches has to come again."""
        self._position = None
        self._audience.lose(error)
        self._rest(self._limits.poll_seconds, look_again=False)

    def _rest(self, seconds: float, *, look_again: bool) -> None:
        with self._changed:
            self._is_nudged = self._is_nudged or look_again
            self._changed.wait_for(lambda: self._is_stopping, seconds)


@contextmanager
def running_feed(
    backend: Backend, audience: Audience, limits: FeedLimits | None = None
) -> Iterator[Feed]:
    """Runs a feed for the length of the block."""
    feed = Feed(backend, audience, limits)
    feed.start()
    try:
        yield feed
    finally:
        feed.stop()
