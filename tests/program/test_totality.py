"""Whatever comes in: a document, or problems that say where and why."""

from __future__ import annotations

import copy
from contextlib import suppress
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from points.program.cel.compiling import (
    Expression,
    ExpressionFailed,
    ExpressionWrong,
    Result,
    compile_expression,
)
from points.program.cel.environment import VARIABLES, Scope, environment
from points.program.document.root import ProgramDocument
from points.program.loading.documents import Format, load_document, load_tree, read_tree
from points.program.loading.trees import Tree
from points.program.problems import DocumentWrong
from points.program.shipped import EXAMPLES, shipped_text
from tests.program.build import problems


texts: Final = st.text(max_size=40)
leaves: Final = (
    st.none() | st.booleans() | st.integers() | st.decimals() | texts | st.floats()
)
values: Final = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
    ),
    max_leaves=8,
)
tokens: Final = [
    "1",
    "0",
    "2.5",
    "'a'",
    "+",
    "-",
    "*",
    "/",
    "%",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ".",
    ",",
    "?",
    ":",
    "==",
    ">",
    "&&",
    "||",
    "!",
    "in",
    "true",
    "null",
    "i",
    "ratio(",
    "basis_points(",
    "size(",
    ".map(i,",
    ".exists(i,",
    "int(",
    "math.least(",
    "activity.items",
    "activity.money",
    "member.attributes",
    "time.hour",
]
words: Final = st.sampled_from([*tokens, "\n"])


def loaded(text: str, written: Format) -> ProgramDocument | DocumentWrong:
    try:
        return load_document(text, written)
    except DocumentWrong as wrong:
        return wrong


@given(st.text() | st.binary().map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_read_or_refused(text: str) -> None:
    for written in Format:
        result = loaded(text, written)
        assert isinstance(result, ProgramDocument) or result.problems


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Returns the path of every value within a value."""
    inner: Any = value.items() if isinstance(value, dict) else ()
    inner = enumerate(value) if isinstance(value, list) else inner
    below = [place for key, each in inner for place in places(each, (*path, key))]
    return [path, *below] if path else below


SHIPPED: Final = {name: read_tree(shipped_text(name)).value for name in EXAMPLES}


@settings(max_examples=300)
@given(st.data(), st.sampled_from(EXAMPLES))
def test_any_value_anywhere_is_taken_or_refused(data: Any, name: str) -> None:
    table = copy.deepcopy(SHIPPED[name])
    *path, last = data.draw(st.sampled_from(places(table)))
    inner = table
    for key in path:
        inner = inner[key]
    if isinstance(inner, dict) and data.draw(st.booleans()):
        inner[data.draw(texts)] = inner.pop(last)
    else:
        inner[last] = data.draw(values)
    with suppress(DocumentWrong):
        load_tree(Tree(table, {}, {}))


@settings(max_examples=300)
@given(
    texts | st.lists(words, max_size=12).map(" ".join),
    st.sampled_from(Scope),
    st.sampled_from(Result),
)
def test_any_expression_is_compiled_or_refused(
    text: str, scope: Scope, result: Result
) -> None:
    with suppress(ExpressionWrong):
        ask(compile_expression(text, scope, result), scope)


def ask(expression: Expression, scope: Scope) -> None:
    """Evaluates an expression with nothing in any variable."""
    empty = {"STRING": "", "INT": 0}
    data = {
        name: empty.get(kind.name(), {} if "MAP<STRING" in kind.name() else [])
        for name, kind in VARIABLES[scope].items()
    }
    data["activity.items"] = []
    with suppress(ExpressionFailed):
        expression.value(environment(scope).Activation(data))


def test_odd_keys_are_quoted_in_paths() -> None:
    (problem,) = problems(**{"a\nb": 1})
    assert problem.path == '"a\\nb"'


@pytest.mark.parametrize(
    "text", ["\x00", "'\ud800'", "'\\ud800'", "1\x00", "é", "'😀' > 1"]
)
def test_odd_characters_are_refused(text: str) -> None:
    with pytest.raises(ExpressionWrong):
        compile_expression(text, Scope.ACTIVITY, Result.INT)


def test_settings_of_plugins_hold_no_fractions() -> None:
    (problem,) = problems(plugins={"wheel": {"odds": Decimal("0.5")}})
    assert problem.path == "plugins.wheel.odds"
    assert problem.reason == "must be a whole number, a text, a list or a table"


def test_privileges_hold_what_can_be_passed_on() -> None:
    tier = {"name": "a", "threshold": 0, "privileges": {"x": Decimal("0.5"), "y": 1}}
    ladder = {
        "qualifying": {"unit": "miles"},
        "period": {"kind": "LIFETIME"},
        "demote": "NONE",
        "tiers": [tier],
    }
    (problem,) = problems(ladders={"l": ladder})
    assert problem.path == "ladders.l.tiers[0].privileges.x"
    assert problem.reason == "must be a text, a whole number, true or false, not 0.5"
