"""Days of zones: DST, leap days, zones that leave a day out, and days from 04:00."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.plugin.days import DAY, SECOND, Days, text_of


HOUR = 3_600 * SECOND

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/Sao_Paulo",
    "America/Havana",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "Pacific/Apia",
    "Pacific/Kwajalein",
    "America/St_Johns",
    "Africa/Casablanca",
)


def day(text: str) -> int:
    """Returns the day that a text such as 2026-03-29 names."""
    return date.fromisoformat(text).toordinal()


def instant(text: str) -> int:
    """Returns the instant of an ISO text with its offset."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return (datetime.fromisoformat(text) - epoch) // timedelta.resolution


def days_in(zone: str = "Europe/Berlin", starts_minutes: int = 0) -> Days:
    """Returns the days of a zone."""
    return Days(ZoneInfo(zone), starts_minutes)


zones = st.sampled_from(ZONES).map(ZoneInfo)
minutes = st.integers(0, 1_439)
instants = st.integers(366 * 86_400, 67 * 366 * 86_400).map(lambda at: at * SECOND)


@pytest.mark.parametrize(
    ("zone", "date", "hours"),
    [
        ("Europe/Berlin", "2026-03-28", 24),
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        # At midnight: the day begins at one, or its midnight comes twice.
        ("America/Sao_Paulo", "2018-11-04", 23),
        ("America/Sao_Paulo", "2018-02-17", 25),
        ("America/Havana", "2026-03-08", 23),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("UTC", "2028-02-29", 24),
        # West of the date line on the 29th, east of it on the 31st.
        ("Pacific/Apia", "2011-12-30", 0),
    ],
)
def test_a_day_is_as_long_as_the_clocks_make_it(
    zone: str, date: str, hours: float
) -> None:
    days = days_in(zone)

    assert days.end(day(date)) - days.start(day(date)) == hours * HOUR


@pytest.mark.parametrize(
    ("at", "date"),
    [
        ("2026-03-29T03:59:59+02:00", "2026-03-28"),
        ("2026-03-29T04:00:00+02:00", "2026-03-29"),
        ("2026-03-30T03:59:59+02:00", "2026-03-29"),
        ("2026-10-25T03:59:59+01:00", "2026-10-24"),
        ("2027-01-01T02:00:00+01:00", "2026-12-31"),
        ("2028-03-01T00:00:00+01:00", "2028-02-29"),
    ],
)
def test_a_day_from_four_in_the_morning_has_the_hours_before_it(
    at: str, date: str
) -> None:
    assert text_of(days_in(starts_minutes=240).at(instant(at))) == date


def test_a_beginning_that_clocks_jump_over_is_the_jump() -> None:
    days = days_in(starts_minutes=150)

    assert days.start(day("2026-03-29")) == instant("2026-03-29T03:00:00+02:00")


def test_a_beginning_that_clocks_take_back_is_the_second_one() -> None:
    days = days_in(starts_minutes=150)
    first = instant("2026-10-25T02:30:00+02:00")

    assert days.at(first) == day("2026-10-24")
    assert days.start(day("2026-10-25")) == first + HOUR


def test_noon_to_noon_is_23_hours_when_clocks_go_forward() -> None:
    days = days_in()
    noons = [
        instant(f"2026-03-{at}T12:00:00{off}")
        for at, off in ((28, "+01:00"), (29, "+02:00"))
    ]

    assert noons[1] - noons[0] == 23 * HOUR
    assert days.at(noons[1]) - days.at(noons[0]) == 1


def test_only_a_day_that_a_zone_left_out_is_empty() -> None:
    apia, berlin = days_in("Pacific/Apia"), days_in()

    assert apia.empty(day("2011-12-28"), day("2012-01-02")) == {day("2011-12-30")}
    assert not berlin.empty(day("2026-03-01"), day("2026-10-31"))


def test_a_fixed_offset_knows_no_summer() -> None:
    days = Days(timezone(timedelta(hours=8)))

    assert days.start(day("2026-07-01")) == instant("2026-06-30T16:00:00+00:00")


@given(zone=zones, starts=minutes, at=instants)
def test_every_instant_is_in_the_one_day_that_holds_it(
    zone: ZoneInfo, starts: int, at: int
) -> None:
    days = Days(zone, starts)
    found = days.at(at)

    assert days.start(found) <= at < days.end(found)


@given(zone=zones, starts=minutes, at=instants, later=st.integers(0, 3 * DAY))
def test_days_never_go_back(zone: ZoneInfo, starts: int, at: int, later: int) -> None:
    days = Days(zone, starts)

    assert days.at(at) <= days.at(at + later)
