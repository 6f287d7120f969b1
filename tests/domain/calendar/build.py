"""Instants and dates as tests write them, and strategies for what calendars hold."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from hypothesis import strategies as st

from points.domain.bounds import TIME_MAX
from points.domain.calendar.periods import ZERO, Period
from points.domain.calendar.policies import (
    AfterPeriod,
    Never,
    OnAnniversary,
    OnDates,
    Rounding,
    Sliding,
)
from points.domain.calendar.zones import zone_of


BERLIN: Final = zone_of("Europe/Berlin")
UTC_ZONE: Final = zone_of("UTC")

ZONES: Final = [
    "UTC",
    "Africa/Cairo",
    "America/Havana",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Casey",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Dhaka",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
    "Pacific/Kiritimati",
    "Pacific/Kwajalein",
]
"""Zones that between them do everything that clocks have done since 1970."""


def at(text: str) -> int:
    """Returns the instant of a time with its offset, in microseconds."""
    moment = datetime.fromisoformat(text)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta.resolution


def day(text: str) -> date:
    """Returns the date that the text writes."""
    return date.fromisoformat(text)


zones: Final = st.sampled_from(ZONES).map(zone_of)
instants: Final = st.integers(0, TIME_MAX) | st.integers(0, at("2040-01-01T00:00Z"))
near_instants: Final = st.integers(0, at("2040-01-01T00:00Z"))
dates: Final = st.dates(day("1971-01-01"), day("2040-01-01"))
periods: Final = st.builds(
    Period, st.integers(0, 30), st.integers(0, 40), st.integers(0, 800)
)
lives: Final = periods.filter(lambda each: not each.is_zero)

_rounded: Final = st.builds(
    AfterPeriod,
    lives,
    st.sampled_from([each for each in Rounding if each != "END_OF_CHOSEN_MONTH"]),
)
_chosen: Final = st.builds(
    AfterPeriod, lives, st.just(Rounding.END_OF_CHOSEN_MONTH), st.integers(1, 12)
)
_year: Final = st.dates(day("2000-01-01"), day("2000-12-31"))
after_periods: Final = _rounded | _chosen
slidings: Final = st.builds(
    Sliding,
    after_periods,
    st.frozensets(st.sampled_from(["EARN", "BURN", "check_in"]), min_size=1),
)
policies: Final = st.one_of(
    st.just(Never()),
    after_periods,
    slidings,
    st.builds(
        OnDates,
        st.frozensets(
            _year.map(lambda each: (each.month, each.day)), min_size=1, max_size=4
        ),
        periods | st.just(ZERO),
    ),
    st.builds(OnAnniversary, periods | st.just(ZERO)),
)
