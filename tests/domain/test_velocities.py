"""Velocities: how much a window lets through, and when the next one begins."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.calendar.zones import zone_of
from points.domain.commands import Command
from points.domain.decisions import decide
from points.domain.limits import Usage, read_usage
from points.domain.refusals import VelocityExceeded
from points.domain.state import Decision
from points.domain.values import Account, Velocity
from tests.clock import DAY, HOUR, NOON
from tests.domain.build import PROGRAM, burn, earn, lot, member, stamp
from tests.domain.build_limits import DAILY, bounded, decided, set_limits
from tests.domain.test_transfer import BOB, transfer
from tests.domain.worlds import World, world


def usage_of(decision: Decision) -> tuple[Usage, ...]:
    """Returns what was used according to the first account."""
    return read_usage(decision.accounts[0].usage)


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
