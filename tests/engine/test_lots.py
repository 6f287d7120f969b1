"""Lots: drawn in order, within their time, however many there are."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.commands import CancelLot, Command, Earn
from points.domain.refusals import InsufficientPoints
from points.domain.values import Transaction
from points.engine.engine import Engine
from points.engine.waiting import LOTS_READ
from points.store.opening import Store
from tests.clock import DAY, HOUR, NOON, Clock
from tests.domain.build import burn, create_member, earn
from tests.engine.build import (
    balance,
    carry_out,
    differences,
    record_of,
    result,
    results,
)
from tests.store.build import rows


@pytest.fixture
def ada(engine: Engine) -> Engine:
    """Returns an engine that knows Ada."""
    carry_out(engine, create_member(request_id="ada"))
    return engine


def earns(count: int, **fields: Any) -> list[Earn]:
    """Returns earns of a point each."""
    return [
        earn(request_id=f"e{number}", points=1, **fields) for number in range(count)
    ]


def draws(engine: Engine, command: Command) -> list[tuple[int, int]]:
    """Carries out a burn and returns lot number and points of each draw."""
    found = engine.execute(command).record.result
    assert isinstance(found, Transaction)
    return [(draw.lot.number, draw.points) for draw in found.draws]


def test_the_earliest_expiry_is_drawn_first_then_the_oldest(ada: Engine) -> None:
    ends = [None, NOON + 2 * DAY, NOON + DAY, NOON + DAY]
    carry_out(
        ada,
        *(
            earn(request_id=f"e{number}", **({"expire_time": end} if end else {}))
            for number, end in enumerate(ends)
        ),
    )

    drawn = draws(ada, burn(request_id="b", points=350))

    assert drawn == [(3, 100), (4, 100), (2, 100), (1, 50)]


@pytest.mark.parametrize("in_one_batch", [True, False])
def test_lots_of_the_same_batch_are_drawn_in_the_same_order(
    ada: Engine, *, in_one_batch: bool
) -> None:
    commands: list[Command] = [
        earn(request_id="e1", points=10),
        earn(request_id="e2", points=10, expire_time=NOON + DAY),
        burn(request_id="b1", points=15),
        earn(request_id="e3", points=10, expire_time=NOON + HOUR),
        burn(request_id="b2", points=12),
    ]
    batches = [commands] if in_one_batch else [[command] for command in commands]

    answers = [answer for batch in batches for answer in carry_out(ada, *batch)]

    first, second = record_of(answers[2]).result, record_of(answers[4]).result
    assert isinstance(first, Transaction)
    assert isinstance(second, Transaction)
    assert [
        [(draw.lot.number, draw.points) for draw in one.draws]
        for one in (first, second)
    ] == [[(2, 10), (1, 5)], [(3, 10), (1, 2)]]


@pytest.mark.parametrize(
    ("moved", "available"),
    [(0, 0), (HOUR - 1, 0), (HOUR, 100), (DAY - 1, 100), (DAY, 0), (DAY + 1, 0)],
)
def test_a_lot_can_be_burned_from_its_activation_until_its_expiry(
    ada: Engine, clock: Clock, moved: int, available: int
) -> None:
    ada.execute(earn(activate_time=NOON + HOUR, expire_time=NOON + DAY))
    clock.advance(moved)

    (answer,) = carry_out(ada, burn(request_id="b", points=1_000))

    assert result(answer) == InsufficientPoints("ada", "points", available, 1_000)


def test_a_lot_that_is_pending_is_not_drawn_in_its_own_batch(ada: Engine) -> None:
    found = carry_out(
        ada,
        burn(request_id="b0", points=1),
        earn(activate_time=NOON + 1),
        burn(request_id="b", points=1),
    )

    assert results(found) == [InsufficientPoints, Transaction, InsufficientPoints]


@pytest.mark.parametrize("count", [LOTS_READ - 1, LOTS_READ, LOTS_READ + 1, 600])
def test_a_burn_draws_as_many_lots_as_it_needs(ada: Engine, count: int) -> None:
    carry_out(ada, *earns(count))

    drawn = draws(ada, burn(request_id="b", points=count))

    assert drawn == [(number, 1) for number in range(1, count + 1)]


@pytest.mark.parametrize("count", [LOTS_READ, LOTS_READ + 1, 600])
def test_a_burn_of_more_than_all_lots_is_told_what_there_is(
    ada: Engine, count: int
) -> None:
    carry_out(ada, *earns(count))

    (answer,) = carry_out(ada, burn(request_id="b", points=count + 1))

    assert result(answer) == InsufficientPoints("ada", "points", count, count + 1)


def test_burns_of_one_batch_go_on_where_the_last_one_stopped(ada: Engine) -> None:
    carry_out(ada, *earns(100))

    found = carry_out(
        ada, *(burn(request_id=f"b{number}", points=30) for number in range(4))
    )

    assert results(found) == [Transaction] * 3 + [InsufficientPoints]


def test_an_earn_between_burns_keeps_the_order_beyond_what_was_read(
    ada: Engine,
) -> None:
    """A new lot that expires last must not be drawn before older ones unread."""
    carry_out(ada, *earns(LOTS_READ + 8, expire_time=NOON + DAY))

    found = carry_out(
        ada,
        burn(request_id="b1", points=LOTS_READ),
        earn(request_id="late", points=5),
        burn(request_id="b2", points=10),
    )

    second = record_of(found[2]).result
    assert isinstance(second, Transaction)
    assert [(draw.lot.number, draw.points) for draw in second.draws] == [
        *((number, 1) for number in range(LOTS_READ + 1, LOTS_READ + 9)),
        (LOTS_READ + 9, 2),
    ]


def test_an_earn_that_expires_first_is_drawn_first_beyond_what_was_read(
    ada: Engine,
) -> None:
    carry_out(ada, *earns(LOTS_READ + 8, expire_time=NOON + DAY))

    found = carry_out(
        ada,
        burn(request_id="b1", points=2),
        earn(request_id="soon", points=5, expire_time=NOON + HOUR),
        burn(request_id="b2", points=6),
    )

    second = record_of(found[2]).result
    assert isinstance(second, Transaction)
    assert [(draw.lot.number, draw.points) for draw in second.draws] == [
        (LOTS_READ + 9, 5),
        (3, 1),
    ]


def test_a_job_that_needs_more_lots_leaves_no_half_of_it(ada: Engine) -> None:
    carry_out(ada, *earns(LOTS_READ + 8))

    found = carry_out(
        ada,
        burn(request_id="b1", points=LOTS_READ),
        burn(request_id="b2", points=8),
        atomic=True,
    )

    assert results(found) == [Transaction, Transaction]
    assert (balance(ada), differences(ada.store)) == (0, [])


def test_lots_of_other_units_are_left_alone(ada: Engine) -> None:
    carry_out(ada, earn(request_id="e1", unit="miles"), earn(request_id="e2"))

    ada.execute(burn(request_id="b"))

    assert (balance(ada, unit="miles"), balance(ada)) == (100, 0)


def test_ten_thousand_lots_are_made_and_drawn_in_one_job(
    sqlite_store: Store, make_engine: Any
) -> None:
    engine: Engine = make_engine(sqlite_store)
    last = burn(request_id="b", points=9_998)

    found = carry_out(engine, create_member(), *earns(9_998), last)

    assert isinstance(result(found[-1]), Transaction)
    assert rows(sqlite_store, "SELECT count(*), sum(remaining) FROM lot") == [
        (9_998, 0)
    ]


def test_a_lot_that_was_cancelled_is_proved_by_the_records(ada: Engine) -> None:
    made = ada.execute(earn(request_id="e", waits_for="the event")).record.result
    assert isinstance(made, Transaction)
    lot_id = made.lots[0].place().lot_id()

    ada.execute(
        CancelLot(member_id="ada", request_id="c", lot_id=lot_id, reason="returned")
    )

    assert differences(ada.store) == []
