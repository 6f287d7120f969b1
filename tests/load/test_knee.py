"""A knee is between the rate that was kept up with and the one that was not."""

from __future__ import annotations

import pytest

from tests.load.ghz import Run
from tests.load.knee import STEPS_MAX, Knee, Step, knee_of, knees, rates


def step(offered: int, answered: float) -> Step:
    """Returns what became of a rate."""
    run = Run(rate=answered, p50_ms=1.0, p99_ms=2.0, statuses={"OK": 1})
    return Step(offered, run)


def test_rates_rise_from_half_of_the_closed_loop_to_three_times_of_it() -> None:
    found = list(rates(1_000))

    assert (found[0], found[1], len(found)) == (500, 625, STEPS_MAX)
    assert 2_900 < found[-1] < 3_100


def test_a_slow_method_is_offered_one_call_a_second_at_least() -> None:
    assert next(rates(0.4)) == 1


@pytest.mark.parametrize(("answered", "is_behind"), [(90.0, False), (89.9, True)])
def test_a_server_is_behind_below_nine_tenths(
    answered: float, *, is_behind: bool
) -> None:
    assert step(100, answered).is_behind is is_behind


def test_a_server_that_turns_calls_away_is_behind() -> None:
    run = Run(rate=100, p50_ms=1, p99_ms=2, statuses={"OK": 99, "ResourceExhausted": 1})

    assert Step(100, run).is_behind


def test_the_knee_is_the_highest_rate_that_was_kept_up_with() -> None:
    closed, low, high, beyond = step(0, 90), step(50, 50), step(62, 60), step(78, 61)

    assert knee_of([closed, low, high, beyond]) == Knee(closed.run, high, beyond)


def test_a_knee_may_lie_outside_of_what_was_offered() -> None:
    closed = step(0, 90)

    assert knee_of([closed, step(50, 20)]).kept_up is None
    assert knee_of([closed, step(50, 50)]).behind is None


def test_each_profile_has_a_knee_on_each_database() -> None:
    steps = [
        (profile, database, step(offered, offered))
        for profile, database in (("earn", "a"), ("burn", "a"), ("earn", "b"))
        for offered in (0, 50)
    ]

    found = [(profile, database) for profile, database, _ in knees(steps)]

    assert found == [("earn", "a"), ("burn", "a"), ("earn", "b")]
