"""What caps leave of awards."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import pytest

from points.domain.activities import Activity, Item
from points.domain.calendar.windows import Window
from points.program.capping import Fitted, counters_of, fit_awards
from points.program.cel.compiling import ExpressionFailed
from points.program.rulebook import Rulebook, compile_rules
from tests.program.build import ADA, at, document, earned, purchase, rule


DAY: Final = {"window": {"each": "DAY"}}
WEDNESDAY: Final = Window(at("2026-11-25T00:00"), at("2026-11-26T00:00"))


def book_of(caps: dict[str, Any], points: Any = None, **parts: Any) -> Rulebook:
    """Returns a rulebook whose one rule has all the caps, in their order."""
    ready = rule(points or {"fixed": 10}, caps=list(caps), **parts)
    return compile_rules(document(rules={"r": ready}, caps=caps))


def fitted(book: Rulebook, activity: Activity, used: int = 0) -> Fitted:
    """Returns what is left when every counter stands there."""
    awards = earned(book, activity).awards
    counters = counters_of(book, activity, ADA, awards)
    return fit_awards(book, activity, ADA, awards, dict.fromkeys(counters, used))


def points_left(book: Rulebook, activity: Activity, used: int = 0) -> list[int]:
    return [award.points for award in fitted(book, activity, used).awards]


@pytest.mark.parametrize(
    ("used", "clamped", "rejected"), [(0, 10, 10), (5, 10, 10), (6, 9, 0), (15, 0, 0)]
)
def test_points_that_do_not_fit_are_clamped_or_rejected(
    used: int, clamped: int, rejected: int
) -> None:
    cap = DAY | {"unit": "points", "bound": {"points": 15}}
    assert points_left(book_of({"c": cap}), purchase(), used) == [clamped]
    cap |= {"overflow": "REJECT"}
    assert points_left(book_of({"c": cap}), purchase(), used) == [rejected]


@pytest.mark.parametrize(("used", "left"), [(0, 10), (1, 10), (2, 0), (9, 0)])
def test_times_are_counted(used: int, left: int) -> None:
    cap = DAY | {"bound": {"count": 2}}
    assert points_left(book_of({"c": cap}), purchase(), used) == [left]


@pytest.mark.parametrize(
    ("used", "left"), [(0, 50), (5_000, 50), (8_000, 20), (9_999, 0)]
)
def test_money_that_does_not_fit_earns_nothing(used: int, left: int) -> None:
    cap = DAY | {"bound": {"money": 10_000}}
    book = book_of({"c": cap}, {"per_money": {"each": 100, "points": 1}})
    assert points_left(book, purchase(5_000), used) == [left]


def test_a_counter_moves_by_what_all_caps_leave() -> None:
    caps = {
        "wide": DAY | {"unit": "points", "bound": {"points": 8}},
        "tight": DAY | {"unit": "points", "bound": {"points": 3}},
        "times": DAY | {"bound": {"count": 5}},
    }
    found = fitted(book_of(caps), purchase())
    moves = {counter.cap_id: by for counter, by in found.moves.items()}
    assert moves == {"wide": 3, "tight": 3, "times": 1}


def test_a_rejected_award_moves_no_counter() -> None:
    caps = {
        "times": DAY | {"bound": {"count": 5}},
        "none": DAY | {"unit": "points", "bound": {"points": 9}, "overflow": "REJECT"},
    }
    found = fitted(book_of(caps), purchase())
    assert found.moves == {}
    assert [award.points for award in found.awards] == [0]


@pytest.mark.parametrize(
    ("overflow", "remainder"), [("CLAMP", Fraction(9, 10)), ("REJECT", None)]
)
def test_a_rejected_award_leaves_no_fraction_behind(
    overflow: str, remainder: Fraction | None
) -> None:
    cap = DAY | {"unit": "points", "bound": {"points": 9}, "overflow": overflow}
    per_euro = {"per_money": {"each": 100, "points": 1}}
    book = book_of({"c": cap}, per_euro, remainder="CARRY")
    (award,) = fitted(book, purchase(4_590)).awards
    assert award.remainder == remainder


def test_rules_that_share_a_cap_share_its_counter() -> None:
    cap = DAY | {"unit": "points", "bound": {"points": 15}}
    rules = {name: rule({"fixed": 10}, caps=["c"]) for name in "ab"}
    book = compile_rules(document(rules=rules, caps={"c": cap}))
    found = fitted(book, purchase())
    assert [award.points for award in found.awards] == [10, 5]
    assert list(found.moves.values()) == [15]


def test_a_cap_leaves_other_units_alone() -> None:
    cap = DAY | {"unit": "points", "bound": {"points": 1}}
    ready = rule({"fixed": 10}, caps=["c"])
    ready["awards"].append({"unit": "miles", "points": {"fixed": 10}})
    book = compile_rules(document(rules={"r": ready}, caps={"c": cap}))
    assert points_left(book, purchase()) == [1, 10]


def test_awards_without_caps_are_left_as_they_are() -> None:
    book = compile_rules(document(rules={"r": rule({"fixed": 10})}))
    found = fitted(book, purchase())
    assert found == (earned(book, purchase()).awards, {})


def test_the_explanation_says_which_cap_bit() -> None:
    cap = DAY | {"unit": "points", "bound": {"points": 4}}
    (award,) = fitted(book_of({"c": cap}), purchase()).awards
    assert award.explanation == "r: fixed: 10; cap c clamps: 4; gives 4 points"


def test_shares_of_items_are_cut_with_their_award() -> None:
    cap = DAY | {"unit": "points", "bound": {"points": 4}}
    activity = purchase(9, items=(Item("a", 3), Item("b", 6)))
    (award,) = fitted(book_of({"c": cap}), activity).awards
    assert award.shares == (("a", 1), ("b", 3))


@pytest.mark.parametrize(
    ("parts", "key"),
    [
        ({}, ("ada",)),
        ({"per": []}, ()),
        ({"per": ["RULE", "CHANNEL"]}, ("r", "web")),
        ({"per": ["SUB_PROGRAM", "PARTNER"]}, ("fan", "hotel")),
        ({"per": [], "key": 'activity.attributes["device"]'}, ("d1",)),
    ],
)
def test_a_cap_counts_apart_by_its_key(parts: Any, key: tuple[str, ...]) -> None:
    book = book_of({"c": DAY | {"bound": {"count": 1}} | parts})
    activity = purchase(
        channel="web", sub_program="fan", partner="hotel", attributes={"device": "d1"}
    )
    awards = earned(book, activity).awards
    assert counters_of(book, activity, ADA, awards) == (("c", key, WEDNESDAY),)


def test_a_rolling_window_goes_back_from_the_day() -> None:
    cap = {"window": {"rolling": "P7D"}, "bound": {"count": 1}}
    book = book_of({"c": cap})
    (counter,) = counters_of(book, purchase(), ADA, earned(book, purchase()).awards)
    assert counter.window == (at("2026-11-19T00:00"), at("2026-11-26T00:00"))


def test_a_key_without_value_fails() -> None:
    cap = DAY | {"bound": {"count": 1}, "key": 'activity.attributes["device"]'}
    with pytest.raises(ExpressionFailed, match="Key not found"):
        fitted(book_of({"c": cap}), purchase())
