"""Expiry: known ends of every policy, and the laws that all of them obey."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from points.domain.bounds import NEVER, TIME_MAX
from points.domain.calendar.documents import parse_policy
from points.domain.calendar.expiry import expire_time, slid
from points.domain.calendar.periods import Period
from points.domain.calendar.policies import (
    AfterPeriod,
    Never,
    OnAnniversary,
    OnDates,
    Policy,
    Rounding,
    Sliding,
)
from points.domain.calendar.zones import (
    SECOND,
    end_of_day,
    local_date,
    start_of_day,
    zone_of,
)
from tests.clock import HOUR
from tests.domain.calendar.build import (
    BERLIN,
    UTC_ZONE,
    at,
    day,
    instants,
    near_instants,
    policies,
    slidings,
    zones,
)


YEAR_IDLE: Final = Sliding(AfterPeriod(Period(years=1)), frozenset({"BURN"}))
waits: Final = st.integers(0, 400 * 24 * HOUR)


def last_day_of(
    policy: object, start: str, created: str = "2020-05-06", zone: ZoneInfo = BERLIN
) -> date:
    """Returns the last day of a lot that starts to live at noon of a day."""
    noon = start_of_day(day(start), zone) + 12 * HOUR
    create_time = start_of_day(day(created), zone)
    end = expire_time(parse_policy(policy), noon, zone, create_time)
    assert datetime.fromtimestamp(end // SECOND, zone).hour in (0, 1)
    return local_date(end - 1, zone)


@pytest.mark.parametrize(
    ("start", "after", "rounding", "last"),
    [
        # The first day counts.
        ("2026-03-15", "P1D", "NONE", "2026-03-15"),
        ("2026-03-15", "P2D", "NONE", "2026-03-16"),
        ("2026-03-15", "P1Y", "NONE", "2027-03-14"),
        ("2026-01-31", "P1M", "NONE", "2026-02-27"),
        ("2026-03-01", "P1M", "NONE", "2026-03-31"),
        ("2026-03-15", "P1D", "END_OF_DAY", "2026-03-16"),
        ("2026-03-15", "P1Y", "END_OF_DAY", "2027-03-15"),
        ("2026-01-31", "P1M", "END_OF_DAY", "2026-02-28"),
        ("2024-01-31", "P1M", "END_OF_DAY", "2024-02-29"),
        ("2024-02-29", "P1Y", "END_OF_DAY", "2025-02-28"),
        ("2026-01-31", "P2M", "END_OF_DAY", "2026-03-31"),
        ("2026-05-04", "P1W", "END_OF_WEEK", "2026-05-17"),
        ("2026-05-10", "P1W", "END_OF_WEEK", "2026-05-17"),
        ("2026-12-24", "P1W", "END_OF_WEEK", "2027-01-03"),
        ("2025-02-15", "P12M", "END_OF_MONTH", "2026-02-28"),
        ("2023-02-28", "P12M", "END_OF_MONTH", "2024-02-29"),
        ("2026-01-31", "P1M", "END_OF_MONTH", "2026-02-28"),
        ("2026-12-01", "P1M", "END_OF_MONTH", "2027-01-31"),
        ("2026-02-15", "P1M", "END_OF_QUARTER", "2026-03-31"),
        ("2026-03-15", "P1M", "END_OF_QUARTER", "2026-06-30"),
        ("2026-05-31", "P1M", "END_OF_HALF", "2026-06-30"),
        ("2026-06-01", "P1M", "END_OF_HALF", "2026-12-31"),
        ("2026-12-31", "P1D", "END_OF_YEAR", "2027-12-31"),
        ("2026-01-01", "P1D", "END_OF_YEAR", "2026-12-31"),
    ],
)
def test_a_period_ends_with_a_last_day(
    start: str, after: str, rounding: str, last: str
) -> None:
    policy = {"after": after, "round": rounding}

    assert last_day_of(policy, start) == day(last)
    assert last_day_of(policy, start, zone=zone_of("Asia/Beirut")) == day(last)


@pytest.mark.parametrize(
    ("start", "month", "last"),
    [
        ("2026-01-15", 3, "2027-03-31"),
        ("2026-03-31", 3, "2027-03-31"),
        ("2026-04-01", 3, "2028-03-31"),
        ("2026-12-31", 2, "2028-02-29"),
        ("2026-02-28", 2, "2027-02-28"),
        ("2026-12-31", 12, "2027-12-31"),
    ],
)
def test_a_period_may_end_with_a_chosen_month(
    start: str, month: int, last: str
) -> None:
    policy = {"after": "P12M", "round": "END_OF_CHOSEN_MONTH", "month": month}

    assert last_day_of(policy, start) == day(last)


@pytest.mark.parametrize(
    ("start", "on", "minimum", "last"),
    [
        ("2026-05-06", ["12-31"], "P0D", "2026-12-31"),
        ("2026-12-31", ["12-31"], "P0D", "2026-12-31"),
        ("2026-12-31", ["12-31"], "P1D", "2027-12-31"),
        ("2026-03-31", ["06-30", "12-31"], "P3M", "2026-06-30"),
        ("2026-04-01", ["12-31", "06-30"], "P3M", "2026-12-31"),
        ("2026-10-02", ["06-30", "12-31"], "P3M", "2027-06-30"),
        ("2026-05-06", ["02-29"], "P0D", "2027-02-28"),
        ("2027-05-06", ["02-29"], "P0D", "2028-02-29"),
        ("2028-02-28", ["02-28", "02-29"], "P0D", "2028-02-28"),
        ("2028-02-29", ["02-28", "02-29"], "P0D", "2028-02-29"),
    ],
)
def test_fixed_dates_are_last_days(
    start: str, on: list[str], minimum: str, last: str
) -> None:
    assert last_day_of({"on": on, "minimum": minimum}, start) == day(last)


@pytest.mark.parametrize(
    ("created", "start", "minimum", "last"),
    [
        ("2020-05-06", "2026-01-01", "P0D", "2026-05-06"),
        ("2020-05-06", "2026-05-06", "P0D", "2026-05-06"),
        ("2020-05-06", "2026-05-07", "P0D", "2027-05-06"),
        ("2020-05-06", "2026-05-06", "P1D", "2027-05-06"),
        ("2020-05-06", "2026-02-06", "P3M", "2026-05-06"),
        ("2020-05-06", "2026-02-07", "P3M", "2027-05-06"),
        # The day of creation is no anniversary, nor is one before it.
        ("2026-05-06", "2026-05-06", "P0D", "2027-05-06"),
        ("2026-05-06", "2026-01-01", "P0D", "2027-05-06"),
        ("2024-02-29", "2024-02-29", "P0D", "2025-02-28"),
        ("2024-02-29", "2027-03-01", "P0D", "2028-02-29"),
        ("2024-02-29", "2028-02-28", "P0D", "2028-02-29"),
        ("2019-12-31", "2026-12-31", "P0D", "2026-12-31"),
    ],
)
def test_anniversaries_are_last_days(
    created: str, start: str, minimum: str, last: str
) -> None:
    policy = {"on_anniversary": True, "minimum": minimum}

    assert last_day_of(policy, start, created) == day(last)


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        # The last day has 25 and 23 hours.
        ("Europe/Berlin", "2026-10-24T12:00+02:00", "2026-10-26T00:00+01:00"),
        ("Europe/Berlin", "2026-03-28T12:00+01:00", "2026-03-30T00:00+02:00"),
        # The day after the last one has no midnight.
        ("America/Sao_Paulo", "2018-11-02T12:00-03:00", "2018-11-04T01:00-02:00"),
        ("Asia/Beirut", "2024-03-29T12:00+02:00", "2024-03-31T01:00+03:00"),
        # The last day was left out; the day after it was.
        ("Pacific/Apia", "2011-12-29T12:00-10:00", "2011-12-31T00:00+14:00"),
        ("Pacific/Apia", "2011-12-28T12:00-10:00", "2011-12-31T00:00+14:00"),
        # The date of the start is the zone's, not that of UTC.
        ("Pacific/Kiritimati", "2026-01-01T23:00Z", "2026-01-04T00:00+14:00"),
        ("America/New_York", "2026-01-02T03:00Z", "2026-01-03T00:00-05:00"),
    ],
)
def test_the_end_is_the_instant_after_the_last_day(
    zone: str, start: str, end: str
) -> None:
    policy = AfterPeriod(Period(days=1), Rounding.END_OF_DAY)

    assert expire_time(policy, at(start), zone_of(zone), 0) == at(end)


@pytest.mark.parametrize(
    "policy",
    [
        Never(),
        AfterPeriod(Period(years=8_000)),
        AfterPeriod(Period(years=7_973), Rounding.END_OF_YEAR),
        AfterPeriod(Period(99_999, 99_999, 99_999)),
        OnDates(frozenset({(12, 31)}), Period(years=9_000)),
        OnAnniversary(Period(years=9_000)),
        Sliding(AfterPeriod(Period(years=9_000)), frozenset({"BURN"})),
    ],
)
def test_an_end_past_the_calendar_is_never(policy: Policy) -> None:
    start = at("2026-05-06T00:00Z")

    assert expire_time(policy, start, UTC_ZONE, start) == NEVER


def test_the_last_year_of_the_calendar_still_has_ends() -> None:
    policy = OnDates(frozenset({(6, 30)}))

    end = expire_time(policy, at("9999-01-01T00:00Z"), UTC_ZONE, 0)

    assert end == at("9999-07-01T00:00Z")


def test_an_activity_slides_the_end() -> None:
    end, burned = at("2026-06-01T00:00+02:00"), at("2026-05-31T23:59+02:00")

    assert slid(YEAR_IDLE, end, burned, BERLIN) == at("2027-05-31T00:00+02:00")


@pytest.mark.parametrize("late", [0, 1, HOUR])
def test_an_activity_after_the_end_revives_nothing(late: int) -> None:
    end = at("2026-06-01T00:00+02:00")

    assert slid(YEAR_IDLE, end, end + late, BERLIN) == end


@pytest.mark.parametrize("end", ["2030-01-01T00:00Z", "2027-05-06T00:00+02:00"])
def test_an_activity_never_brings_the_end_forward(end: str) -> None:
    burned = at("2026-05-06T12:00+02:00")

    assert slid(YEAR_IDLE, at(end), burned, BERLIN) == at(end)


def test_what_never_expires_does_not_slide() -> None:
    assert slid(YEAR_IDLE, NEVER, at("2026-05-06T12:00+02:00"), BERLIN) == NEVER


@given(policies, instants, zones, instants)
@example(OnAnniversary(), TIME_MAX, BERLIN, TIME_MAX)
def test_points_live_for_a_while(
    policy: Policy, start: int, zone: ZoneInfo, created: int
) -> None:
    assert expire_time(policy, start, zone, created) > start


@given(policies, near_instants, waits, zones, near_instants)
def test_a_later_start_never_ends_earlier(
    policy: Policy, start: int, wait: int, zone: ZoneInfo, created: int
) -> None:
    end = expire_time(policy, start, zone, created)

    assert end <= expire_time(policy, start + wait, zone, created)


@given(policies, near_instants, zones, near_instants)
def test_an_end_is_the_end_of_a_day(
    policy: Policy, start: int, zone: ZoneInfo, created: int
) -> None:
    end = expire_time(policy, start, zone, created)

    if end != NEVER:
        assert end == end_of_day(local_date(end - 1, zone), zone)
        assert end == start_of_day(local_date(end, zone), zone)


@given(policies, near_instants, st.integers(0, 24 * HOUR), zones, near_instants)
def test_all_starts_of_a_day_end_together(
    policy: Policy, start: int, wait: int, zone: ZoneInfo, created: int
) -> None:
    end = expire_time(policy, start, zone, created)

    if local_date(start, zone) == local_date(start + wait, zone):
        assert end == expire_time(policy, start + wait, zone, created)


@given(slidings, near_instants, waits, waits, zones)
def test_sliding_is_as_if_the_lot_had_started_then(
    policy: Sliding, start: int, wait: int, more: int, zone: ZoneInfo
) -> None:
    end = expire_time(policy, start, zone, 0)
    moved = slid(policy, end, start + wait, zone)
    again = slid(policy, moved, start + wait + more, zone)

    assert end <= moved <= again
    expected = expire_time(policy, start + wait, zone, 0)
    assert moved == (expected if start + wait < end else end)
