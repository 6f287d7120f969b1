"""What rules earn: one law or worked example at a time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.activities import Item
from points.domain.calendar.windows import WindowKind
from points.program.earning import Failure
from points.program.rulebook import compile_rules
from tests.program.build import (
    ADA,
    at,
    document,
    earned,
    only,
    problems,
    purchase,
    rule,
    rulebook,
)


PER_EURO: dict[str, Any] = {"per_money": {"each": 100, "points": 1}}
FIXED: dict[str, Any] = {"fixed": 1}
BOTTLES = (
    Item("a", money=1_000, quantity=2, category="wine"),
    Item("b", money=500, category="bread"),
    Item("c", money=700, category="wine"),
)


@pytest.mark.parametrize(
    ("points", "activity", "came_to"),
    [
        ({"fixed": 7}, purchase(), 7),
        (PER_EURO, purchase(4_590), 45),
        ({"per_money": {"each": 250, "points": "3/2"}}, purchase(1_000), 6),
        ({"per_quantity": {"points": 2}}, purchase(quantity=3), 6),
        ({"per_quantity": {"points": 1, "each": 5}}, purchase(quantity=14), 2),
        ({"formula": "activity.quantity * 3 - 1"}, purchase(quantity=4), 11),
        ({"formula": "activity.quantity - 9"}, purchase(), 0),
        ({"formula": "time.weekday * 100 + time.hour"}, purchase(), 312),
    ],
)
def test_points_come_by_each_form(points: Any, activity: Any, came_to: int) -> None:
    assert only(rulebook(points), activity).points == came_to


@pytest.mark.parametrize(
    ("money", "came_to"), [(0, 0), (99, 0), (100, 5), (499, 5), (500, 30), (9_999, 30)]
)
def test_a_step_pays_once_it_is_reached(money: int, came_to: int) -> None:
    steps = [{"at": 100, "points": 5}, {"at": 500, "points": 30}]
    book = rulebook({"stepped": {"by": "MONEY", "steps": steps}})
    assert only(book, purchase(money)).points == came_to


@pytest.mark.parametrize(
    ("money", "came_to"), [(0, 0), (1_000, 10), (5_000, 50), (6_000, 70), (9_000, 130)]
)
def test_a_slice_pays_at_its_own_rate(money: int, came_to: int) -> None:
    steps = [
        {"at": 0, "points": 1, "each": 100},
        {"at": 5_000, "points": 2, "each": 100},
    ]
    book = rulebook({"stepped": {"by": "MONEY", "mode": "SLICES", "steps": steps}})
    assert only(book, purchase(money)).points == came_to


@pytest.mark.parametrize(
    ("earlier", "came_to"), [(0, 10), (4, 10), (5, 40), (6, 60), (7, 1), (99, 1)]
)
def test_the_gap_to_a_target_is_paid_where_it_opens(earlier: int, came_to: int) -> None:
    curve = {"window": "WEEK", "points": [10, 10, 10, 10, 10, 40, 60], "beyond": 1}
    facts = ADA._replace(times={("r", WindowKind.WEEK): earlier})
    assert only(rulebook({"curve": curve}), purchase(), facts).points == came_to


def test_the_counters_that_a_type_needs_are_named() -> None:
    rules = {
        "a": rule({"curve": {"window": "DAY", "points": [1]}}, first_time={"add": 1}),
        "b": rule({"fixed": 1}),
    }
    book = compile_rules(document(rules=rules))
    assert book.sheets["purchase"].times == (
        ("a", WindowKind.DAY),
        ("a", WindowKind.LIFETIME),
    )


@pytest.mark.parametrize(
    ("currency", "money", "came_to"),
    [("EUR", 10_000, 100), ("USD", 10_000, 90), ("JPY", 10_000, 60), ("", 100, 1)],
)
def test_other_currencies_count_at_their_rate(
    currency: str, money: int, came_to: int
) -> None:
    activity = purchase(money, currency=currency)
    assert only(rulebook(PER_EURO), activity).points == came_to


def test_an_activity_without_rules_earns_nothing() -> None:
    assert earned(rulebook(PER_EURO), purchase()._replace(type="sale")).awards == ()


@pytest.mark.parametrize(
    ("parts", "activity"),
    [
        ({"when": 'activity.channel == "web"'}, purchase(channel="shop")),
        ({"since": "2026-11-26"}, purchase()),
        ({"until": "2026-11-25T12:00"}, purchase()),
        ({"sub_programs": ["fan"]}, purchase(sub_program="buyer")),
        ({"sub_programs": ["fan"]}, purchase()),
    ],
)
def test_a_rule_that_is_not_met_earns_nothing(parts: Any, activity: Any) -> None:
    subs: dict[str, Any] = {"fan": {}, "buyer": {}}
    book = rulebook({"fixed": 1}, more={"sub_programs": subs}, **parts)
    assert earned(book, activity).awards == ()


def test_a_rule_lives_in_the_time_of_its_zone() -> None:
    book = rulebook({"fixed": 1}, since="2026-11-27", more={"zone": "Asia/Tokyo"})
    before = at("2026-11-26T23:59", "Asia/Tokyo")
    assert not earned(book, purchase()._replace(occur_time=before)).awards
    midnight = at("2026-11-27T00:00", "Asia/Tokyo")
    assert earned(book, purchase()._replace(occur_time=midnight)).awards


def test_a_rule_holds_for_what_is_part_of_its_sub_program() -> None:
    subs = {"person": {}, "fan": {"part_of": "person"}}
    book = rulebook({"fixed": 1}, sub_programs=["person"], more={"sub_programs": subs})
    assert earned(book, purchase(sub_program="fan")).awards


def test_several_units_are_earned_at_once() -> None:
    awards = [
        {"unit": "points", "points": PER_EURO},
        {"unit": "miles", "points": {"fixed": 1_000}},
    ]
    rules = {"r": {"activities": ["purchase"], "awards": awards}}
    found = earned(compile_rules(document(rules=rules)), purchase(120_000)).awards
    assert [(each.unit, each.points) for each in found] == [
        ("points", 1_200),
        ("miles", 1_000),
    ]


def test_awards_come_in_the_order_of_the_ids_of_rules() -> None:
    rules = {name: rule({"fixed": 1}) for name in ("b", "c", "a")}
    found = earned(compile_rules(document(rules=rules)), purchase()).awards
    assert [each.rule_id for each in found] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("first_time", "before", "came_to"),
    [({"add": 50}, 0, 95), ({"add": 50}, 1, 45), ({"multiply": 3}, 0, 137)],
)
def test_the_first_time_may_earn_more(
    first_time: Any, before: int, came_to: int
) -> None:
    book = rulebook(PER_EURO, first_time=first_time)
    facts = ADA._replace(times={("r", WindowKind.LIFETIME): before})
    assert only(book, purchase(4_590), facts).points == came_to


@pytest.mark.parametrize(
    ("rounding", "money", "came_to"),
    [
        ("DOWN", 199, 1),
        ("UP", 101, 2),
        ("HALF_UP", 149, 1),
        ("HALF_UP", 150, 2),
        ("HALF_UP", 250, 3),
        ("HALF_EVEN", 150, 2),
        ("HALF_EVEN", 250, 2),
    ],
)
def test_rounding_is_the_one_that_is_named(
    rounding: str, money: int, came_to: int
) -> None:
    assert (
        only(rulebook(PER_EURO, rounding=rounding), purchase(money)).points == came_to
    )


def test_a_remainder_is_carried_to_the_next_award() -> None:
    book = rulebook(PER_EURO, remainder="CARRY")
    first = only(book, purchase(4_590))
    assert (first.points, first.remainder) == (45, Fraction(9, 10))

    facts = ADA._replace(remainders={("r", 0): Fraction(9, 10)})
    second = only(book, purchase(110), facts)
    assert (second.points, second.remainder) == (2, Fraction(0))


def test_a_remainder_is_dropped_unless_it_is_carried() -> None:
    assert only(rulebook(PER_EURO), purchase(4_590)).remainder is None


def test_an_award_has_a_maximum() -> None:
    award = only(rulebook(PER_EURO, maximum=10), purchase(9_950))
    assert award.points == 10
    assert award.explanation.endswith("rounded DOWN: 99; at most: 10; gives 10 points")


def test_only_the_items_that_count_earn() -> None:
    book = rulebook(PER_EURO, items='item.category == "wine"')
    award = only(book, purchase(2_200, items=BOTTLES))
    assert award.points == 17
    assert award.shares == (("a", 10), ("c", 7))


def test_pieces_of_items_earn_by_their_number() -> None:
    book = rulebook({"per_quantity": {"points": 5}}, items="item.money > 600")
    award = only(book, purchase(2_200, items=BOTTLES))
    assert award.points == 15
    assert award.shares == (("a", 10), ("c", 5))


def test_points_are_shared_by_all_items_of_an_activity() -> None:
    award = only(rulebook({"fixed": 100}), purchase(2_200, items=BOTTLES))
    assert award.shares == (("a", 45), ("b", 23), ("c", 32))


def test_a_condition_sees_items() -> None:
    when = 'activity.items.exists(i, i.category == "bread" && int(i.money) == 500)'
    book = rulebook({"fixed": 1}, when=when)
    assert earned(book, purchase(2_200, items=BOTTLES)).awards
    assert not earned(book, purchase(1_000, items=BOTTLES[:1])).awards


def test_an_award_is_explained_step_by_step() -> None:
    book = rulebook(
        PER_EURO,
        multipliers=["weekday", "more"],
        first_time={"add": 5},
        remainder="CARRY",
        more={
            "multipliers": {
                "weekday": {"factor": "1.5"},
                "more": {"factor": "1/3", "stack": "ADD"},
            }
        },
    )
    facts = ADA._replace(remainders={("r", 0): Fraction(1, 2)})
    assert only(book, purchase(4_590), facts).explanation == (
        "r: 1 for each 100 of 4590 in money: 45.9; weekday x 1.5: 68.85;"
        " more + 1/3: 38.25; first time + 5: 43.25; carried + 0.5: 43.75;"
        " rounded DOWN: 43; gives 43 points"
    )


def test_a_rule_that_fails_earns_nothing_and_says_so() -> None:
    rules = {
        "bad": rule({"formula": "100 / (activity.quantity - 1)"}),
        "good": rule({"fixed": 1}),
    }
    found = earned(compile_rules(document(rules=rules)), purchase())
    assert [each.rule_id for each in found.awards] == ["good"]
    assert found.failures == (Failure("rules.bad", "divide by zero"),)


CONDITIONS = st.sampled_from(
    [
        "true",
        "activity.quantity > 2 // more than a pair",
        'activity.attributes["x"] == "y"',
        'activity.channel == "web"',
        "1 / (activity.quantity - 3) == 1",
        "(" * 10 + "activity.quantity < 4" + ")" * 10,
    ]
)


@given(st.lists(CONDITIONS, max_size=8), st.integers(1, 5))
def test_conditions_are_true_together_if_they_are_by_themselves(
    conditions: list[str], quantity: int
) -> None:
    rules = {
        f"r{number}": rule({"fixed": 1}, when=when)
        for number, when in enumerate(conditions)
    }
    activity = purchase(quantity=quantity, channel="web")
    together = earned(compile_rules(document(rules=rules)), activity)
    alone = [
        earned(compile_rules(document(rules={name: each})), activity)
        for name, each in rules.items()
    ]
    assert together.awards == tuple(a for each in alone for a in each.awards)
    assert together.failures == tuple(f for each in alone for f in each.failures)


def test_a_condition_may_be_as_deep_as_it_can() -> None:
    nested = ["(" * depth + "true" + ")" * depth for depth in range(1, 40)]
    sound = [
        each for each in nested if not problems(rules={"r": rule(FIXED, when=each)})
    ]
    assert len(sound) < len(nested)
    assert only(rulebook(FIXED, when=sound[-1]), purchase()).points == 1


def test_more_points_than_an_account_holds_fail() -> None:
    book = rulebook({"per_money": {"each": 1, "points": 10**9}})
    found = earned(book, purchase(10**12))
    assert found.awards == ()
    assert found.failures[0].reason == "comes to more than 9223372036854775807 points"


def test_threads_may_share_a_rulebook() -> None:
    book = rulebook({"formula": "activity.quantity * 3"}, when="activity.quantity > 0")
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(
            lambda quantity: only(book, purchase(quantity=quantity)).points,
            range(1, 2_001),
        )
    assert list(found) == [quantity * 3 for quantity in range(1, 2_001)]
