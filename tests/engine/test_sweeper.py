"""The sweep: it records what is true already, once, and disturbs nobody."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.domain.calendar.periods import Period
from points.domain.commands import ActivateLot, CancelLot, Command, Earn
from points.domain.identity import part_of
from points.domain.lots import LotState, lot_state
from points.domain.program import program_of
from points.domain.refusals import LotNotPending
from points.domain.values import Balances, Kind, Lot, Transaction
from points.engine import sweeper
from points.engine.engine import Engine, running_engine
from points.engine.sweeper import STEPS, Sweeper, Swept, sweep
from points.store.opening import Store, open_store
from points.store.reader import Snapshot, open_snapshot
from tests.clock import DAY, NOON, SECOND, Clock
from tests.domain.build import burn, create_member, earn
from tests.domain.test_merge import erase
from tests.engine.build import (
    PATIENCE_SECONDS,
    differences,
    held_engine,
    result,
    submit,
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


def carry_out(engine: Engine, command: Command) -> Transaction:
    """Returns the transaction of a command that is accepted."""
    found = engine.execute(command).record.result
    assert isinstance(found, Transaction), found
    return found


def advance(engine: Engine, microseconds: int) -> None:
    """Moves the clock of an engine."""
    clock = engine.clock
    assert isinstance(clock, Clock)
    clock.advance(microseconds)


def look(engine: Engine, read: Callable[[Snapshot, int], Any]) -> Any:
    """Returns what is read of Ada now."""
    part = part_of("ada", engine.store.part_count)
    with open_snapshot(engine.store.backend) as snapshot:
        return read(snapshot, part)


def balances(engine: Engine) -> list[Balances]:
    """Returns what Ada has."""
    found: list[Balances] = look(
        engine, lambda s, part: s.balances(part, "ada", now=engine.clock())
    )
    return found


def lots(engine: Engine, *states: LotState) -> list[Lot]:
    """Returns Ada's lots in these states, or all."""
    now = engine.clock()
    found: list[Lot] = look(
        engine,
        lambda s, part: s.lots(
            part,
            "ada",
            unit="",
            open_at=None,
            after=("", -1, 0),
            limit=100,
            states=frozenset(states),
            now=now,
        ),
    )
    return found


def listed(engine: Engine) -> dict[LotState, list[int]]:
    """Returns the numbers of Ada's lots by the state in which they are listed."""
    return {state: [o.number for o in lots(engine, state)] for state in LotState}


def system_records(engine: Engine) -> list[tuple[str, str]]:
    """Returns member and kind of all that the server did by itself."""
    query = "SELECT member_id, kind FROM record WHERE request_id LIKE 'system/%'"
    return [(member_id, kind) for member_id, kind in rows(engine.store, query)]


# What it does


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
    monkeypatch.setattr(sweeper, "COMMANDS_MAX", 1)

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
    assert [step.name for step in STEPS] == ["lapse", "expire"]


# Reads are the same with it and without it

AGES: Final = st.integers(1, 20)


@st.composite
def earns(draw: Any) -> Earn:
    """Returns an earn whose times lie within twenty days, of any kind."""
    expire_day, activate_day = draw(AGES), draw(AGES)
    options = {
        "fixed": {"expire_time": NOON + expire_day * DAY},
        "never": {},
        "later": {
            "activate_time": NOON + activate_day * DAY,
            "expire_time": NOON + (activate_day + expire_day) * DAY,
        },
        "runs": {
            "activate_time": NOON + activate_day * DAY,
            "expire_after": Period(days=expire_day),
        },
        "waits": {"waits_for": "delivery", "cancel_time": NOON + expire_day * DAY},
    }
    return earn(
        points=draw(st.integers(1, 50)), **options[draw(st.sampled_from([*options]))]
    )


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    commands=st.lists(earns(), min_size=1, max_size=6), days=st.lists(AGES, max_size=3)
)
def test_reads_are_the_same_before_and_after_a_sweep(
    tmp_path_factory: pytest.TempPathFactory, commands: list[Earn], days: list[int]
) -> None:
    path = tmp_path_factory.mktemp("sweep") / "points.db"
    program = program_of(
        currency_units=("points",), growth_units=(), sinks=("redemption",)
    )
    clock = Clock()
    with (
        open_store(f"sqlite:///{path}") as store,
        running_engine(store, program, clock=clock) as engine,
    ):
        engine.execute(create_member(request_id="create"))
        for number, command in enumerate(commands):
            carry_out(engine, replace(command, request_id=f"r{number}"))
        engine.execute(burn(points=20, request_id="burn"))
        for day in days:
            clock.now = max(clock.now, NOON + day * DAY)
            before = balances(engine), listed(engine)
            sweep(engine)
            assert (balances(engine), listed(engine)) == before
        assert differences(store) == []


def test_lots_are_listed_in_the_state_that_they_are_in(engine: Engine) -> None:
    carry_out(engine, earn(request_id="drawn", points=5, expire_time=NOON + 9 * DAY))
    carry_out(engine, burn(request_id="burn", points=5))
    carry_out(engine, earn(request_id="expired", expire_time=NOON + DAY))
    carry_out(engine, earn(request_id="available"))
    carry_out(engine, earn(request_id="pending", activate_time=NOON + 5 * DAY))
    carry_out(engine, earn(request_id="waiting", waits_for="delivery"))
    carry_out(engine, earn(request_id="in vain", waits_for="d", cancel_time=NOON + DAY))
    advance(engine, DAY)

    found = listed(engine)

    assert all(
        lot_state(one, engine.clock()) is state
        for state in LotState
        for one in lots(engine, state)
    )
    assert {state: len(numbers) for state, numbers in found.items()} == {
        LotState.PENDING: 2,
        LotState.AVAILABLE: 1,
        LotState.DRAWN: 1,
        LotState.EXPIRED: 1,
        LotState.CANCELLED: 1,
    }


