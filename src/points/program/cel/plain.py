"""Conditions that do no more than compare variables with constants, as Python.

Most conditions of most rules are such. Asked in Python they take a fiftieth of what
the runtime of CEL takes, which has to be given every variable first, and come to the
same: the checker of CEL has made sure that both sides are whole numbers, or texts,
and texts come in the order of their characters in both.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeAlias

from points.program.cel.syntax import Node


Plain: TypeAlias = ast.expr
"""Is a condition as Python; variables have the names that `_argument` gives them."""

_JOINED: Final[dict[str, type[ast.boolop]]] = {"_&&_": ast.And, "_||_": ast.Or}
_COMPARED: Final[dict[str, type[ast.cmpop]]] = {
    "_==_": ast.Eq,
    "_!=_": ast.NotEq,
    "_<_": ast.Lt,
    "_<=_": ast.LtE,
    "_>_": ast.Gt,
    "_>=_": ast.GtE,
}


def plain_of(node: Node) -> Plain | None:
    """Returns a checked condition as Python; None if it does more than compare."""
    if node.name in _JOINED:
        parts = [part for child in node.children if (part := plain_of(child))]
        is_whole = len(parts) == len(node.children)
        return ast.BoolOp(_JOINED[node.name](), parts) if is_whole else None
    if node.name == "!_":
        part = plain_of(node.children[0])
        return ast.UnaryOp(ast.Not(), part) if part else None
    return _comparison(node) if node.name in _COMPARED else None


def asked_together(
    conditions: Sequence[Plain], names: Iterable[str]
) -> Callable[..., list[bool]]:
    """Returns what takes the values of the variables, in this order, and answers."""
    arguments = ast.arguments(
        posonlyargs=[],
        args=[ast.arg(_argument(name)) for name in names],
        kwonlyargs=[],
        kw_defaults=[],
        defaults=[],
    )
    answers = ast.List(list(conditions), ast.Load())
    tree = ast.Expression(ast.Lambda(arguments, answers))
    code = compile(ast.fix_missing_locations(tree), "<conditions>", "eval")
    # Of comparisons that were put together here, never of anybody's text.
    function: Callable[..., list[bool]] = eval(code, {"__builtins__": {}})  # noqa: S307
    return function


def _comparison(node: Node) -> Plain | None:
    left, right = node.children
    if {left.kind, right.kind} != {"ident", "const"}:
        return None
    sides = [side for each in (left, right) if (side := _side(each))]
    if len(sides) < len(node.children):
        return None
    return ast.Compare(sides[0], [_COMPARED[node.name]()], sides[1:])


def _side(node: Node) -> ast.expr | None:
    if node.kind == "ident":
        return ast.Name(_argument(node.name), ast.Load())
    constant = node.number if node.text is None else node.text
    return None if constant is None else ast.Constant(constant)


def _argument(name: str) -> str:
    return name.replace(".", "_")
