"""Conditions that only compare: asked in Python, they say what CEL would."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.program.cel.batches import batches_of
from points.program.cel.compiling import Result, compile_expression
from points.program.cel.environment import Scope, environment
from points.program.cel.plain import asked_together, switch_of
from points.program.earning import awards_of
from points.program.rulebook import compile_rules
from tests.program.build import ADA, document, purchase, rule


INT64: Final = st.integers(-(2**63) + 1, 2**63 - 1)
NEAR: Final = st.integers(-2, 2)
TEXTS: Final = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=3)
NUMBERS: Final = ("activity.money", "time.hour")
WORDS: Final = ("activity.channel", "time.date")
OPERATORS: Final = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])


def quoted(text: str) -> str:
    """Returns a text as CEL writes it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def compared(name: str, constant: str) -> st.SearchStrategy[str]:
    """Returns comparisons of a variable with a constant, either way round."""
    either = st.sampled_from([(name, constant), (constant, name)])
    return st.builds(lambda pair, sign: f" {sign} ".join(pair), either, OPERATORS)


COMPARISONS: Final = st.one_of(
    st.tuples(st.sampled_from(NUMBERS), st.one_of(NEAR, INT64).map(str)),
    st.tuples(st.sampled_from(WORDS), TEXTS.map(quoted)),
).flatmap(lambda pair: compared(*pair))

CONDITIONS: Final = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        inner.map(lambda one: f"!({one})"),
        st.builds(
            lambda one, sign, other: f"({one}) {sign} ({other})",
            inner,
            st.sampled_from(["&&", "||"]),
            inner,
        ),
    ),
    max_leaves=4,
)

FACTS: Final = st.fixed_dictionaries(
    {name: st.one_of(NEAR, INT64) for name in NUMBERS} | dict.fromkeys(WORDS, TEXTS)
)


@given(st.lists(CONDITIONS, min_size=1, max_size=2), FACTS)
def test_python_answers_as_cel_does(texts: list[str], facts: dict[str, Any]) -> None:
    found = [compile_expression(one, Scope.ACTIVITY, Result.BOOL) for one in texts]
    plain = [each.plain for each in found if each.plain]
    activation = environment(Scope.ACTIVITY).Activation(facts)

    answers = asked_together(plain, facts)(*facts.values())

    assert answers == [each.value(activation) for each in found]


@given(st.lists(CONDITIONS, max_size=6), FACTS)
def test_only_those_with_a_chance_are_asked_and_the_answers_are_the_same(
    texts: list[str], facts: dict[str, Any]
) -> None:
    found = [compile_expression(one, Scope.ACTIVITY, Result.BOOL) for one in texts]
    plain = [each.plain for each in found if each.plain]

    met = switch_of(plain, list(facts)).met(list(facts.values()))

    answers = asked_together(plain, facts)(*facts.values())
    assert sorted(met) == [at for at, is_true in enumerate(answers) if is_true]


def test_a_condition_that_wants_another_channel_is_not_asked() -> None:
    texts = [f'time.hour > {n} && "shop-{n}" == activity.channel' for n in range(3)]
    found = [compile_expression(one, Scope.ACTIVITY, Result.BOOL) for one in texts]
    either = compile_expression(
        f"{texts[0]} || time.hour > 5", Scope.ACTIVITY, Result.BOOL
    )

    switch = switch_of(
        [each.plain for each in (*found, either) if each.plain],
        ["activity.channel", "time.hour"],
    )

    ((place, groups),) = switch.cases
    assert place == 0
    assert {value: each.positions for value, each in groups.items()} == {
        "shop-0": (0,),
        "shop-1": (1,),
        "shop-2": (2,),
    }
    assert switch.others.positions == (3,)
    assert switch.met(["shop-1", 4]) == [1]


@pytest.mark.parametrize(
    "text",
    [
        "true",
        "1 < 2",
        'activity.channel in ["web"]',
        "activity.channel == activity.partner",
        "activity.money + 1 > 5",
        "activity.money % 2 == 0",
        "has(member.attributes.tall)",
        'member.attributes["tall"] == "yes"',
        "size(activity.channel) > 3",
        'activity.channel == "web" && activity.money / activity.quantity > 3',
        '"families" in member.segments',
    ],
)
def test_what_does_more_than_compare_is_left_to_cel(text: str) -> None:
    assert compile_expression(text, Scope.ACTIVITY, Result.BOOL).plain is None


def test_each_rule_gets_the_answer_to_its_own_condition() -> None:
    conditions = {
        "plain": 'activity.channel == "web"',
        "unmet": 'activity.channel == "shop"',
        "dear": "activity.money / 2 > 10",
        "cheap": "activity.money / 2 < 10",
        "again": 'activity.channel == "web"',
    }
    rules = {name: rule({"fixed": 1}, when=when) for name, when in conditions.items()}
    rules["always"] = rule({"fixed": 1})
    book = compile_rules(document(rules=rules))

    earned = awards_of(book, purchase(100, channel="web"), ADA)

    assert [award.rule_id for award in earned.awards] == [
        "again",
        "always",
        "dear",
        "plain",
    ]


def test_conditions_that_only_compare_are_a_batch_of_their_own() -> None:
    texts = ("activity.money > 5", "activity.money / 2 > 5", "activity.money > 6")
    found = [compile_expression(one, Scope.ACTIVITY, Result.BOOL) for one in texts]

    plain, other = batches_of(found, Scope.ACTIVITY, plainly=True)
    (together,) = batches_of(found, Scope.ACTIVITY, plainly=False)

    assert [each.text for each in plain.conditions] == [texts[0], texts[2]]
    assert [each.text for each in other.conditions] == [texts[1]]
    assert [each.text for each in together.conditions] == list(texts)
