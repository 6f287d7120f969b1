"""Limits: what they keep members from, and how they are written down."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.bounds import NEVER, POINTS_MAX
from points.domain.calendar.zones import zone_of
from points.domain.commands import Command, SetLimits
from points.domain.decisions import decide
from points.domain.limits import (
    Action,
    Usage,
    bounds_of,
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
    VelocityExceeded,
)
from points.domain.state import Decision, LotsMissing
from points.domain.values import Account, Limits, MemberState, Velocity
from tests.clock import DAY, HOUR, NOON
from tests.domain.build import (
    PART,
    PROGRAM,
    World,
    account,
    burn,
    earn,
    frozen_member,
    lot,
    member,
    stamp,
    world,
)
from tests.domain.strategies import instants, texts
from tests.domain.test_precedence import NOBODY, Rule, decide_breaking, name
from tests.domain.test_transfer import BOB, transfer


_SET_LIMITS: Final = SetLimits(
    member_id="ada",
    request_id="r1",
    unit="points",
    operator="olga",
    reason="looks odd",
)
DAILY: Final = Velocity("EARN", "DAY", points_max=100)


def set_limits(**fields: Any) -> SetLimits:
    """Returns limits of Ada's points that bind nothing."""
    return replace(_SET_LIMITS, **fields)


def bounded(holder: str = "ada", usage: str = "", **fields: Any) -> Account:
    """Returns the account of a member with these limits, and 100 points."""
    found = decided(set_limits(**fields), world()).accounts[0]
    return found._replace(
        account=f"member:{holder}", balance=100, usage=usage or found.usage
    )


def decided(command: Command, state: World, now: int = NOON) -> Decision:
    """Returns the decision about a command."""
    return decide(command, state, PROGRAM, stamp(now=now))


def usage_of(decision: Decision) -> tuple[Usage, ...]:
    """Returns what was used according to the first account."""
    return read_usage(decision.accounts[0].usage)


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


def used(account_after: Account) -> World:
    """Returns a world in which a member's account is as a decision left it."""
    return world(member(), BOB, account_after, lot())


CASES: Final = (
    (Velocity("EARN", "DAY", points_max=100), earn(points=60), "points", 100),
    (Velocity("EARN", "DAY", count_max=1), earn(points=1), "count", 1),
    (Velocity("BURN", "HOUR", points_max=5), burn(points=3), "points", 5),
    (Velocity("TRANSFER", "WEEK", 10, 1), transfer(points=9), "points", 10),
    (Velocity("TRANSFER", "MONTH", 10, 1), transfer(points=1), "count", 1),
)


@pytest.mark.parametrize(("velocity", "command", "bound", "limit"), CASES)
def test_a_velocity_is_not_passed_within_its_window(
    velocity: Velocity, command: Command, bound: str, limit: int
) -> None:
    first = decided(command, used(bounded(velocities=(velocity,))))

    with pytest.raises(VelocityExceeded) as refused:
        decided(command, used(first.accounts[0]._replace(balance=100)), now=NOON + 1)

    assert refused.value == VelocityExceeded(
        "ada", "points", velocity.action, velocity.window, bound, limit
    )


@pytest.mark.parametrize(
    ("window", "later"),
    [("HOUR", HOUR), ("DAY", 12 * HOUR), ("WEEK", 4 * DAY), ("MONTH", 31 * DAY)],
)
def test_a_velocity_starts_anew_with_each_window(window: str, later: int) -> None:
    velocity = Velocity("EARN", window, count_max=1)
    first = decided(earn(), used(bounded(velocities=(velocity,))))

    second = decided(earn(), used(first.accounts[0]), now=NOON + later)

    assert usage_of(second)[0].actions == 1


def test_a_fee_does_not_count_as_transferred() -> None:
    velocity = Velocity("TRANSFER", "DAY", points_max=100)
    state = used(bounded(velocities=(velocity,)))

    decision = decided(transfer(points=60, fee_points=40), state)

    assert usage_of(decision)[0].points == 60


def test_windows_follow_the_clocks_of_the_zone_that_limits_were_set_in() -> None:
    program = replace(PROGRAM, zone=zone_of("Asia/Tokyo"))
    command = set_limits(velocities=(Velocity("EARN", "DAY", count_max=1),))
    bound = decide(command, world(), program, stamp()).accounts[0]

    decision = decided(earn(), used(bound))

    # Midnight in Tokyo is three in the afternoon in UTC.
    assert usage_of(decision)[0].start_time == NOON - 21 * HOUR


def test_what_is_bound_once_more_keeps_its_count() -> None:
    state = used(bounded(velocities=(DAILY, Velocity("BURN", "DAY", 5))))
    after = decided(earn(points=60), state).accounts[0]
    relaxed = Velocity("EARN", "DAY", points_max=200)
    new = Velocity("EARN", "WEEK", points_max=200)

    decision = decided(set_limits(velocities=(new, relaxed)), used(after))

    assert [one.points for one in usage_of(decision)] == [0, 60]


def test_a_member_without_limits_has_no_usage() -> None:
    decision = decided(earn(), world())

    assert decision.accounts[0].usage == ""


def test_a_lot_that_never_expires_is_not_taken_for_expired() -> None:
    assert world(lot(expire_time=NEVER)).expired_points(PART, "ada", "points") == 0


@given(
    amounts=st.lists(st.integers(1, 40), max_size=12),
    steps=st.lists(st.integers(0, 9 * HOUR), min_size=12, max_size=12),
)
def test_no_window_ever_sees_more_than_its_velocity(
    amounts: list[int], steps: list[int]
) -> None:
    velocity = Velocity("EARN", "DAY", points_max=60, count_max=3)
    current, now = bounded(velocities=(velocity,)), NOON
    days: dict[int, list[int]] = {}
    for amount, step in zip(amounts, steps, strict=False):
        now += step
        try:
            decision = decided(earn(points=amount), used(current), now=now)
        except VelocityExceeded:
            continue
        current = decision.accounts[0]
        days.setdefault(now // DAY, []).append(amount)

    assert all(sum(day) <= 60 and len(day) <= 3 for day in days.values())
