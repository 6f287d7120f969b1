"""Under which terms an award is granted."""

from __future__ import annotations

from points.program.document.units import Pending
from points.program.rulebook import compile_rules
from points.program.terms import terms_of
from tests.program.build import UNITS, document, earned, purchase, rule


TWO_WEEKS = {"after": "P14D"}
EXPIRY = {"after": "P6M", "round": "END_OF_MONTH"}


def test_an_award_has_the_terms_of_its_unit() -> None:
    unit = UNITS["points"] | {"pending": TWO_WEEKS, "expiry": EXPIRY}
    whole = document(units={"points": unit}, rules={"r": rule({"fixed": 1})})
    (award,) = earned(compile_rules(whole), purchase()).awards

    terms = terms_of(whole, award)

    assert terms.pending == Pending.model_validate(TWO_WEEKS)
    assert terms.expiry == whole.units["points"].expiry
    assert (terms.claim, terms.budget) == (None, "")


def test_a_rule_has_terms_of_its_own() -> None:
    waits = {"until_event": "received", "cancel_after": "P60D"}
    ready = rule({"fixed": 1}, pending=waits, budget="b")
    ready["awards"].append({"unit": "miles", "points": {"fixed": 1}})
    budgets = {"b": {"unit": "points", "unlimited": True}}
    units = UNITS | {"points": UNITS["points"] | {"pending": TWO_WEEKS}}
    whole = document(units=units, rules={"r": ready}, budgets=budgets)

    points, miles = earned(compile_rules(whole), purchase()).awards

    assert terms_of(whole, points).pending == Pending.model_validate(waits)
    assert terms_of(whole, points).budget == "b"
    assert terms_of(whole, miles).budget == ""


def test_what_waits_to_be_collected_says_how_long() -> None:
    ready = rule({"fixed": 1}, claim={"within": "P7D"})
    whole = document(rules={"r": ready})

    (award,) = earned(compile_rules(whole), purchase()).awards

    assert terms_of(whole, award).claim == whole.rules["r"].claim
