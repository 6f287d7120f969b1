"""What a program may say about campaigns."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from points_checkin.config import Config


@pytest.mark.parametrize(
    ("rules", "problem"),
    [
        ({"start": "2026-01-02", "end": "2026-01-02"}, "must end after"),
        ({"pauses": [{"start": "2026-01-02", "end": "2026-01-01"}]}, "must end after"),
        ({"day_starts_at": "04:00:30"}, "hours and minutes"),
        ({"mode": "CALENDAR", "freezes": {}}, "missed days do not matter"),
        ({"mode": "CUMULATIVE", "decay": {"per_day": 1}}, "missed days do not matter"),
        ({"milestones": [{"name": "a", "count": 3, "once": "CYCLE"}]}, "in the mode"),
        (
            {
                "mode": "CYCLE",
                "milestones": [{"name": "a", "count": 8, "once": "CYCLE"}],
            },
            "counts no further",
        ),
        (
            {"milestones": [{"name": "a", "count": 3}, {"name": "a", "count": 4}]},
            "two milestones have the name a",
        ),
        ({"daily": [{}, {}]}, "begin with the count 1"),
        (
            {
                "revert_days": 366,
                "milestones": [
                    {"name": "a", "count": 1, "rewards": [{"points": 1}] * 8}
                ],
            },
            "3432 rewards in 428 days, of which 3000 at most",
        ),
        ({"daily": [{"rewards": [{"points": 0}]}]}, "greater than or equal to 1"),
        ({"daily": [{"rewards": [{"points": 1.0}]}]}, "valid integer"),
        ({"zone": {"policy": "MARS"}}, "'PROGRAM', 'MEMBER' or 'FIXED'"),
        ({"dayly": []}, "Extra inputs"),
    ],
)
def test_a_campaign_that_cannot_be_meant_is_refused(
    rules: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        Config.model_validate({"campaigns": {"daily": rules}})


def test_a_program_need_not_name_the_plugin() -> None:
    assert Config().campaigns == {}
