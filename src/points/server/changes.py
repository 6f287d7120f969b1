"""ListChanges and Watch: the feed of everything that was decided.

A watcher first reads what lies behind its token, page by page like any reader.
Once it is close to the end it joins the others, reads the few changes up to where
it was let in, and from there on gets what the feed hands out.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, TypeAlias

from points.domain.bounds import UNIT_CHARACTERS_MAX
from points.domain.changes import SELECTED_MAX, Position, Selection, read_position
from points.domain.checks import name_problem
from points.domain.refusals import InvalidArgument, ResumeTokenInvalid
from points.domain.values import Kind
from points.server.calls import Stream
from points.server.outcomes import change_message
from points.server.paging import cut, page_size_of
from points.server.reads import Reads, View
from points.server.watchers import Told, Watcher, Watchers
from points.store.reads.feed import Change, Stretch
from points.v1 import ledger_service_pb2 as pb
from points.v1.consistency_pb2 import Consistency


_READ_AT_ONCE: Final = 256
"""Changes that are read at a time to catch up."""

_SCANNED_MAX: Final = 20 * _READ_AT_ONCE
"""Changes that one page of ListChanges looks through for those it wants."""

_CATCHING_UP_MAX: Final = 4
"""Reads at a time of all who catch up: the other half is left to other calls."""

Request: TypeAlias = pb.ListChangesRequest | pb.WatchRequest


@dataclass(frozen=True, slots=True)
class Found:
    """Is a page of wanted changes, with the position behind all it looked through."""

    changes: list[Change]
    position: Position
    complete: bool


class Changes:
    """Answers the calls of the change feed."""

    def __init__(
        self, reads: Reads, watchers: Watchers, *, checkpoint_seconds: float
    ) -> None:
        self._reads = reads
        self._watchers = watchers
        self._checkpoint_seconds = checkpoint_seconds
        self._catching_up = asyncio.Semaphore(_CATCHING_UP_MAX)

    async def list_changes(
        self, request: pb.ListChangesRequest
    ) -> pb.ListChangesResponse:
        """Lists changes in commit order."""
        selection = selection_of(request)
        size = page_size_of(request)
        given = self._given(request)

        def read(view: View) -> pb.ListChangesResponse:
            found = self._page(view, given or _last(view), selection, size)
            page = cut(found.changes, size, change_message)
            position = page.last.position if page.last else found.position
            return pb.ListChangesResponse(
                changes=page.messages,
                resume_token=position.token(),
                has_more=page.last is not None or not found.complete,
            )

        return await self._reads.of_all(Consistency(), read)

    async def watch(self, request: pb.WatchRequest, stream: Stream) -> None:
        """Tells of changes until the caller has enough."""
        selection = selection_of(request)
        given = self._given(request)
        with self._watchers.entered(stream, selection, Watcher) as watcher:
            if given is None:
                given = await self._reads.of_all(Consistency(), _last)
            watcher.position = given
            await self._catch_up(watcher, None)
            await self._catch_up(watcher, await self._watchers.join(watcher))
            await watcher.send_checkpoint(caught_up=True)
            while True:
                await self._pass_on(watcher)

    async def _pass_on(self, watcher: Watcher) -> None:
        """Sends what waits for the watcher, or a checkpoint if nothing comes."""
        await watcher.wait(self._checkpoint_seconds)
        if not watcher.waiting:
            # All that was handed out is sent: nothing of it was for this watcher.
            watcher.position = self._watchers.position
            await watcher.send_checkpoint(caught_up=True)
        while watcher.waiting:
            await watcher.send(watcher.waiting.popleft())

    async def _catch_up(self, watcher: Watcher, end: Position | None) -> None:
        """Sends what lies between the watcher's position and `end`, by now if None."""
        complete = False
        while not complete:
            found = await self._read_page(watcher, end)
            for change in found.changes:
                await watcher.send(Told(change))
            watcher.position = found.position
            complete = found.complete
            if not (found.changes or complete):
                await watcher.send_checkpoint(caught_up=False)

    async def _read_page(self, watcher: Watcher, end: Position | None) -> Found:
        def read(view: View) -> Found:
            return self._found(
                view, watcher.position, end or _last(view), watcher.selection
            )

        async with self._catching_up:
            return await self._reads.of_all(Consistency(), read)

    def _page(
        self, view: View, start: Position, selection: Selection, size: int
    ) -> Found:
        """Returns wanted changes, one more than a page if there are as many."""
        end = _last(view)
        found = self._found(view, start, end, selection)
        scanned = _READ_AT_ONCE
        while (
            not found.complete and len(found.changes) <= size and scanned < _SCANNED_MAX
        ):
            more = self._found(view, found.position, end, selection)
            changes = [*found.changes, *more.changes]
            found = Found(changes, more.position, more.complete)
            scanned += _READ_AT_ONCE
        return found

    def _found(
        self, view: View, start: Position, end: Position, selection: Selection
    ) -> Found:
        """Returns the wanted ones of the next changes up to `end`."""
        if not end.reaches(start):
            raise ResumeTokenInvalid
        names = selection.member_ids
        parts = {self._reads.part_of(name) for name in names} if names else None
        stretch = view.snapshot.changes(start, end, limit=_READ_AT_ONCE, parts=parts)
        return Found(_wanted(stretch, selection), stretch.position, stretch.complete)

    def _given(self, request: Request) -> Position | None:
        """Returns where the request begins, None for behind the last change.

        Raises InvalidArgument and ResumeTokenInvalid.
        """
        if request.from_now and request.resume_token:
            raise InvalidArgument({"from_now": "excludes resume_token"})
        if request.from_now:
            return None
        if request.resume_token:
            return read_position(request.resume_token, self._reads.part_count)
        return Position.beginning(self._reads.part_count)


def selection_of(request: Request) -> Selection:
    """Returns which changes the request wants; raises InvalidArgument."""
    problems = {
        "member_ids": _names_problem(request.member_ids),
        "kinds": _kinds_problem(request.kinds),
        "channels": _names_problem(request.channels, UNIT_CHARACTERS_MAX),
    }
    violations = {field: what for field, what in problems.items() if what}
    if violations:
        raise InvalidArgument(violations)
    return Selection(
        member_ids=frozenset(request.member_ids),
        kinds=frozenset(request.kinds),
        channels=frozenset(request.channels),
    )


def _names_problem(names: Collection[str], *maximum: int) -> str | None:
    if len(names) > SELECTED_MAX:
        return f"must have at most {SELECTED_MAX} entries, not {len(names)}"
    problems = (name_problem(name, *maximum) for name in names)
    return next((f"entry {problem}" for problem in problems if problem), None)


def _kinds_problem(kinds: Collection[str]) -> str | None:
    if set(kinds) <= set(Kind):
        return None
    return f"must be among {', '.join(Kind)}"


def _last(view: View) -> Position:
    """Returns the position behind everything that is seen."""
    return Position(tuple(number for _, number in sorted(view.numbers.items())))


def _wanted(stretch: Stretch, selection: Selection) -> list[Change]:
    return [
        change
        for change in stretch.changes
        if selection.takes(change.member_id, change.kind, change.channel)
    ]
