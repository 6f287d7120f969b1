"""Documents as text: what is read, and what is wrong where."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest

from points.program.loading.documents import (
    Format,
    format_of,
    load_document,
    read_tree,
)
from points.program.problems import DocumentWrong
from tests.program.build import problems_in


YAML = """\
program: shop
zone: Europe/Berlin
money: {currency: EUR, rates: {USD: 0.92}}
units:
  points: {kind: currency, expiry: {on: ["12-31"]}}
rules:
  purchase:
    activities: [purchase]
    since: 2026-11-27
    awards:
      - unit: points
        points: {per_money: {each: 100, points: 1.20}}
"""
TOML = """\
program = "shop"
zone = "Europe/Berlin"
money = {currency = "EUR", rates = {USD = 0.92}}
[units.points]
kind = "currency"
expiry = {on = ["12-31"]}
[rules.purchase]
activities = ["purchase"]
since = 2026-11-27
[[rules.purchase.awards]]
unit = "points"
points = {per_money = {each = 100, points = 1.20}}
"""


def test_yaml_and_toml_make_the_same_document() -> None:
    assert load_document(YAML) == load_document(TOML, Format.TOML)


def test_no_number_becomes_a_float() -> None:
    document = load_document(YAML)
    per_money = document.rules["purchase"].awards[0].points.per_money
    assert per_money is not None
    assert per_money.points == Fraction(6, 5)
    assert document.money is not None
    assert document.money.rates["USD"] == Fraction(23, 25)


@pytest.mark.parametrize(
    ("name", "written"),
    [("a.toml", Format.TOML), ("a.TOML", Format.TOML), ("a.yaml", Format.YAML)],
)
def test_a_name_tells_the_format(name: str, written: Format) -> None:
    assert format_of(name) is written


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("12:30", "12:30"),
        ("010", 10),
        ("1_000", "1_000"),
        ("1.50", Decimal("1.5")),
        ("1e3", Decimal(1000)),
        (".inf", ".inf"),
        ("2026-11-27", "2026-11-27"),
        ("~", None),
        ("true", True),
        ('"true"', "true"),
        ("", None),
    ],
)
def test_yaml_means_what_version_1_2_says(text: str, value: object) -> None:
    assert read_tree(f"a: {text}").value == {"a": value}


def test_times_of_toml_are_texts() -> None:
    tree = read_tree("a = 2026-11-27T18:00:00\nb = 18:30:00", Format.TOML)
    assert tree.value == {"a": "2026-11-27T18:00:00", "b": "18:30"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "document is empty"),
        ("# nothing", "document is empty"),
        ("- a", "must be a table"),
        ("a: [1", r"2:1: document is no YAML: did not find"),
        ("a: 1\nb: 2\na: 3", r"3:1: document has a twice: keep one of them"),
        ("a: {b: 1, b: 2}", r"1:11: document has a.b twice"),
        ("a: &x 1\nb: *x", r"2:4: document has an alias: write the value out"),
        ("a: !!python/name:os.system x", r"1:4: document has the tag .*: leave it out"),
        ("? [a]\n: 1", r"1:3: document has a key that is no text"),
        ("a: 1\n---\nb: 2", r"2:1: document has a second document"),
        ("[" * 5_000, "nested deeper than 32"),
        ("a: \x00", "is no YAML"),
        ("a: " + "x" * 1_000_000, "must have at most 1000000 characters"),
    ],
)
def test_a_text_that_is_no_table_is_told_with_its_place(text: str, reason: str) -> None:
    (problem,) = problems_in(text)
    assert re.search(reason, str(problem))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a = \nb = 1", r"1:5: document is no TOML: Invalid value"),
        ("a = 1\na = 2\n", r"2:6: document is no TOML: Cannot overwrite"),
        ("a = ", r"document is no TOML: Invalid value \(at end of document\)"),
        ("a = " + "[" * 5_000, "nested deeper than 32"),
        ("a = " + "[" * 40 + "]" * 40, "nested deeper than 32"),
    ],
)
def test_toml_that_cannot_be_read_is_told_with_its_place(
    text: str, reason: str
) -> None:
    with pytest.raises(DocumentWrong, match=reason):
        load_document(text, Format.TOML)


def test_every_problem_is_told_in_the_order_of_the_document() -> None:
    found = problems_in(
        "program: bad\n"
        "zone: Europe/Berln\n"
        "colour: red\n"
        "units:\n"
        "  points: {kind: money, titel: x}\n"
        "rules:\n"
        "  r:\n"
        "    activities: []\n"
        "    when: |\n"
        "      activity.money > 3 &&\n"
        "        activity.mony == 1\n"
        "    awards:\n"
        "      - {unit: points, points: {per_money: {each: 0, points: 1}}}\n"
        "      - {points: 5}\n"
    )

    assert [(each.line, each.column, each.path) for each in found] == [
        (2, 7, "zone"),
        (3, 1, "colour"),
        (5, 18, "units.points.kind"),
        (5, 25, "units.points.titel"),
        (8, 17, "rules.r.activities"),
        (9, 11, "rules.r.when"),
        (13, 51, "rules.r.awards[0].points.per_money.each"),
        (14, 9, "rules.r.awards[1].unit"),
        (14, 18, "rules.r.awards[1].points"),
    ]
    reasons = {each.path: each.reason for each in found}
    assert reasons["zone"].endswith("such as Europe/Berlin, not 'Europe/Berln'")
    assert reasons["colour"].startswith("is not known here: the keys are program,")
    assert reasons["units.points.kind"] == (
        "must be 'currency' or 'growth', not 'money'"
    )
    assert reasons["units.points.titel"] == "is not known here: did you mean title?"
    assert reasons["rules.r.activities"] == "must have at least 1 of them"
    assert reasons["rules.r.when"].startswith("at 2:11 of the expression:")
    assert reasons["rules.r.awards[1].unit"] == "is required"


def test_a_problem_is_written_as_place_path_and_reason() -> None:
    (problem,) = problems_in("program: x\nunits: {points: {kind: currency}}\nsinks: 7")
    assert str(problem) == "3:8: sinks must be a list"


def test_at_most_a_hundred_problems_are_told() -> None:
    lines = [f"  u{number}: {{kind: none}}" for number in range(60)]
    text = "program: x\nunits:\n" + "\n".join(lines)
    text += "\nrules:\n" + "\n".join(f"  r{number}: {{}}" for number in range(60))
    assert len(problems_in(text)) == 100
