"""Periods: what they reach, what cannot be one, and how they are written."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.calendar.periods import COUNT_MAX, ZERO, Period, parse_period
from points.domain.refusals import InvalidArgument
from tests.domain.calendar.build import dates, day, periods


@pytest.mark.parametrize(
    ("start", "text", "reached"),
    [
        ("2026-03-15", "P1Y", "2027-03-15"),
        ("2026-03-15", "P12M", "2027-03-15"),
        ("2026-11-30", "P1M", "2026-12-30"),
        ("2026-12-31", "P1M", "2027-01-31"),
        ("2026-01-31", "P1M", "2026-02-28"),
        ("2024-01-31", "P1M", "2024-02-29"),
        ("2026-01-28", "P1M", "2026-02-28"),
        # Clipped from the original day, not from the clipped one.
        ("2026-01-31", "P2M", "2026-03-31"),
        ("2026-01-31", "P3M", "2026-04-30"),
        ("2026-08-31", "P13M", "2027-09-30"),
        ("2024-02-29", "P1Y", "2025-02-28"),
        ("2024-02-29", "P4Y", "2028-02-29"),
        ("2024-02-29", "P3Y12M", "2028-02-29"),
        ("1999-02-28", "P1Y1D", "2000-02-29"),
        # Months before days.
        ("2026-01-31", "P1M1D", "2026-03-01"),
        ("2026-02-27", "P2D", "2026-03-01"),
        ("2024-02-27", "P1W", "2024-03-05"),
        ("2026-05-06", "P0D", "2026-05-06"),
    ],
)
def test_a_period_reaches_a_date(start: str, text: str, reached: str) -> None:
    assert parse_period(text).after(day(start)) == day(reached)


@pytest.mark.parametrize(
    ("end", "text", "reached"),
    [
        ("2027-03-15", "P1Y", "2026-03-15"),
        ("2026-03-31", "P1M", "2026-02-28"),
        ("2026-01-15", "P1M", "2025-12-15"),
        ("2026-03-01", "P1D", "2026-02-28"),
    ],
)
def test_a_period_reaches_back_to_a_date(end: str, text: str, reached: str) -> None:
    assert parse_period(text).before(day(end)) == day(reached)


@given(dates, dates, periods)
def test_a_later_start_reaches_no_earlier_date(
    one: date, other: date, period: Period
) -> None:
    earlier, later = sorted((one, other))

    assert period.after(earlier) <= period.after(later)
    assert period.before(earlier) <= period.before(later)


@pytest.mark.parametrize("text", ["P1D", "P1M", "P1Y", "P99999Y", "P99999D"])
def test_what_the_calendar_cannot_name_overflows(text: str) -> None:
    with pytest.raises(OverflowError):
        parse_period(text).after(date.max)
    with pytest.raises(OverflowError):
        parse_period(text).before(date.min)


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("P1Y", Period(years=1)),
        ("P12M", Period(months=12)),
        ("P2W", Period(days=14)),
        ("P90D", Period(days=90)),
        ("P1Y2M3W4D", Period(1, 2, 25)),
        ("P0D", ZERO),
        ("P007D", Period(days=7)),
    ],
)
def test_a_duration_is_read(text: str, period: Period) -> None:
    assert parse_period(text) == period


@pytest.mark.parametrize(
    "text",
    [
        "",
        "P",
        "12M",
        "p1y",
        "P-1D",
        "P1.5Y",
        "PT1H",
        "P1DT1H",
        "P1D1M",
        " P1D",
        "P1D\n",
        "P\N{ARABIC-INDIC DIGIT ONE}D",
        "P123456D",
        "PY",
        None,
        12,
        ["P1D"],
    ],
)
def test_what_is_no_duration_of_days_is_refused(text: object) -> None:
    with pytest.raises(InvalidArgument) as refused:
        parse_period(text, "after")

    assert refused.value.violations == {
        "after": "must be years, months, weeks or days such as P12M or P90D,"
        f" not {text!r}"
    }


def test_a_duration_of_too_many_weeks_is_refused() -> None:
    with pytest.raises(InvalidArgument) as refused:
        parse_period("P99999W", "after")

    assert refused.value.violations == {"after": "days must be 0 to 99999, not 699993"}


@pytest.mark.parametrize("count", [-1, COUNT_MAX + 1])
def test_counts_of_a_period_have_bounds(count: int) -> None:
    with pytest.raises(InvalidArgument) as refused:
        Period(count, count, count)

    assert list(refused.value.violations) == ["years", "months", "days"]


counts = st.integers(0, COUNT_MAX)


@given(st.builds(Period, counts, counts, counts))
def test_a_period_is_read_as_it_is_written(period: Period) -> None:
    assert parse_period(str(period)) == period
