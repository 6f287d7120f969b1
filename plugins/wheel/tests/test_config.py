"""What a program may not say of a wheel: refused before it is in force."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any

import pytest
from plugins.wheel.tests.test_draws import REELS
from pydantic import ValidationError

from points_wheel.config import WheelConfig
from points_wheel.windows import LATEST


A = {"id": "a", "weight": 1}
R = {"start_time": 0, "count": 1}
MANY = {"start_time": 0, "count": 10**12, "times": 10**12}


@pytest.mark.parametrize(
    ("wheel", "message"),
    [
        ({"prizes": []}, "at least 1 item"),
        ({"prizes": [{"id": "a", "weight": 0}]}, "greater than 0"),
        ({"prizes": [{"id": "a", "weight": 0.5}]}, "valid integer"),
        ({"prizes": [{"id": "a", "weight": -1}]}, "greater than 0"),
        ({"prizes": [{"id": "a"}]}, "has no weight"),
        ({"prizes": [{"id": "a", "weight": 11}], "total": 10}, "more than the total"),
        ({"prizes": [A], "total": 0}, "greater than 0"),
        ({"prizes": [A, A]}, "same id"),
        ({"prizes": [{**A, "stock": {"count": -1}}]}, "greater than or equal to 0"),
        ({"prizes": [{**A, "spins": 1, "item": {}}]}, "at most one of"),
        ({"prizes": [A], "sold_out": "FALLBACK"}, "a fallback goes with"),
        ({"prizes": [A], "fallback": "a"}, "a fallback goes with"),
        (
            {"prizes": [A], "sold_out": "FALLBACK", "fallback": "b"},
            "there is no prize b",
        ),
        (
            {
                "prizes": [{**A, "stock": {"count": 1}}],
                "sold_out": "FALLBACK",
                "fallback": "a",
            },
            "could run out itself",
        ),
        ({"prizes": [A], "sold_out": "REDRAW"}, "RENORMALISE"),
        ({"prizes": [A], "presentation": "NINE_GRID"}, "exactly the positions 0 to 7"),
        ({"prizes": [A], "presentation": "SLOT"}, "has to show a"),
        ({"prizes": [{**A, "pity": ["gone"]}]}, "no pity group gone"),
        ({"prizes": [A], "start_time": 5, "end_time": 5}, "must lie behind"),
        ({"prizes": [A], "colour": "red"}, "Extra inputs"),
        ({"prizes": [A], "costs": [{"points": 1}] * 2}, "two costs are in the same"),
        (
            {"prizes": [{"id": "nothing", "weight": 1}], "total": 2},
            "the weights must add up",
        ),
        ({"prizes": [{"id": "nothing", "weight": 1, "spins": 1}]}, "has nothing"),
        ({**REELS, "presentation": "WHEEL"}, "only a SLOT has reels"),
        (
            {**REELS, "prizes": [{"id": "x", "lines": [["bar"] * 3], "pity": ["g"]}]},
            "has no pity",
        ),
        ({**REELS, "prizes": [{"id": "x", "lines": [["bar"] * 3] * 2}]}, "same line"),
        ({"prizes": [{**A, "positions": [0, 0]}]}, "same position"),
        ({"prizes": [{**A, "positions": [0]}], "total": 2}, "or none of them"),
        (
            {"prizes": [{**A, "stock": {"count": 1, "per": "DAY", "releases": [R]}}]},
            "counts per LIFETIME",
        ),
        ({**REELS, "total": 5}, "the reels say the weights"),
        (
            {**REELS, "prizes": [{"id": "x", "lines": [["moon"] * 3]}]},
            "never come up",
        ),
        ({**REELS, "prizes": [{"id": "x", "lines": [["bar"]]}]}, "for each reel"),
        ({**REELS, "budget": {"points": 5}}, "cannot be renormalised"),
        ({"prizes": [{**A, "positions": [2**31]}]}, "less than or equal to 9999"),
        ({"prizes": [{**A, "positions": [-1]}]}, "greater than or equal to 0"),
        (
            {"prizes": [A], "total": 2, "nothing": {"positions": [10_000]}},
            "less than or equal to 9999",
        ),
        ({"prizes": [{**A, "positions": list(range(1_001))}]}, "at most 1000 items"),
        ({"prizes": [{**A, "lines": [["x"]] * 1_001}]}, "at most 1000 items"),
        ({"prizes": [{**A, "lines": [["x"] * 21]}]}, "at most 20 items"),
        ({"prizes": [{**A, "spins": 10**9 + 1}]}, "less than or equal to 1000000000"),
        (
            {"prizes": [{**A, "stock": {"count": 1, "releases": [MANY]}}]},
            "at most 1000000000000000 pieces",
        ),
        ({"prizes": [A], "end_time": LATEST + 1}, "the end of the year 9999"),
        ({**REELS, "reels": [{"bar": 1}] * 21}, "at most 20 items"),
        ({"prizes": [A], "limits": [{"draws": 1}] * 65}, "at most 64 items"),
    ],
)
def test_a_wrong_wheel_is_refused(wheel: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        WheelConfig.model_validate({"wheels": {"w": wheel}})


def test_a_pity_that_takes_for_ever_is_refused() -> None:
    wheel = {"prizes": [{**A, "pity": ["g"]}], "total": 10_000}
    pity = {"g": {"soft": {"start": 0, "step": 1}}}
    with pytest.raises(ValidationError, match="more than 1000 draws"):
        WheelConfig.model_validate({"wheels": {"w": wheel}, "pity": pity})


@pytest.mark.parametrize(
    ("groups", "draws", "is_refused"),
    [(3, 100, False), (6, 10, False), (6, 100, True), (7, 1, True)],
)
def test_weights_that_pity_makes_longer_than_a_text_are_refused(
    groups: int, draws: int, *, is_refused: bool
) -> None:
    pity = {f"g{n}": {"soft": {"start": 0, "step": 20}} for n in range(groups)}
    prizes = [{**A, "pity": list(pity)}]
    wheel = {"prizes": prizes, "total": 10_000, "draws_max": draws}
    with ExitStack() as expected:
        if is_refused:
            wrong = pytest.raises(ValidationError, match="weights of up to")
            expected.enter_context(wrong)
        WheelConfig.model_validate({"wheels": {"w": wheel}, "pity": pity})


def test_a_key_that_is_too_short_is_refused_and_not_shown() -> None:
    with pytest.raises(ValidationError, match="32 bytes") as caught:
        WheelConfig.model_validate({"seed_keys": ["secret!"]})
    assert "secret!" not in str(caught.value)


def test_the_odds_version_changes_with_any_rule_and_with_nothing_else() -> None:
    def version(**changes: Any) -> str:
        wheels = {"w": {"prizes": [A], **changes}, "other": {"prizes": [A]}}
        return WheelConfig.model_validate({"wheels": wheels}).versions["w"]

    assert version() == version()
    assert version() != version(draws_max=5)


def test_a_program_need_not_name_any_wheel() -> None:
    assert WheelConfig().wheels == {}
