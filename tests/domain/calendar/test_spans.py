"""Spans: the first and the last day of each, in common years and leap years."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.calendar.spans import Span, clipped, first_day, last_day
from points.domain.calendar.zones import ONE_DAY
from tests.domain.calendar.build import day


@pytest.mark.parametrize(
    ("year", "lengths"),
    [
        (2023, [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]),
        (2024, [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]),
        (1900, [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]),
        (2000, [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]),
        (2100, [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]),
    ],
)
def test_months_end_as_the_calendar_says(year: int, lengths: list[int]) -> None:
    ends = [last_day(Span.MONTH, date(year, month, 1)) for month in range(1, 13)]

    assert ends == [date(year, month, last) for month, last in enumerate(lengths, 1)]


@pytest.mark.parametrize(
    ("span", "inside", "first", "last"),
    [
        (Span.DAY, "2026-05-06", "2026-05-06", "2026-05-06"),
        (Span.WEEK, "2026-05-04", "2026-05-04", "2026-05-10"),
        (Span.WEEK, "2026-05-10", "2026-05-04", "2026-05-10"),
        # Weeks 53 of ISO years, and a week 1 that begins in the year before.
        (Span.WEEK, "2021-01-03", "2020-12-28", "2021-01-03"),
        (Span.WEEK, "2026-12-31", "2026-12-28", "2027-01-03"),
        (Span.WEEK, "2024-12-31", "2024-12-30", "2025-01-05"),
        (Span.WEEK, "2024-02-29", "2024-02-26", "2024-03-03"),
        (Span.WEEK, "9999-12-31", "9999-12-27", "9999-12-31"),
        (Span.MONTH, "2026-02-01", "2026-02-01", "2026-02-28"),
        (Span.QUARTER, "2026-01-01", "2026-01-01", "2026-03-31"),
        (Span.QUARTER, "2026-05-31", "2026-04-01", "2026-06-30"),
        (Span.QUARTER, "2026-09-30", "2026-07-01", "2026-09-30"),
        (Span.QUARTER, "2026-12-31", "2026-10-01", "2026-12-31"),
        (Span.HALF, "2026-06-30", "2026-01-01", "2026-06-30"),
        (Span.HALF, "2026-07-01", "2026-07-01", "2026-12-31"),
        (Span.YEAR, "2024-02-29", "2024-01-01", "2024-12-31"),
        (Span.YEAR, "9999-12-31", "9999-01-01", "9999-12-31"),
    ],
)
def test_a_span_has_a_first_and_a_last_day(
    span: Span, inside: str, first: str, last: str
) -> None:
    assert first_day(span, day(inside)) == day(first)
    assert last_day(span, day(inside)) == day(last)


@given(st.sampled_from(Span), st.dates(max_value=day("9999-12-01")))
def test_spans_follow_each_other(span: Span, inside: date) -> None:
    first, last = first_day(span, inside), last_day(span, inside)

    assert first <= inside <= last
    assert last == date.max or first_day(span, last + ONE_DAY) == last + ONE_DAY


@pytest.mark.parametrize("year", [0, 10_000])
def test_a_year_outside_of_the_calendar_overflows(year: int) -> None:
    with pytest.raises(OverflowError):
        clipped(year, 1, 1)
