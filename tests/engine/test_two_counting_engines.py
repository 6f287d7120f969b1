"""Two engines on one PostgreSQL race for what members share."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Final

import pytest

from points.domain.commands import Command
from points.domain.counters import counter_part
from points.domain.identity import part_of
from points.domain.refusals import BudgetExhausted
from points.domain.values import Transaction
from points.engine.engine import Engine, running_engine
from points.engine.jobs import Outcome
from points.store.opening import Store, open_store
from tests.domain.build import burn, create_member, earn
from tests.engine.build import (
    PATIENCE_SECONDS,
    answers,
    balance,
    differences,
    submit,
)
from tests.engine.build_counting import (
    FUNDS,
    counting,
    fund,
    funded_program,
    paid_burn,
)
from tests.store.build import rows


MEMBERS: Final = tuple(f"m{number}" for number in range(8))
THREADS: Final = 4
CROSSING: Final = ("cap:north", "cap:south", "cap:east", "cap:west")
PARTS: Final = 8
"""So few that members and counters share parts, in either order."""


@pytest.fixture
def engines(postgres_database: str) -> Iterator[list[Engine]]:
    """Yields two engines, each with connections of its own, as two servers have."""
    with ExitStack() as stack:
        stack.enter_context(counting())
        stores: list[Store] = [
            stack.enter_context(
                open_store(postgres_database, migrating=True, part_count=PARTS)
            )
            for _ in range(2)
        ]
        engines = [
            stack.enter_context(running_engine(store, funded_program()))
            for store in stores
        ]
        for member_id in MEMBERS:
            engines[0].execute(create_member(member_id=member_id))
            engines[0].execute(earn(member_id=member_id, request_id="points"))
        yield engines


def hammer(
    engines: list[Engine], commands: Callable[[int], list[Command]]
) -> list[Outcome]:
    """Carries out the commands of each thread, its engine taken in turn, at once."""
    count = THREADS * len(engines)
    start = threading.Barrier(count)
    outcomes: list[Outcome] = []

    def run(number: int) -> None:
        engine = engines[number % len(engines)]
        start.wait()
        outcomes.extend([engine.execute(command) for command in commands(number)])

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    assert not any(thread.is_alive() for thread in threads), "deadlocked"
    return outcomes


def kinds(outcomes: list[Outcome]) -> Counter[type[object]]:
    """Counts what the commands came to."""
    return Counter(type(outcome.record.result) for outcome in outcomes)


def used(engine: Engine) -> dict[str, int]:
    """Returns what is used of each counter."""
    return dict(rows(engine.store, "SELECT name, used FROM counter"))


@pytest.mark.parametrize("points", [1, 7])
def test_a_budget_is_never_overspent_by_a_point(
    engines: list[Engine], points: int
) -> None:
    engines[0].execute(fund(points=points))

    def commands(thread_number: int) -> list[Command]:
        return [
            paid_burn(member_id=member_id, request_id=f"{thread_number}")
            for member_id in MEMBERS
        ]

    found = kinds(hammer(engines, commands))

    tries = 2 * THREADS * len(MEMBERS)
    assert found == {Transaction: points, BudgetExhausted: tries - points}
    assert used(engines[0]) == {FUNDS: points}
    assert differences(engines[1].store) == []


def test_a_budget_that_is_funded_while_it_is_paid_from_stays_exact(
    engines: list[Engine],
) -> None:
    def commands(thread_number: int) -> list[Command]:
        funding = fund(request_id=f"{thread_number}", points=3)
        burns = [
            paid_burn(member_id=member_id, request_id=f"{thread_number}")
            for member_id in MEMBERS
        ]
        return [*burns[:4], funding, *burns[4:]]

    found = kinds(hammer(engines, commands))

    assert 1 <= found[Transaction] <= 6 * THREADS
    assert used(engines[0]) == {FUNDS: found[Transaction]}
    left = sum(balance(engines[0], member_id) for member_id in MEMBERS)
    assert left == 100 * len(MEMBERS) - found[Transaction]
    assert differences(engines[1].store) == []


def test_counters_that_cross_do_not_deadlock(engines: list[Engine]) -> None:
    """Members and counters of all parts, in every order, found out late."""
    parts = {counter_part(name, PARTS) for name in CROSSING}
    assert len(parts & {part_of(name, PARTS) for name in MEMBERS}) > 1

    def commands(thread_number: int) -> list[Command]:
        turn = thread_number % len(CROSSING)
        names = CROSSING[turn:] + CROSSING[:turn]
        return [
            paid_burn(
                member_id=MEMBERS[(number * 3 + thread_number) % len(MEMBERS)],
                request_id=f"{thread_number}-{number}",
                names=names[: 1 + number % 4],
            )
            for number in range(24)
        ]

    outcomes = hammer(engines, commands)

    assert kinds(outcomes) == {Transaction: 24 * 2 * THREADS}
    assert sum(used(engines[0]).values()) == 60 * 2 * THREADS
    assert differences(engines[1].store) == []


def test_commands_of_one_caller_keep_their_order(engines: list[Engine]) -> None:
    engines[0].execute(fund(points=1_000))

    def commands(thread_number: int) -> list[Command]:
        member_id = MEMBERS[thread_number]
        makers: list[Callable[..., Command]] = [paid_burn, burn]
        return [
            makers[number % 2](
                member_id=member_id, request_id=f"r{number:02}", points=1
            )
            for number in range(20)
        ]

    # All are queued at once: both engines want the counter all the time.
    submitted = [
        submit(engines[number % 2], command)
        for each in zip(*map(commands, range(len(MEMBERS))), strict=True)
        for number, command in enumerate(each)
    ]
    for future in submitted:
        answers(future)

    query = (
        "SELECT member_id, request_id FROM record WHERE kind = 'BURN'"
        " ORDER BY member_id, number"
    )
    found = rows(engines[0].store, query)
    assert found == sorted(found)
    assert used(engines[0]) == {FUNDS: 10 * 2 * THREADS}
