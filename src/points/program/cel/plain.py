"""Conditions that do no more than compare variables with constants, as Python.

Most conditions of most rules are such. Asked in Python they take a fiftieth of what
the runtime of CEL takes, which has to be given every variable first, and come to the
same: the checker of CEL has made sure that both sides are whole numbers, or texts,
and texts come in the order of their characters in both.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress
from typing import Any, Final, NamedTuple, TypeAlias

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


class Group(NamedTuple):
    """Is conditions with their positions; `ask` takes all values and answers each."""

    positions: tuple[int, ...]
    ask: Callable[..., list[bool]]


class Switch(NamedTuple):
    """Is conditions of which only those are asked that have a chance.

    `cases` are by a variable, its place among the values, the groups of those that
    want it to be one constant, by this. The `others` are asked every time.
    """

    others: Group
    cases: tuple[tuple[int, Mapping[object, Group]], ...]

    def met(self, values: Sequence[Any]) -> list[int]:
        """Returns the positions of those that are true, in no order."""
        positions, ask = self.others
        found = [*compress(positions, ask(*values))] if positions else []
        for place, groups in self.cases:
            group = groups.get(values[place])
            if group is not None:
                found += compress(group.positions, group.ask(*values))
        return found


def switch_of(conditions: Sequence[Plain], names: Sequence[str]) -> Switch:
    """Returns the conditions, to be given the values of the variables in this order."""
    found: defaultdict[str, defaultdict[object, list[int]]]
    found = defaultdict(lambda: defaultdict(list))
    others: list[int] = []
    for position, condition in enumerate(conditions):
        wanted = _wanted(condition)
        (found[wanted[0]][wanted[1]] if wanted else others).append(position)

    def group(positions: Iterable[int]) -> Group:
        asked = tuple(positions)
        return Group(asked, asked_together([conditions[at] for at in asked], names))

    places = {_argument(name): place for place, name in enumerate(names)}
    cases = (
        (places[name], {value: group(at) for value, at in by_value.items()})
        for name, by_value in found.items()
    )
    return Switch(group(others), tuple(cases))


def _wanted(condition: Plain) -> tuple[str, object] | None:
    """Returns a variable and the only value with which a condition may be true."""
    match condition:
        case ast.BoolOp(ast.And(), parts):
            return next(filter(None, map(_wanted, parts)), None)
        case ast.Compare(ast.Name(name), [ast.Eq()], [ast.Constant(value)]):
            return name, value
        case ast.Compare(ast.Constant(value), [ast.Eq()], [ast.Name(name)]):
            return name, value
    return None


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
