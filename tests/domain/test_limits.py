"""Limits: what they keep members from, and how they are written down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.bounds import NEVER, POINTS_MAX
from points.domain.calendar.zones import zone_of
from points.domain.commands import Command
from points.domain.limits import (
    Action,
    Usage,
    bounds_of,
    earnable,
    read_limits,
    read_usage,
    write_limits,
    write_usage,
)
from points.domain.refusals import (
    InsufficientPoints,
    InvalidArgument,
    LimitExceeded,
    MemberErased,
    MemberMerged,
    MemberNotFound,
    Refusal,
    UnitUnknown,
)
from points.domain.state import LotsMissing
from points.domain.values import Limits, MemberState, Velocity
from tests.clock import DAY, NOON
from tests.domain.build import PART, account, burn, earn, frozen_member, lot, member
from tests.domain.build_limits import DAILY, bounded, decided, set_limits
from tests.domain.strategies import instants, texts
from tests.domain.test_precedence import NOBODY, Rule, decide_breaking, name
from tests.domain.test_transfer import BOB, transfer
from tests.domain.worlds import World, world


bounds = st.none() | st.integers(0, POINTS_MAX)
limits = st.builds(
    Limits,
    member_id=st.just("ada"),
    unit=st.just("points"),
    floor=bounds,
    ceiling=bounds,
    velocities=st.lists(
        st.builds(
            Velocity,
            st.sampled_from([str(action) for action in Action]),
            st.sampled_from(["HOUR", "DAY", "WEEK", "MONTH"]),
            bounds,
            bounds,
        ),
        max_size=4,
    ).map(tuple),
    operator=texts,
    reason=texts,
    update_time=instants,
    zone=st.sampled_from(["UTC", "Europe/Berlin"]),
)


@given(limits)
def test_limits_are_read_as_they_were_written(given_limits: Limits) -> None:
    assert read_limits(write_limits(given_limits), "ada", "points") == given_limits


@given(limits)
def test_what_binds_is_in_the_text(given_limits: Limits) -> None:
    found = bounds_of(write_limits(given_limits))

    assert found == (
        given_limits.floor or 0,
        given_limits.ceiling,
        zone_of(given_limits.zone),
        given_limits.velocities,
    )


@given(st.lists(st.builds(Usage, instants, instants, instants), max_size=3).map(tuple))
def test_usage_is_read_as_it_was_written(usage: tuple[Usage, ...]) -> None:
    assert read_usage(write_usage(usage)) == usage


def test_nothing_is_used_of_no_velocity() -> None:
    assert write_usage(()) == ""


def test_limits_say_who_set_them_when_and_why() -> None:
    decision = decided(set_limits(floor=10, velocities=(DAILY,)), world())

    assert decision.result == Limits(
        member_id="ada",
        unit="points",
        floor=10,
        ceiling=None,
        velocities=(DAILY,),
        operator="olga",
        reason="looks odd",
        update_time=NOON,
    )


def test_limits_of_a_frozen_member_can_be_set() -> None:
    assert decided(set_limits(), world(frozen_member())).accounts


SET_RULES: Final = (
    Rule(UnitUnknown("stars"), {"unit": "stars"}),
    Rule(MemberNotFound("ada"), members=NOBODY),
    Rule(MemberErased("ada"), members=[member(state=MemberState.ERASED)]),
    Rule(
        MemberMerged("ada", "bob"),
        members=[member(state=MemberState.MERGED, merged_into="bob")],
    ),
)


@pytest.mark.parametrize("broken", range(len(SET_RULES)), ids=name)
def test_limits_are_refused_for_the_first_rule_they_break(broken: int) -> None:
    rules = SET_RULES[broken:]

    with pytest.raises(Refusal) as refused:
        decide_breaking(rules, set_limits(), World(members=[member()]))

    assert refused.value == rules[0].refusal


RANGE: Final = f"must lie between 0 and {POINTS_MAX}"


@pytest.mark.parametrize(
    ("fields", "violations"),
    [
        ({"operator": ""}, {"operator": "is required"}),
        ({"reason": ""}, {"reason": "is required"}),
        ({"unit": ""}, {"unit": "is required"}),
        ({"floor": -1}, {"floor": RANGE}),
        ({"ceiling": POINTS_MAX + 1}, {"ceiling": RANGE}),
        ({"floor": 2, "ceiling": 1}, {"ceiling": "must not be below floor"}),
        (
            {"velocities": (Velocity("EARN", "DAY"),)},
            {"velocities[0]": "must bound points, count or both"},
        ),
        (
            {"velocities": (DAILY, DAILY)},
            {"velocities[1]": "bounds EARN within a DAY once more"},
        ),
        (
            {"velocities": (Velocity("", "YEAR", -1, -1),)},
            {
                "velocities[0].action": "must be one of EARN, BURN, TRANSFER",
                "velocities[0].window": "must be one of HOUR, DAY, WEEK, MONTH",
                "velocities[0].points": RANGE,
                "velocities[0].count": RANGE,
            },
        ),
    ],
)
def test_malformed_limits_are_refused(
    fields: dict[str, Any], violations: dict[str, str]
) -> None:
    with pytest.raises(InvalidArgument) as refused:
        set_limits(**fields).check()

    assert refused.value.violations == violations


@pytest.mark.parametrize("command", [burn(points=70), transfer(points=70)])
def test_the_floor_stays_available(command: Command) -> None:
    state = world(member(), BOB, bounded(floor=31), lot())

    with pytest.raises(LimitExceeded) as refused:
        decided(command, state)

    assert refused.value == LimitExceeded("member:ada", "points", 31)


@pytest.mark.parametrize("command", [burn(points=70), transfer(points=70)])
def test_all_above_the_floor_can_be_used(command: Command) -> None:
    state = world(member(), BOB, bounded(floor=30), lot())

    assert decided(command, state).accounts[0].balance == 30


def test_pending_points_do_not_fill_the_floor() -> None:
    # The account has 100 points, of which only 60 can be drawn.
    state = world(member(), bounded(floor=30), lot(points=60))

    with pytest.raises(LimitExceeded):
        decided(burn(points=40), state)


def test_a_floor_asks_for_lots_that_were_not_read() -> None:
    state = replace(world(member(), bounded(floor=50), lot()), complete=False)

    with pytest.raises(LotsMissing):
        decided(burn(points=60), state)
    assert decided(burn(points=50), state)


def test_whoever_has_too_little_is_told_so_before_the_floor() -> None:
    state = world(member(), bounded(floor=50), lot())

    with pytest.raises(InsufficientPoints):
        decided(burn(points=101), state)


@pytest.mark.parametrize(
    "command",
    [
        earn(points=51, member_id="bob"),
        transfer(points=51),
    ],
)
def test_nothing_rises_above_the_ceiling(command: Command) -> None:
    state = world(member(), BOB, bounded("bob", ceiling=150), account(), lot())

    with pytest.raises(LimitExceeded) as refused:
        decided(command, state)

    assert refused.value == LimitExceeded("member:bob", "points", 150)


@pytest.mark.parametrize(
    "command",
    [earn(points=50, member_id="bob"), transfer(points=50)],
)
def test_the_ceiling_can_be_reached(command: Command) -> None:
    state = world(member(), BOB, bounded("bob", ceiling=150), account(), lot())

    assert decided(command, state)


def test_held_points_count_towards_the_ceiling() -> None:
    held = account(account="held:ada", balance=20)

    with pytest.raises(LimitExceeded):
        decided(earn(points=31), world(bounded(ceiling=150), held))
    assert decided(earn(points=30), world(bounded(ceiling=150), held))


def test_expired_points_do_not_count_towards_the_ceiling_before_they_are_swept() -> (
    None
):
    expired = lot(points=40, expire_time=NOON)
    state = world(bounded(ceiling=150), expired)

    assert decided(earn(points=90), state)
    with pytest.raises(LimitExceeded):
        decided(earn(points=91), state)


def test_a_burn_is_not_held_against_the_ceiling_that_is_passed_already() -> None:
    state = world(bounded(ceiling=10), lot())

    assert decided(burn(points=1), state)


def test_a_lot_that_never_expires_is_not_taken_for_expired() -> None:
    assert world(lot(expire_time=NEVER)).expired_points(PART, "ada", "points") == 0


TODAY: Final = Usage(NOON // DAY * DAY, 4, 2)


@pytest.mark.parametrize(
    ("limits", "usage", "expected"),
    [
        ({}, (), None),
        ({"floor": 5}, (), None),
        ({"ceiling": 100}, (), 60),
        ({"ceiling": 30}, (), 0),
        ({"velocities": (Velocity("BURN", "DAY", 1),)}, (Usage(NOON, 1, 1),), None),
        ({"velocities": (Velocity("EARN", "DAY", 9),)}, (Usage(),), 9),
        ({"velocities": (Velocity("EARN", "DAY", 9, 3),)}, (TODAY,), 5),
        ({"velocities": (Velocity("EARN", "DAY", 9, 2),)}, (TODAY,), 0),
        ({"velocities": (Velocity("EARN", "DAY", 9, 2),)}, (Usage(1, 4, 2),), 9),
        ({"ceiling": 43, "velocities": (Velocity("EARN", "DAY", 9),)}, (TODAY,), 3),
    ],
)
def test_what_may_be_earned_at_once_is_what_all_bounds_leave(
    limits: dict[str, Any], usage: tuple[Usage, ...], expected: int | None
) -> None:
    bound = bounded(**limits)

    found = earnable(bounds_of(bound.limits), usage, owned=40, now=NOON)
    assert found == expected
