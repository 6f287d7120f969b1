"""The falling price and the end that late bids put off, to the microsecond."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugins.auction.tests.build import HOUR, MINUTE, NOON, SECOND

from points_auction.clock import end_after, falling_price
from points_auction.terms import Fall, SoftClose


FALL = Fall(step_points=10, tick=MINUTE, floor_points=35)
END = NOON + HOUR
SOFT = SoftClose(2 * MINUTE, 5 * MINUTE, END + 12 * MINUTE)


@pytest.mark.parametrize(
    ("elapsed", "price"),
    [
        (0, 100),
        (MINUTE - 1, 100),
        (MINUTE, 90),
        (6 * MINUTE, 40),
        (7 * MINUTE, 35),
        (10**6 * MINUTE, 35),
    ],
)
def test_the_price_falls_a_step_with_each_whole_tick_down_to_the_floor(
    elapsed: int, price: int
) -> None:
    assert falling_price(100, FALL, elapsed) == price


@pytest.mark.parametrize(
    ("left", "moved"),
    [(2 * MINUTE + 1, 0), (2 * MINUTE, 3 * MINUTE), (1, 5 * MINUTE - 1)],
)
def test_a_late_bid_moves_the_end_from_the_threshold_on(left: int, moved: int) -> None:
    assert end_after(SOFT, end_time=END, now=END - left) == END + moved


def test_the_end_is_never_put_off_beyond_the_limit() -> None:
    late = END + 10 * MINUTE

    assert end_after(SOFT, end_time=late, now=late - SECOND) == SOFT.limit
    assert end_after(SOFT, end_time=SOFT.limit, now=SOFT.limit - 1) == SOFT.limit


def test_without_a_soft_close_the_end_stays() -> None:
    assert end_after(None, end_time=END, now=END - 1) == END


@given(st.lists(st.integers(0, 5 * MINUTE), max_size=30))
def test_the_end_never_comes_nearer(gaps: list[int]) -> None:
    now, end = END - 5 * MINUTE, END
    for gap in gaps:
        now += gap
        if now >= end:
            break
        later = end_after(SOFT, end_time=end, now=now)

        assert end <= later <= SOFT.limit

        end = later
