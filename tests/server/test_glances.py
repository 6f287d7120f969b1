"""Glances: who asks while one is read shares the next, and nobody spoils another's."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from points.domain.identity import part_of
from points.domain.program import Program
from points.engine.engine import Engine, running_engine
from points.server.glances import Glances
from points.store.errors import StoreLost, StoreRejected
from points.store.opening import Store
from points.store.reads.glances import Glance
from tests.clock import Clock
from tests.domain.build import create_member, earn
from tests.engine.build import carry_out
from tests.store.build import reading_statements, run_sql


NAMES = ("ada", "bob", "cid", "dan")


class Held(ThreadPoolExecutor):
    """Is one thread that does nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__(1)
        self.go = threading.Event()
        self.submit(self.go.wait)


@pytest.fixture
def threads() -> Iterator[Held]:
    """Yields a thread for reads that is held."""
    with Held() as held:
        yield held
        held.go.set()


@pytest.fixture
def engine(store: Store, program: Program) -> Iterator[Engine]:
    """Yields an engine with members who have 1, 2, 3 and 4 points."""
    with running_engine(store, program, clock=Clock()) as running:
        for points, name in enumerate(NAMES, start=1):
            carry_out(running, create_member(member_id=name, request_id="join"))
            carry_out(running, earn(member_id=name, points=points))
        yield running


def place(engine: Engine, member_id: str) -> tuple[int, str]:
    """Returns where a member is."""
    return part_of(member_id, engine.store.part_count), member_id


def available(glance: Glance | None) -> int:
    """Returns the points of a glance."""
    assert glance is not None
    (balances,) = glance.balances()
    return balances.available


async def asked(
    glances: Glances, engine: Engine, names: tuple[str, ...]
) -> list[asyncio.Task[Glance | None]]:
    """Asks for members, one after the other, and returns once all of them wait."""
    tasks = [asyncio.create_task(glances.of(*place(engine, name))) for name in names]
    await asyncio.sleep(0)
    return tasks


def test_who_asks_while_one_is_read_shares_the_next_statement(
    engine: Engine, threads: Held
) -> None:
    async def ask() -> list[int]:
        glances = Glances(engine, threads)
        first = await asked(glances, engine, NAMES[:1])
        others = await asked(glances, engine, NAMES[1:])
        threads.go.set()
        return [available(await each) for each in (*first, *others)]

    with reading_statements(engine.store.backend.reading) as seen:
        assert asyncio.run(ask()) == [1, 2, 3, 4]
    assert len(seen) == 2


def test_who_goes_away_leaves_the_others_their_answer(
    engine: Engine, threads: Held
) -> None:
    async def ask() -> list[int]:
        glances = Glances(engine, threads)
        waiting = await asked(glances, engine, NAMES)
        waiting[0].cancel()
        waiting[2].cancel()
        await asyncio.sleep(0)
        threads.go.set()
        left = [available(await waiting[at]) for at in (1, 3)]
        again = await glances.of(*place(engine, "ada"))
        return [*left, available(again)]

    assert asyncio.run(ask()) == [2, 4, 1]


def test_what_is_recorded_before_the_call_is_seen_though_a_read_is_under_way(
    engine: Engine, threads: Held
) -> None:
    async def ask() -> int:
        glances = Glances(engine, threads)
        (first,) = await asked(glances, engine, ("bob",))
        carry_out(engine, earn(member_id="ada", points=10, request_id="more"))
        (second,) = await asked(glances, engine, ("ada",))
        threads.go.set()
        await first
        return available(await second)

    assert asyncio.run(ask()) == 11


def test_a_read_that_fails_is_told_to_all_who_share_it_and_to_nobody_else(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask() -> tuple[list[type], int]:
        with ThreadPoolExecutor(1) as free:
            glances = Glances(engine, free)
            with monkeypatch.context() as broken:
                broken.setattr(type(engine.store.backend), "fetch_glances", away)
                tasks = await asked(glances, engine, NAMES)
                failed = await asyncio.gather(*tasks, return_exceptions=True)
            again = await glances.of(*place(engine, "ada"))
        return [type(each) for each in failed], available(again)

    def away(*_arguments: Any, **_options: Any) -> Any:
        raise StoreLost("away")

    assert asyncio.run(ask()) == ([StoreLost] * len(NAMES), 1)


def test_what_the_database_rejects_is_left_to_a_snapshot_each(engine: Engine) -> None:
    async def ask() -> list[Glance | None]:
        with ThreadPoolExecutor(1) as free:
            glances = Glances(engine, free)
            return list(await asyncio.gather(*await asked(glances, engine, NAMES)))

    def rejected(*_arguments: Any, **_options: Any) -> Any:
        raise StoreRejected("no")

    with pytest.MonkeyPatch.context() as broken:
        broken.setattr(type(engine.store.backend), "fetch_glances", rejected)
        assert asyncio.run(ask()) == [None] * len(NAMES)


def test_a_program_that_this_process_has_not_read_yet_is_left_to_a_snapshot(
    engine: Engine,
) -> None:
    async def ask() -> Glance | None:
        with ThreadPoolExecutor(1) as free:
            return await Glances(engine, free).of(*place(engine, "ada"))

    run_sql(engine.store, "UPDATE head SET program_version = 1")

    assert asyncio.run(ask()) is None
