"""Holds in the engine: what is set aside, and what is captured or comes back."""

from __future__ import annotations

import pytest

from points.domain.refusals import HoldExceeded, HoldNotFound, InsufficientPoints
from points.domain.values import HoldState, Transaction
from points.engine.engine import Engine
from points.engine.sweeper import sweep
from tests.clock import DAY, HOUR, NOON, Clock
from tests.domain.build import burn, create_member, earn, freeze_member
from tests.domain.build_holds import capture_hold, place_hold, void_hold
from tests.engine.build import carry_out, differences, record_of, result, run_sql
from tests.engine.build_holds import balances, held_in, hold_at, placed
from tests.store.build import rows, statements


def lot_rows(engine: Engine) -> list[tuple[int, int, int]]:
    """Returns number, rest and held points of each lot."""
    return rows(engine.store, "SELECT number, remaining, held FROM lot ORDER BY number")


def test_held_points_are_not_available(ada: Engine) -> None:
    placed(ada, points=120)

    shown = balances(ada)
    assert (shown.available, shown.held, shown.lifetime_burned) == (30, 120, 0)
    assert lot_rows(ada) == [(1, 0, 100), (2, 30, 20)]


def test_a_hold_is_captured_bit_by_bit(ada: Engine) -> None:
    hold_id = placed(ada, points=120)

    left = [
        held_in(
            ada.execute(
                capture_hold(request_id=f"c{points}", hold_id=hold_id, points=points)
            ).record
        ).open_points
        for points in (70, 40, 10)
    ]

    assert left == [50, 10, 0]
    assert hold_at(ada, hold_id).state is HoldState.CAPTURED
    assert (balances(ada).held, balances(ada).lifetime_burned) == (0, 120)


def test_a_capture_that_voids_the_rest_gives_it_to_its_own_lots(ada: Engine) -> None:
    hold_id = placed(ada, points=120)

    ada.execute(
        capture_hold(request_id="c", hold_id=hold_id, points=60, void_rest=True)
    )

    assert lot_rows(ada) == [(1, 40, 0), (2, 50, 0)]
    assert (balances(ada).available, balances(ada).lifetime_burned) == (90, 60)


def test_voided_points_can_be_burned_in_the_same_batch(ada: Engine) -> None:
    hold_id = placed(ada, points=150)

    answers = carry_out(
        ada,
        burn(request_id="b1", points=1),
        void_hold(request_id="v", hold_id=hold_id),
        burn(request_id="b2", points=150),
    )

    assert [type(result(answer)) for answer in answers] == [
        InsufficientPoints,
        Transaction,
        Transaction,
    ]


def test_a_repeated_capture_burns_once(ada: Engine) -> None:
    hold_id = placed(ada, points=120)
    command = capture_hold(request_id="c", hold_id=hold_id, points=20)

    first, second = ada.execute(command), ada.execute(command)

    assert (second.record, second.replayed) == (first.record, True)
    assert hold_at(ada, hold_id).captured_points == 20


def test_captures_of_one_batch_go_on_where_the_last_one_stopped(ada: Engine) -> None:
    hold_id = placed(ada, points=120)

    answers = carry_out(
        ada,
        *(
            capture_hold(request_id=f"c{number}", hold_id=hold_id, points=50)
            for number in range(3)
        ),
    )

    assert result(answers[2]) == HoldExceeded(hold_id, 20, 50)


def test_captures_of_one_batch_may_go_to_different_sinks(ada: Engine) -> None:
    hold_id = placed(ada, points=120)
    carry_out(ada, burn(request_id="b", points=5, sink="donation"))

    carry_out(
        ada,
        capture_hold(request_id="c1", hold_id=hold_id, points=10, sink="donation"),
        capture_hold(request_id="c2", hold_id=hold_id, points=20, sink="auction"),
        capture_hold(request_id="c3", hold_id=hold_id, points=30),
    )

    sinks = "SELECT account, balance FROM account WHERE account LIKE 'burn:%'"
    assert dict(rows(ada.store, sinks)) == {
        "burn:donation": 15,
        "burn:auction": 20,
        "burn:redemption": 30,
    }


def test_a_hold_that_nobody_has_been_told_of_is_not_found(ada: Engine) -> None:
    """Its id could only be guessed, and what a capture needs has not been read."""
    (part,) = {row[0] for row in rows(ada.store, "SELECT part FROM lot")}
    guessed = f"h{part}-1"

    answers = carry_out(
        ada,
        place_hold(request_id="h"),
        capture_hold(request_id="c", hold_id=guessed, sink="donation"),
    )

    assert result(answers[1]) == HoldNotFound(guessed)
    assert hold_at(ada, guessed).open_points == 100


def test_a_hold_of_another_member_is_not_found(ada: Engine) -> None:
    hold_id = placed(ada)
    carry_out(ada, create_member(member_id="bob"))

    (answer,) = carry_out(
        ada, void_hold(member_id="bob", request_id="v", hold_id=hold_id)
    )

    assert result(answer) == HoldNotFound(hold_id)
    assert hold_at(ada, hold_id).state is HoldState.OPEN


def test_a_frozen_member_gets_held_points_back(ada: Engine) -> None:
    hold_id = placed(ada)
    ada.execute(freeze_member(request_id="f"))

    ada.execute(void_hold(request_id="v", hold_id=hold_id))

    assert balances(ada).available == 150


def test_what_is_only_validated_leaves_no_hold(ada: Engine) -> None:
    carry_out(ada, place_hold(request_id="h"), validate_only=True)

    assert rows(ada.store, "SELECT count(*) FROM hold") == [(0,)]
    assert balances(ada).held == 0


