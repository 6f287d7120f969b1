"""Tells subscribers of what was committed: at least once, in the order of each part.

A subscriber has a cursor: how far it has come in each part, and where it has failed.
One server at a time holds it, for a while; should that one die, the next one goes on
from what was kept, and tells a little of it twice.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple, Self

import structlog

from points.domain.changes import Position
from points.domain.documents import Document, DocumentPlace
from points.domain.refusals import ResumeTokenTooOld
from points.engine.engine import Engine
from points.engine.plugins.codec import read_tree, write_tree
from points.engine.plugins.events import events_of
from points.engine.tallies import Hook
from points.plugin.reactions import Event, Subscriber
from points.store.reads.feed import Change
from points.store.reads.reader import open_snapshot
from points.store.writing.subscriptions import keep


CHANGES_READ: Final = 500
"""Records read at a time."""

HELD_SECONDS: Final = 30
"""How long a server holds a cursor without being heard of."""

_SECOND: Final = 1_000_000
_PAUSE_MAX: Final = 3_600 * _SECOND
_WHY_CHARACTERS_MAX: Final = 500
_CURSOR_PART: Final = 0

_log = structlog.get_logger("points.plugins")


class Failing(NamedTuple):
    """Says how often the next event of a part has failed, and when it is retried."""

    attempt: int
    retry_time: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """Is how far a subscriber has come: the last record of each part.

    `holder` is the server that tells it, until `held_until`.
    """

    numbers: tuple[int, ...]
    failing: Mapping[int, Failing] = field(default_factory=dict)
    holder: str = ""
    held_until: int = 0

    def text(self) -> str:
        """Returns the body of its document."""
        failing = {str(part): list(each) for part, each in self.failing.items()}
        return write_tree([self.numbers, failing, self.holder, self.held_until])

    @classmethod
    def of(cls, document: Document) -> Self:
        """Returns what `text` wrote."""
        numbers, failing, holder, held_until = read_tree(document.body)
        told = {int(part): Failing(*each) for part, each in failing.items()}
        return cls(tuple(numbers), told, holder, held_until)

    def is_free(self, holder: str, now: int) -> bool:
        """Says whether a server may tell the subscriber now."""
        return self.holder in ("", holder) or self.held_until <= now

    def passed(self, part: int, number: int) -> Cursor:
        """Returns the cursor behind a record."""
        numbers = (*self.numbers[:part], number, *self.numbers[part + 1 :])
        failing = {p: each for p, each in self.failing.items() if p != part}
        return replace(self, numbers=numbers, failing=failing)

    def failed(self, part: int, now: int) -> Cursor:
        """Returns the cursor before a record that has failed once more."""
        before = self.failing.get(part, Failing(0, 0)).attempt
        pause = min(_SECOND << min(before, 32), _PAUSE_MAX)
        failing = {**self.failing, part: Failing(before + 1, now + pause)}
        return replace(self, failing=failing)


class Dead(NamedTuple):
    """Is an event that was given up, with what went wrong."""

    part: int
    event: Event
    why: str


class Told(NamedTuple):
    """Is what has come of telling: where the cursor stands, and what was given up."""

    cursor: Cursor
    dead: tuple[Dead, ...] = ()


def tell(engine: Engine, plugin: str, subscriber: Subscriber, holder: str) -> bool:
    """Tells a subscriber what has come, as far as one reading goes.

    Says whether there may be more. Raises StoreLost.
    """
    now, place = engine.clock(), _place(plugin, subscriber)
    with open_snapshot(engine.store.backend) as snapshot:
        kept = snapshot.document(place[:4], place[4])
        end = snapshot.last_position()
        cursor = Cursor.of(kept) if kept else Cursor(end.numbers)
        if not cursor.is_free(holder, now):
            return False
        changes = _changes(snapshot, cursor, end, now)
    if kept and not changes:
        return False
    if kept and not any(_wanted(subscriber, each) for each in changes):
        passed = _tell_all(subscriber, cursor, changes, now).cursor
        _keep(engine, place, passed, before=kept)
        return len(changes) >= CHANGES_READ
    held = replace(cursor, holder=holder, held_until=now + HELD_SECONDS * _SECOND)
    # Held before anything is told: of several servers one goes on.
    if not _keep(engine, place, held, before=kept):
        return False
    began = time.perf_counter()
    told = _tell_all(subscriber, held, changes, now)
    _count(engine, (plugin, f"subscriber/{subscriber.name}"), told, began)
    dead = [_letter(plugin, subscriber, each) for each in told.dead]
    _keep(engine, place, told.cursor, before=_document(place, held), more=dead)
    return len(changes) >= CHANGES_READ


def _changes(
    snapshot: Any, cursor: Cursor, end: Position, now: int
) -> Sequence[Change]:
    """Returns what comes next, of the parts that do not wait."""
    waiting = {p for p, each in cursor.failing.items() if each.retry_time > now}
    parts = [part for part in range(len(cursor.numbers)) if part not in waiting]
    start = Position(cursor.numbers)
    try:
        stretch = snapshot.changes(start, end, limit=CHANGES_READ, parts=parts)
    except ResumeTokenTooOld:
        _log.error("subscriber_too_late", start=start.numbers)
        return ()
    found: Sequence[Change] = stretch.changes
    return found


def _tell_all(
    subscriber: Subscriber, cursor: Cursor, changes: Sequence[Change], now: int
) -> Told:
    told, blocked = Told(cursor), set[int]()
    for change in changes:
        if change.part in blocked:
            continue
        told = _tell(subscriber, told, change, now)
        if change.part in told.cursor.failing:
            blocked.add(change.part)
    return told


def _tell(subscriber: Subscriber, told: Told, change: Change, now: int) -> Told:
    """Tells what a change is to a subscriber; its part waits if that fails."""
    cursor = told.cursor
    dead: list[Dead] = []
    for event in _wanted(subscriber, change):
        try:
            subscriber.handler(event)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever it raises
            attempt = cursor.failing.get(change.part, Failing(0, 0)).attempt + 1
            _log_failure(subscriber, event, attempt, error)
            if attempt < subscriber.attempts:
                return Told(cursor.failed(change.part, now), told.dead)
            why = f"{type(error).__name__}: {error}"[:_WHY_CHARACTERS_MAX]
            dead.append(Dead(change.part, event, why))
    return Told(cursor.passed(change.part, change.number), (*told.dead, *dead))


def _count(engine: Engine, hook: Hook, told: Told, began: float) -> None:
    tally = engine.plugins.breaker.tally
    tally.add_call(hook, time.perf_counter() - began)
    if told.cursor.failing:
        tally.add_failure(hook)
    for _ in told.dead:
        tally.add_given_up(hook)


def _wanted(subscriber: Subscriber, change: Change) -> list[Event]:
    """Returns the events of a change that a subscriber wants."""
    found = events_of(change.record())
    return [event for event in found if event.name in subscriber.events]


def _log_failure(
    subscriber: Subscriber, event: Event, attempt: int, error: BaseException
) -> None:
    _log.warning(
        "subscriber_failed",
        subscriber=subscriber.name,
        event_id=event.event_id,
        attempt=attempt,
        exc_info=error,
    )


def _keep(
    engine: Engine,
    place: DocumentPlace,
    cursor: Cursor,
    *,
    before: Document | None,
    more: Sequence[Document] = (),
) -> bool:
    """Keeps a cursor unless another server has moved it; says whether it did."""

    def decide(found: Document | None) -> Sequence[Document]:
        return (_document(place, cursor), *more) if found == before else ()

    return keep(engine.store.backend, place, decide)


def _document(place: DocumentPlace, cursor: Cursor) -> Document:
    return Document(*place, 1, cursor.text())


def _letter(plugin: str, subscriber: Subscriber, dead: Dead) -> Document:
    """Returns an event that was given up as a document."""
    told = write_tree({"event": dead.event._asdict(), "why": dead.why})
    name, event_id = f"dead:{subscriber.name}", dead.event.event_id
    return Document(dead.part, plugin, name, subscriber.name, event_id, 1, told)


def _place(plugin: str, subscriber: Subscriber) -> DocumentPlace:
    name = subscriber.name
    return _CURSOR_PART, plugin, f"cursor:{name}", name, ""
