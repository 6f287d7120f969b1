"""Plain values together with where they stand in the text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from points.program.problems import DocumentWrong, Path, Problem


Place: TypeAlias = tuple[int, int]
"""Is a line and a column, both from 1; zeros where the format does not tell."""

NOWHERE: Final = (0, 0)

CHARACTERS_MAX: Final = 1_000_000
"""Longest document: some thousand rules; YAML takes a second for it."""

DEPTH_MAX: Final = 32
"""Deepest nesting: the deepest place of a program is a third of that."""


class Tree(NamedTuple):
    """Is the value of a document, with the places of its values and its keys."""

    value: Any
    places: Mapping[Path, Place]
    keys: Mapping[Path, Place]

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Returns where a value or key stands, or else the nearest one around it."""
        if key and path in self.keys:
            return self.keys[path]
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, NOWHERE)


def unreadable(reason: str, place: Place = NOWHERE) -> DocumentWrong:
    """Returns the error for a text that has no tree."""
    line, column = place
    return DocumentWrong([Problem("", reason, line, column)])
