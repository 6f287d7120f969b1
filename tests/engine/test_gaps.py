"""What can wait: callers go first, and it never waits for good."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.engine.gaps import (
    BATCH_SECONDS,
    BEHIND_SECONDS,
    IDLE_SECONDS,
    LATE_SECONDS,
    REST_SECONDS_MAX,
    SHARE,
    SIZE_MAX,
    Gaps,
)


NOW = 100.0


def room(gaps: Gaps, now: float, since: float = 0.0) -> int:
    """Returns what is taken up at an instant while no caller waits."""
    return gaps.room(now, since, are_callers_waiting=False)


def room_along(gaps: Gaps, now: float, since: float = 0.0) -> int:
    """Returns what goes along with a batch of callers."""
    return gaps.room(now, since, are_callers_waiting=True)


def test_while_nobody_calls_there_is_room_for_all() -> None:
    resting = Gaps(called=NOW - IDLE_SECONDS, rest_end=NOW + 1)

    assert room(Gaps(), NOW) == room(resting, NOW) == sys.maxsize
    assert Gaps().pause(NOW) == resting.pause(NOW) == 0


def test_behind_a_batch_callers_have_the_writer_for_as_long_as_their_share() -> None:
    gaps = Gaps(called=NOW).after(NOW, NOW + 0.01, calls=0, others=1)

    assert gaps.pause(NOW + 0.01) == pytest.approx((SHARE - 1) * 0.01)
    assert room(gaps, NOW + 0.03) == 0
    assert room(gaps, gaps.rest_end) == 1


def test_a_long_batch_has_a_rest_with_an_end() -> None:
    gaps = Gaps(called=NOW + 60).after(NOW, NOW + 60, calls=0, others=1)

    assert gaps.pause(NOW + 60) == REST_SECONDS_MAX


def test_what_rests_goes_on_at_once_when_callers_have_gone() -> None:
    gaps = Gaps(called=NOW - IDLE_SECONDS + 0.25, rest_end=NOW + 10)

    assert gaps.pause(NOW) == 0.25


def test_what_could_not_begin_for_long_goes_along_with_callers() -> None:
    gaps = Gaps(called=NOW, rest_end=NOW, size=3)

    assert room_along(gaps, NOW + LATE_SECONDS / 2) == 0
    assert room_along(gaps, NOW + LATE_SECONDS) == 3
    assert room_along(gaps, NOW + LATE_SECONDS, since=NOW + LATE_SECONDS) == 0


def test_what_went_along_is_not_late_at_once_again() -> None:
    gaps = Gaps(called=NOW, rest_end=NOW).after(NOW, NOW + 1, calls=9, others=1)

    assert room_along(gaps, NOW + 1) == 0
    assert room_along(gaps, NOW + 1 + LATE_SECONDS) == 1


def test_a_batch_of_callers_alone_takes_nothing_from_the_rest() -> None:
    gaps = Gaps(rest_end=NOW + 1, size=5)

    after = gaps.after(NOW, NOW + 0.1, calls=9, others=0)

    assert after == Gaps(called=NOW + 0.1, rest_end=NOW + 1, size=5)


def test_quick_batches_become_larger_and_slow_ones_as_small_as_they_should() -> None:
    gaps = Gaps(called=0).after(0, BATCH_SECONDS / 2, calls=0, others=1)
    assert gaps.size == 2
    gaps = gaps.after(0, 2 * BATCH_SECONDS, calls=0, others=64)
    assert gaps.size == 32
    assert gaps.after(NOW, NOW + 60, calls=0, others=1).size == 1


def called_every(seconds: Iterable[float], took: float = 0.0025) -> Gaps:
    """Returns what is known when callers have come after so long, the last one now."""
    gaps, now = Gaps(called=NOW, took=took), NOW
    for gap in seconds:
        gaps = gaps.after(now + gap, now + gap, calls=1, others=0)
        now += gap
    return gaps._replace(called=NOW, rest_end=NOW)


def test_between_callers_at_even_intervals_it_begins_where_it_will_be_done() -> None:
    gaps = called_every([0.01, 0.0102] * 20)

    assert [room(gaps, NOW + at / 1e3) for at in (0, 0.5, 7, 8, 12)] == [1, 1, 1, 0, 0]
    assert gaps.pause(NOW + 0.007) == 0
    assert gaps.pause(NOW + 0.008) == pytest.approx(IDLE_SECONDS - 0.008)


def test_what_fits_no_gap_begins_right_behind_a_caller_alone() -> None:
    gaps = called_every([0.01] * 20, took=0.02)

    assert room(gaps, NOW + BEHIND_SECONDS / 2) == 1
    assert room(gaps, NOW + 2 * BEHIND_SECONDS) == 0


def test_a_rest_that_ends_too_late_in_a_gap_lasts_until_the_next_one() -> None:
    gaps = called_every([0.01] * 20)._replace(rest_end=NOW + 0.009)

    assert gaps.pause(NOW) == pytest.approx(IDLE_SECONDS)
    assert gaps._replace(rest_end=NOW + 0.005).pause(NOW) == pytest.approx(0.005)


def test_where_callers_come_at_random_one_instant_is_as_good_as_another() -> None:
    chance = Random(7)  # noqa: S311 - no secret
    gaps = [
        called_every([chance.expovariate(100) for _ in range(n)]) for n in range(99)
    ]

    anywhere = [all(room(one, NOW + at / 1e3) for at in (0, 2, 9, 50)) for one in gaps]

    assert anywhere.count(True) > 2 * anywhere.count(False)


def test_a_long_silence_tells_nothing_of_the_gaps() -> None:
    gaps = called_every([0.01] * 20)
    later = NOW + 2 * IDLE_SECONDS

    after = gaps.after(later, later, calls=1, others=0)

    assert (after.gap, after.spread) == (gaps.gap, gaps.spread)


def test_batches_become_no_longer_than_the_gaps() -> None:
    gaps = called_every([0.002] * 40)

    after = gaps.after(NOW, NOW + BATCH_SECONDS, calls=0, others=50)

    assert after.size == 19


@given(
    took=st.floats(min_value=0, max_value=1e6),
    others=st.integers(min_value=1, max_value=100_000),
    size=st.integers(min_value=1, max_value=SIZE_MAX),
    gap=st.floats(min_value=0, max_value=1),
    spread=st.floats(min_value=0, max_value=1),
)
def test_there_is_always_room_for_one_before_long(
    took: float, others: int, size: int, gap: float, spread: float
) -> None:
    ended = NOW + took
    known = Gaps(called=NOW, size=size, gap=gap, spread=spread)
    gaps = known.after(NOW, ended, calls=0, others=others)
    due = ended + gaps.pause(ended)

    assert 1 <= gaps.size <= SIZE_MAX
    assert gaps.pause(ended) <= IDLE_SECONDS + 1e-6
    assert room(gaps, due) >= 1
    assert room_along(gaps, gaps.rest_end + LATE_SECONDS) >= 1
