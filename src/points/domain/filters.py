"""Filters of lists: comparisons joined by AND (a part of AIP-160).

kind = BURN AND record_time >= "2026-01-01T00:00:00Z"
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from points.domain.refusals import InvalidArgument


CHARACTERS_MAX: Final = 1_000
"""Longest filter: a dozen comparisons."""

_COMPARISON = re.compile(
    r'\s*([a-z_]+)\s*(=|!=|<=|>=|<|>)\s*("(?:[^"\\]|\\.)*"|[^\s"]+)\s*'
)
_AND = re.compile(r"AND(?=[\s])")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class FieldKind(StrEnum):
    """Tells how the values of a field compare."""

    NAME = "name"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Is one condition: `value` is a text, or microseconds for an instant."""

    field: str
    operator: str
    value: str | int


def parse_filter(text: str, fields: Mapping[str, FieldKind]) -> tuple[Comparison, ...]:
    """Returns the conditions, all of which must hold.

    Raises InvalidArgument that says what is wrong, and where.
    """
    if len(text) > CHARACTERS_MAX:
        raise _invalid(f"must have at most {CHARACTERS_MAX} characters")
    if not text.strip():
        return ()
    found, position = [], 0
    while True:
        match = _COMPARISON.match(text, position)
        if match is None:
            raise _invalid(f"needs `field operator value` at position {position}")
        found.append(_comparison(match, fields))
        position = match.end()
        if position == len(text):
            return tuple(found)
        joint = _AND.match(text, position)
        if joint is None:
            raise _invalid(f"needs AND at position {position}")
        position = joint.end()


def _comparison(match: re.Match[str], fields: Mapping[str, FieldKind]) -> Comparison:
    field, operator, value = match.groups()
    kind = fields.get(field)
    if kind is None:
        raise _invalid(f"has no field {field!r}: use {', '.join(fields)}")
    if value.startswith('"'):
        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    if kind is FieldKind.TIME:
        return Comparison(field, operator, _instant(value))
    if operator not in ("=", "!="):
        raise _invalid(f"compares {field} with = and != only")
    if "\x00" in value:
        raise _invalid("must not contain NUL")
    return Comparison(field, operator, value)


def _instant(text: str) -> int:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise _invalid(f"needs an instant such as 2026-01-31T12:00:00Z, not {text!r}")
    return (instant - _EPOCH) // (_EPOCH.resolution)


def _invalid(what: str) -> InvalidArgument:
    return InvalidArgument({"filter": what})
