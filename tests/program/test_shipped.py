"""The documents that ship: the built-in one and the worked examples."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.activities import Activity, Item
from points.domain.calendar.expiry import expire_time
from points.domain.calendar.windows import WindowKind
from points.program.bridge import to_program
from points.program.capping import counters_of, fit_awards
from points.program.digests import canonical_text, digest_of
from points.program.document.root import ProgramDocument
from points.program.earning import awards_of
from points.program.facts import Facts
from points.program.lints import lints_of
from points.program.loading.documents import load_document, read_tree
from points.program.rulebook import compile_rules
from points.program.shipped import (
    BUILT_IN,
    EXAMPLES,
    shipped_document,
    shipped_text,
)
from points.settings import load_settings, program_in
from tests.program.build import at


SHIPPED = (BUILT_IN, *EXAMPLES)


def test_the_built_in_document_is_what_a_server_assumes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    program = to_program(shipped_document())
    assert replace(program, rules=None) == program_in(load_settings())


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_means_a_program(name: str) -> None:
    document = shipped_document(name)
    program = to_program(document)
    assert {code for code, unit in program.units.items() if unit.spendable} == {
        name for name, unit in document.units.items() if unit.is_spendable
    }
    assert program.sinks == frozenset(document.sinks)
    assert program.zone == document.zone
    assert {code: unit.expiry for code, unit in program.units.items()} == {
        name: unit.expiry for name, unit in document.units.items()
    }


def test_points_of_the_airline_are_pending_for_three_days() -> None:
    units = to_program(shipped_document("airline")).units
    assert str(units["miles"].activation) == "P3D"
    assert units["status_miles"].activation is None


@pytest.mark.parametrize("name", ["airline", "retail"])
def test_the_examples_are_wise(name: str) -> None:
    assert not lints_of(shipped_document(name), read_tree(shipped_text(name)))


@pytest.mark.parametrize("name", SHIPPED)
def test_a_document_survives_its_own_text(name: str) -> None:
    document = shipped_document(name)
    for text in (canonical_text(document), json.dumps(document.as_table())):
        again = load_document(text)
        assert again == document
        assert digest_of(again) == digest_of(document)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_rule_of_an_example_compiles(name: str) -> None:
    document = shipped_document(name)
    book = compile_rules(document)
    types = {kind for rule in document.rules.values() for kind in rule.activities}
    assert book.sheets.keys() == types


def test_there_is_no_other_document() -> None:
    with pytest.raises(ValueError, match="no document 'bank'"):
        shipped_text("bank")


def test_the_schema_knows_every_key_of_a_document() -> None:
    schema = ProgramDocument.model_json_schema()
    assert schema["properties"].keys() == ProgramDocument.model_fields.keys()
    assert schema["additionalProperties"] is False


def test_a_gold_member_shops_at_the_weekend() -> None:
    book = compile_rules(shipped_document("retail"))
    bottles = Item("wine", money=3_000, quantity=2, category="wine")
    bread = Item("bread", money=1_599)
    saturday = at("2026-11-28T12:00", "America/New_York")
    activity = Activity("purchase", saturday, 4_599, "USD", items=(bottles, bread))
    facts = Facts(
        "ada",
        tiers={"status": "gold"},
        times={("purchase", WindowKind.LIFETIME): 3},
        remainders={("purchase", 0): Fraction(1, 50)},
    )

    found = awards_of(book, activity, facts)

    # 45.99 x 1.5 + 45.99 / 2 + 0.02 = 92; two bottles of two points each.
    assert [(each.unit, each.points) for each in found.awards] == [
        ("points", 92),
        ("qualifying_points", 45),
        ("points", 4),
    ]
    assert found.awards[0].remainder == 0
    assert found.failures == ()


def test_points_of_the_shop_live_six_months() -> None:
    document = shipped_document("retail")
    start = at("2026-01-15T12:00", "America/New_York")
    policy = document.units["points"].expiry
    end = expire_time(policy, start, document.zone, start)
    assert end == at("2026-08-01T00:00", "America/New_York")


def test_a_corporate_gold_member_flies_by_night() -> None:
    book = compile_rules(shipped_document("airline"))
    night = at("2026-11-25T23:30", "Europe/Berlin")
    activity = Activity(
        "flight",
        night,
        quantity=6_000,
        sub_program="passenger",
        attributes={"class": "C"},
    )
    facts = Facts("ada", tiers={"status": "gold"}, attributes={"company": "x"})

    found = awards_of(book, activity, facts)

    # 12,000 x 1.6, the higher of gold's 1.5 and 1.6, x 1.2 for the hour.
    assert [(each.unit, each.points) for each in found.awards] == [
        ("miles", 23_040),
        ("status_miles", 6_000),
    ]


def test_days_six_and_seven_of_a_week_pay_more() -> None:
    book = compile_rules(shipped_document("game"))
    activity = Activity("check_in", at("2026-11-25T12:00"))
    paid = []
    for earlier in range(8):
        facts = Facts("ada", times={("check_in", WindowKind.WEEK): earlier})
        paid += [each.points for each in awards_of(book, activity, facts).awards]
    assert paid == [10, 10, 10, 10, 10, 40, 60, 0]


def test_a_second_check_in_of_a_day_is_rejected() -> None:
    book = compile_rules(shipped_document("game"))
    activity, facts = Activity("check_in", at("2026-11-25T12:00")), Facts("ada")
    awards = awards_of(book, activity, facts).awards
    used = dict.fromkeys(counters_of(book, activity, facts, awards), 1)
    fitted = fit_awards(book, activity, facts, awards, used)
    assert [award.points for award in fitted.awards] == [0]


@given(st.sampled_from(SHIPPED), st.sampled_from(SHIPPED))
def test_digests_are_equal_only_for_equal_documents(one: str, other: str) -> None:
    digests = [digest_of(shipped_document(name)) for name in (one, other)]
    assert (digests[0] == digests[1]) is (one == other)
