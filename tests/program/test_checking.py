"""Documents whose parts contradict each other, or themselves."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

import pytest

from tests.program.build import UNITS, document, problems, rule


LADDER: Final[dict[str, Any]] = {
    "qualifying": {"unit": "miles"},
    "period": {"kind": "LIFETIME"},
    "demote": "NONE",
    "tiers": [{"name": "low", "threshold": 0}, {"name": "top", "threshold": 9}],
}


PAID: Final = {"name": "a", "threshold": 1, "fee": 1}


def told(**parts: Any) -> str:
    return "\n".join(f"{each.path}: {each.reason}" for each in problems(**parts))


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"zone": "Mars/Base"}, "zone: must be the IANA name of a zone"),
        (
            {"segments": {"s": {"when": "member.recency > 3"}}},
            "segments.s.when: reads member.recency: say in scores what",
        ),
        (
            {"rules": {"r": rule({"formula": "member.monetary"})}},
            r"rules.r.awards\[0\].points.formula: reads member.monetary",
        ),
        (
            {"scores": {"activities": ["purchase"], "within": "P0D"}},
            "scores: must have a length above zero",
        ),
        (
            {"pools": {"p": {"units": ["points"], "share": "3/2"}}},
            "pools.p: share must not be above 1",
        ),
        (
            {"pools": {"p": {"units": ["nothing"]}}},
            "pools.p.units: names nothing, which is not in units",
        ),
        (
            {"ladders": {"l": LADDER | {"burns": {"miles": 1}}}},
            "ladders.l.burns: names miles, which is not in units that are burned",
        ),
        (
            {
                "ladders": {
                    "l": LADDER
                    | {"qualifying": {"formula": "period.money"}}
                    | {"burns": {"points": 1}}
                }
            },
            "ladders.l: burns must be left out: a formula",
        ),
        (
            {"scores": {"activities": [], "within": "P1D"}},
            "scores.activities: must have at least 1",
        ),
        ({"zone": "posixrules"}, "zone: must be the IANA name"),
        ({"zone": 5}, "zone: must be the IANA name"),
        ({"program": "two words"}, "program: must be 1 to 64 letters"),
        ({"units": {}}, "units: must have at least 1 of them"),
        ({"lateness": "P3X"}, "lateness: must be years, months"),
        ({"lateness": "P9000Y"}, "lateness: must be shorter: the calendar ends"),
        ({"sinks": ["ok", "no!"]}, r"sinks\[1\]: must be 1 to 64 letters"),
        (
            {"units": UNITS | {"x": {"kind": "growth", "expiry": {"never": 1}}}},
            "units.x.expiry: never must be true",
        ),
        (
            {"units": UNITS | {"x": {"kind": "growth", "pending": {}}}},
            "units.x.pending: must have either after or until_event",
        ),
        (
            {
                "units": UNITS
                | {"x": {"kind": "growth", "pending": {"until_event": "e"}}}
            },
            "units.x.pending: must have cancel_after with until_event",
        ),
        ({"money": {"currency": "eur"}}, "money.currency: must be a currency"),
        (
            {"money": {"currency": "EUR", "rates": {"USD": 0}}},
            "money.rates.USD: must be above zero",
        ),
        (
            {"money": {"currency": "EUR", "rates": {"USD": "1/0"}}},
            "money.rates.USD: must be a number such as 1.5 or 3/2",
        ),
        (
            {"money": {"currency": "EUR", "rates": {"USD": -1}}},
            "money.rates.USD: must not be below zero",
        ),
        (
            {"money": {"currency": "EUR", "rates": {"USD": True}}},
            "money.rates.USD: must be a number",
        ),
        (
            {"money": {"currency": "EUR", "rates": {"USD": 10**12}}},
            "money.rates.USD: must be a fraction of numbers up to 1000000000",
        ),
        ({"money": {"currency": "EUR", "rates": {"EUR": 1}}}, "it is the base"),
        (
            {"segments": {"a": {"when": "member.days"}}},
            "segments.a.when: must come to true or false",
        ),
    ],
)
def test_a_value_that_means_nothing_is_refused(
    parts: dict[str, Any], reason: str
) -> None:
    assert re.search(reason, told(**parts))


def test_a_sliding_expiry_is_reset_by_what_members_do() -> None:
    expiry = {"after": "P6M", "reset_by": ["BURN", "EXPIRE"]}
    reasons = told(units={"points": {"kind": "growth", "expiry": expiry}})
    assert reasons == (
        "units.points.expiry.reset_by: names EXPIRE, which is not in what members do"
        " (there: BURN, EARN, HOLD, TRANSFER)"
    )


def test_a_settlement_needs_a_currency() -> None:
    settles = {"points": {"points": 5, "money": 5}}
    units = {"points": {"kind": "growth"}}
    partners = {"p": {"rate": 1, "settles": settles}}
    reasons = told(units=units, money=None, partners=partners)
    assert reasons.startswith("partners.p.settles: needs the program's money")


def test_a_multiplier_is_named_once_in_an_award() -> None:
    rules = {"r": rule({"fixed": 1}, multipliers=["m", "m"])}
    reasons = told(rules=rules, multipliers={"m": {"factor": 2}})
    assert reasons == "rules.r.awards[0].multipliers: must name each multiplier once"


@pytest.mark.parametrize("number", [Decimal("1e99"), Decimal("inf"), Decimal("nan")])
def test_a_number_without_end_is_no_rate(number: Decimal) -> None:
    reasons = told(multipliers={"m": {"factor": number}})
    assert reasons.startswith("multipliers.m.factor: must be a number such as 1.5")


def test_a_segment_within_itself_is_a_cycle() -> None:
    segments = {
        name: {"when": "true", "within": [other]}
        for name, other in (("a", "b"), ("b", "c"), ("c", "a"))
    }
    reasons = told(segments=segments)
    assert "segments.a.within: makes a cycle: a in b in c in a" in reasons


def test_a_sub_program_that_is_part_of_itself_is_a_cycle() -> None:
    reasons = told(sub_programs={"a": {"part_of": "a"}})
    assert reasons == "sub_programs.a.part_of: makes a cycle: a in a"


def test_a_way_that_only_leads_to_a_cycle_is_none() -> None:
    parts = {"x": {"part_of": "a"}, "a": {"part_of": "a"}}
    assert [each.path for each in problems(sub_programs=parts)] == [
        "sub_programs.a.part_of"
    ]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"qualifying": {}}, "qualifying: must have one of unit, money, activities"),
        (
            {"qualifying": {"unit": "miles", "money": True}},
            "must have one of .*, not unit and money",
        ),
        ({"qualifying": {"unit": "stars"}}, "names stars, which is not in units"),
        ({"period": {"kind": "CALENDAR"}}, "must have a span if CALENDAR"),
        ({"period": {"kind": "ROLLING"}}, "must have a length if ROLLING"),
        (
            {"period": {"kind": "ROLLING", "length": "P0D"}},
            "must have a length above zero",
        ),
        ({"demote": "ONE"}, "must have a term, or demote NONE"),
        ({"tiers": []}, "tiers: must have at least 1"),
        (
            {"tiers": [{"name": "a", "threshold": 5}, {"name": "b", "threshold": 5}]},
            "tiers overlap: the threshold of b must be above 5, that of a",
        ),
        (
            {"tiers": [{"name": "a", "threshold": 5}, {"name": "a", "threshold": 9}]},
            "tiers must differ in name: a is there twice",
        ),
        (
            {"tiers": [{"name": "a", "threshold": 5, "retain": 6}]},
            "retain must not be above the threshold",
        ),
        ({"tiers": [{"name": "a", "threshold": -1}]}, "must be at least 0, not -1"),
        ({"grace": {"round": "END_OF_CHOSEN_MONTH"}}, "round must be another"),
    ],
)
def test_a_ladder_that_cannot_be_climbed_is_refused(
    changed: dict[str, Any], reason: str
) -> None:
    assert not problems(ladders={"l": LADDER})
    assert re.search(reason, told(ladders={"l": LADDER | changed}))


def test_an_invited_tier_may_stand_anywhere() -> None:
    tiers = [*LADDER["tiers"], {"name": "invited", "threshold": 0, "invited": True}]
    assert not problems(ladders={"l": LADDER | {"tiers": tiers}})


@pytest.mark.parametrize(
    ("points", "parts", "reason"),
    [
        ({}, {}, r"awards\[0\].points: must have one of fixed, per_money"),
        ({"fixed": 1, "formula": "1"}, {}, "not fixed and formula"),
        ({"fixed": 0}, {}, "fixed: must be at least 1, not 0"),
        ({"fixed": "7"}, {}, "fixed: must be a whole number, not '7'"),
        ({"fixed": 1.5}, {}, "fixed: must be a whole number, not 1.5"),
        ({"fixed": True}, {}, "fixed: must be a whole number"),
        ({"formula": "activity.money / 0"}, {}, "formula: at 1:16 .* divides by zero"),
        ({"formula": "2.0"}, {}, "formula: at 1:1 of the expression: is a double"),
        (
            {
                "stepped": {
                    "by": "MONEY",
                    "steps": [{"at": 5, "points": 1}, {"at": 5, "points": 2}],
                }
            },
            {},
            "steps overlap: 5 must be above 5",
        ),
        (
            {"stepped": {"by": "MONEY", "steps": [{"at": 5, "points": 1, "each": 2}]}},
            {},
            "steps must have no each if mode is REACHED",
        ),
        ({"curve": {"window": "WEEK", "points": []}}, {}, "must have at least 1"),
        ({"curve": {"window": "AGE", "points": [1]}}, {}, "window: must be 'HOUR'"),
        (
            {"fixed": 1},
            {"rounding": "UP", "remainder": "CARRY"},
            "remainder CARRY needs rounding DOWN",
        ),
        ({"fixed": 1}, {"items": "true"}, "items needs points by per_money"),
        ({"fixed": 1}, {"multipliers": ["m"]}, "names m, which is not in multipliers"),
        ({"fixed": 1}, {"caps": ["c"]}, "names c, which is not in caps"),
        ({"fixed": 1}, {"budget": "b"}, "names b, which is not in budgets"),
        ({"fixed": 1}, {"sub_programs": ["s"]}, "is not in sub_programs"),
        ({"fixed": 1}, {"since": "tomorrow"}, "since: must be a local date or minute"),
        (
            {"fixed": 1},
            {"since": "2026-02-01", "until": "2026-02-01"},
            "until: must be after since, which is 2026-02-01",
        ),
    ],
)
def test_a_rule_that_cannot_earn_is_refused(
    points: dict[str, Any], parts: dict[str, Any], reason: str
) -> None:
    assert re.search(reason, told(rules={"r": rule(points, **parts)}))


def test_a_minute_that_the_clocks_leave_out_is_refused() -> None:
    rules = {"r": rule({"fixed": 1}, since="2026-03-29T02:30")}
    reasons = told(zone="Europe/Berlin", rules=rules)
    assert reasons == (
        "rules.r.since: is left out by the clocks of Europe/Berlin: take another minute"
    )


def test_a_minute_that_comes_twice_is_refused() -> None:
    rules = {"r": rule({"fixed": 1}, until="2026-10-25T02:30")}
    assert "comes twice on the clocks" in told(zone="Europe/Berlin", rules=rules)


def test_a_minute_of_other_zones_is_fine() -> None:
    rules = {"r": rule({"fixed": 1}, since="2026-03-29T02:30")}
    assert not problems(zone="Asia/Tokyo", rules=rules)


@pytest.mark.parametrize(
    "parts",
    [
        {"rules": {"r": rule({"per_money": {"each": 1, "points": 1}})}},
        {"ladders": {"l": LADDER | {"qualifying": {"money": True}}}},
        {"caps": {"c": {"window": {"each": "DAY"}, "bound": {"money": 5}}}},
        {"units": UNITS},
        {
            "ladders": {
                "l": LADDER | {"tiers": [{"name": "a", "threshold": 1, "fee": 1}]}
            }
        },
    ],
)
def test_money_needs_a_currency(parts: dict[str, Any]) -> None:
    plain = {name: {"kind": "growth"} for name in UNITS}
    reasons = told(**({"units": plain, "money": None} | parts))
    assert "need" in reasons
    assert "money.currency" in reasons


@pytest.mark.parametrize(
    ("multiplier", "reason"),
    [
        ({}, "must have one of tiers, segments"),
        ({"factor": 2, "channels": {"web": 2}}, "must have one of tiers"),
        ({"factor": 0}, "factor: must be above zero"),
        ({"tiers": {"ladder": "l", "factors": {}}}, "names l, which is not in ladders"),
        ({"segments": {"s": 2}}, "names s, which is not in segments"),
        ({"partners": False}, "partners: must be true, or left out"),
        ({"factor": 2, "days": ["SUNDAY", "FUNDAY"]}, r"days\[1\]: must be 'MONDAY'"),
        ({"factor": 2, "hours": {"since": "25:00", "until": "1"}}, "a time of day"),
    ],
)
def test_a_multiplier_without_a_factor_is_refused(
    multiplier: dict[str, Any], reason: str
) -> None:
    assert re.search(reason, told(multipliers={"m": multiplier}))


def test_a_tier_that_is_not_on_the_ladder_has_no_factor() -> None:
    factors = {"tiers": {"ladder": "l", "factors": {"gold": 2}}}
    reasons = told(ladders={"l": LADDER}, multipliers={"m": factors})
    assert reasons == (
        "multipliers.m.tiers.factors: names gold, which is not in tiers"
        " (there: low, top)"
    )


@pytest.mark.parametrize(
    ("budget", "reason"),
    [
        ({}, "must have one of fixed, per_member"),
        ({"unlimited": True, "fixed": {"points": 1}}, "must have one of fixed"),
        ({"unlimited": True, "overflow": "LOWER_RATE"}, "must have lower_to"),
        ({"unlimited": True, "lower_to": "1/2"}, "must have lower_to with LOWER_RATE"),
        (
            {"unlimited": True, "overflow": "LOWER_RATE", "lower_to": 2},
            "lower_to must be below 1",
        ),
        ({"prefunded": "bank"}, "names bank, which is not in partners"),
        ({"unit": "miles", "liability": {"money": 1}}, "is in money: say what miles"),
        ({"unit": "stars", "unlimited": True}, "names stars, which is not in units"),
    ],
)
def test_a_budget_that_bounds_nothing_is_refused(
    budget: dict[str, Any], reason: str
) -> None:
    assert re.search(reason, told(budgets={"b": {"unit": "points"} | budget}))


@pytest.mark.parametrize(
    ("cap", "reason"),
    [
        ({"bound": {}}, "bound: must have one of points, count, money"),
        ({"bound": {"points": 5}}, "unit: is required for a bound of points"),
        ({"window": {"rolling": "P0D"}}, "rolling: must be above zero"),
        ({"key": "activity.money"}, r"key: must come to a text \(STRING\)"),
        ({"unit": "stars"}, "names stars, which is not in units"),
    ],
)
def test_a_cap_that_bounds_nothing_is_refused(cap: dict[str, Any], reason: str) -> None:
    whole = {"window": {"each": "DAY"}, "bound": {"count": 1}}
    assert re.search(reason, told(caps={"c": whole | cap}))


def test_what_waits_to_be_collected_has_no_other_wait() -> None:
    waits: dict[str, Any] = {"claim": {"within": "P7D"}, "pending": {"after": "P1D"}}
    reasons = told(rules={"r": rule({"fixed": 1}, **waits)})
    assert reasons.startswith("rules.r.pending: has no place beside claim")


def test_a_budget_pays_a_unit_that_its_rule_earns() -> None:
    budgets = {"b": {"unit": "miles", "unlimited": True}}
    reasons = told(budgets=budgets, rules={"r": rule({"fixed": 1}, budget="b")})
    assert reasons == "rules.r.budget: pays miles, which no award here is in"


def test_a_document_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        document().program = "other"
