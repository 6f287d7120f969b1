"""Conditions and formulas: what compiles, what is refused, what they come to."""

from __future__ import annotations

import re

import pytest

from points.program.cel.compiling import (
    ExpressionFailed,
    ExpressionWrong,
    Result,
    compile_expression,
)
from points.program.cel.environment import VARIABLES, Scope, environment


def value(text: str, result: Result = Result.INT, **data: object) -> object:
    expression = compile_expression(text, Scope.ACTIVITY, result)
    named = {name.replace("__", "."): each for name, each in data.items()}
    return expression.value(environment(Scope.ACTIVITY).Activation(named))


def refused(text: str, result: Result = Result.INT) -> str:
    with pytest.raises(ExpressionWrong) as wrong:
        compile_expression(text, Scope.ACTIVITY, result)
    return str(wrong.value)


def test_an_expression_reads_the_variables_that_it_names() -> None:
    text = 'activity.money > 3 && "x" in member.attributes && activity.money < 9'
    expression = compile_expression(text, Scope.ACTIVITY, Result.BOOL)

    assert expression.names == ("activity.money", "member.attributes")


def test_an_expression_is_compiled_once() -> None:
    first, again = (
        compile_expression("1 + 2", Scope.ACTIVITY, Result.INT) for _ in range(2)
    )
    assert first is again


@pytest.mark.parametrize(
    ("text", "came_to"),
    [
        ("ratio(10, 2, 3)", 6),
        ("ratio(-10, 2, 3)", -7),
        ("basis_points(12345, 150)", 185),
        ("math.greatest(activity.money, 500)", 1_000),
        ("activity.items.filter(i, i.money > 5).size()", 1),
        ("activity.money > 999 ? -1 : 1", -1),
    ],
)
def test_whole_numbers_come_out(text: str, came_to: int) -> None:
    items = [{"money": 3}, {"money": 7}]
    assert value(text, activity__money=1_000, activity__items=items) == came_to


def test_a_text_comes_out_as_it_is() -> None:
    assert value("activity.channel", Result.STRING, activity__channel="web") == "web"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("activity.money * 1.5", r"at 1:16 of the expression: found no matching"),
        ("1.5 > 1.0 ? 1 : 0", r"at 1:1 of the expression: is a double: write .*ratio"),
        ("int(double(3))", r"at 1:11 of the expression: is a double"),
        (
            "activity.mony",
            r"at 1:9 .* 'activity.mony' .* mean activity.money\?",
        ),
        ("qqqq", r"'qqqq' is not known here: there are activity.attributes, "),
        ("1 +\n  * 2", r"at 2:3 of the expression: Syntax error"),
        ("", r"at 1:1 of the expression: Syntax error"),
        ("'open", r"at 1:1 of the expression: Syntax error"),
        ("activity.money\n/ 0", r"at 2:1 of the expression: divides by zero"),
        ("activity.money % 0", r"at 1:16 of the expression: divides by zero"),
        ("1 + ratio(activity.money, 1, 0)", r"at 1:10 .*: divides by zero"),
        ("{'a': 1 / 0}['a']", r"divides by zero"),
        ("[1 / 0][0]", r"divides by zero"),
        ("activity.money > 1", r"must come to a whole number \(INT\), not to BOOL"),
        ("activity.items[0].money", r"not to DYN: wrap it in int\(\.\.\.\)"),
        ("(" * 200 + "1" + ")" * 200, r"is nested too deeply"),
        ("1" + " + 1" * 100, r"a chain of too many terms: split it"),
        ("1" + " + 1" * 600, r"must have at most 2000 characters, not 2401"),
    ],
)
def test_a_bad_expression_says_where_and_why(text: str, reason: str) -> None:
    assert re.search(reason, refused(text))


def test_loops_within_loops_are_too_dear() -> None:
    loop = "activity.items.exists(a, activity.items.exists(b, a.id == b.id))"
    assert "steps, more than 10000: nest fewer loops" in refused(loop, Result.BOOL)


def test_one_loop_is_not_too_dear() -> None:
    loop = 'activity.items.exists(a, a.id == "x" && a.money > 3)'
    assert value(loop, Result.BOOL, activity__items=[{"id": "x", "money": 4}])


@pytest.mark.parametrize(
    ("text", "result", "reason"),
    [
        ("1 / activity.money", Result.INT, "divide by zero"),
        ("ratio(1, 1, activity.money)", Result.INT, "zero"),
        ("9223372036854775807 + activity.quantity", Result.INT, "integer overflow"),
        ("member.attributes['x'] == 'y'", Result.BOOL, 'Key not found in map : "x"'),
        ("member.attributes['x']", Result.STRING, "Key not found"),
    ],
)
def test_what_has_no_value_fails_when_it_is_asked(
    text: str, result: Result, reason: str
) -> None:
    with pytest.raises(ExpressionFailed, match=re.escape(reason)):
        value(
            text, result, activity__money=0, activity__quantity=1, member__attributes={}
        )


@pytest.mark.parametrize("scope", Scope)
def test_every_variable_of_a_scope_can_be_read(scope: Scope) -> None:
    for name in VARIABLES[scope]:
        text = f"{name} == {name}"
        assert compile_expression(text, scope, Result.BOOL).names == (name,)


def test_an_item_is_known_only_where_items_are_asked() -> None:
    assert "not known here" in refused("item.money")
    assert compile_expression("item.money", Scope.ITEM, Result.INT)
