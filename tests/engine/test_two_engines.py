"""Two engines on one PostgreSQL burn the last points once, whoever comes first."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Final

import pytest

from points.domain.commands import Command
from points.domain.program import Program
from points.domain.refusals import InsufficientPoints
from points.domain.values import Transaction
from points.engine.engine import Engine, running_engine, system_clock
from points.engine.jobs import Outcome
from points.store.opening import Store, open_store
from tests.domain.build import burn, create_member, earn
from tests.engine.build import balance, differences
from tests.store.build import rows


MEMBERS: Final = ("ada", "bob", "eve")
THREADS: Final = 4
BURNS: Final = 20
POINTS: Final = 12


@pytest.fixture
def engines(postgres_database: str, program: Program) -> Iterator[list[Engine]]:
    """Yields two engines, each with connections of its own, as two servers have."""
    with ExitStack() as stack:
        stores: list[Store] = [
            stack.enter_context(open_store(postgres_database, migrating=True))
            for _ in range(2)
        ]
        engines = [
            stack.enter_context(running_engine(store, program)) for store in stores
        ]
        for member_id in MEMBERS:
            engines[0].execute(create_member(member_id=member_id))
            points = earn(member_id=member_id, request_id="points", points=POINTS)
            engines[0].execute(points)
        yield engines


def hammer(
    engines: list[Engine], commands: Callable[[int], list[Command]]
) -> list[Outcome]:
    """Carries out the commands of each thread in all engines at once."""
    start = threading.Barrier(THREADS * len(engines))
    outcomes: list[Outcome] = []

    def run(engine: Engine, thread_number: int) -> None:
        start.wait()
        outcomes.extend(engine.execute(command) for command in commands(thread_number))

    threads = [
        threading.Thread(target=run, args=(engine, number))
        for engine in engines
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def the_same_everywhere(_thread_number: int) -> list[Command]:
    """Returns burns of a point that every thread sends with the same request ids."""
    return [
        burn(member_id=member_id, request_id=f"b{number}", points=1)
        for number in range(BURNS)
        for member_id in MEMBERS
    ]


def of_its_own(thread_number: int) -> list[Command]:
    """Returns burns of a point with request ids of the thread."""
    return [
        burn(member_id=member_id, request_id=f"{thread_number}-{number}", points=1)
        for number in range(BURNS // THREADS)
        for member_id in MEMBERS
    ]


def all_outcomes_of(outcomes: list[Outcome]) -> Counter[tuple[str, type[object]]]:
    """Counts what was decided, by member and kind, replays left out."""
    return Counter(
        (outcome.record.member_id, type(outcome.record.result))
        for outcome in outcomes
        if not outcome.replayed
    )


@pytest.mark.parametrize("commands", [the_same_everywhere, of_its_own])
def test_the_last_points_are_burned_once(
    engines: list[Engine], commands: Callable[[int], list[Command]]
) -> None:
    outcomes = hammer(engines, commands)

    assert all_outcomes_of(outcomes) == {
        (member_id, kind): count
        for member_id in MEMBERS
        for kind, count in ((Transaction, POINTS), (InsufficientPoints, BURNS - POINTS))
    }


def test_the_books_are_exact_after_the_rush(engines: list[Engine]) -> None:
    hammer(engines, the_same_everywhere)

    assert [balance(engines[1], member_id) for member_id in MEMBERS] == [0] * 3
    assert differences(engines[0].store) == []


def test_every_thread_gets_the_same_answer_to_the_same_request(
    engines: list[Engine],
) -> None:
    outcomes = hammer(engines, the_same_everywhere)

    answers = {
        (outcome.record.member_id, outcome.record.request_id): outcome.record
        for outcome in outcomes
    }
    assert [
        outcome
        for outcome in outcomes
        if outcome.record
        != answers[outcome.record.member_id, outcome.record.request_id]
    ] == []


def test_records_are_numbered_without_gaps(engines: list[Engine]) -> None:
    hammer(engines, of_its_own)

    query = "SELECT part, max(number) - count(*), min(number) FROM record GROUP BY part"
    found = rows(engines[0].store, query)
    assert [(gaps, first) for _, gaps, first in found] == [(0, 1)] * len(found)


def test_time_never_runs_backwards_between_engines(
    postgres_database: str, program: Program
) -> None:
    with (
        open_store(postgres_database, migrating=True) as one,
        open_store(postgres_database) as other,
        running_engine(one, program, clock=lambda: system_clock() + 9_000_000) as ahead,
        running_engine(other, program) as behind,
    ):
        first = ahead.execute(create_member())
        second = behind.execute(earn(request_id="r2"))

    assert second.record.record_time == first.record.record_time
