"""Under which terms an award is granted."""

from __future__ import annotations

from points.domain.activities import Waiting
from points.domain.calendar.periods import Period
from points.program.rulebook import compile_rules
from points.program.terms import terms_of
from tests.program.build import UNITS, document, rule


TWO_WEEKS = {"after": "P14D"}


def test_an_award_has_the_terms_of_its_unit() -> None:
    units = {"points": UNITS["points"] | {"pending": TWO_WEEKS}}
    whole = document(units=units, rules={"r": rule({"fixed": 1})})

    waiting, claim_within, budget = terms_of(whole, "r", "points")

    assert waiting == Waiting(after=Period(days=14))
    assert (claim_within, budget) == (None, "")


def test_a_rule_has_terms_of_its_own() -> None:
    waits = {"until_event": "received", "cancel_after": "P60D"}
    ready = rule({"fixed": 1}, pending=waits, budget="b")
    ready["awards"].append({"unit": "miles", "points": {"fixed": 1}})
    budgets = {"b": {"unit": "points", "unlimited": True}}
    units = UNITS | {"points": UNITS["points"] | {"pending": TWO_WEEKS}}
    whole = document(units=units, rules={"r": ready}, budgets=budgets)

    points, miles = (terms_of(whole, "r", unit) for unit in ("points", "miles"))

    assert points.waiting == Waiting(event="received", cancel_after=Period(days=60))
    assert points.budget == "b"
    assert miles.budget == ""


def test_what_waits_to_be_collected_says_how_long() -> None:
    whole = document(rules={"r": rule({"fixed": 1}, claim={"within": "P7D"})})
    assert terms_of(whole, "r", "points").claim_within == Period(days=7)


def test_a_rulebook_has_the_terms_of_every_award() -> None:
    ready = rule({"fixed": 1})
    ready["awards"].append({"unit": "miles", "points": {"fixed": 1}})
    whole = document(rules={"r": ready, "s": rule({"fixed": 1}, pending=TWO_WEEKS)})

    assert compile_rules(whole).terms == {
        key: terms_of(whole, *key)
        for key in (("r", "points"), ("r", "miles"), ("s", "points"))
    }
