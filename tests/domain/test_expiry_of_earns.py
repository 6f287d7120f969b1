"""Earns: what they say of activation and expiry, what their unit says, and sliding."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from points.domain.bounds import AT_ONCE, NEVER
from points.domain.calendar.periods import Period
from points.domain.commands import Command
from points.domain.decisions import decide
from points.domain.identity import Place
from points.domain.lots import LotState, lot_state
from points.domain.program import Program, program_of
from points.domain.refusals import InvalidArgument
from points.domain.state import Decision, LotsMissing, Stamp
from points.domain.values import Lot, Retimed, Transaction
from tests.clock import DAY, NOON
from tests.domain.build import PART, account, burn, earn, lot, member, stamp
from tests.domain.worlds import World, owning, world


STAMP: Final = stamp()


def done(
    state: World, command: Command, *, program: Program, stamp: Stamp = STAMP
) -> Decision:
    """Returns what a command does at noon."""
    return decide(command, state, program, stamp)


def transaction(decision: Decision) -> Transaction:
    """Returns the transaction of a decision."""
    assert isinstance(decision.result, Transaction)
    return decision.result


def instant(text: str) -> int:
    """Returns an instant of UTC in microseconds."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


# Earning


def program(**fields: Any) -> Any:
    """Returns a program of points alone."""
    known = {
        "currency_units": ("points",),
        "growth_units": (),
        "sinks": ("redemption",),
    }
    return program_of(**known | fields)


def earned(command: Any, **fields: Any) -> Lot:
    """Returns the lot that Ada gets at noon under a program."""
    return done(world(member()), command, program=program(**fields)).lots[0]


def test_an_earn_that_waits_makes_a_lot_without_activation() -> None:
    found = earned(earn(waits_for="delivery", cancel_time=NOON + DAY))

    assert (found.activate_time, found.expire_time) == (NEVER, NOON + DAY)
    assert lot_state(found, NOON) is LotState.PENDING
    assert lot_state(found, NOON + DAY) is LotState.CANCELLED


def test_a_lot_waits_no_longer_than_it_could_live() -> None:
    found = earned(earn(waits_for="delivery", expire_time=NOON + DAY))

    assert found.expire_time == NOON + DAY


def test_a_deadline_in_the_past_is_refused() -> None:
    with pytest.raises(InvalidArgument, match=r"pending\.cancel_time"):
        earned(earn(waits_for="delivery", cancel_time=NOON))


TABLE: Final = [
    ({"after": "P12M"}, "UTC", "2027-01-01"),
    ({"after": "P12M"}, "Asia/Tokyo", "2026-12-31T15:00"),
    ({"after": "P12M"}, "America/New_York", "2027-01-01T05:00"),
    ({"after": "P1M", "round": "END_OF_MONTH"}, "Europe/Berlin", "2026-02-28T23:00"),
    ({"after": "P6M", "round": "END_OF_QUARTER"}, "Europe/Berlin", "2026-09-30T22:00"),
    ({"on": ["06-30"]}, "Europe/Berlin", "2026-06-30T22:00"),
    ({"on_anniversary": True}, "UTC", "2027-01-02"),
    ({"after": "P6M", "reset_by": ["BURN"]}, "UTC", "2026-07-01"),
]


@pytest.mark.parametrize(("policy", "zone", "end"), TABLE, ids=str)
def test_the_policy_of_the_unit_decides_in_its_zone(
    policy: dict[str, object], zone: str, end: str
) -> None:
    found = earned(earn(), zone=zone, expiry={"points": policy})

    assert found.expire_time == instant(end)


@pytest.mark.parametrize(
    ("command", "end"),
    [
        (earn(expire_time=NOON + DAY), NOON + DAY),
        (earn(expire_after=Period(days=1)), instant("2026-01-03")),
    ],
    ids=["expire_time", "expire_after"],
)
def test_what_the_earn_says_goes_before_the_policy(command: Any, end: int) -> None:
    found = earned(command, expiry={"points": {"after": "P12M"}})

    assert found.expire_time == end


def test_the_clock_of_the_expiry_starts_at_the_activation() -> None:
    command = earn(activate_time=instant("2026-03-01"), expire_after=Period(months=1))

    assert earned(command).expire_time == instant("2026-04-02")


def test_the_unit_may_make_points_wait() -> None:
    found = earned(
        earn(), activation={"points": "P14D"}, expiry={"points": {"after": "P1D"}}
    )

    assert found.activate_time == instant("2026-01-15")
    assert found.expire_time == instant("2026-01-16")


@pytest.mark.parametrize("command", [earn(), earn(expire_time=NOON + DAY)], ids=str)
def test_most_lots_carry_no_terms(command: Any) -> None:
    found = earned(command, expiry={"points": {"after": "P12M"}})

    assert (found.expiry, found.activate_time) == ("", AT_ONCE)


# Sliding

SLIDING: Final = {"points": {"after": "P6M", "reset_by": ["BURN"]}}


def sliding_lot(**fields: Any) -> Lot:
    """Returns a lot that was earned a month ago under the sliding policy."""
    month_ago = stamp(now=instant("2025-12-01"))
    made = done(
        world(member()), earn(), program=program(expiry=SLIDING), stamp=month_ago
    )
    return made.lots[0]._replace(number=1, **fields)


def test_an_activity_lets_every_lot_live_on() -> None:
    state = owning(sliding_lot(), sliding_lot()._replace(number=2))

    decision = done(state, burn(points=100), program=program(expiry=SLIDING))

    later = instant("2026-07-01")
    assert {o.number: (o.remaining, o.expire_time) for o in decision.lots} == {
        1: (0, instant("2026-06-01")),
        2: (100, later),
    }
    assert transaction(decision).retimed == (Retimed(Place(PART, 2), AT_ONCE, later),)


def test_another_kind_of_activity_does_not() -> None:
    decision = done(owning(sliding_lot()), earn(), program=program(expiry=SLIDING))

    assert transaction(decision).retimed == ()


def test_a_lot_with_an_expiry_of_its_own_does_not_slide() -> None:
    fixed = lot(expire_time=NOON + DAY)

    decision = done(owning(fixed), burn(points=1), program=program(expiry=SLIDING))

    assert transaction(decision).retimed == ()


def test_all_lots_must_be_known_to_slide() -> None:
    state = world(account(balance=100), sliding_lot(), complete=False)

    with pytest.raises(LotsMissing):
        done(state, burn(points=1), program=program(expiry=SLIDING))


# The program


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"zone": "Berlin"}, "Europe/Berlin"),
        ({"expiry": {"miles": {"never": True}}}, "expiry.miles is no unit"),
        ({"expiry": {"points": {"after": "soon"}}}, "expiry.points.after must be"),
        (
            {"expiry": {"points": {"after": "P1D", "reset_by": ["TALK"]}}},
            "expiry.points.reset_by must be of BURN, EARN, HOLD, TRANSFER, not TALK",
        ),
        ({"activation": {"points": "P14"}}, "activation.points must be"),
        ({"activation": {"points": "P9000Y"}}, "activation.points is longer"),
    ],
    ids=str,
)
def test_a_program_says_what_is_wrong_with_it(
    fields: dict[str, Any], said: str
) -> None:
    with pytest.raises(InvalidArgument) as refused:
        program(**fields)

    assert said in str(refused.value)
