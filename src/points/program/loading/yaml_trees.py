"""Trees of YAML: the core schema of YAML 1.2, without aliases and tags.

So `on`, `yes` and 12:30 are texts, 1.20 is exact, and no text is larger than it
looks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import yaml

from points.program.loading.trees import (
    DEPTH_MAX,
    NOWHERE,
    Place,
    Tree,
    unreadable,
)
from points.program.problems import DocumentWrong, Path, path_text


_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INT: Final = re.compile(r"[-+]?[0-9]{1,30}", re.ASCII)
_DECIMAL: Final = re.compile(
    r"[-+]?(?:\.[0-9]{1,30}|[0-9]{1,30}(?:\.[0-9]{0,30})?)(?:[eE][-+]?[0-9]{1,3})?",
    re.ASCII,
)
_WORDS: Final = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}


def read_yaml(text: str) -> Tree:
    """Returns the tree of a text; raises DocumentWrong."""
    reader = _Reader(text)
    try:
        value = reader.document()
    except yaml.MarkedYAMLError as error:
        what = error.problem or "cannot be read"
        raise unreadable(f"is no YAML: {what}", _place(error.problem_mark)) from None
    except yaml.YAMLError as error:
        raise unreadable(f"is no YAML: {error}") from None
    return Tree(value, reader.places, reader.keys)


class _Reader:
    """Builds values from the events of the parser, and notes where they stand."""

    def __init__(self, text: str) -> None:
        self.places: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self._events: Iterator[yaml.Event] = yaml.parse(text, Loader=_LOADER)

    def document(self) -> Any:
        events = (event for event in self._events)
        start = next((e for e in events if not _opens(e)), None)
        if start is None or isinstance(start, yaml.StreamEndEvent):
            raise unreadable("is empty")
        value = self._value(start, ())
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                raise _at(event, "has a second document: keep to one")
        return value

    def _value(self, event: Any, path: Path) -> Any:
        self._check(event, path)
        self.places[path] = _place(event.start_mark)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return _scalar(event)

    def _mapping(self, path: Path) -> dict[str, Any]:
        table: dict[str, Any] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            if not isinstance(event, yaml.ScalarEvent):
                raise _at(event, "has a key that is no text")
            key = str(event.value)
            if key in table:
                what = f"has {path_text((*path, key))} twice: keep one of them"
                raise _at(event, what)
            self.keys[*path, key] = _place(event.start_mark)
            table[key] = self._value(next(self._events), (*path, key))
        return table

    def _sequence(self, path: Path) -> list[Any]:
        values: list[Any] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            values.append(self._value(event, (*path, len(values))))
        return values

    @staticmethod
    def _check(event: Any, path: Path) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise _at(event, "has an alias: write the value out")
        if event.tag not in (None, "!"):
            raise _at(event, f"has the tag {event.tag}: leave it out")
        if len(path) > DEPTH_MAX:
            raise _at(event, f"is nested deeper than {DEPTH_MAX}")


def _opens(event: yaml.Event) -> bool:
    return isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent)


def _scalar(event: Any) -> object:
    text = str(event.value)
    if not event.implicit[0]:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    return Decimal(text) if _DECIMAL.fullmatch(text) else text


def _at(event: yaml.Event, reason: str) -> DocumentWrong:
    return unreadable(reason, _place(event.start_mark))


def _place(mark: Any) -> Place:
    return (mark.line + 1, mark.column + 1) if mark else NOWHERE
