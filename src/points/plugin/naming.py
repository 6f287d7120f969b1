"""Names of the program that settings of a plugin use: its units, and its sinks.

A field says so by its annotation, and a document is refused in which it names what the
program does not have:

    unit: Annotated[str, NameOf.UNIT] = "points"
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple, TypeAlias


class NameOf(Enum):
    """Tells what of the program a text in a plugin's settings names; empty for none."""

    UNIT = "unit"
    SINK = "sink"


class Names(NamedTuple):
    """Is what there is to name: the units of a program, and where its burns may go."""

    units: frozenset[str]
    sinks: frozenset[str]

    def of(self, what: NameOf) -> frozenset[str]:
        """Returns all names of a kind."""
        return self.units if what is NameOf.UNIT else self.sinks


Unknown: TypeAlias = tuple[tuple[int | str, ...], str]
"""The place of a name that the program does not have, and what to say of it."""


def unknown_names(settings: Any, names: Names) -> Iterator[Unknown]:
    """Yields the names in settings that the program does not have."""
    for where, what, name in _named(settings, ()):
        known = names.of(what)
        if name and name not in known:
            listed = ", ".join(sorted(known)) or "none"
            reason = f"the program has no {what.value} {name!r}: it has {listed}"
            yield where, reason


def _named(
    value: Any, where: tuple[int | str, ...]
) -> Iterator[tuple[tuple[int | str, ...], NameOf, str]]:
    # Models are told by what they have, without importing pydantic here.
    fields: Mapping[str, Any] | None = getattr(type(value), "model_fields", None)
    if fields is not None:
        for name, field in fields.items():
            found, place = getattr(value, name), (*where, name)
            kinds = [each for each in field.metadata if isinstance(each, NameOf)]
            if kinds and isinstance(found, str):
                yield place, kinds[0], found
            yield from _named(found, place)
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from _named(each, (*where, key))
    elif isinstance(value, list | tuple):
        for at, each in enumerate(value):
            yield from _named(each, (*where, at))
