"""Gathering: who is waited for, how long, and when it is not worth it."""

from __future__ import annotations

import pytest

from points.engine.gathering import OFF_MAX, Gathering


def after(callers: int, seconds: float = 0.02) -> Gathering:
    """Returns what follows a batch, where one takes ten commands."""
    gathering = Gathering(10, 0.05)
    gathering.ended(callers, seconds)
    return gathering


def test_nobody_is_waited_for_at_the_start() -> None:
    assert Gathering(10, 0.05).missing() == 0


@pytest.mark.parametrize(
    ("callers", "missing"), [(1, 0), (4, 0), (5, 4), (10, 9), (25, 9)]
)
def test_only_half_a_batch_of_callers_or_more_is_waited_for(
    callers: int, missing: int
) -> None:
    assert after(callers).missing() == missing


@pytest.mark.parametrize(("took", "seconds"), [(0.02, 0.02), (3.0, 0.05)])
def test_the_wait_is_as_long_as_a_batch_and_has_a_bound(
    took: float, seconds: float
) -> None:
    assert after(10, took).seconds == seconds


def waits(gathering: Gathering, batches: int, *, have_come: bool) -> list[int]:
    """Returns the numbers of the batches that waited."""
    found = []
    for number in range(batches):
        if gathering.missing():
            found.append(number)
            gathering.waited(have_come=have_come)
    return found


def test_callers_who_come_are_waited_for_each_time() -> None:
    assert waits(after(10), 5, have_come=True) == [0, 1, 2, 3, 4]


def test_each_wait_in_vain_makes_the_next_rarer() -> None:
    assert waits(after(10), 20, have_come=False) == [0, 2, 6, 14]


def test_a_wait_is_tried_now_and_then_for_ever() -> None:
    found = waits(after(10), 1000, have_come=False)

    assert found[-1] - found[-2] == OFF_MAX + 1


def test_one_who_comes_makes_waiting_worth_it_again() -> None:
    gathering = after(10)
    waits(gathering, 20, have_come=False)
    waits(gathering, OFF_MAX + 1, have_come=True)

    assert waits(gathering, 3, have_come=True) == [0, 1, 2]
