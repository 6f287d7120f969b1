"""Lots that wait, run and end: the same with the sweep and without it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from points.domain.calendar.periods import Period
from points.domain.commands import ActivateLot, CancelLot, Command, Earn, ExtendLot
from points.domain.lots import LotState, lot_state
from points.domain.program import program_of
from points.domain.refusals import LotNotPending
from points.domain.values import Transaction
from points.engine.engine import Engine, running_engine
from points.engine.sweeper import Swept, sweep
from points.store.opening import Store, open_store
from tests.clock import DAY, NOON, SECOND, Clock
from tests.domain.build import burn, create_member, earn
from tests.engine.build import (
    PATIENCE_SECONDS,
    differences,
    result,
)
from tests.engine.ledger import (
    advance,
    balances,
    carry_out,
    listed,
    lots,
    system_records,
)


MakeEngine = Callable[..., Engine]


@pytest.fixture
def engine(store: Store, make_engine: MakeEngine) -> Engine:
    """Returns an engine on each database, with Ada and Bob."""
    made = make_engine(store)
    for member_id in ("ada", "bob"):
        made.execute(create_member(member_id=member_id, request_id="create"))
    return made


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


def test_a_lot_that_was_drawn_in_part_is_extended_in_the_books(engine: Engine) -> None:
    made = carry_out(engine, earn(points=100, expire_time=NOON + DAY))
    carry_out(engine, burn(request_id="b1", points=40))
    extend = ExtendLot(
        member_id="ada",
        request_id="x1",
        lot_id=made.lots[0].place().lot_id(),
        reason="goodwill",
        operator="grace",
        expire_time=NOON + 9 * DAY,
    )
    told = carry_out(engine, extend).lots[0]
    advance(engine, DAY)

    assert (told.remaining, sweep(engine), balances(engine)[0].available) == (
        60,
        Swept(),
        60,
    )
    assert engine.execute(extend).record.result == carry_out(engine, extend)
    assert differences(engine.store) == []


def test_a_sweep_during_traffic_loses_nothing(engine: Engine) -> None:
    ended = threading.Event()

    def sweep_on() -> None:
        while not ended.is_set():
            sweep(engine)

    thread = threading.Thread(target=sweep_on)
    thread.start()
    try:
        for number in range(60):
            soon = engine.clock() + 3 * SECOND
            carry_out(
                engine, earn(request_id=f"e{number}", points=10, expire_time=soon)
            )
            engine.execute(burn(request_id=f"b{number}", points=4))
            advance(engine, SECOND)
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
