"""What an expression is made of: nodes with their places in the text.

The binding shows no syntax tree, but it serializes one: `cel.expr.CheckedExpr` in
the wire format of protobuf, which is read here. Field numbers are those of
https://github.com/cel-expr/cel-spec/tree/master/proto/cel/expr.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple, TypeAlias


Field: TypeAlias = tuple[int, int | bytes]

_ANY_VALUE: Final = 2
_CHECKED_EXPR: Final = 4
_CHECKED_SOURCE: Final = 5
_SOURCE_POSITIONS: Final = 4
_DOUBLE: Final = 5
_INT: Final = 3
_STRING: Final = 6
_EXPR_KINDS: Final = {
    3: "const",
    4: "ident",
    5: "select",
    6: "call",
    7: "list",
    8: "struct",
    9: "loop",
}
_EXPR_ID: Final = 2
_CHILDREN: Final[Mapping[str, tuple[int, ...]]] = {
    "select": (1,),
    "call": (1, 3),
    "list": (1,),
    "loop": (2, 4, 5, 6, 7),
}
_NAMES: Final = {"ident": 1, "select": 2, "call": 2}
_ENTRY: Final = 2
_ENTRY_EXPRS: Final = (3, 4)


class Node(NamedTuple):
    """Is one node: `kind` const, ident, select, call, list, struct or loop.

    `name` is that of the variable, field or function; `number` the value of a
    constant int and `text` that of a constant string; `offset` counts characters
    from the start of the text.
    """

    kind: str
    offset: int
    name: str = ""
    number: int | None = None
    is_double: bool = False
    children: tuple[Node, ...] = ()
    text: str | None = None

    def all(self) -> Iterator[Node]:
        """Yields the node and all below it."""
        yield self
        for child in self.children:
            yield from child.all()


def read_syntax(serialized: bytes) -> Node:
    """Returns the tree of a serialized expression."""
    checked = _messages(_messages(serialized)[_ANY_VALUE][0])
    source = _messages(checked[_CHECKED_SOURCE][0])
    entries = source.get(_SOURCE_POSITIONS, [])
    offsets = dict(_pair(entry) for entry in entries)
    return _node(checked[_CHECKED_EXPR][0], offsets)


def _node(message: bytes, offsets: Mapping[int, int]) -> Node:
    fields = dict(_fields(message))
    number = next(number for number in fields if number in _EXPR_KINDS)
    kind, body = _EXPR_KINDS[number], _bytes(fields[number])
    offset = offsets.get(_int(fields.get(_EXPR_ID, 0)), 0)
    if kind == "const":
        return _constant(body, offset)
    name = next((_bytes(v) for n, v in _fields(body) if n == _NAMES.get(kind)), b"")
    children = tuple(_node(child, offsets) for child in _children(kind, body))
    return Node(kind, offset, name.decode(), children=children)


def _constant(body: bytes, offset: int) -> Node:
    (number, value) = next(_fields(body), (0, 0))
    whole = _signed(value) if number == _INT and isinstance(value, int) else None
    text = _bytes(value).decode() if number == _STRING else None
    is_double = number == _DOUBLE
    return Node("const", offset, number=whole, is_double=is_double, text=text)


def _children(kind: str, body: bytes) -> Iterator[bytes]:
    if kind == "struct":
        for entry in _messages(body).get(_ENTRY, []):
            parts = _messages(entry)
            yield from (part for n in _ENTRY_EXPRS for part in parts.get(n, []))
        return
    wanted = _CHILDREN.get(kind, ())
    yield from (_bytes(value) for number, value in _fields(body) if number in wanted)


def _pair(entry: bytes) -> tuple[int, int]:
    fields = dict(_fields(entry))
    return _int(fields.get(1, 0)), _int(fields.get(2, 0))


def _messages(message: bytes) -> dict[int, list[bytes]]:
    found: dict[int, list[bytes]] = {}
    for number, value in _fields(message):
        if isinstance(value, bytes):
            found.setdefault(number, []).append(value)
    return found


def _fields(message: bytes) -> Iterator[Field]:
    """Yields number and value of each field: an int, or the bytes of the rest."""
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(message, at)
            yield number, value
        else:
            size, at = (8, at) if wire == 1 else _varint(message, at)
            yield number, message[at : at + size]
            at += size


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:  # noqa: PLR2004 - the bit that says more follows
            return value, at


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


def _bytes(value: int | bytes) -> bytes:
    return value if isinstance(value, bytes) else b""


def _int(value: int | bytes) -> int:
    return value if isinstance(value, int) else 0
