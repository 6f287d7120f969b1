"""Threads that read: few for many callers, and nobody spoils or holds up another's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text

from points.domain.identity import part_of
from points.domain.program import Program
from points.domain.refusals import MemberNotFound
from points.engine.engine import Engine, running_engine
from points.server import readers as module
from points.server.readers import CROWD, Readers
from points.server.threads import READ_THREADS
from points.store.errors import StoreLost, StoreRejected
from points.store.opening import Store
from points.store.reads.reader import Snapshot, open_snapshot
from tests.clock import Clock
from tests.domain.build import create_member, earn
from tests.engine.build import PATIENCE_SECONDS, carry_out


@pytest.fixture
def engine(store: Store, program: Program) -> Iterator[Engine]:
    """Yields an engine with a member."""
    with running_engine(store, program, clock=Clock()) as running:
        carry_out(running, create_member(request_id="join"))
        yield running


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Yields as many threads as a server has."""
    with ThreadPoolExecutor(READ_THREADS) as pool:
        yield pool


@pytest.fixture
def readers(engine: Engine, threads: ThreadPoolExecutor) -> Readers:
    """Returns what reads for everybody."""
    return Readers(engine.store.backend, threads)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Returns a list that gets an entry for each snapshot that is opened."""
    seen: list[int] = []

    def counted(backend: Any) -> Any:
        seen.append(1)
        return open_snapshot(backend)

    monkeypatch.setattr(module, "open_snapshot", counted)
    return seen


def points(engine: Engine) -> Callable[[Snapshot], int]:
    """Returns a read of what Ada has."""
    part = part_of("ada", engine.store.part_count)

    def read(snapshot: Snapshot) -> int:
        found = snapshot.balances(part, "ada", now=engine.clock())
        return sum(balances.available for balances in found)

    return read


def waits_for(go: threading.Event) -> Callable[[Snapshot], str]:
    """Returns a read that lasts until it may go."""

    def read(_: Snapshot) -> str:
        go.wait(PATIENCE_SECONDS)
        return "slow"

    return read


async def asked(
    readers: Readers, *reads: Callable[[Snapshot], Any]
) -> Sequence[asyncio.Task[Any]]:
    """Asks for reads, one after the other, and returns once all of them wait."""
    tasks = [asyncio.create_task(readers.run(read)) for read in reads]
    await asyncio.sleep(0)
    return tasks


def test_who_waits_together_shares_a_snapshot(
    engine: Engine,
    readers: Readers,
    opened: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "STUCK_SECONDS", PATIENCE_SECONDS)
    go = threading.Event()

    async def ask() -> list[Any]:
        first = await asked(readers, waits_for(go))
        others = await asked(readers, *[points(engine)] * 9)
        go.set()
        return list(await asyncio.gather(*first, *others))

    assert asyncio.run(ask()) == ["slow", *[0] * 9]
    assert len(opened) == 2


def test_who_waits_behind_a_slow_read_gets_another_thread(
    engine: Engine, readers: Readers
) -> None:
    go = threading.Event()

    async def ask() -> list[Any]:
        slow = await asked(readers, *[waits_for(go)] * (READ_THREADS - 1))
        quick = await asyncio.gather(*await asked(readers, *[points(engine)] * 3))
        assert not any(each.done() for each in slow)
        go.set()
        return [*quick, *await asyncio.gather(*slow)]

    assert asyncio.run(ask()) == [0, 0, 0, *["slow"] * (READ_THREADS - 1)]


def test_a_crowd_gets_as_many_threads_as_the_database_is_read_by(
    engine: Engine, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STUCK_SECONDS", PATIENCE_SECONDS)
    most = engine.store.backend.readers
    all_are_here = threading.Barrier(most)

    def meet(_: Snapshot) -> int:
        all_are_here.wait(PATIENCE_SECONDS)
        return threading.get_ident()

    async def ask() -> list[int]:
        first = await asked(readers, *[meet] * most)
        others = await asked(readers, *[points(engine)] * CROWD * most)
        await asyncio.gather(*others)
        return [await each for each in first]

    assert len(set(asyncio.run(ask()))) == most


def test_a_read_sees_what_was_recorded_before_it_was_asked_for(
    engine: Engine, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STUCK_SECONDS", PATIENCE_SECONDS)
    go = threading.Event()

    async def ask() -> Any:
        (slow,) = await asked(readers, waits_for(go))
        carry_out(engine, earn(points=10, request_id="more"))
        (later,) = await asked(readers, points(engine))
        go.set()
        await slow
        return await later

    assert asyncio.run(ask()) == 10


def refuse(_: Snapshot) -> Any:
    """Is a read of what is not there."""
    raise MemberNotFound("bob")


def fail(snapshot: Snapshot) -> Any:
    """Is a read that the database rejects, and that breaks its transaction."""
    return snapshot.all(select(text("nonsense")))


def blunder(_: Snapshot) -> Any:
    """Is a read with a defect."""
    raise ZeroDivisionError


def test_each_caller_gets_the_error_of_its_own_read(
    engine: Engine, readers: Readers
) -> None:
    reads = [points(engine), refuse, points(engine), fail, points(engine), blunder]

    async def ask() -> list[Any]:
        tasks = await asked(readers, *reads, points(engine))
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, refused, second, failed, third, defect, last = asyncio.run(ask())
    assert (first, second, third, last) == (0, 0, 0, 0)
    assert isinstance(refused, MemberNotFound)
    assert isinstance(failed, StoreLost | StoreRejected)
    assert isinstance(defect, ZeroDivisionError)


@pytest.mark.parametrize("error", [StopIteration, SystemExit, KeyboardInterrupt])
def test_what_would_end_a_thread_or_the_loop_is_a_failure_of_its_caller_alone(
    engine: Engine, readers: Readers, error: type[BaseException]
) -> None:
    def end(_: Snapshot) -> Any:
        raise error

    async def ask() -> list[Any]:
        tasks = await asked(readers, points(engine), end, points(engine))
        return await asyncio.gather(*tasks, return_exceptions=True)

    first, failed, last = asyncio.run(ask())
    assert (first, last) == (0, 0)
    assert isinstance(failed, RuntimeError)


def test_a_database_that_is_away_is_away_for_all_who_wait_and_then_comes_back(
    engine: Engine, readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: Any) -> Any:
        raise StoreLost("away")

    async def ask() -> tuple[list[Any], Any]:
        with monkeypatch.context() as broken:
            broken.setattr(module, "open_snapshot", away)
            tasks = await asked(readers, *[points(engine)] * 5)
            failed = await asyncio.gather(*tasks, return_exceptions=True)
        return [type(each) for each in failed], await readers.run(points(engine))

    assert asyncio.run(ask()) == ([StoreLost] * 5, 0)


def test_nothing_is_read_for_who_has_gone(
    readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STUCK_SECONDS", PATIENCE_SECONDS)
    go = threading.Event()
    seen: list[int] = []

    async def ask() -> None:
        (slow,) = await asked(readers, waits_for(go))
        gone, stays = await asked(readers, lambda _: seen.append(1), lambda _: None)
        gone.cancel()
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(slow, stays)

    asyncio.run(ask())
    assert seen == []


def test_everybody_is_answered_however_calls_and_threads_meet(
    readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "STUCK_SECONDS", 0.0)

    async def caller(number: int) -> list[int]:
        found = []
        for turn in range(20):
            found.append(await readers.run(partial(told, number + turn)))
            if number % 3 == 0:
                await asyncio.sleep(0)
        return found

    def told(number: int, _: Snapshot) -> int:
        return number

    async def ask() -> list[list[int]]:
        return await asyncio.gather(*map(caller, range(40)))

    wanted = [list(range(number, number + 20)) for number in range(40)]
    assert asyncio.run(ask()) == wanted
