"""Windows: known ones, and that those of a kind follow each other."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from points.domain.bounds import NEVER, TIME_MAX
from points.domain.calendar.periods import Period, parse_period
from points.domain.calendar.windows import Window, WindowKind, rolling_window, window_of
from points.domain.calendar.zones import end_of_day, local_date, zone_of
from tests.clock import HOUR
from tests.domain.calendar.build import (
    BERLIN,
    UTC_ZONE,
    at,
    instants,
    near_instants,
    periods,
    zones,
)


LORD_HOWE = zone_of("Australia/Lord_Howe")
kinds = st.sampled_from(WindowKind)


@pytest.mark.parametrize(
    ("kind", "instant", "start", "end"),
    [
        ("HOUR", "2026-05-06T12:34:56+02:00", "2026-05-06T12:00+02:00", None),
        ("DAY", "2026-05-06T12:34+02:00", "2026-05-06T00:00+02:00", None),
        ("DAY", "2026-03-29T12:00+02:00", "2026-03-29T00:00+01:00", None),
        ("WEEK", "2026-05-10T23:59+02:00", "2026-05-04", "2026-05-11"),
        ("WEEK", "2026-10-25T12:00+01:00", "2026-10-19", "2026-10-26T00:00+01:00"),
        ("WEEK", "2021-01-01T12:00+01:00", "2020-12-28T00:00+01:00", "2021-01-04T+1"),
        ("WEEK", "2026-12-31T12:00+01:00", "2026-12-28T00:00+01:00", "2027-01-04T+1"),
        ("MONTH", "2024-02-29T12:00+01:00", "2024-02-01T00:00+01:00", "2024-03-01T+1"),
        ("MONTH", "2026-03-01T00:00+01:00", "2026-03-01T00:00+01:00", "2026-04-01"),
        ("QUARTER", "2026-06-30T23:59+02:00", "2026-04-01", "2026-07-01"),
        ("QUARTER", "2026-12-31T23:59+01:00", "2026-10-01", "2027-01-01T+1"),
        ("YEAR", "2026-01-01T00:00+01:00", "2026-01-01T+1", "2027-01-01T+1"),
    ],
)
def test_a_window_begins_and_ends_by_local_time(
    kind: str, instant: str, start: str, end: str | None
) -> None:
    window = window_of(WindowKind(kind), at(instant), BERLIN)

    assert window.start_time == berlin(start)
    if end is not None:
        assert window.end_time == berlin(end)


def berlin(text: str) -> int:
    """Returns an instant; a date alone is its midnight of summer, `T+1` of winter."""
    if text.endswith("T+1"):
        return at(text.replace("T+1", "T00:00+01:00"))
    return at(text if "T" in text else f"{text}T00:00+02:00")


HOURS = [
    # An hour left out, and one shown twice.
    ("Europe/Berlin", "2026-03-29T01:30+01:00", "2026-03-29T01:00+01:00", 60),
    ("Europe/Berlin", "2026-03-29T03:30+02:00", "2026-03-29T03:00+02:00", 60),
    ("Europe/Berlin", "2026-10-25T02:30+02:00", "2026-10-25T02:00+02:00", 60),
    ("Europe/Berlin", "2026-10-25T02:30+01:00", "2026-10-25T02:00+01:00", 60),
    ("America/New_York", "2026-11-01T01:59+00:00", "2026-10-31T21:00-04:00", 60),
    # Zones that are not whole hours ahead.
    ("Asia/Kathmandu", "2026-05-06T12:50+05:45", "2026-05-06T12:00+05:45", 60),
    ("Asia/Kolkata", "2026-05-06T12:00+05:30", "2026-05-06T12:00+05:30", 60),
    # Changes of half an hour cut a window.
    ("Australia/Lord_Howe", "2026-10-04T01:59+10:30", "2026-10-04T01:00+10:30", 60),
    ("Australia/Lord_Howe", "2026-10-04T02:30+11:00", "2026-10-04T02:30+11:00", 30),
    ("Australia/Lord_Howe", "2026-04-05T01:45+11:00", "2026-04-05T01:00+11:00", 60),
    ("Australia/Lord_Howe", "2026-04-05T01:45+10:30", "2026-04-05T01:30+10:30", 30),
    # Changes a minute after midnight.
    ("America/St_Johns", "2010-11-07T00:00:30-02:30", "2010-11-07T00:00-02:30", 1),
    ("America/St_Johns", "2010-11-06T23:30-03:30", "2010-11-06T23:01-03:30", 59),
    ("America/St_Johns", "2010-03-14T00:00:30-03:30", "2010-03-14T00:00-03:30", 1),
    ("America/St_Johns", "2010-03-14T01:30-02:30", "2010-03-14T01:01-02:30", 59),
]


@pytest.mark.parametrize(("zone", "instant", "start", "minutes"), HOURS)
def test_an_hour_is_real(zone: str, instant: str, start: str, minutes: int) -> None:
    window = window_of(WindowKind.HOUR, at(instant), zone_of(zone))

    assert window == (at(start), at(start) + minutes * HOUR // 60)


@pytest.mark.parametrize("instant", [0, 1, TIME_MAX])
def test_a_lifetime_holds_everything(instant: int) -> None:
    assert window_of(WindowKind.LIFETIME, instant, BERLIN) == (0, NEVER)


@pytest.mark.parametrize("kind", ["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"])
def test_the_last_window_of_the_calendar_has_no_end(kind: str) -> None:
    assert window_of(WindowKind(kind), TIME_MAX, UTC_ZONE).end_time == NEVER


@given(kinds, instants, zones)
@example(WindowKind.HOUR, TIME_MAX, zone_of("Pacific/Kiritimati"))
def test_a_window_holds_its_instant(
    kind: WindowKind, instant: int, zone: ZoneInfo
) -> None:
    window = window_of(kind, instant, zone)

    assert window.start_time <= instant < window.end_time
    assert window_of(kind, max(0, window.start_time), zone) == window
    if window.end_time < TIME_MAX:
        assert window_of(kind, window.end_time - 1, zone) == window


@given(kinds.filter(lambda kind: kind != "LIFETIME"), near_instants, zones)
@example(WindowKind.HOUR, at("2026-04-05T01:45+11:00"), LORD_HOWE)
@example(WindowKind.HOUR, at("2026-10-04T01:45+10:30"), LORD_HOWE)
def test_windows_follow_each_other(
    kind: WindowKind, instant: int, zone: ZoneInfo
) -> None:
    window = window_of(kind, instant, zone)

    assert window_of(kind, window.end_time, zone).start_time == window.end_time
    if window.start_time > 0:
        before = window_of(kind, window.start_time - 1, zone)
        assert before.end_time == window.start_time


@given(near_instants, zones)
def test_an_hour_is_never_longer_than_one_and_lies_in_one_day(
    instant: int, zone: ZoneInfo
) -> None:
    hour = window_of(WindowKind.HOUR, instant, zone)
    today = window_of(WindowKind.DAY, instant, zone)

    assert 0 < hour.end_time - hour.start_time <= HOUR
    assert today.start_time <= hour.start_time
    assert hour.end_time <= today.end_time


@pytest.mark.parametrize("name", ["Australia/Lord_Howe", "America/St_Johns"])
@pytest.mark.parametrize("start", ["2010-03-13", "2010-11-06", "2010-04-03"])
def test_hours_fill_the_days_around_a_change(name: str, start: str) -> None:
    zone, instant = zone_of(name), at(f"{start}T00:00Z")
    end = instant + 96 * HOUR

    while instant < end:
        hour = window_of(WindowKind.HOUR, instant, zone)
        middle = (hour.start_time + hour.end_time) // 2
        assert window_of(WindowKind.HOUR, middle, zone) == hour
        instant = hour.end_time
        assert window_of(WindowKind.HOUR, instant, zone).start_time == instant


@pytest.mark.parametrize(
    ("period", "start"),
    [
        ("P1D", "2027-03-31"),
        ("P7D", "2027-03-25T00:00+01:00"),
        ("P1M", "2027-03-01T00:00+01:00"),
        ("P12M", "2026-04-01"),
        ("P99999Y", "1970-01-01T00:00Z"),
        ("P80Y", "1970-01-01T00:00Z"),
    ],
)
def test_a_rolling_window_ends_with_the_day(period: str, start: str) -> None:
    noon = at("2027-03-31T12:00+02:00")

    window = rolling_window(parse_period(period), noon, BERLIN)

    assert window == Window(berlin(start), at("2027-04-01T00:00+02:00"))


@given(periods, near_instants, zones)
def test_a_rolling_window_holds_its_day(
    period: Period, instant: int, zone: ZoneInfo
) -> None:
    start, end = rolling_window(period, instant, zone)

    assert end == end_of_day(local_date(instant, zone), zone)
    assert start == end if period.is_zero else start <= instant
