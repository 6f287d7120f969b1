"""What multiplies points: factors in their order, where and for whom they count."""

from __future__ import annotations

from typing import Any

import pytest

from points.program.earning import Failure
from points.program.facts import Facts
from tests.program.build import ADA, at, earned, only, purchase, rulebook


def stacked(multipliers: dict[str, Any], order: list[str], **more: Any) -> Any:
    parts = {"multipliers": multipliers, **more}
    return rulebook({"fixed": 100}, multipliers=order, more=parts)


@pytest.mark.parametrize(
    ("order", "came_to"),
    [
        (["twice"], 200),
        (["twice", "half_more"], 250),
        (["half_more", "twice"], 300),
        (["twice", "high", "higher"], 600),
        (["high", "twice"], 400),
        ([], 100),
    ],
)
def test_factors_stack_in_the_declared_order(order: list[str], came_to: int) -> None:
    multipliers = {
        "twice": {"factor": 2},
        "half_more": {"factor": "1.5", "stack": "ADD"},
        "high": {"factor": 2, "stack": "HIGHEST"},
        "higher": {"factor": 3, "stack": "HIGHEST"},
    }
    assert only(stacked(multipliers, order), purchase()).points == came_to


LADDERS = {
    "status": {
        "qualifying": {"unit": "miles"},
        "period": {"kind": "LIFETIME"},
        "demote": "NONE",
        "tiers": [{"name": "silver", "threshold": 1}, {"name": "gold", "threshold": 9}],
    }
}


@pytest.mark.parametrize(
    ("tier", "came_to"), [("", 100), ("silver", 120), ("gold", 150)]
)
def test_a_tier_has_its_factor(tier: str, came_to: int) -> None:
    factors = {"silver": "1.2", "gold": "1.5"}
    tiers = {"m": {"tiers": {"ladder": "status", "factors": factors}}}
    facts = ADA._replace(tiers={"status": tier} if tier else {})
    book = stacked(tiers, ["m"], ladders=LADDERS)
    assert only(book, purchase(), facts).points == came_to


def test_a_condition_sees_how_high_a_member_stands() -> None:
    when = 'member.ranks["status"] >= 2 && member.tiers["status"] == "gold"'
    book = rulebook({"fixed": 1}, when=when, more={"ladders": LADDERS})
    assert earned(book, purchase(), ADA._replace(tiers={"status": "gold"})).awards
    assert not earned(book, purchase(), ADA._replace(tiers={"status": "silver"})).awards


@pytest.mark.parametrize(
    ("attributes", "came_to"),
    [({}, 100), ({"a": ""}, 200), ({"b": ""}, 100), ({"a": "", "b": ""}, 300)],
)
def test_the_highest_segment_counts_and_stays_within_the_wider(
    attributes: dict[str, str], came_to: int
) -> None:
    segments = {
        "wide": {"when": '"a" in member.attributes'},
        "narrow": {"when": '"b" in member.attributes', "within": ["wide"]},
    }
    multipliers = {"m": {"segments": {"wide": 2, "narrow": 3}}}
    book = stacked(multipliers, ["m"], segments=segments)
    facts = ADA._replace(attributes=attributes)
    assert only(book, purchase(), facts).points == came_to


def test_a_condition_sees_the_segments_of_a_member() -> None:
    segments = {"new": {"when": "member.days < 30"}, "all": {"when": "true"}}
    when = 'member.segments == ["new", "all"]'
    book = rulebook({"fixed": 1}, when=when, more={"segments": segments})
    new = ADA._replace(create_time=at("2026-10-27T23:00"))
    assert earned(book, purchase(), new).awards
    assert not earned(book, purchase(), Facts("ada", at("2026-10-26T00:00"))).awards


@pytest.mark.parametrize(
    ("multiplier", "activity", "came_to"),
    [
        ({"channels": {"web": 2}}, purchase(channel="web"), 200),
        ({"channels": {"web": 2}}, purchase(channel="shop"), 100),
        ({"sub_programs": {"person": 2}}, purchase(sub_program="fan"), 200),
        ({"sub_programs": {"fan": 3, "person": 2}}, purchase(sub_program="fan"), 300),
        ({"sub_programs": {"fan": 3}}, purchase(), 100),
        ({"partners": True}, purchase(partner="hotel"), 250),
        ({"partners": True}, purchase(partner="past"), 100),
        ({"partners": True}, purchase(), 100),
        ({"factor": 2, "days": ["WEDNESDAY"]}, purchase(), 200),
        ({"factor": 2, "days": ["SUNDAY"]}, purchase(), 100),
        ({"factor": 2, "when": "activity.quantity > 1"}, purchase(quantity=2), 200),
        ({"factor": 2, "since": "2026-11-26"}, purchase(), 100),
        ({"factor": "1/2"}, purchase(), 50),
        ({"factor": "1/2", "stack": "ADD"}, purchase(), 50),
    ],
)
def test_a_factor_counts_where_it_applies(
    multiplier: Any, activity: Any, came_to: int
) -> None:
    book = stacked(
        {"m": multiplier},
        ["m"],
        sub_programs={"person": {}, "fan": {"part_of": "person"}},
        partners={"hotel": {"rate": "2.5"}, "past": {"rate": 9, "until": "2026-01-01"}},
    )
    assert only(book, activity).points == came_to


@pytest.mark.parametrize(
    ("local", "came_to"),
    [("21:59", 100), ("22:00", 200), ("23:59", 200), ("04:59", 200), ("05:00", 100)],
)
def test_hours_go_over_midnight(local: str, came_to: int) -> None:
    hours = {"since": "22:00", "until": "05:00"}
    book = stacked({"m": {"factor": 2, "hours": hours}}, ["m"])
    assert only(book, purchase(local=f"2026-11-25T{local}")).points == came_to


@pytest.mark.parametrize(
    ("local", "came_to"), [("17:59", 100), ("18:00", 200), ("23:59", 200)]
)
def test_hours_end_with_the_day(local: str, came_to: int) -> None:
    hours = {"since": "18:00", "until": "24:00"}
    book = stacked({"m": {"factor": 2, "hours": hours}}, ["m"])
    assert only(book, purchase(local=f"2026-11-25T{local}")).points == came_to


def test_a_segment_that_fails_has_no_members_and_says_so() -> None:
    segments = {"s": {"when": 'member.attributes["x"] == "y"'}}
    book = stacked({"m": {"segments": {"s": 2}}}, ["m"], segments=segments)
    found = earned(book, purchase())
    assert found.awards[0].points == 100
    assert found.failures == (Failure("segments.s", 'Key not found in map : "x"'),)
