"""Zones: their names, and days of every length that clocks have made."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from points.domain.bounds import NEVER, TIME_MAX
from points.domain.calendar.zones import (
    ONE_DAY,
    end_of_day,
    local_date,
    start_of_day,
    utc_offset,
    zone_of,
)
from points.domain.refusals import InvalidArgument
from tests.clock import HOUR
from tests.domain.calendar.build import (
    BERLIN,
    ZONES,
    at,
    dates,
    day,
    instants,
    near_instants,
    zones,
)


def problem(name: str) -> str:
    """Returns what is wrong with the name of a zone."""
    with pytest.raises(InvalidArgument) as refused:
        zone_of(name, "program.zone")
    return refused.value.violations["program.zone"]


@pytest.mark.parametrize("name", ZONES)
def test_a_zone_is_the_same_object_for_the_same_name(name: str) -> None:
    assert zone_of(name).key == name
    assert zone_of(name) is zone_of(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "Europe",
        "Europe/",
        "Mars/Base",
        "../etc/passwd",
        "/etc/localtime",
        "tzdata.zi",
        "a\x00b",
        "\ud800",
        "x" * 5_000,
    ],
)
def test_a_name_that_is_no_zone_is_refused(name: str) -> None:
    assert problem(name).startswith("must be the IANA name of a zone such as ")


@pytest.mark.parametrize("name", ["right/UTC", "posix/UTC", "localtime", "Factory"])
def test_clocks_that_are_no_places_are_refused_and_not_proposed(name: str) -> None:
    assert f"such as {name}" not in problem(name)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("europe/berlin", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("Asia/Bayrut", "Asia/Beirut"),
        ("?", "Europe/Berlin"),
    ],
)
def test_a_refused_name_gets_the_nearest_zone(name: str, nearest: str) -> None:
    expected = f"must be the IANA name of a zone such as {nearest}, not {name!r}"

    assert problem(name) == expected


DAYS = [
    # No change.
    ("UTC", "2026-03-29", "2026-03-29T00:00Z", 24),
    ("Asia/Kathmandu", "2026-01-01", "2026-01-01T00:00+05:45", 24),
    # Changes at night: midnight exists once.
    ("Europe/Berlin", "2026-03-29", "2026-03-29T00:00+01:00", 23),
    ("Europe/Berlin", "2026-10-25", "2026-10-25T00:00+02:00", 25),
    ("America/New_York", "2026-03-08", "2026-03-08T00:00-05:00", 23),
    ("America/New_York", "2026-11-01", "2026-11-01T00:00-04:00", 25),
    ("Antarctica/Troll", "2026-03-29", "2026-03-29T00:00+00:00", 22),
    ("Australia/Lord_Howe", "2026-04-05", "2026-04-05T00:00+11:00", 24.5),
    ("Australia/Lord_Howe", "2026-10-04", "2026-10-04T00:00+10:30", 23.5),
    # No midnight: the day begins at one.
    ("America/Sao_Paulo", "2018-11-04", "2018-11-04T01:00-02:00", 23),
    ("Asia/Beirut", "2024-03-31", "2024-03-31T01:00+03:00", 23),
    ("Africa/Cairo", "2024-04-26", "2024-04-26T01:00+03:00", 23),
    ("Asia/Gaza", "2015-03-28", "2015-03-28T01:00+03:00", 23),
    ("America/St_Johns", "2010-03-14", "2010-03-14T00:00-03:30", 23),
    # The hour before midnight twice: midnight comes once, an hour late.
    ("America/Sao_Paulo", "2018-02-17", "2018-02-17T00:00-02:00", 25),
    ("America/Sao_Paulo", "2018-02-18", "2018-02-18T00:00-03:00", 24),
    ("Africa/Cairo", "2024-10-31", "2024-10-31T00:00+03:00", 25),
    # The hour before midnight left out.
    ("Asia/Dhaka", "2009-06-19", "2009-06-19T00:00+06:00", 23),
    ("Asia/Dhaka", "2009-06-20", "2009-06-20T00:00+07:00", 24),
    # Two midnights of one day: the first counts.
    ("America/Havana", "2020-11-01", "2020-11-01T00:00-04:00", 25),
    # A midnight that is taken back, after a minute and after two hours.
    ("America/St_Johns", "2010-11-06", "2010-11-06T00:00-02:30", 25),
    ("America/St_Johns", "2010-11-07", "2010-11-07T00:00-03:30", 24),
    ("Antarctica/Casey", "2010-03-04", "2010-03-04T00:00+11:00", 27),
    ("Antarctica/Casey", "2010-03-05", "2010-03-05T00:00+08:00", 24),
    # Dates that were left out.
    ("Pacific/Apia", "2011-12-29", "2011-12-29T00:00-10:00", 24),
    ("Pacific/Apia", "2011-12-30", "2011-12-31T00:00+14:00", 0),
    ("Pacific/Apia", "2011-12-31", "2011-12-31T00:00+14:00", 24),
    ("Pacific/Kwajalein", "1993-08-21", "1993-08-22T00:00+12:00", 0),
]


@pytest.mark.parametrize(("name", "date_text", "start", "hours"), DAYS)
def test_a_day_begins_and_lasts_as_its_clocks_say(
    name: str, date_text: str, start: str, hours: float
) -> None:
    zone = zone_of(name)

    begins = start_of_day(day(date_text), zone)

    assert begins == at(start)
    assert (end_of_day(day(date_text), zone) - begins) / HOUR == hours


@pytest.mark.parametrize(
    ("name", "instant", "expected"),
    [
        ("Europe/Berlin", "2026-01-31T22:59:59.999999Z", "2026-01-31"),
        ("Europe/Berlin", "2026-01-31T23:00Z", "2026-02-01"),
        ("Pacific/Apia", "2011-12-30T09:59:59.999999Z", "2011-12-29"),
        ("Pacific/Apia", "2011-12-30T10:00Z", "2011-12-31"),
        # The minute of the seventh before the clocks go back is the sixth's.
        ("America/St_Johns", "2010-11-07T00:00:30-02:30", "2010-11-06"),
        ("America/St_Johns", "2010-11-06T23:30-03:30", "2010-11-06"),
        ("America/St_Johns", "2010-11-07T00:00:30-03:30", "2010-11-07"),
        ("Antarctica/Casey", "2010-03-05T01:59+11:00", "2010-03-04"),
        ("America/Havana", "2020-11-01T00:30-04:00", "2020-11-01"),
        ("America/Havana", "2020-11-01T00:30-05:00", "2020-11-01"),
        ("America/New_York", "1970-01-01T00:00Z", "1969-12-31"),
    ],
)
def test_an_instant_belongs_to_one_day(name: str, instant: str, expected: str) -> None:
    assert local_date(at(instant), zone_of(name)) == day(expected)


@pytest.mark.parametrize("name", ZONES)
def test_the_last_day_of_the_calendar_has_no_end(name: str) -> None:
    zone = zone_of(name)

    assert end_of_day(date.max, zone) == NEVER
    assert local_date(TIME_MAX + 24 * HOUR, zone) == date.max


@pytest.mark.parametrize("name", ZONES)
def test_every_day_of_three_decades_is_empty_or_about_a_day_long(name: str) -> None:
    first, last = day("1993-01-01").toordinal(), day("2026-01-01").toordinal()
    days = map(date.fromordinal, range(first, last))
    starts = [start_of_day(each, zone_of(name)) for each in days]

    lengths = {later - earlier for earlier, later in pairwise(starts)}

    assert all(length == 0 or 20 * HOUR < length < 28 * HOUR for length in lengths)


@given(instants, zones)
@example(TIME_MAX, BERLIN)
@example(0, BERLIN)
def test_a_day_holds_its_instants(instant: int, zone: ZoneInfo) -> None:
    today = local_date(instant, zone)

    assert start_of_day(today, zone) <= instant < end_of_day(today, zone)


@given(near_instants, st.integers(0, 48 * HOUR), zones)
def test_a_later_instant_has_no_earlier_day(
    instant: int, wait: int, zone: ZoneInfo
) -> None:
    assert local_date(instant, zone) <= local_date(instant + wait, zone)


@given(dates, zones)
def test_a_day_ends_where_the_next_one_begins(today: date, zone: ZoneInfo) -> None:
    end = end_of_day(today, zone)

    assert end == start_of_day(today + ONE_DAY, zone)
    assert local_date(end, zone) > today
    assert local_date(end - 1, zone) <= today


@pytest.mark.parametrize(
    ("name", "instant", "hours"),
    [
        ("Europe/Berlin", "2026-07-01T00:00Z", 2),
        ("Asia/Kathmandu", "2026-07-01T00:00Z", 5.75),
        ("America/New_York", "2026-01-01T00:00Z", -5),
        ("Pacific/Kiritimati", "9999-12-31T23:59:59Z", 14),
    ],
)
def test_clocks_are_ahead_of_utc_or_behind(
    name: str, instant: str, hours: float
) -> None:
    assert utc_offset(at(instant), zone_of(name)) == hours * HOUR
