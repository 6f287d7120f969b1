"""Limits: kept from batch to batch and within one, and proved by the records."""

from __future__ import annotations

from typing import Final

import pytest

from points.domain.limits import read_usage
from points.domain.refusals import LimitExceeded, VelocityExceeded
from points.domain.values import Limits, TimeoutAction, Transaction, Velocity
from points.engine.engine import Engine
from tests.clock import DAY, NOON, Clock
from tests.domain.build import burn, create_member, earn
from tests.domain.build_holds import place_hold
from tests.domain.build_limits import set_limits
from tests.domain.test_transfer import transfer
from tests.engine.build import (
    carry_out,
    differences,
    result,
    results,
    run_sql,
)
from tests.store.build import rows, statements


TWICE_A_DAY: Final = Velocity("EARN", "DAY", count_max=2)
ADA: Final = "WHERE account = 'member:ada'"


@pytest.fixture
def pair(engine: Engine) -> Engine:
    """Returns an engine that knows Ada and Bob."""
    carry_out(
        engine,
        create_member(request_id="ada"),
        create_member(member_id="bob", request_id="bob"),
    )
    return engine


def test_limits_bind_the_commands_behind_them_in_the_same_batch(pair: Engine) -> None:
    found = carry_out(
        pair,
        set_limits(request_id="l", ceiling=250, velocities=(TWICE_A_DAY,)),
        earn(request_id="e1"),
        earn(request_id="e2", points=151),
        earn(request_id="e3"),
        earn(request_id="e4", points=1),
    )

    assert results(found) == [
        Limits,
        Transaction,
        LimitExceeded,
        Transaction,
        VelocityExceeded,
    ]
    assert differences(pair.store) == []


def test_limits_bind_later_batches(pair: Engine, clock: Clock) -> None:
    carry_out(pair, set_limits(request_id="l", velocities=(TWICE_A_DAY,)))
    for number in range(2):
        carry_out(pair, earn(request_id=f"e{number}"))

    (refused,) = carry_out(pair, earn(request_id="late"))
    clock.advance(DAY)
    (accepted,) = carry_out(pair, earn(request_id="later"))

    assert results([refused, accepted]) == [VelocityExceeded, Transaction]
    assert differences(pair.store) == []


def test_a_refused_command_uses_nothing(pair: Engine) -> None:
    carry_out(
        pair,
        set_limits(request_id="l", velocities=(TWICE_A_DAY,)),
        earn(request_id="e1"),
        burn(request_id="b", points=500),
        earn(request_id="e2"),
    )

    ((text,),) = rows(pair.store, f"SELECT usage FROM account {ADA}")
    assert [one.actions for one in read_usage(text)] == [2]
    assert differences(pair.store) == []


def test_points_that_expired_make_room_below_the_ceiling_before_they_are_swept(
    pair: Engine, clock: Clock
) -> None:
    carry_out(
        pair,
        earn(request_id="e1", expire_time=NOON + 1),
        set_limits(request_id="l", ceiling=100),
    )
    (refused,) = carry_out(pair, earn(request_id="e2"))
    clock.advance(1)

    (accepted,) = carry_out(pair, earn(request_id="e3"))

    assert results([refused, accepted]) == [LimitExceeded, Transaction]


def test_a_receivers_ceiling_refuses_the_whole_transfer(pair: Engine) -> None:
    carry_out(
        pair,
        earn(request_id="e"),
        set_limits(member_id="bob", request_id="l", ceiling=50),
    )

    (refused,) = carry_out(pair, transfer(request_id="t1", points=51))
    (accepted,) = carry_out(pair, transfer(request_id="t2", points=50))

    assert result(refused) == LimitExceeded("member:bob", "points", 50)
    assert results([accepted]) == [Transaction]
    assert differences(pair.store) == []


def test_members_of_one_batch_are_bound_each_by_their_own(pair: Engine) -> None:
    carry_out(pair, set_limits(request_id="l", velocities=(TWICE_A_DAY,)))

    found = carry_out(
        pair,
        *(earn(request_id=f"e{number}") for number in range(3)),
        *(earn(member_id="bob", request_id=f"e{number}") for number in range(3)),
    )

    assert results(found) == [Transaction] * 2 + [VelocityExceeded] + [Transaction] * 3


def test_a_floor_is_kept_however_many_lots_there_are(pair: Engine) -> None:
    carry_out(pair, *(earn(request_id=f"e{number}", points=1) for number in range(80)))
    carry_out(pair, set_limits(request_id="l", floor=50))

    found = [
        *carry_out(pair, burn(request_id="b1", points=30)),
        *carry_out(pair, burn(request_id="b2", points=1)),
    ]

    assert results(found) == [Transaction, LimitExceeded]
    assert differences(pair.store) == []


def test_two_more_statements_are_paid_by_batches_with_limits_alone(
    pair: Engine,
) -> None:
    with statements(pair.store.backend) as plain:
        carry_out(pair, earn(request_id="e1"))
    carry_out(pair, set_limits(request_id="l", ceiling=1_000))

    with statements(pair.store.backend) as bounded:
        carry_out(pair, earn(request_id="e2"))

    assert len(bounded) == len(plain) + 2


@pytest.mark.parametrize("column", ["limits", "usage"])
def test_limits_that_somebody_has_changed_are_found(pair: Engine, column: str) -> None:
    carry_out(
        pair,
        set_limits(request_id="l", velocities=(TWICE_A_DAY,)),
        earn(request_id="e1"),
    )

    run_sql(pair.store, f"UPDATE account SET {column} = '' {ADA}")

    (difference,) = differences(pair.store)
    assert "account ('member:ada', 'points') is stored as" in difference


def test_limits_of_every_kind_are_proved_by_the_records(
    pair: Engine, clock: Clock
) -> None:
    velocities = (
        Velocity("EARN", "HOUR", points_max=1_000),
        Velocity("BURN", "WEEK", count_max=9),
        Velocity("TRANSFER", "MONTH", 500, 9),
    )
    carry_out(pair, set_limits(request_id="l1", velocities=velocities))
    for number in range(4):
        clock.advance(DAY * 3)
        carry_out(
            pair,
            earn(request_id=f"e{number}"),
            burn(request_id=f"b{number}", points=10),
            transfer(request_id=f"t{number}", points=20, fee_points=5),
            set_limits(request_id=f"s{number}", velocities=velocities[number % 2 :]),
        )

    assert differences(pair.store) == []


def test_a_hold_that_lapsed_makes_room_below_the_ceiling_before_it_is_swept(
    pair: Engine, clock: Clock
) -> None:
    carry_out(
        pair,
        earn(request_id="e1"),
        place_hold(request_id="h", timeout=1, on_timeout=TimeoutAction.CAPTURE),
        set_limits(request_id="l", ceiling=100),
    )
    (refused,) = carry_out(pair, earn(request_id="e2"))
    clock.advance(1)

    (accepted,) = carry_out(pair, earn(request_id="e3"))

    assert results([refused, accepted]) == [LimitExceeded, Transaction]
    assert differences(pair.store) == []
