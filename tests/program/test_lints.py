"""What is allowed and seldom wise."""

from __future__ import annotations

from typing import Any

import pytest

from points.program.lints import lints_of
from points.program.loading.documents import load_tree
from points.program.loading.trees import Tree
from tests.program.build import rule, table


SOUND: dict[str, Any] = {
    "units": {
        "points": {"kind": "currency", "expiry": {"after": "P1Y"}},
        "miles": {"kind": "growth"},
    }
}
CAP = {"window": {"each": "DAY"}, "bound": {"count": 1}}
PER_EURO = {"per_money": {"each": 100, "points": 1}}
BUDGET = {"unit": "points", "fixed": {"points": 5}}


def lints(**parts: Any) -> list[str]:
    tree = Tree(table(**(SOUND | parts)), {}, {})
    return [f"{lint.path}: {lint.reason}" for lint in lints_of(load_tree(tree), tree)]


def test_a_sound_document_has_no_lints() -> None:
    rules = {"r": rule(PER_EURO), "c": rule({"fixed": 1}, caps=["c"])}
    assert lints(rules=rules, caps={"c": CAP}) == []


def test_automatic_credit_needs_an_unlimited_budget() -> None:
    rules = {"r": rule(PER_EURO, budget="b")}
    (lint,) = lints(rules=rules, budgets={"b": BUDGET})
    assert lint.startswith("rules.r.budget: can run out, yet awards are credited")


@pytest.mark.parametrize(
    ("parts", "budget"),
    [
        ({"claim": {"within": "P7D"}}, BUDGET),
        ({}, {"unit": "points", "unlimited": True}),
    ],
)
def test_claims_and_unlimited_budgets_are_fine(parts: Any, budget: Any) -> None:
    rules = {"r": rule(PER_EURO, budget="b", **parts)}
    assert lints(rules=rules, budgets={"b": budget}) == []


def test_points_for_nothing_want_a_cap() -> None:
    (lint,) = lints(rules={"r": rule({"fixed": 5})})
    assert lint.startswith("rules.r: gives points without money for each activity")


def test_points_that_never_expire_are_told() -> None:
    (lint,) = lints(units={"points": {"kind": "currency"}})
    assert lint.startswith("units.points: never expires, so what is owed only grows")


def test_tiers_that_no_rule_leads_to_are_told() -> None:
    ladder = {
        "qualifying": {"unit": "miles"},
        "period": {"kind": "LIFETIME"},
        "demote": "NONE",
        "tiers": [{"name": "a", "threshold": 1}],
    }
    (lint,) = lints(rules={"r": rule(PER_EURO)}, ladders={"l": ladder})
    assert lint.startswith("ladders.l.qualifying.unit: is miles, which no rule earns")


def test_what_no_rule_uses_is_told() -> None:
    found = lints(
        caps={"c": CAP}, budgets={"b": BUDGET}, multipliers={"m": {"factor": 2}}
    )
    assert [lint.partition(":")[0] for lint in found] == [
        "budgets.b",
        "caps.c",
        "multipliers.m",
    ]
