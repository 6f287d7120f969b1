"""What a program may not say of giving: refused before it is in force."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from points_charity.config import CAMPAIGNS_MAX, CharityConfig


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cause": "gone"}, "no cause gone"),
        ({"goal": 0}, "greater than 0"),
        ({"goal": 10, "stretch_goals": [10]}, "stretch goals grow"),
        ({"stretch_goals": [10]}, "stretch goals grow"),
        ({"over_funding": "STOP_AT_GOAL"}, "nothing to stop at"),
        ({"kind": "ALL_OR_NOTHING", "goal": 5}, "needs a goal and an end_time"),
        ({"start_time": 5, "end_time": 5}, "must lie behind"),
        ({"donation_min": 5, "donation_max": 4}, "must not be below"),
        ({"matching": {"ratio": 0.5}}, "whole number or a fraction"),
        ({"matching": {"ratio": 0}}, "greater than 0"),
        ({"earn_rate": "1/2"}, "must not take points"),
        ({"round": "gone"}, "no round gone"),
        ({"round": "r"}, "ends behind its round"),
        ({"round": "r", "end_time": 9, "unit": "gems"}, "its round is in points"),
        ({"colour": "red"}, "Extra inputs"),
    ],
)
def test_a_wrong_campaign_is_refused(changes: dict[str, Any], message: str) -> None:
    campaign = {"cause": "reef", **changes}
    section = {
        "causes": {"reef": {}},
        "campaigns": {"x": campaign},
        "rounds": {"r": {"end_time": 9}},
    }
    with pytest.raises(ValidationError, match=message):
        CharityConfig.model_validate(section)


def test_names_are_of_one_thing() -> None:
    section = {"causes": {"x": {}}, "campaigns": {"x": {"cause": "x"}}}
    with pytest.raises(ValidationError, match="a campaign and a cause"):
        CharityConfig.model_validate(section)


def test_a_program_need_not_name_anything() -> None:
    assert not CharityConfig().campaigns


def test_campaigns_are_no_more_than_one_list_may_have() -> None:
    many = {f"c{number}": {"cause": "reef"} for number in range(CAMPAIGNS_MAX + 1)}
    with pytest.raises(ValidationError, match="at most 500 items"):
        CharityConfig.model_validate({"causes": {"reef": {}}, "campaigns": many})
