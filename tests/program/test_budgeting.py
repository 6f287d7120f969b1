"""What budgets pay of awards."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.activities import Activity, Item
from points.domain.budgets import Level
from points.domain.calendar.windows import LIFETIME, Window
from points.domain.refusals import BudgetExhausted
from points.program.budgeting import (
    BudgetCounter,
    Paid,
    budget_counters_of,
    pay_from_budgets,
)
from points.program.rulebook import Rulebook, compile_rules
from tests.program.build import ADA, at, document, earned, problems, purchase, rule


NOVEMBER: Final = Window(at("2026-11-01T00:00"), at("2026-12-01T00:00"))
PARTNERS: Final = {"partners": {"hotel": {"rate": 1}}}
TO_REFUSE: Final[dict[str, Any]] = {}
TO_QUEUE: Final = {"overflow": "QUEUE"}
TO_LOWER: Final = {"overflow": "LOWER_RATE", "lower_to": "0.5"}


def book_of(budget: dict[str, Any], *, points: int = 10, **parts: Any) -> Rulebook:
    """Returns a rulebook of one rule that is paid from one budget `b`."""
    ready = rule({"fixed": points}, budget="b", **parts)
    budgets = {"b": {"unit": "points"} | budget}
    return compile_rules(document(rules={"r": ready}, budgets=budgets, **PARTNERS))


def paid(
    book: Rulebook, activity: Activity | None = None, *, used: int = 0, granted: int = 0
) -> Paid:
    """Returns what is paid when the own counter stands there, the figures at 0."""
    done = activity or purchase()
    awards = earned(book, done).awards
    own, *figures = budget_counters_of(book, done, ADA, awards)
    levels = {own: Level(used, 0 if figures else granted)}
    levels |= {each: Level(0, granted) for each in figures}
    return pay_from_budgets(book, done, ADA, awards, levels)


def points_paid(found: Paid) -> list[int]:
    return [award.points for award in found.awards]


@pytest.mark.parametrize("used", [0, 5])
def test_what_a_budget_covers_is_paid(used: int) -> None:
    found = paid(book_of({"fixed": {"points": 15}}), used=used)
    assert points_paid(found) == [10]
    assert found.moves == {BudgetCounter("budget:b", LIFETIME): 10}
    assert found.queued == ()


def test_the_explanation_says_what_the_budget_did() -> None:
    (award,) = paid(book_of({"fixed": {"points": 15}}), used=2).awards
    told = "r: fixed: 10; budget b pays, 3 left: 10; gives 10 points"
    assert award.explanation == told


def test_one_point_too_few_refuses_the_whole_activity() -> None:
    with pytest.raises(BudgetExhausted) as refused:
        paid(book_of({"fixed": {"points": 15}} | TO_REFUSE), used=6)
    assert refused.value == BudgetExhausted("b", "points", 9, 10)


def test_an_award_that_is_not_covered_waits_as_a_whole() -> None:
    found = paid(book_of({"fixed": {"points": 15}} | TO_QUEUE), used=6)
    assert (found.awards, found.moves) == ((), {})
    (award,) = found.queued
    told = "r: fixed: 10; waits for budget b, 9 left: 10; gives 10 points"
    assert award.explanation == told


@pytest.mark.parametrize(
    ("used", "points"), [(5, 10), (6, 9), (8, 8), (14, 5), (15, 5), (16, 5), (99, 5)]
)
def test_what_is_over_is_paid_at_the_lower_rate_and_rounded_down(
    used: int, points: int
) -> None:
    found = paid(book_of({"fixed": {"points": 15}} | TO_LOWER), used=used)
    assert points_paid(found) == [points]
    assert list(found.moves.values()) == [points]


def test_the_lower_rate_is_explained_and_shared_by_items() -> None:
    activity = purchase(9, items=(Item("a", 3), Item("b", 6)))
    book = book_of({"fixed": {"points": 15}} | TO_LOWER)
    (award,) = paid(book, activity, used=10).awards
    told = "budget b pays 5, the other 5 x 0.5 rounded down: 7; gives 7 points"
    assert award.explanation == f"r: fixed: 10; {told}"
    assert award.shares == (("a", 2), ("b", 5))


def test_each_period_has_its_own_counter() -> None:
    book = book_of({"fixed": {"points": 15, "per": "MONTH"}})
    assert list(paid(book).moves) == [BudgetCounter("budget:b", NOVEMBER)]


def test_a_budget_per_member_counts_for_the_member() -> None:
    book = book_of({"per_member": {"points": 15, "per": "MONTH"}})
    assert list(paid(book).moves) == [BudgetCounter("budget:b", NOVEMBER, "ada")]


@pytest.mark.parametrize(("revenue", "left"), [(99_899, 9), (99_999, 9), (100_000, 10)])
def test_a_share_of_reported_money_is_rounded_down(revenue: int, left: int) -> None:
    # A ten-thousandth of the revenue, in points of one minor unit each.
    ratio = {"of": "REVENUE", "share": "0.0001", "per": "MONTH"}
    book = book_of({"ratio": ratio} | TO_LOWER | {"lower_to": "0.01"})
    assert points_paid(paid(book, granted=revenue)) == [left]


def test_reported_money_is_read_and_not_moved() -> None:
    book = book_of({"ratio": {"of": "REVENUE", "share": "0.5", "per": "MONTH"}})
    awards = earned(book, purchase()).awards
    own, figures = budget_counters_of(book, purchase(), ADA, awards)
    assert (own.name, figures.name) == ("budget:b", "figures:REVENUE/MONTH")
    assert list(paid(book, granted=10_000).moves) == [own]


@pytest.mark.parametrize("figures", [0, -10_000])
def test_nothing_is_paid_from_money_that_was_not_made(figures: int) -> None:
    book = book_of({"ratio": {"of": "PROFIT", "share": "0.5"}})
    with pytest.raises(BudgetExhausted, match="has 0 points left"):
        paid(book, granted=figures)


def test_a_prefunded_account_pays_what_was_paid_ahead() -> None:
    book = book_of({"prefunded": "hotel"})
    assert list(paid(book, used=5, granted=15).moves) == [
        BudgetCounter("funds:b", LIFETIME)
    ]
    with pytest.raises(BudgetExhausted, match="has 9 points left"):
        paid(book, used=6, granted=15)


def test_a_prefunded_account_cannot_be_declared_to_overspend() -> None:
    budget = {"unit": "points", "prefunded": "hotel"} | TO_LOWER
    (problem,) = problems(budgets={"b": budget}, **PARTNERS)
    assert "prefunded cannot be overspent" in problem.reason


@pytest.mark.parametrize(("burned", "left"), [(0, 5), (4, 9), (5, 10)])
def test_a_liability_counts_what_is_outstanding(burned: int, left: int) -> None:
    # 1,000 minor units are worth 1,000 points.
    budget = {"liability": {"money": 1_000}} | TO_LOWER | {"lower_to": "0.01"}
    found = paid(book_of(budget), used=995, granted=burned)
    assert points_paid(found) == [left]


def test_an_unlimited_budget_counts_nothing() -> None:
    book = book_of({"unlimited": True})
    awards = earned(book, purchase()).awards
    assert budget_counters_of(book, purchase(), ADA, awards) == ()
    assert pay_from_budgets(book, purchase(), ADA, awards, {}) == (awards, {}, ())


def test_a_budget_leaves_other_units_and_awards_of_nothing_alone() -> None:
    ready = rule({"fixed": 10}, budget="b")
    ready["awards"].append({"unit": "miles", "points": {"fixed": 99}})
    ready["awards"].append({"unit": "points", "points": {"formula": "0"}})
    budgets = {"b": {"unit": "points", "fixed": {"points": 10}}}
    book = compile_rules(document(rules={"r": ready}, budgets=budgets))
    assert points_paid(paid(book)) == [10, 99, 0]


def test_rules_that_share_a_budget_share_what_is_left() -> None:
    rules = {name: rule({"fixed": 10}, budget="b") for name in "abc"}
    budgets = {"b": {"unit": "points", "fixed": {"points": 15}} | TO_LOWER}
    book = compile_rules(document(rules=rules, budgets=budgets))
    found = paid(book)
    assert points_paid(found) == [10, 7, 5]
    assert list(found.moves.values()) == [22]


forms: Final = st.sampled_from(
    [
        lambda bound: ({"fixed": {"points": max(1, bound)}}, 0),
        lambda bound: ({"per_member": {"points": max(1, bound), "per": "DAY"}}, 0),
        lambda bound: ({"prefunded": "hotel"}, bound),
        lambda bound: ({"ratio": {"of": "SALES", "share": "0.333"}}, bound),
        lambda bound: ({"liability": {"money": max(1, bound)}}, -(bound // 3)),
    ]
)


def run(
    budget: dict[str, Any], amounts: list[int], granted: int
) -> tuple[list[Paid | None], Mapping[BudgetCounter, Level], Rulebook]:
    """Returns what a run of activities is paid, with the counters moved in between."""
    levels: dict[BudgetCounter, Level] = {}
    results: list[Paid | None] = []
    for points in amounts:
        book = book_of(budget, points=points)
        awards = earned(book, purchase()).awards
        own, *figures = budget_counters_of(book, purchase(), ADA, awards)
        levels.setdefault(own, Level(0, 0 if figures else granted))
        levels |= {each: Level(0, granted) for each in figures}
        try:
            found = pay_from_budgets(book, purchase(), ADA, awards, levels)
        except BudgetExhausted:
            results.append(None)
            continue
        results.append(found)
        for counter, by in found.moves.items():
            used = levels[counter].used + by
            levels[counter] = levels[counter]._replace(used=used)
    return results, levels, book


amounts: Final = st.lists(st.integers(1, 60), min_size=1, max_size=8)


@given(forms, st.integers(0, 200), amounts, st.sampled_from([TO_REFUSE, TO_QUEUE]))
def test_no_run_of_activities_overspends_by_a_point(
    form: Any, bound: int, each: list[int], overflow: dict[str, Any]
) -> None:
    budget, granted = form(bound)
    results, levels, book = run(budget | overflow, each, granted)
    terms = book.budgets["b"]
    own, *figures = levels.values()
    assert own.used <= terms.total(own, *figures)
    assert own.used == sum(sum(points_paid(found)) for found in results if found)
    # What was not paid would not have fitted, either.
    left = terms.left(own, *figures)
    assert own.used + left == terms.total(own, *figures)


@given(
    st.integers(1, 200),
    amounts,
    st.fractions(Fraction(1, 10), Fraction(9, 10), max_denominator=10),
)
def test_beyond_a_budget_every_point_is_paid_at_the_lower_rate(
    bound: int, each: list[int], factor: Fraction
) -> None:
    budget = {"fixed": {"points": bound}}
    lower = {"overflow": "LOWER_RATE", "lower_to": str(factor)}
    results, levels, _ = run(budget | lower, each, 0)
    (own,) = levels.values()
    used = 0
    for points, found in zip(each, results, strict=True):
        assert found is not None
        full = min(points, max(0, bound - used))
        (given_points,) = points_paid(found)
        over = (points - full) * factor
        assert full <= given_points <= full + over < given_points + 1
        used += given_points
    assert own.used == used


@given(forms, st.integers(0, 200), st.integers(1, 60), st.integers(0, 90))
def test_an_award_is_paid_refused_or_waits_but_never_changes(
    form: Any, bound: int, points: int, used: int
) -> None:
    budget, granted = form(bound)
    book = book_of(budget | TO_QUEUE, points=points)
    found = paid(book, used=used, granted=granted)
    told = [award.points for award in (*found.awards, *found.queued)]
    assert told == [points]
    assert sum(found.moves.values()) == sum(points_paid(found))
