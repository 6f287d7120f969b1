"""Hands each change to all who watch, on the event loop.

The feed's thread reads new changes once and passes them on; here they go into the
buffers of the watchers. A message is made once, however many get it. Watchers of
single members are found by member, so they cost nothing while others change.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from points.domain.changes import Position, Selection
from points.domain.refusals import (
    Refusal,
    ServerStopping,
    StoreUnavailable,
    WatchersFull,
    WatcherTooSlow,
)
from points.engine.feed import Feed, FeedLimits
from points.server.calls import Stream
from points.server.outcomes import change_message
from points.store.reads.feed import Change, Stretch
from points.v1 import change_pb2
from points.v1 import ledger_service_pb2 as pb


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchLimits:
    """Bounds of the watchers.

    A checkpoint follows `checkpoint_seconds` without a message; `buffer_limit`
    changes may wait for a watcher before it is cut off; `watcher_limit` callers
    may watch.
    """

    checkpoint_seconds: float = 5.0
    buffer_limit: int = 10_000
    watcher_limit: int = 2_000
    feed: FeedLimits = field(default_factory=FeedLimits)


class Told:
    """Is a change with the message that tells of it, made when first sent."""

    __slots__ = ("_message", "change")

    def __init__(self, change: Change) -> None:
        self.change = change
        self._message: bytes | None = None

    def message(self) -> bytes:
        """Returns the message."""
        if self._message is None:
            response = pb.WatchResponse(change=change_message(self.change))
            self._message = response.SerializeToString()
        return self._message


class Watcher:
    """Is one caller who watches; `position` is behind the last message sent."""

    def __init__(self, stream: Stream, selection: Selection) -> None:
        self.stream = stream
        self.selection = selection
        self.position = Position(())
        self.waiting: deque[Told] = deque()
        self._woken = asyncio.Event()

    def takes(self, told: Told) -> bool:
        """Says whether the caller wants the change."""
        change = told.change
        return self.selection.takes(change.member_id, change.kind, change.channel)

    def add(self, more: Iterable[Told]) -> None:
        """Puts changes behind those that wait."""
        self.waiting.extend(more)
        self._woken.set()

    async def wait(self, seconds: float) -> None:
        """Waits until changes are there, or so long."""
        self._woken.clear()
        if self.waiting:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def send(self, told: Told) -> None:
        """Sends a change, as fast as the caller reads."""
        # Before it is sent: a message that is begun arrives, even if the caller is
        # cut off meanwhile.
        self.position = told.change.position
        await self.stream.write(told.message())

    async def send_checkpoint(self, *, caught_up: bool) -> None:
        """Sends how far the caller has come."""
        checkpoint = change_pb2.Checkpoint(
            resume_token=self.position.token(), caught_up=caught_up
        )
        response = pb.WatchResponse(checkpoint=checkpoint)
        await self.stream.write(response.SerializeToString())


AWatcher = TypeVar("AWatcher", bound=Watcher)


class Watchers:
    """Is the audience of the feed: everybody who watches on this server.

    Everything but `tell` and `lose` belongs to the event loop.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, limits: WatchLimits) -> None:
        self._loop = loop
        self._limits = limits
        self._feed: Feed | None = None
        self._position = Position(())
        self._everyone: set[Watcher] = set()
        self._joining: dict[Watcher, asyncio.Future[Position]] = {}
        self._of_all: set[Watcher] = set()
        self._of_member: dict[str, set[Watcher]] = {}
        self._is_closed = False

    def follow(self, feed: Feed) -> None:
        """Takes the feed that tells us."""
        self._feed = feed

    @property
    def position(self) -> Position:
        """Returns the position behind the last change that was handed out."""
        return self._position

    @contextmanager
    def entered(
        self, stream: Stream, selection: Selection, kind: type[AWatcher]
    ) -> Iterator[AWatcher]:
        """Counts a caller among the watchers for the length of the block.

        Raises ServerStopping and WatchersFull.
        """
        if self._is_closed or self._feed is None:
            raise ServerStopping
        if len(self._everyone) >= self._limits.watcher_limit:
            raise WatchersFull(self._limits.watcher_limit)
        watcher = kind(stream, selection)
        self._everyone.add(watcher)
        try:
            with self._feed.watched():
                yield watcher
        finally:
            self._everyone.discard(watcher)
            self._forget(watcher)

    async def join(self, watcher: Watcher) -> Position:
        """Begins to hand changes to the watcher; returns the position before them.

        It is not before the watcher's own.
        """
        assert self._feed is not None
        joined: asyncio.Future[Position] = self._loop.create_future()
        self._joining[watcher] = joined
        self._feed.nudge()
        return await joined

    def close(self) -> None:
        """Ends every watch and lets nobody in: the server stops."""
        self._is_closed = True
        self._cut(self._everyone, ServerStopping())

    def tell(self, stretch: Stretch) -> None:
        """Takes the next changes from the feed's thread."""
        if stretch.changes or self._joining:
            self._loop.call_soon_threadsafe(self._hand_out, stretch)

    def lose(self, error: Exception) -> None:
        """Ends every watch that goes by the feed: callers come again."""
        del error
        self._loop.call_soon_threadsafe(self._give_up)

    def _hand_out(self, stretch: Stretch) -> None:
        told = [Told(change) for change in stretch.changes]
        for watcher in tuple(self._of_all):
            self._add(watcher, [one for one in told if watcher.takes(one)])
        for one in told:
            for watcher in tuple(self._of_member.get(one.change.member_id, ())):
                self._add(watcher, [one] if watcher.takes(one) else [])
        self._position = stretch.position
        for watcher, joined in tuple(self._joining.items()):
            if stretch.position.reaches(watcher.position):
                self._let_in(watcher, joined)

    def _let_in(self, watcher: Watcher, joined: asyncio.Future[Position]) -> None:
        del self._joining[watcher]
        for member_id in watcher.selection.member_ids:
            self._of_member.setdefault(member_id, set()).add(watcher)
        if not watcher.selection.member_ids:
            self._of_all.add(watcher)
        if not joined.done():
            joined.set_result(self._position)

    def _add(self, watcher: Watcher, more: Sequence[Told]) -> None:
        if len(watcher.waiting) + len(more) > self._limits.buffer_limit:
            self._cut([watcher], WatcherTooSlow(watcher.position.token()))
        elif more:
            watcher.add(more)

    def _give_up(self) -> None:
        of_member = set().union(*self._of_member.values())
        self._cut({*self._joining, *self._of_all, *of_member}, StoreUnavailable())

    def _cut(self, watchers: Iterable[Watcher], refusal: Refusal) -> None:
        for watcher in tuple(watchers):
            self._forget(watcher)
            watcher.stream.cut(refusal)

    def _forget(self, watcher: Watcher) -> None:
        """Hands nothing more to the watcher; harmless if nothing was."""
        self._joining.pop(watcher, None)
        self._of_all.discard(watcher)
        for member_id in watcher.selection.member_ids:
            others = self._of_member.get(member_id, set())
            others.discard(watcher)
            if not others:
                self._of_member.pop(member_id, None)
