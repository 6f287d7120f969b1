"""Capture, void, timeout and sweep at once: one of them ends the hold."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Final

import pytest

from points.domain.commands import Command, LapseHold
from points.domain.program import Program
from points.domain.refusals import HoldNotOpen, NothingDue
from points.domain.values import HoldState, Transaction
from points.engine.engine import Engine, running_engine
from points.store.opening import Store, open_store
from tests.clock import HOUR, Clock
from tests.domain.build import create_member, earn
from tests.domain.build_holds import capture_hold, void_hold
from tests.engine.build import differences
from tests.engine.build_holds import balances, hold_at, placed


MEMBERS: Final = tuple(f"m{number}" for number in range(6))
THREADS: Final = 3


@pytest.fixture(params=["sqlite", "postgresql"])
def engines(
    request: pytest.FixtureRequest, program: Program, clock: Clock
) -> Iterator[list[Engine]]:
    """Yields one engine on SQLite, or two on the same PostgreSQL database."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            stores: list[Store] = [request.getfixturevalue("sqlite_store")]
        else:
            url = request.getfixturevalue("postgres_database")
            stores = [
                stack.enter_context(open_store(url, migrating=True)) for _ in range(2)
            ]
        yield [
            stack.enter_context(running_engine(store, program, clock=clock))
            for store in stores
        ]


def held(engine: Engine, **fields: int) -> dict[str, str]:
    """Returns the hold of 60 of the 100 points that each member has."""
    for name in MEMBERS:
        engine.execute(create_member(member_id=name, request_id="m"))
        engine.execute(earn(member_id=name, request_id="e"))
    return {
        name: placed(engine, member_id=name, points=60, **fields) for name in MEMBERS
    }


def rush(engines: list[Engine], commands: list[list[Command]]) -> list[Counter[str]]:
    """Carries out each list in a thread of its own, in all engines at once.

    Returns how many of each came to be, by name of the command.
    """
    start = threading.Barrier(len(commands) * len(engines))
    done: list[str] = []

    def run(engine: Engine, own: list[Command]) -> None:
        start.wait()
        for command in own:
            try:
                outcome = engine.execute(command)
            except NothingDue:
                continue
            if isinstance(outcome.record.result, HoldNotOpen) or outcome.replayed:
                continue
            assert isinstance(outcome.record.result, Transaction)
            done.append(f"{command.member_id} {type(command).__name__}")

    threads = [
        threading.Thread(target=run, args=(engine, own))
        for engine in engines
        for own in commands
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [
        Counter(line.split()[1] for line in done if line.split()[0] == name)
        for name in MEMBERS
    ]


def test_a_hold_is_captured_or_voided_never_both(engines: list[Engine]) -> None:
    holds = held(engines[0])
    commands: list[list[Command]] = [
        [
            make(member_id=name, request_id=f"{make.__name__}{thread}", hold_id=hold_id)
            for name, hold_id in holds.items()
        ]
        for thread in range(THREADS)
        for make in (capture_hold, void_hold)
    ]

    ended = rush(engines, commands)

    assert [sum(one.values()) for one in ended] == [1] * len(MEMBERS)
    assert [
        (balances(engines[0], name).available, balances(engines[0], name).held)
        for name in MEMBERS
    ] == [(40 if one["CaptureHold"] else 100, 0) for one in ended]
    assert differences(engines[0].store) == []


def test_captures_of_all_sides_take_each_point_once(engines: list[Engine]) -> None:
    holds = held(engines[0])
    commands: list[list[Command]] = [
        [
            capture_hold(
                member_id=name,
                request_id=f"c{thread}-{number}",
                hold_id=hold_id,
                points=20,
            )
            for number in range(3)
            for name, hold_id in holds.items()
        ]
        for thread in range(THREADS)
    ]

    ended = rush(engines, commands)

    assert ended == [Counter(CaptureHold=3)] * len(MEMBERS)
    assert {hold_at(engines[0], h).captured_points for h in holds.values()} == {60}
    assert differences(engines[0].store) == []


def test_a_timeout_ends_a_hold_once_whoever_finds_it(
    engines: list[Engine], clock: Clock
) -> None:
    """Captures, voids and sweeps run while the clock passes the timeout."""
    holds = held(engines[0], timeout=HOUR)
    sweeps = [LapseHold.of(hold_at(engines[0], one)) for one in holds.values()]
    clock.advance(HOUR - 2)
    ends: list[list[Command]] = [
        [
            make(member_id=name, request_id=make.__name__, hold_id=hold_id)
            for name, hold_id in reversed(holds.items())
        ]
        for make in (capture_hold, void_hold)
    ]
    ticking = threading.Timer(0.01, clock.advance, [2])
    ticking.start()

    ended = rush(engines, [[*sweeps, *sweeps], *ends])
    ticking.join()

    done = [sum(one.values()) for one in ended]
    lapsed = [
        hold_at(engines[0], hold_id).state is HoldState.LAPSED
        for hold_id in holds.values()
    ]
    assert all(count == 1 or late for count, late in zip(done, lapsed, strict=True))
    assert max(done) == 1
    assert [balances(engines[0], name).held for name in MEMBERS] == [0] * len(MEMBERS)
    assert differences(engines[0].store) == []
