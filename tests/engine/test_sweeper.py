"""The sweep: it records what is true already, once, and disturbs nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from points.domain.values import Kind
from points.engine import submitting, sweeper
from points.engine.engine import Engine
from points.engine.sweeper import STEPS, Sweeper, Swept, sweep
from points.store.opening import Store
from tests.clock import DAY, NOON
from tests.domain.build import burn, create_member, earn
from tests.domain.test_merge import erase
from tests.engine.build import (
    PATIENCE_SECONDS,
    differences,
    held_engine,
    submit,
)
from tests.engine.ledger import (
    advance,
    balances,
    carry_out,
    system_records,
)
from tests.store.build import rows


MakeEngine = Callable[..., Engine]


@pytest.fixture
def engine(store: Store, make_engine: MakeEngine) -> Engine:
    """Returns an engine on each database, with Ada and Bob."""
    made = make_engine(store)
    for member_id in ("ada", "bob"):
        made.execute(create_member(member_id=member_id, request_id="create"))
    return made


def test_a_sweep_moves_expired_points_to_breakage(engine: Engine) -> None:
    carry_out(engine, earn(points=30, expire_time=NOON + DAY))
    carry_out(engine, earn(request_id="r2", points=12))
    advance(engine, DAY)

    swept = sweep(engine)

    assert swept == Swept(swept_lots=1, expired_points={"points": 30})
    accounts = dict(rows(engine.store, "SELECT account, balance FROM account"))
    assert (accounts["member:ada"], accounts["breakage"]) == (12, 30)
    assert differences(engine.store) == []


def test_a_sweep_gives_back_what_waited_in_vain(engine: Engine) -> None:
    carry_out(engine, earn(points=30, waits_for="delivery", cancel_time=NOON + DAY))
    advance(engine, DAY)

    swept = sweep(engine)

    assert swept == Swept(swept_lots=1, cancelled_points={"points": 30})
    assert balances(engine)[0].lifetime_earned == 0
    assert differences(engine.store) == []


def test_a_second_sweep_does_nothing(engine: Engine) -> None:
    carry_out(engine, earn(expire_time=NOON + DAY))
    advance(engine, DAY)
    sweep(engine)

    assert (sweep(engine), len(system_records(engine))) == (Swept(), 1)


def test_nothing_is_swept_before_its_time(engine: Engine) -> None:
    carry_out(engine, earn(expire_time=NOON + DAY))
    advance(engine, DAY - 1)

    assert (sweep(engine), system_records(engine)) == (Swept(), [])


def test_a_member_and_unit_is_one_record(engine: Engine) -> None:
    for number in range(5):
        for member_id, unit in (("ada", "points"), ("ada", "miles"), ("bob", "points")):
            command = earn(
                request_id=f"{unit}{number}",
                member_id=member_id,
                unit=unit,
                expire_time=NOON + 1 + number,
            )
            carry_out(engine, command)
    advance(engine, DAY)

    sweep(engine)

    expiry = Kind.EXPIRE.value
    assert sorted(system_records(engine)) == [
        ("ada", expiry),
        ("ada", expiry),
        ("bob", expiry),
    ]


def test_a_sweep_takes_page_after_page(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(7):
        carry_out(engine, earn(request_id=f"r{number}", expire_time=NOON + 1))
    advance(engine, DAY)
    monkeypatch.setattr(sweeper, "ROWS_MAX", 2)
    monkeypatch.setattr(submitting, "COMMANDS_MAX", 1)

    assert sweep(engine).swept_lots == 7


def test_a_record_sweeps_a_bounded_number_of_lots(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        carry_out(engine, earn(request_id=f"r{number}", expire_time=NOON + 1))
    advance(engine, DAY)
    monkeypatch.setattr(sweeper, "EXPIRE_LOTS_MAX", 2)

    assert sweep(engine).swept_lots == 5
    assert len(system_records(engine)) == 3


def test_lapses_come_before_expiries() -> None:
    assert [step.name for step in STEPS] == [
        "lapse",
        "claims",
        "expire",
        "stand",
    ]


# The queue, the thread


def test_a_sweep_gives_way_to_callers(sqlite_store: Store, program: Any) -> None:
    with held_engine(
        sqlite_store, program, create_member(request_id="c"), queue_limit=4
    ) as (engine, gate):
        gate.open.set()
        carry_out(engine, earn(expire_time=NOON + 1))
        advance(engine, DAY)
        gate.open.clear()
        gate.reached.clear()
        blocked = [burn(request_id=f"b{n}", points=1) for n in range(5)]
        _fill(engine, gate.reached, blocked)

        assert not sweep(engine).finished
        gate.open.set()


def _fill(engine: Engine, reached: threading.Event, commands: list[Any]) -> None:
    submit(engine, commands[0])
    reached.wait(PATIENCE_SECONDS)
    for command in commands[1:]:
        submit(engine, command)


def test_a_sweep_that_is_stopped_begins_nothing(engine: Engine) -> None:
    carry_out(engine, earn(expire_time=NOON + 1))
    advance(engine, DAY)
    stopped = threading.Event()
    stopped.set()

    assert sweep(engine, stopped) == Swept(finished=False)


@contextmanager
def sweeping(engine: Engine) -> Iterator[None]:
    """Runs a sweeper without a pause for the length of the block."""
    running = Sweeper(engine, interval_seconds=0.01)
    running.start()
    try:
        yield
    finally:
        running.stop()


def test_a_sweeper_sweeps_by_itself_and_stops(engine: Engine) -> None:
    carry_out(engine, earn(expire_time=NOON + 1))
    advance(engine, DAY)
    with sweeping(engine):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not system_records(engine) and time.monotonic() < deadline:
            time.sleep(0.01)

    assert system_records(engine) == [("ada", Kind.EXPIRE.value)]
    assert "points-sweep" not in {thread.name for thread in threading.enumerate()}


def test_an_interval_of_zero_never_sweeps(engine: Engine) -> None:
    idle = Sweeper(engine, interval_seconds=0)
    idle.start()

    assert "points-sweep" not in {thread.name for thread in threading.enumerate()}
    idle.stop()


def test_a_sweeper_whose_thread_has_died_still_ends_all_threads(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(_: Sweeper) -> None:
        raise OverflowError

    monkeypatch.setattr(Sweeper, "_pause", die)
    monkeypatch.setattr(threading, "excepthook", lambda _: None)
    with sweeping(engine):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while "points-sweep" in names_of_threads() and time.monotonic() < deadline:
            time.sleep(0.01)

    assert names_of_threads().isdisjoint(
        {"points-sweep", "points-jobs", "points-subscribers"}
    )


def names_of_threads() -> set[str]:
    """Returns the names of the threads that run."""
    return {thread.name for thread in threading.enumerate()}


def test_a_sweeper_outlives_a_sweep_that_fails(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    third = threading.Event()

    def fail(*_: object, **_options: object) -> Swept:
        calls.append(1)
        if len(calls) > 2:
            third.set()
        raise OSError

    monkeypatch.setattr(sweeper, "sweep", fail)
    with sweeping(engine):
        assert third.wait(PATIENCE_SECONDS)


def test_what_an_erased_member_had_expires_like_everybodys(engine: Engine) -> None:
    engine.execute(earn(expire_time=NOON + 1))
    engine.execute(erase(request_id="erase"))
    advance(engine, 1)

    assert sweep(engine).expired_points == {"points": 100}
    assert sweep(engine).is_empty
    assert differences(engine.store) == []
