"""What counts towards tiers, and the days that periods hold."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.calendar.periods import Period
from points.domain.calendar.spans import Span
from points.domain.qualifying import (
    DAY_MIN,
    Days,
    added,
    anniversary_days,
    calendar_days,
    day_date,
    day_number,
    gathered,
    pruned,
    rolling_days,
)
from tests.domain.calendar.build import lives


days: st.SearchStrategy[int] = st.integers(0, 30_000)


def number(text: str) -> int:
    return day_number(date.fromisoformat(text))


def test_days_are_counted_from_1970() -> None:
    assert number("1970-01-01") == 0
    assert day_date(number("2024-02-29")) == date(2024, 2, 29)


@given(days, days, st.integers(1, 10**9))
def test_what_is_taken_back_leaves_what_was_there(
    first: int, second: int, amount: int
) -> None:
    before = added({}, first, 7)
    assert added(added(before, second, amount), second, -amount) == before


def test_no_day_is_below_zero() -> None:
    assert added({3: 5}, 3, -9) == {}
    assert added({}, 3, -9) == {}


def test_a_sum_takes_the_first_and_the_last_day() -> None:
    amounts = {1: 1, 2: 10, 3: 100, 4: 1_000}
    assert gathered(amounts, Days(2, 3)) == 110


def test_pruned_days_are_gone() -> None:
    assert pruned({1: 1, 2: 2}, 2) == {2: 2}
    assert pruned({1: 1, 2: 2}, 1) == {1: 1, 2: 2}


def test_a_calendar_period_is_its_span() -> None:
    found = calendar_days(Span.QUARTER, number("2024-02-29"))
    assert found == Days(number("2024-01-01"), number("2024-03-31"))


@pytest.mark.parametrize(
    ("day", "first"), [("2027-05-10", "2026-05-11"), ("2024-02-29", "2023-03-01")]
)
def test_a_rolling_period_leaves_out_the_same_date_before(day: str, first: str) -> None:
    found = rolling_days(Period(years=1), number(day))
    assert found == Days(number(first), number(day))


@given(lives, days)
def test_a_rolling_period_never_goes_back(length: Period, day: int) -> None:
    before, after = rolling_days(length, day), rolling_days(length, day + 1)
    assert before.first <= after.first <= after.last == before.last + 1


def test_the_first_year_of_a_member_holds_what_was_before() -> None:
    created = number("2024-02-29")
    assert anniversary_days(created, created - 9) == Days(DAY_MIN, number("2025-02-27"))


@given(days, days)
def test_the_years_of_a_member_follow_each_other(created: int, day: int) -> None:
    found = anniversary_days(created, day)
    assert found.holds(day)
    assert anniversary_days(created, found.last + 1).first == found.last + 1


@given(days)
def test_a_year_of_a_member_begins_on_its_anniversary(created: int) -> None:
    starts, day = [], created
    for _ in range(5):
        day = anniversary_days(created, day).last + 1
        starts.append(day_date(day))
    begin = day_date(created)
    assert all(each.month == begin.month for each in starts)
    assert all(late.year == early.year + 1 for early, late in pairwise(starts))
