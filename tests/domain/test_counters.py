"""Counters that members share."""

from __future__ import annotations

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.bounds import NEVER, POINTS_MAX
from points.domain.counters import Counter, CounterMove, counter_part, returned
from points.domain.refusals import LimitExceeded


EMPTY: Final = Counter(3, "funds:hotel", 100, 200)


def test_a_move_adds_to_what_is_used_and_granted() -> None:
    moved = EMPTY.moved(CounterMove("funds:hotel", 100, 200, 5, 8))
    again = moved.moved(CounterMove("funds:hotel", 100, 200, -2, 1))
    assert (again.used, again.granted) == (3, 9)


@pytest.mark.parametrize(
    ("name", "used", "granted", "wholes"),
    [
        ("funds:hotel", 8, 8, 1),
        ("funds:hotel", 9, 8, 0),
        ("funds:hotel", -1, 8, 0),
        ("budget:words", 9, 0, 1),
        ("budget:words", -1, 0, 0),
        ("figures:PROFIT/MONTH", 0, -9, 1),
    ],
)
def test_a_prefunded_account_is_whole_while_it_is_not_overspent(
    name: str, used: int, granted: int, wholes: int
) -> None:
    assert Counter(0, name, 0, NEVER, used, granted).is_whole == bool(wholes)


@pytest.mark.parametrize("by", [(POINTS_MAX, 0), (0, POINTS_MAX), (0, -POINTS_MAX)])
def test_a_counter_never_leaves_64_bits(by: tuple[int, int]) -> None:
    move = CounterMove("budget:words", 0, NEVER, *by)
    moved = Counter(0, "budget:words", 0, NEVER).moved(move)
    with pytest.raises(LimitExceeded):
        moved.moved(move)


def test_the_part_of_a_counter_is_that_of_its_name() -> None:
    parts = {counter_part(f"budget:{number}", 64) for number in range(1_000)}
    assert parts == set(range(64))


@pytest.mark.parametrize(("now", "back"), [(99, 0), (100, 5), (199, 5), (200, 0)])
def test_a_budget_gets_points_back_only_inside_its_period(now: int, back: int) -> None:
    found = returned(CounterMove("budget:words", 100, 200, 7), 5, now)
    assert -(found.used if found else 0) == back


@given(st.integers(1, 100), st.lists(st.integers(0, 60), max_size=8))
def test_no_more_comes_back_than_was_used(used: int, each: list[int]) -> None:
    move = CounterMove("budget:words", 0, NEVER, used)
    for points in each:
        back = returned(move, points, 0)
        if back is None:
            assert not points or not move.used
            continue
        assert -min(points, move.used) == back.used
        move = move._replace(used=move.used + back.used)
    assert move.used == max(0, used - sum(each))