@pytest.mark.parametrize("end", ["void", "lapse"])
def test_more_lots_than_are_read_at_first_come_back_in_their_order(
    engine: Engine, clock: Clock, end: str
) -> None:
    earns = [
        earn(request_id=f"e{number}", points=1, expire_time=NOON + DAY + number)
        for number in range(100)
    ]
    carry_out(engine, create_member(), *earns)
    hold_id = placed(engine, points=60, timeout=HOUR)
    ends = [void_hold(request_id="v", hold_id=hold_id)] if end == "void" else []
    clock.advance(0 if ends else HOUR)

    *_, burned = carry_out(engine, *ends, burn(request_id="b", points=99))

    found = record_of(burned).result
    assert isinstance(found, Transaction)
    assert [draw.lot.number for draw in found.draws] == list(range(1, 100))
    assert differences(engine.store) == []


# Expiry while held


def test_a_capture_after_the_expiry_takes_what_has_not_expired(
    ada: Engine, clock: Clock
) -> None:
    hold_id = placed(ada, points=120)
    clock.advance(DAY)

    (refused,) = carry_out(
        ada, capture_hold(request_id="c1", hold_id=hold_id, points=21)
    )
    ada.execute(capture_hold(request_id="c2", hold_id=hold_id))

    assert result(refused) == HoldExceeded(hold_id, 20, 21)
    assert hold_at(ada, hold_id).open_points == 100


def test_a_capture_after_the_expiry_takes_all_if_the_hold_froze_it(
    ada: Engine, clock: Clock
) -> None:
    hold_id = placed(ada, points=120, freeze_expiry=True)
    clock.advance(DAY)

    ada.execute(capture_hold(request_id="c", hold_id=hold_id, points=120))

    assert balances(ada).lifetime_burned == 120


def test_points_that_come_back_expired_are_expired(ada: Engine, clock: Clock) -> None:
    hold_id = placed(ada, points=120)
    clock.advance(DAY)

    ada.execute(void_hold(request_id="v", hold_id=hold_id))

    shown = balances(ada)
    assert (shown.available, shown.held, shown.lifetime_expired) == (50, 0, 100)


def test_points_that_come_back_to_a_frozen_expiry_live_on(
    ada: Engine, clock: Clock
) -> None:
    hold_id = placed(ada, points=120, freeze_expiry=True)
    clock.advance(DAY + HOUR)

    ada.execute(void_hold(request_id="v", hold_id=hold_id))

    shown = balances(ada)
    assert (shown.available, shown.held, shown.lifetime_expired) == (150, 0, 0)
    assert shown.next_expirations == ((NOON + 2 * DAY + HOUR, 100),)


def test_points_that_live_on_leave_behind_what_was_swept_of_their_lot(
    ada: Engine, clock: Clock
) -> None:
    hold_id = placed(ada, points=60, freeze_expiry=True)
    clock.advance(DAY)
    assert sweep(ada).expired_points == {"points": 40}

    ada.execute(void_hold(hold_id=hold_id, request_id="v"))

    query = "SELECT points, remaining, ended FROM lot ORDER BY number"
    assert rows(ada.store, query) == [(100, 0, 40), (50, 50, 0), (60, 60, 0)]


# Statements


@pytest.mark.parametrize("member_count", [1, 10, 100])
def test_holds_take_as_many_statements_whatever_the_size_of_the_batch(
    engine: Engine, clock: Clock, member_count: int
) -> None:
    names = [f"m{number}" for number in range(member_count)]
    carry_out(
        engine,
        *(create_member(member_id=name, request_id="m") for name in names),
        *(earn(member_id=name, request_id="e") for name in names),
    )
    held = [
        held_in(record_of(answer)).place().hold_id()
        for answer in carry_out(
            engine,
            *(
                place_hold(member_id=name, request_id=f"h{timeout}", points=10, **more)
                for name in names
                for timeout in (0, HOUR)
                for more in ([{"timeout": timeout}] if timeout else [{}])
            ),
        )
    ]
    clock.advance(HOUR)

    with statements(engine.store.backend) as seen:
        carry_out(
            engine,
            *(
                capture_hold(member_id=name, request_id="c", hold_id=hold_id)
                for name, hold_id in zip(names, held[::2], strict=True)
            ),
            *(burn(member_id=name, request_id="b", points=90) for name in names),
        )

    # One lock; records, members, holds, lapsed holds, accounts of burns and those of
    # captures, lots and open lots; heads, accounts, lots, holds and records.
    assert len(seen) == 14
    assert differences(engine.store) == []


# Damage


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE hold SET captured_points = 1",
        "UPDATE hold SET state = 'VOIDED'",
        "UPDATE hold SET state = 'GONE'",
        "UPDATE hold SET draws = '[]'",
        "UPDATE hold SET draws = '['",
        "UPDATE hold SET lapse_time = 7",
        "UPDATE hold SET number = 2",
        "UPDATE lot SET held = 0",
        "UPDATE account SET balance = 1 WHERE account = 'held:ada'",
        "UPDATE head SET last_hold_number = 7 WHERE last_number > 0",
        "DELETE FROM hold",
    ],
)
def test_damage_of_holds_is_found(engine: Engine, damage: str) -> None:
    carry_out(engine, create_member(), earn(request_id="e"))
    placed(engine, points=30)

    run_sql(engine.store, damage)

    assert differences(engine.store) != []
