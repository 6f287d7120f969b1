"""Local windows: days of 23 and 25 hours, weeks from Monday, months of every length."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points_wheel.prizes import Release, Stock
from points_wheel.tallies import Moment, Tally, still_counting, stock_left
from points_wheel.windows import DAY, NEVER, WINDOW_MAX, Per, window_of


HOUR = 3_600_000_000


def at(text: str) -> int:
    """Returns the microseconds of a moment in UTC."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1_000_000


@pytest.mark.parametrize(
    ("moment", "hours"),
    [("2026-03-29T12:00", 23), ("2026-10-25T12:00", 25), ("2026-06-01T12:00", 24)],
)
def test_a_day_is_as_long_as_the_zone_says(moment: str, hours: int) -> None:
    window = window_of(Per.DAY, at(moment), "Europe/Berlin")
    assert window.end_time - window.start_time == hours * HOUR


@given(
    per=st.sampled_from(Per),
    start_time=st.integers(at("2020-01-01T00:00"), at("2040-01-01T00:00")),
    later=st.integers(0, 100 * DAY),
)
def test_a_count_is_kept_as_long_as_its_window_runs(
    per: Per, start_time: int, later: int
) -> None:
    window = window_of(per, start_time, "Europe/Berlin")
    now = start_time + later
    kept = still_counting({"x": Tally(window.start_time, 3)}, now)
    assert kept or now >= window.end_time
    assert not kept or per is Per.LIFETIME or now < window.start_time + WINDOW_MAX


def test_windows_are_half_open() -> None:
    window = window_of(Per.DAY, at("2026-06-01T12:00"), "Europe/Berlin")
    assert window_of(Per.DAY, window.start_time, "Europe/Berlin") == window
    later = window_of(Per.DAY, window.end_time, "Europe/Berlin")
    assert later.start_time == window.end_time


def test_a_month_ends_where_the_next_begins_in_leap_years_too() -> None:
    window = window_of(Per.MONTH, at("2028-02-29T12:00"), "UTC")
    assert window == (at("2028-02-01T00:00"), at("2028-03-01T00:00"))


def test_a_lifetime_never_ends() -> None:
    assert window_of(Per.LIFETIME, 5, "UTC") == (0, NEVER)


@given(
    instant=st.integers(0, at("2100-01-01T00:00")),
    per=st.sampled_from(Per),
    zone=st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
)
def test_every_instant_lies_in_its_window(instant: int, per: Per, zone: str) -> None:
    window = window_of(per, instant, zone)
    assert window.start_time <= instant < window.end_time


def test_stock_is_released_on_schedule_and_adds_up() -> None:
    release = Release(start_time=10 * HOUR, count=2, every_seconds=3_600, times=3)
    stock = Stock(count=1, releases=(release,))
    left = {
        hour: stock_left(stock, "x", {}, Moment(hour * HOUR, "UTC"))
        for hour in (9, 10, 11, 12, 13, 20)
    }
    assert left == {9: 1, 10: 3, 11: 5, 12: 7, 13: 7, 20: 7}
    taken = {"stock:x": Tally(0, 4)}
    assert stock_left(stock, "x", taken, Moment(11 * HOUR, "UTC")) == 1
