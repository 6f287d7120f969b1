"""What a new document would change, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple

from points.program.digests import digest_of
from points.program.document.root import ProgramDocument
from points.program.problems import Path, path_text


class ChangeKind(StrEnum):
    """Tells what happens to a thing."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    ALTERED = "ALTERED"


class Difference(NamedTuple):
    """Is one value within a thing, before and after; None was or is not there."""

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        if self.before is None:
            return f"{self.path}: now {shown_value(self.after)}"
        if self.after is None:
            return f"{self.path}: no longer {shown_value(self.before)}"
        return (
            f"{self.path}: {shown_value(self.before)} becomes {shown_value(self.after)}"
        )


class Change(NamedTuple):
    """Is what happens to one thing of a document: a unit, a rule, a tier."""

    kind: ChangeKind
    thing: str
    name: str
    differences: tuple[Difference, ...] = ()

    def __str__(self) -> str:
        words = f"{self.thing} {self.name}".rstrip()
        told = "; ".join(map(str, self.differences))
        return f"{words} {self.kind.lower()}" + (f": {told}" if told else "")


class Plan(NamedTuple):
    """Is all that changes from one document to the next, section by section."""

    old_digest: str
    new_digest: str
    changes: tuple[Change, ...]

    def of(self, kind: ChangeKind, thing: str) -> tuple[str, ...]:
        """Returns the names of the things that this happens to."""
        return tuple(
            change.name
            for change in self.changes
            if change.kind is kind and change.thing == thing
        )

    def as_table(self) -> dict[str, Any]:
        """Returns plain values, for JSON."""
        return {
            "old_digest": self.old_digest,
            "new_digest": self.new_digest,
            "changes": [_change_table(change) for change in self.changes],
        }


_THINGS: Final = {
    "units": "unit",
    "sub_programs": "sub-program",
    "segments": "segment",
    "pools": "pool",
    "partners": "partner",
    "ladders": "ladder",
    "multipliers": "multiplier",
    "rules": "rule",
    "caps": "cap",
    "budgets": "budget",
    "plugins": "plugin",
}
_SHOWN_MAX: Final = 80
_EMPTY: Final[tuple[object, ...]] = (None, "", [], {}, False)


def plan(old: ProgramDocument, new: ProgramDocument) -> Plan:
    """Returns what would change; no changes for documents of the same meaning."""
    before, after = (each.model_dump(mode="json") for each in (old, new))
    changes = [*_program(before, after), *_sinks(before, after)]
    for section, thing in _THINGS.items():
        tables = (before[section], after[section])
        if section == "ladders":
            changes += _tiers(*tables)
            tables = (_without_tiers(tables[0]), _without_tiers(tables[1]))
        changes += _named(thing, *tables)
    return Plan(digest_of(old), digest_of(new), tuple(changes))


def shown_value(value: Any) -> str:
    """Returns a value of a document as people read it, cut if it is long."""
    if isinstance(value, dict):
        pairs = [f"{k} {shown_value(v)}" for k, v in value.items() if v not in _EMPTY]
        text = ", ".join(pairs)
    else:
        text = (
            ", ".join(map(shown_value, value))
            if isinstance(value, list)
            else str(value)
        )
    return text if len(text) <= _SHOWN_MAX else f"{text[: _SHOWN_MAX - 3]}..."


def _program(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    keys = [key for key in before if key not in _THINGS and key != "sinks"]
    found = [
        difference
        for key in keys
        for difference in _differences((key,), before[key], after[key])
    ]
    if found:
        yield Change(ChangeKind.ALTERED, "program", "", tuple(found))


def _sinks(before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    old, new = before["sinks"], after["sinks"]
    yield from (Change(ChangeKind.REMOVED, "sink", s) for s in old if s not in new)
    yield from (Change(ChangeKind.ADDED, "sink", s) for s in new if s not in old)


def _tiers(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    yield from _named("tier", _all_tiers(old), _all_tiers(new))
    for name in [name for name in old if name in new]:
        before, after = _order(old[name]), _order(new[name])
        kept = [tier for tier in after if tier in before]
        if kept != [tier for tier in before if tier in after]:
            moved = Difference("tiers", " < ".join(before), " < ".join(after))
            yield Change(ChangeKind.ALTERED, "ladder", name, (moved,))


def _order(ladder: Mapping[str, Any]) -> list[str]:
    return [tier["name"] for tier in ladder["tiers"]]


def _all_tiers(ladders: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{name}/{tier['name']}": tier
        for name, ladder in ladders.items()
        for tier in ladder["tiers"]
    }


def _without_tiers(ladders: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {key: value for key, value in ladder.items() if key != "tiers"}
        for name, ladder in ladders.items()
    }


def _named(
    thing: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Change]:
    yield from (Change(ChangeKind.REMOVED, thing, n) for n in old if n not in new)
    for name, value in new.items():
        if name not in old:
            yield Change(ChangeKind.ADDED, thing, name)
            continue
        found = tuple(_differences((), old[name], value))
        if found:
            yield Change(ChangeKind.ALTERED, thing, name, found)


def _differences(path: Path, before: Any, after: Any) -> Iterator[Difference]:
    """Yields the values that differ, in the order of the models."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _differences((*path, key), before.get(key), after.get(key))
    elif _are_alike(before, after):
        for at, pair in enumerate(zip(before, after, strict=True)):
            yield from _differences((*path, at), *pair)
    elif before != after or type(before) is not type(after):
        yield Difference(path_text(path), before, after)


def _are_alike(before: Any, after: Any) -> bool:
    are_lists = isinstance(before, list) and isinstance(after, list)
    return are_lists and len(before) == len(after) and before != after


def _change_table(change: Change) -> dict[str, Any]:
    differences = [each._asdict() for each in change.differences]
    return change._asdict() | {"differences": differences}