# Several at once


def test_an_activation_and_a_cancellation_at_once_have_one_winner(
    engine: Engine,
) -> None:
    for number in range(10):
        made = carry_out(engine, earn(request_id=f"r{number}", waits_for="delivery"))
        lot_id = made.lots[0].place().lot_id()
        commands = [
            ActivateLot(member_id="ada", request_id=f"a{number}", lot_id=lot_id),
            CancelLot(
                member_id="ada", request_id=f"c{number}", lot_id=lot_id, reason="r"
            ),
        ]
        found: list[Any] = []

        def run(command: Command, found: list[Any] = found) -> None:
            found.append(result(engine.execute(command)))

        threads = [threading.Thread(target=run, args=(c,)) for c in commands]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
        assert {type(one) for one in found} == {Transaction, LotNotPending}
    assert differences(engine.store) == []


def test_the_same_activation_is_replayed_and_another_refused(engine: Engine) -> None:
    made = carry_out(engine, earn(waits_for="delivery"))
    activate = ActivateLot(
        member_id="ada", request_id="a1", lot_id=made.lots[0].place().lot_id()
    )
    first, again = engine.execute(activate), engine.execute(activate)
    other = engine.execute(replace(activate, request_id="a2"))

    assert (again.replayed, again.record) == (True, first.record)
    assert isinstance(other.record.result, LotNotPending)


def test_an_activated_lot_can_be_burned_in_the_same_batch(engine: Engine) -> None:
    made = carry_out(engine, earn(points=100, waits_for="delivery"))
    lot_id = made.lots[0].place().lot_id()
    carry_out(engine, ActivateLot(member_id="ada", request_id="a1", lot_id=lot_id))

    carry_out(engine, burn(request_id="b1", points=100))

    assert balances(engine)[0].available == 0
    assert differences(engine.store) == []


def test_a_sweep_during_traffic_loses_nothing(engine: Engine) -> None:
    ended = threading.Event()

    def sweep_on() -> None:
        while not ended.is_set():
            sweep(engine)
            advance(engine, SECOND)

    thread = threading.Thread(target=sweep_on)
    thread.start()
    try:
        for number in range(60):
            soon = engine.clock() + 3 * SECOND
            carry_out(
                engine, earn(request_id=f"e{number}", points=10, expire_time=soon)
            )
            engine.execute(burn(request_id=f"b{number}", points=4))
    finally:
        ended.set()
        thread.join(PATIENCE_SECONDS)
    advance(engine, DAY)
    sweep(engine)

    (found,) = balances(engine)
    assert found.available == 0
    assert found.lifetime_burned + found.lifetime_expired == 600
    assert differences(engine.store) == []


@pytest.fixture
def engines(postgres_database: str, program: Any) -> Iterator[list[Engine]]:
    """Yields two engines, each with connections of its own, as two servers have."""
    clock = Clock()
    with ExitStack() as stack:
        stores = [
            stack.enter_context(open_store(postgres_database, migrating=True))
            for _ in range(2)
        ]
        yield [
            stack.enter_context(running_engine(store, program, clock=clock))
            for store in stores
        ]


def test_two_servers_that_sweep_at_once_expire_each_lot_once(
    engines: list[Engine],
) -> None:
    for number in range(40):
        name = f"m{number}"
        engines[0].execute(create_member(member_id=name, request_id="c"))
        expiring = earn(member_id=name, points=5, expire_time=NOON + DAY)
        carry_out(engines[0], expiring)
    advance(engines[0], DAY)
    start = threading.Barrier(2)
    found: list[Swept] = []

    def run(engine: Engine) -> None:
        start.wait()
        found.append(sweep(engine))

    threads = [threading.Thread(target=run, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)

    assert sum(swept.swept_lots for swept in found) == 40
    assert sum(swept.failed for swept in found) == 0
    assert len(system_records(engines[0])) == 40
    assert differences(engines[0].store) == []


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


def test_a_sweeper_outlives_a_sweep_that_fails(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    third = threading.Event()

    def fail(*_: object) -> Swept:
        calls.append(1)
        if len(calls) > 2:
            third.set()
        raise OSError

    monkeypatch.setattr(sweeper, "sweep", fail)
    with sweeping(engine):
        assert third.wait(PATIENCE_SECONDS)


# Sliding, end to end


def test_activity_of_a_member_lets_lots_live_on_in_the_books(
    store: Store, clock: Clock
) -> None:
    sliding = program_of(
        currency_units=("points",),
        growth_units=(),
        sinks=("redemption",),
        expiry={"points": {"after": "P10D", "reset_by": ["EARN"]}},
    )
    with running_engine(store, sliding, clock=clock) as engine:
        engine.execute(create_member(request_id="c"))
        for number in range(40):
            carry_out(engine, earn(request_id=f"r{number}", points=1))
        advance(engine, 5 * DAY)
        carry_out(engine, earn(request_id="again", points=1))
        advance(engine, 6 * DAY)
        assert (balances(engine)[0].available, sweep(engine)) == (41, Swept())
        advance(engine, 5 * DAY)
        assert sweep(engine).swept_lots == 41
    assert differences(store) == []


def test_what_an_erased_member_had_expires_like_everybodys(engine: Engine) -> None:
    engine.execute(earn(expire_time=NOON + 1))
    engine.execute(erase(request_id="erase"))
    advance(engine, 1)

    assert sweep(engine).expired_points == {"points": 100}
    assert sweep(engine).is_empty
    assert differences(engine.store) == []
