"""What members did: events that were reported, and records of the ledger as events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from points.plugin import Days, Recorded
from points_tasks.config import Condition, Step
from points_tasks.entries import Aggregator, Entry, key_of, short_id


CAPTURE: Final = "CAPTURE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Is something that a member did, at an instant, told apart by its short id.

    `cancels` is the id of an earlier one that this one takes back, of which `points`
    are taken back, 0 for all.
    """

    event_id: str
    name: str
    time: int
    fields: Mapping[str, str]
    cancels: str = ""
    points: int = 0


def entry_of(step: Step, happening: Happening, days: Days) -> Entry | None:
    """Returns what a step counts of an event, or None if it does not."""
    if happening.name != step.event or not _matches(step, happening):
        return None
    value, key = 1, ""
    match step.aggregator:
        case Aggregator.SUM | Aggregator.MAX:
            found = whole_number(happening.fields.get(step.value, ""))
            if found is None or found <= 0:
                return None
            value = found
        case Aggregator.DISTINCT:
            key = key_of(happening.fields.get(step.key or "", ""))
            if not key:
                return None
        case Aggregator.STREAK:
            key = str(days.at(happening.time))
    return Entry(happening.event_id, happening.time, value, key, happening.points)


def whole_number(text: str) -> int | None:
    """Returns the number that a text is, None if it is none or very large."""
    digits = text.removeprefix("-")
    if not digits.isascii() or not digits.isdecimal() or len(digits) > 18:  # noqa: PLR2004
        return None
    return int(text)


def happening_of(record: Recorded) -> Happening:
    """Returns a record of the ledger as an event: its id is that of the transaction."""
    points = max(record.transacted.values(), default=0)
    # A part that was worth nothing takes nothing back.
    is_nothing = record.is_partial and not points
    return Happening(
        event_id=short_id(record.transaction_id),
        name=record.kind,
        time=record.effective_time,
        fields=dict(_fields(record)),
        cancels="" if is_nothing else short_id(record.reverses),
        points=points or _largest(record.points),
    )


def _largest(amounts: Mapping[str, int]) -> int:
    return max(map(abs, amounts.values()), default=0)


def _fields(record: Recorded) -> Iterator[tuple[str, str]]:
    # What is captured was held: the balance has moved before.
    amounts = record.transacted if record.kind == CAPTURE else record.points
    yield "channel", record.channel
    yield "reason", record.reason
    yield "points", str(_largest(amounts))
    for unit, amount in amounts.items():
        yield f"points.{unit}", str(abs(amount))
    yield from _flat("metadata", record.metadata)
    for name, value in (record.activity or {}).items():
        if isinstance(value, Mapping):
            yield from _flat(name, value)
        elif isinstance(value, str | int):
            yield name, str(value)


def _flat(name: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        yield f"{name}.{key}", str(value)


def _matches(step: Step, happening: Happening) -> bool:
    return all(_holds(one, happening.fields) for one in step.where)


def _holds(condition: Condition, fields: Mapping[str, str]) -> bool:
    text = fields.get(condition.field)
    if text is None or (condition.one_of and text not in condition.one_of):
        return False
    if condition.at_least is None and condition.at_most is None:
        return True
    number = whole_number(text)
    return (
        number is not None
        and (condition.at_least is None or number >= condition.at_least)
        and (condition.at_most is None or number <= condition.at_most)
    )
