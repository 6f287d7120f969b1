"""Text to a compiled expression, or what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeAlias

from cel_expr_python import cel

from points.program.cel.costs import CHARACTERS_MAX, COST_MAX, cost_of
from points.program.cel.environment import (
    FUNCTIONS,
    VARIABLES,
    Scope,
    environment,
)
from points.program.cel.plain import Plain, plain_of
from points.program.cel.syntax import Node, read_syntax


_REMEMBERED: Final = 4_096
"""Expressions kept compiled: several versions of a program with hundreds of rules."""

_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_STATUS = re.compile(r"^[A-Z_]+: | \[[A-Z_]+\]$")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DIVISORS: Final = {"_/_": 1, "_%_": 1, "ratio": 2}
_DOUBLES: Final = {"double"}
_UNDECLARED = re.compile(r"undeclared reference to '(.*?)'")

Activation: TypeAlias = cel.Activation


class Result(StrEnum):
    """Names what an expression must come to."""

    BOOL = "BOOL"
    INT = "INT"
    STRING = "STRING"


_PYTHON: Final[dict[Result, type]] = {
    Result.BOOL: bool,
    Result.INT: int,
    Result.STRING: str,
}
_WANTED: Final = {
    Result.BOOL: "true or false",
    Result.INT: "a whole number",
    Result.STRING: "a text",
}


class ExpressionWrong(ValueError):  # noqa: N818 - says what is wrong
    """A text is no expression that may be used here; says where and why."""


class ExpressionFailed(Exception):  # noqa: N818 - says what has failed
    """An expression has no value for these facts: it divides by zero, say."""


class Expression(NamedTuple):
    """Is a compiled expression; `names` are the variables that it reads, sorted.

    `plain` is a condition that does no more than compare. The same one may be
    evaluated by several threads at once.
    """

    text: str
    result: Result
    names: tuple[str, ...]
    compiled: cel.Expression
    plain: Plain | None = None

    def value(self, activation: Activation) -> bool | int | str:
        """Returns what it comes to; raises ExpressionFailed."""
        value: Any = self.compiled.eval(activation)
        plain: bool | int | str = value.value()
        if type(plain) is not _PYTHON[self.result]:
            raise ExpressionFailed(_STATUS.sub("", str(plain)))
        # An error has a text as its value, too.
        if self.result is Result.STRING and value.type() == cel.Type.ERROR:
            raise ExpressionFailed(_STATUS.sub("", str(plain)))
        return plain


@lru_cache(maxsize=_REMEMBERED)
def compile_expression(text: str, scope: Scope, result: Result) -> Expression:
    """Returns the compiled expression; raises ExpressionWrong.

    Refuses what does not parse or check, what does not come to the result, any
    double, a division by a literal zero, and what is too long or too dear.
    """
    if len(text) > CHARACTERS_MAX:
        raise ExpressionWrong(
            f"must have at most {CHARACTERS_MAX} characters, not {len(text)}"
        )
    if _SURROGATE.search(text):
        raise ExpressionWrong("must be text that can be written as UTF-8")
    try:
        compiled = environment(scope).compile(text)
    except RuntimeError as error:
        raise ExpressionWrong(_words(str(error), scope)) from None
    root = read_syntax(compiled.serialize())
    for offset, what in _faults(root):
        raise ExpressionWrong(f"{_place(text, offset)} {what}")
    _check_result(compiled, result)
    names = {node.name for node in root.all() if node.kind == "ident"}
    read = tuple(sorted(names & VARIABLES[scope].keys()))
    plain = plain_of(root) if result is Result.BOOL else None
    return Expression(text, result, read, compiled, plain)


def _faults(root: Node) -> Iterator[tuple[int, str]]:
    for node in root.all():
        if node.is_double or (node.name in _DOUBLES and node.kind == "call"):
            yield node.offset, "is a double: write fractions as ratio(x, 3, 2)"
        if node.kind == "call" and _divides_by_zero(node):
            yield node.offset, "divides by zero"
    cost = cost_of(root)
    if cost > COST_MAX:
        yield 0, f"may take {cost} steps, more than {COST_MAX}: nest fewer loops"


def _divides_by_zero(call: Node) -> bool:
    position = _DIVISORS.get(call.name)
    if position is None or position >= len(call.children):
        return False
    return call.children[position].number == 0


def _check_result(compiled: cel.Expression, result: Result) -> None:
    found = compiled.return_type().name()
    if found != result.value:
        hint = f": wrap it in {result.lower()}(...)" if found == "DYN" else ""
        raise ExpressionWrong(
            f"must come to {_WANTED[result]} ({result}), not to {found}{hint}"
        )


def _words(message: str, scope: Scope) -> str:
    found = _ERROR.search(message)
    if found is None and "recursion" in message:
        return "is nested too deeply, or a chain of too many terms: split it"
    if found is None:
        return f"cannot be used: {_STATUS.sub('', message.splitlines()[0])}"
    line, column, what = found.groups()
    what = re.sub(r" expecting \{.*", "", _STATUS.sub("", what))
    unknown = _UNDECLARED.match(what)
    if unknown:
        what = f"{unknown[1]!r} is not known here: {_known(unknown[1], scope)}"
    return f"at {line}:{column} of the expression: {what}"


def _known(name: str, scope: Scope) -> str:
    names = [*sorted(VARIABLES[scope]), *FUNCTIONS]
    near = get_close_matches(name, names, n=1)
    return f"did you mean {near[0]}?" if near else f"there are {', '.join(names)}"


def _place(text: str, offset: int) -> str:
    before = text[:offset]
    line = before.count("\n") + 1
    column = offset - (before.rfind("\n") + 1) + 1
    return f"at {line}:{column} of the expression:"
