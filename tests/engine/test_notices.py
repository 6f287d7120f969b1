"""Advance notice of expiry: each lot once for each expiry, whoever sweeps."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any, Final

import pytest

from points.domain.commands import Command, ExtendLot
from points.domain.identity import Place, part_of
from points.domain.program import Program, program_of
from points.domain.values import Kind, Notice
from points.engine import sweeper
from points.engine.engine import Engine, running_engine
from points.engine.sweeper import Swept, sweep
from points.store.opening import Store, open_store
from points.store.reads.reader import open_snapshot
from tests.clock import DAY, NOON, Clock
from tests.domain.build import burn, create_member, earn
from tests.domain.build_holds import place_hold
from tests.domain.test_merge import erase, merge
from tests.domain.test_transfer import transfer
from tests.engine.build import differences
from tests.engine.ledger import advance
from tests.store.build import rows
from tests.store.cleaning import PARTS


MakeEngine = Callable[..., Engine]

PROGRAM: Final = program_of(
    currency_units=("points", "miles"),
    growth_units=(),
    sinks=("redemption",),
    notice={"points": "P30D"},
)
SLIDING: Final = program_of(
    currency_units=("points",),
    growth_units=(),
    sinks=("redemption",),
    expiry={"points": {"after": "P10D", "reset_by": ["BURN"]}},
    notice={"points": "P30D"},
)
MONTH: Final = 30 * DAY


@pytest.fixture
def program() -> Program:
    """Returns a program that gives notice of points, and none of miles."""
    return PROGRAM


@pytest.fixture
def engine(store: Store, make_engine: MakeEngine) -> Engine:
    """Returns an engine on each database, with Ada and Bob."""
    made = make_engine(store)
    names = ("ada", "bob")
    carry_out(made, *(create_member(member_id=n, request_id="create") for n in names))
    return made


def carry_out(engine: Engine, *commands: Command) -> None:
    """Carries commands out, each of which is accepted."""
    for command in commands:
        assert not isinstance(engine.execute(command).record.result, Exception)


def notices(engine: Engine) -> list[tuple[str, list[tuple[int, int, int]]]]:
    """Returns who was given notice of which lots: number, points and expiry."""
    query = (
        "SELECT part, number FROM record WHERE kind = 'NOTICE'"
        " ORDER BY record_time, part, number"
    )
    found = []
    with open_snapshot(engine.store.backend) as snapshot:
        for part, number in rows(engine.store, query):
            record = snapshot.record(part, number)
            assert record is not None
            assert isinstance(record.result, Notice)
            lots = [(lot.number, points, at) for lot, points, at in record.result.lots]
            found.append((record.member_id, lots))
    return found


def lot_id(number: int, member_id: str = "ada") -> str:
    """Returns the id of a lot of a member."""
    return Place(part_of(member_id, PARTS), number).lot_id()


def test_points_are_announced_once_when_their_expiry_comes_near(
    engine: Engine,
) -> None:
    expire_time = NOON + 2 * MONTH
    carry_out(engine, earn(points=40, expire_time=expire_time))

    early = sweep(engine)
    advance(engine, MONTH)
    swept, again = sweep(engine), sweep(engine)

    assert (early, swept, again) == (Swept(), Swept(noticed_lots=1), Swept())
    assert notices(engine) == [("ada", [(1, 40, expire_time)])]
    assert differences(engine.store) == []


def test_a_notice_moves_nothing_and_is_no_transaction(engine: Engine) -> None:
    carry_out(engine, earn(points=40, expire_time=NOON + DAY))
    before = rows(engine.store, "SELECT * FROM account ORDER BY account")

    sweep(engine)

    assert rows(engine.store, "SELECT * FROM account ORDER BY account") == before
    query = "SELECT is_transaction FROM record WHERE kind = 'NOTICE'"
    assert rows(engine.store, query) == [(0,)]


def test_lots_of_a_member_are_one_notice_the_first_to_expire_first(
    engine: Engine,
) -> None:
    for number, days in enumerate((3, 1, 2)):
        command = earn(request_id=f"r{number}", points=5, expire_time=NOON + days * DAY)
        carry_out(engine, command)

    sweep(engine)

    ((_, lots),) = notices(engine)
    assert [number for number, *_ in lots] == [2, 3, 1]


@pytest.mark.parametrize(
    "command",
    [
        earn(unit="miles", expire_time=NOON + DAY),
        earn(),
        earn(expire_time=NOON + DAY, activate_time=NOON + 9),
        earn(waits_for="delivery", cancel_time=NOON + DAY),
    ],
    ids=["a unit without notice", "no expiry", "pending", "waiting"],
)
def test_what_nobody_can_lose_is_not_announced(
    engine: Engine, command: Command
) -> None:
    carry_out(engine, command)

    assert sweep(engine).is_empty


def test_what_is_over_is_not_announced_any_more(engine: Engine) -> None:
    carry_out(engine, earn(expire_time=NOON + DAY))
    advance(engine, DAY)

    assert (sweep(engine).swept_lots, notices(engine)) == (1, [])


def test_what_was_drawn_or_is_held_is_left_out(engine: Engine) -> None:
    for number in range(2):
        command = earn(request_id=f"r{number}", points=9, expire_time=NOON + DAY)
        carry_out(engine, command)
    carry_out(
        engine,
        burn(request_id="b", points=4),
        place_hold(request_id="h", points=7),
    )

    sweep(engine)

    assert notices(engine) == [("ada", [(2, 7, NOON + DAY)])]


def test_an_extended_lot_is_announced_once_more(engine: Engine) -> None:
    carry_out(engine, earn(points=40, expire_time=NOON + DAY))
    sweep(engine)
    later = NOON + 2 * MONTH
    extended = ExtendLot(
        member_id="ada",
        request_id="extend",
        lot_id=lot_id(1),
        reason="goodwill",
        operator="grace",
        expire_time=later,
    )
    carry_out(engine, extended)

    at_once = sweep(engine)
    advance(engine, MONTH)
    sweep(engine)

    assert at_once.is_empty
    assert notices(engine) == [
        ("ada", [(1, 40, NOON + DAY)]),
        ("ada", [(1, 40, later)]),
    ]
    assert differences(engine.store) == []


def test_a_lot_that_activity_let_live_on_is_announced_once_more(
    store: Store, clock: Clock
) -> None:
    with running_engine(store, SLIDING, clock=clock) as engine:
        carry_out(engine, create_member(), earn(request_id="e", points=40))
        sweep(engine)
        advance(engine, 2 * DAY)
        carry_out(engine, burn(request_id="b", points=1))

        sweep(engine)
        again = sweep(engine)

    (_, [(_, _, first)]), (_, [(_, points, second)]) = notices(engine)
    assert (second - first, points, again.is_empty) == (2 * DAY, 39, True)
    assert differences(engine.store) == []


@pytest.mark.parametrize("give", [transfer, merge], ids=["transfer", "merge"])
def test_whoever_gets_announced_points_is_told_too(
    engine: Engine, give: Callable[..., Command]
) -> None:
    carry_out(engine, earn(points=100, expire_time=NOON + DAY))
    sweep(engine)
    carry_out(engine, give(request_id="give"))

    sweep(engine)

    assert sorted(member_id for member_id, _ in notices(engine)) == ["ada", "bob"]
    assert differences(engine.store) == []


def test_an_erased_member_is_no_obstacle(engine: Engine) -> None:
    carry_out(engine, earn(expire_time=NOON + DAY), erase(request_id="erase"))

    assert (sweep(engine).noticed_lots, sweep(engine).is_empty) == (1, True)
    assert differences(engine.store) == []


def test_a_notice_holds_a_bounded_number_of_lots(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        carry_out(engine, earn(request_id=f"r{number}", expire_time=NOON + DAY))
    monkeypatch.setattr(sweeper, "EXPIRE_LOTS_MAX", 2)
    monkeypatch.setattr(sweeper, "ROWS_MAX", 3)

    assert sweep(engine).noticed_lots == 5
    assert [len(lots) for _, lots in notices(engine)] == [2, 1, 2]


def test_a_restart_announces_nothing_again(database_url: str) -> None:
    def swept(*commands: Command) -> Swept:
        with (
            open_store(database_url, migrating=True) as store,
            running_engine(store, PROGRAM, clock=Clock(NOON)) as engine,
        ):
            carry_out(engine, *commands)
            return sweep(engine)

    first = swept(create_member(), earn(request_id="e", expire_time=NOON + DAY))

    assert (first.noticed_lots, swept()) == (1, Swept())


@pytest.fixture
def engines(postgres_database: str) -> Iterator[list[Engine]]:
    """Yields two engines on one PostgreSQL, where 20 members have a lot each."""
    with ExitStack() as stack:
        stores: list[Any] = [
            stack.enter_context(open_store(postgres_database, migrating=True))
            for _ in range(2)
        ]
        engines = [
            stack.enter_context(running_engine(store, PROGRAM, clock=Clock(NOON)))
            for store in stores
        ]
        for number in range(20):
            name = f"m{number}"
            lot = earn(request_id="e", member_id=name, expire_time=NOON + DAY)
            carry_out(engines[0], create_member(member_id=name), lot)
        yield engines


def test_two_servers_announce_each_lot_once(engines: list[Engine]) -> None:
    start = threading.Barrier(len(engines))
    swept: list[Swept] = []

    def run(engine: Engine) -> None:
        start.wait()
        swept.append(sweep(engine))

    threads = [threading.Thread(target=run, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(one.noticed_lots for one in swept) == 20
    assert sum(one.failed for one in swept) == 0
    assert sorted(name for name, _ in notices(engines[0])) == sorted(
        f"m{number}" for number in range(20)
    )
    assert Kind.NOTICE in {Kind(kind) for (kind,) in _kinds(engines[0])}
    assert differences(engines[0].store) == []


def _kinds(engine: Engine) -> list[Any]:
    return rows(engine.store, "SELECT DISTINCT kind FROM record")
