"""The feed: follows the ledger once for all, however the commits come about."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from points.domain.program import Program
from points.engine.engine import Engine, running_engine
from points.engine.feed import Feed, FeedLimits, running_feed
from points.store.opening import Store, open_store
from points.store.reads.feed import Stretch
from tests.domain.build import create_member, earn
from tests.engine.build import PATIENCE_SECONDS, carry_out, run_sql
from tests.store.build import reading_statements


NEVER_LOOKS = FeedLimits(poll_seconds=3_600)


@dataclass
class Listener:
    """Is an audience that remembers what it is told."""

    numbers: list[tuple[int, int]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    looks: int = 0
    changed: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, stretch: Stretch) -> None:
        """Remembers the changes."""
        with self.changed:
            self.looks += 1
            self.numbers.extend((c.part, c.number) for c in stretch.changes)
            self.changed.notify_all()

    def lose(self, error: Exception) -> None:
        """Remembers the reason."""
        with self.changed:
            self.errors.append(error)
            self.changed.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        """Waits until the condition holds."""
        with self.changed:
            assert self.changed.wait_for(condition, PATIENCE_SECONDS)


@pytest.fixture
def listener() -> Listener:
    """Returns an audience."""
    return Listener()


@pytest.fixture
def run_feed(listener: Listener) -> Iterator[Callable[..., Feed]]:
    """Yields a function that runs a feed for the listener."""
    with ExitStack() as stack:

        def run(store: Store, limits: FeedLimits | None = None) -> Feed:
            return stack.enter_context(running_feed(store.backend, listener, limits))

        yield run


@pytest.fixture
def nudged(
    store: Store, program: Program, run_feed: Callable[..., Feed]
) -> Iterator[tuple[Feed, Engine]]:
    """Yields a feed that never looks by itself, and the engine that nudges it."""
    feed = run_feed(store, NEVER_LOOKS)
    with running_engine(store, program, on_commit=feed.nudge) as engine:
        yield feed, engine


def watch(feed: Feed, listener: Listener, stack: ExitStack) -> None:
    """Watches until the stack unwinds; the feed has looked once when it returns."""
    stack.enter_context(feed.watched())
    feed.nudge()
    listener.wait(lambda: listener.looks > 0)


def test_commits_of_the_own_writer_are_told_without_looking_for_them(
    nudged: tuple[Feed, Engine], listener: Listener
) -> None:
    feed, engine = nudged
    with ExitStack() as stack:
        watch(feed, listener, stack)
        carry_out(engine, create_member(), *(earn(request_id=f"e{n}") for n in "123"))

        listener.wait(lambda: len(listener.numbers) == 4)

    assert [number for _, number in listener.numbers] == [1, 2, 3, 4]


def test_a_burst_that_is_larger_than_one_look_is_told_to_its_end(
    store: Store, program: Program, listener: Listener, run_feed: Callable[..., Feed]
) -> None:
    feed = run_feed(store, FeedLimits(poll_seconds=3_600, changes_read=7))
    running = running_engine(store, program, on_commit=feed.nudge)
    with running as engine, ExitStack() as stack:
        watch(feed, listener, stack)
        earns = [earn(request_id=f"e{n}") for n in range(99)]
        carry_out(engine, create_member(), *earns)

        listener.wait(lambda: len(listener.numbers) == 100)

    assert [number for _, number in listener.numbers] == list(range(1, 101))


def test_nothing_is_read_while_nobody_watches(
    nudged: tuple[Feed, Engine], store: Store, listener: Listener
) -> None:
    _, engine = nudged
    with reading_statements(store.backend.reading) as seen:
        carry_out(engine, create_member(), earn(request_id="e1"))
        time.sleep(0.1)

    assert seen == []
    assert listener.looks == 0


def test_one_look_takes_one_statement_while_nothing_happens(
    nudged: tuple[Feed, Engine], store: Store, listener: Listener
) -> None:
    feed, _ = nudged
    with reading_statements(store.backend.reading) as seen, ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(feed.watched())
        watch(feed, listener, stack)
        looks = listener.looks

    assert len(seen) <= looks + 1


def test_what_happened_while_nobody_watched_is_not_told(
    nudged: tuple[Feed, Engine], listener: Listener
) -> None:
    feed, engine = nudged
    carry_out(engine, create_member())
    with ExitStack() as stack:
        watch(feed, listener, stack)
        carry_out(engine, earn(request_id="e1"))

        listener.wait(lambda: bool(listener.numbers))

    assert [number for _, number in listener.numbers] == [2]


def test_commits_of_other_engines_are_found(
    postgres_database: str,
    program: Program,
    listener: Listener,
    run_feed: Callable[..., Feed],
) -> None:
    with (
        open_store(postgres_database, migrating=True) as ours,
        open_store(postgres_database) as theirs,
        running_engine(theirs, program) as other,
        ExitStack() as stack,
    ):
        feed = run_feed(ours, FeedLimits(poll_seconds=0.01))
        watch(feed, listener, stack)
        carry_out(other, create_member(), earn(request_id="e1"))

        listener.wait(lambda: len(listener.numbers) == 2)
        feed.stop()


def test_a_feed_that_fails_says_so_and_goes_on(
    nudged: tuple[Feed, Engine], store: Store, listener: Listener
) -> None:
    feed, engine = nudged
    with ExitStack() as stack:
        watch(feed, listener, stack)
        carry_out(engine, create_member())
        listener.wait(lambda: len(listener.numbers) == 1)
        # As if a record had been lost: numbers have a gap.
        run_sql(store, "UPDATE head SET last_number = last_number + 1")
        feed.nudge()
        listener.wait(lambda: bool(listener.errors))
        run_sql(store, "UPDATE head SET last_number = last_number - 1")

    assert len(listener.errors) == 1
