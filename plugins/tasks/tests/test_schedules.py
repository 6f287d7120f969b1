"""When windows begin: crontab's five fields in a zone, and what a program may say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from points.plugin import Days
from points_tasks.config import Config
from points_tasks.schedules import last_begun, next_begun, parse


def instant(text: str) -> int:
    """Returns the instant of an ISO text with its offset."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return (datetime.fromisoformat(text) - epoch) // timedelta.resolution


BERLIN = Days(ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(
    ("schedule", "now", "begun", "following"),
    [
        (
            "0 4 * * MON",
            "2026-03-30T03:59:59+02:00",
            "2026-03-23T04:00+01:00",
            "2026-03-30T04:00+02:00",
        ),
        (
            "*/30 9-10 * * *",
            "2026-03-02T09:45+01:00",
            "2026-03-02T09:30+01:00",
            "2026-03-02T10:00+01:00",
        ),
        (
            "0 0 29 2 *",
            "2026-03-02T09:45+01:00",
            "2024-02-29T00:00+01:00",
            "2028-02-29T00:00+01:00",
        ),
        # The clocks go from two to three: half past two is when they do.
        (
            "30 2 * * *",
            "2026-03-29T03:00+02:00",
            "2026-03-29T03:00+02:00",
            "2026-03-30T02:30+02:00",
        ),
        # Half past two comes twice: the second one counts.
        (
            "30 2 * * *",
            "2026-10-25T02:45+02:00",
            "2026-10-24T02:30+02:00",
            "2026-10-25T02:30+01:00",
        ),
        # A day of the month or of the week, where both are restricted.
        (
            "0 0 1,15 * FRI",
            "2026-01-10T00:00+01:00",
            "2026-01-09T00:00+01:00",
            "2026-01-15T00:00+01:00",
        ),
        (
            "59 23 31 12 *",
            "2026-12-31T23:59+01:00",
            "2026-12-31T23:59+01:00",
            "2027-12-31T23:59+01:00",
        ),
    ],
)
def test_a_schedule_begins_when_crontab_would(
    schedule: str, now: str, begun: str, following: str
) -> None:
    found = parse(schedule)

    assert last_begun(found, BERLIN, instant(now)) == instant(begun)
    assert next_begun(found, BERLIN, instant(now)) == instant(following)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "* * * *",
        "60 * * * *",
        "0 24 * * *",
        "0 0 0 * *",
        "0 0 31 2 *",
        "0 0 * * XYZ",
        "5-1 * * * *",
        "*/0 * * * *",
        "0 0 * 13 *",
        "-1 * * * *",
    ],
)
def test_a_schedule_that_means_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        parse(text)


schedules = st.builds(
    "{} {} {} {} {}".format,
    st.sampled_from(["0", "30", "*/15", "5,50"]),
    st.sampled_from(["0", "2", "*/6", "*"]),
    st.sampled_from(["*", "1", "29", "10-20/5"]),
    st.sampled_from(["*", "2", "JAN,JUL"]),
    st.sampled_from(["*", "SUN", "1-5", "7"]),
)


@given(
    schedules,
    st.integers(instant("2025-01-01T00:00+00:00"), instant("2029-01-01T00:00+00:00")),
)
def test_between_two_beginnings_there_is_no_other(schedule: str, now: int) -> None:
    found = parse(schedule)
    begun, following = last_begun(found, BERLIN, now), next_begun(found, BERLIN, now)

    assert begun is not None
    assert following is not None
    assert begun <= now < following
    assert next_begun(found, BERLIN, begun) == following
    assert last_begun(found, BERLIN, following - 1) == begun


STEP = {"name": "s", "event": "level"}


@pytest.mark.parametrize(
    ("tasks", "problem"),
    [
        ({"a": {"steps": []}}, "at least 1"),
        ({"a": {"steps": [STEP], "requires": ["b"]}}, "which is no task"),
        (
            {
                "a": {"steps": [STEP], "requires": ["b"]},
                "b": {"steps": [STEP], "requires": ["a"]},
            },
            "no task can require itself",
        ),
        ({"a": {"steps": [STEP, STEP]}}, "two steps have the name s"),
        ({"a": {"steps": [STEP], "order": "K_OF_N"}}, "steps_needed"),
        ({"a": {"steps": [STEP], "steps_needed": 1}}, "steps_needed"),
        (
            {"a": {"steps": [STEP], "order": "K_OF_N", "steps_needed": 2}},
            "only 1 steps",
        ),
        ({"a": {"steps": [{**STEP, "event": "HOLD"}]}}, "kinds are"),
        ({"a": {"steps": [{**STEP, "aggregator": "DISTINCT"}]}}, "`key`"),
        (
            {"a": {"steps": [{**STEP, "aggregator": "STREAK", "target": 401}]}},
            "at most 400",
        ),
        ({"a": {"steps": [STEP], "repeat": "WINDOW"}}, "RECURRING"),
        ({"a": {"steps": [STEP], "cooldown_minutes": 5}}, "COOLDOWN"),
        ({"a": {"steps": [STEP], "carry_over": True}}, "carries nothing over"),
        (
            {"a": {"steps": [STEP], "window": {"kind": "RECURRING", "starts": "x"}}},
            "five fields",
        ),
        (
            {
                "a": {
                    "steps": [STEP],
                    "window": {
                        "kind": "FIXED",
                        "start_time": "2026-01-02T00:00:00Z",
                        "end_time": "2026-01-02T00:00:00Z",
                    },
                }
            },
            "must end after it starts",
        ),
        ({"a": {"steps": [STEP], "reward": []}}, "Extra inputs"),
    ],
)
def test_a_program_that_cannot_be_meant_is_refused(
    tasks: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        Config.model_validate({"tasks": tasks})
