"""What was counted towards a step: entries, in whatever order they arrive.

Entries are a set, told apart by the id of their event and added up in the order of
their own times, so that the order of arrival changes nothing.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from hashlib import blake2b
from itertools import accumulate, groupby
from typing import Final, NamedTuple, TypeAlias


ENTRIES_MAX: Final = 200
"""Most entries that a step keeps one by one; older ones are then added together."""

KEYS_MAX: Final = 400
"""Highest target of DISTINCT and STREAK, and most keys that are added together.

Further ones would count towards nothing: what is over is carried of sums alone.
"""

KEY_BYTES_MAX: Final = 32
"""Longest key that is kept as it is; of a longer one its digest is."""

ID_BYTES_MAX: Final = 16
"""Longest id of an event that is kept as it is; of a longer one its digest is."""

VALUE_MAX: Final = 2**62
"""Most that a step has: far beyond all targets, and twice as much fits an int64."""

MERGED: Final = ""
"""Id of entries that stand for several: no event has it."""


class Aggregator(StrEnum):
    """Tells what becomes of the entries of a step.

    COUNT counts them, SUM adds their values, MAX takes the highest, DISTINCT counts
    different keys, STREAK the most days in a row.
    """

    COUNT = "COUNT"
    SUM = "SUM"
    MAX = "MAX"
    DISTINCT = "DISTINCT"
    STREAK = "STREAK"


class Entry(NamedTuple):
    """Is one event as a step counts it.

    `value` is what SUM and MAX go by, 1 for COUNT; `key` what DISTINCT tells apart,
    and the day of a STREAK. `points` is what a reversal is compared with.
    """

    event_id: str
    time: int
    value: int
    key: str = ""
    points: int = 0


Entries: TypeAlias = tuple[Entry, ...]


class Kept(NamedTuple):
    """Is the entries of a step, by time, and the instant up to which none is told.

    What is not later than `horizon` may be among the entries that were added
    together: nobody can say any more whether an event was counted.
    """

    entries: Entries = ()
    horizon: int = 0


class Sum(NamedTuple):
    """Is how far a step is: its value, and when it first came to the target.

    `reached_time` is None where it has not.
    """

    value: int
    reached_time: int | None


def key_of(text: str) -> str:
    """Returns what a key is told from others by."""
    written = text.encode()
    if len(written) <= KEY_BYTES_MAX:
        return text
    return blake2b(written, digest_size=KEY_BYTES_MAX // 2).hexdigest()


def short_id(event_id: str) -> str:
    """Returns what an event is told from others by: 96 bits of a long id."""
    written = event_id.encode()
    if len(written) <= ID_BYTES_MAX:
        return event_id
    digest = blake2b(written, digest_size=ID_BYTES_MAX * 6 // 8).digest()
    return urlsafe_b64encode(digest).decode()


def added(
    kept: Kept, entry: Entry, aggregator: Aggregator, *, is_rolling: bool = False
) -> Kept:
    """Returns the entries with one more; the older half are added together if full.

    What was added together before does not count: of DISTINCT it may be more. In a
    window that `is_rolling` no two moments are one: there the oldest is left out.
    """
    entries = tuple(sorted((*kept.entries, entry), key=_in_time))
    if is_rolling:
        gone = entries[:-ENTRIES_MAX]
        horizon = max([kept.horizon, *(one.time for one in gone)])
        return Kept(entries[-ENTRIES_MAX:], horizon)
    single = [one for one in entries if one.event_id != MERGED]
    if len(single) <= ENTRIES_MAX:
        return kept._replace(entries=entries)
    old, new = single[: ENTRIES_MAX // 2], single[ENTRIES_MAX // 2 :]
    before = [one for one in entries if one.event_id == MERGED]
    return Kept((*_merged([*before, *old], aggregator), *new), old[-1].time)


def together(kept: Kept, aggregator: Aggregator) -> Kept:
    """Returns all entries added together: none of them can be taken back any more."""
    if all(entry.event_id == MERGED for entry in kept.entries):
        return kept
    ordered = tuple(sorted(kept.entries, key=_in_time))
    return Kept(tuple(_merged(ordered, aggregator)), ordered[-1].time)


def has(kept: Kept, event_id: str) -> bool:
    """Tells whether an event is among the entries."""
    return any(entry.event_id == event_id for entry in kept.entries)


def lessened(
    kept: Kept, event_id: str, points: int, aggregator: Aggregator
) -> Kept | None:
    """Returns the entries without one that is cancelled; None if it is not there.

    `points` is how many of the event's points are taken back, 0 for all. Of a part, a
    SUM loses as much and everything else nothing, until nothing is left.
    """
    found = next((one for one in kept.entries if one.event_id == event_id), None)
    if found is None:
        return None
    others = tuple(one for one in kept.entries if one is not found)
    left = found.points - points if points else 0
    if left <= 0:
        return kept._replace(entries=others)
    value = (
        max(0, found.value - points) if aggregator is Aggregator.SUM else found.value
    )
    rest = found._replace(points=left, value=value)
    return kept._replace(entries=tuple(sorted((*others, rest), key=_in_time)))


def summed(
    entries: Iterable[Entry], aggregator: Aggregator, target: int, carried: int = 0
) -> Sum:
    """Returns how far entries have come, with what was carried over before them."""
    ordered = sorted(entries, key=_in_time)
    values = _RUNNING[aggregator](ordered, carried)
    reached = (
        entry.time
        for entry, value in zip(ordered, values, strict=True)
        if value >= target
    )
    begun = ordered[0].time if ordered and carried >= target else None
    value = min(values[-1] if values else carried, VALUE_MAX)
    return Sum(value, begun or next(reached, None))


def _in_time(entry: Entry) -> tuple[int, str]:
    return entry.time, entry.event_id


def _counts(entries: list[Entry], carried: int) -> list[int]:
    return list(accumulate((one.value for one in entries), initial=carried))[1:]


def _highest(entries: list[Entry], carried: int) -> list[int]:
    return list(accumulate((one.value for one in entries), max, initial=carried))[1:]


def _different(entries: list[Entry], carried: int) -> list[int]:
    seen: set[str] = set()
    counts = []
    for entry in entries:
        seen.add(entry.key)
        counts.append(carried + len(seen))
    return counts


def _streaks(entries: list[Entry], carried: int) -> list[int]:
    del carried
    runs: dict[int, int] = {}
    best, lengths = 0, []
    for entry in entries:
        best = max(best, _joined(runs, int(entry.key)))
        lengths.append(best)
    return lengths


def _joined(runs: dict[int, int], day: int) -> int:
    """Returns how many days in a row a day makes, told at both ends of each run."""
    if day in runs:
        return 0
    before, after = runs.get(day - 1, 0), runs.get(day + 1, 0)
    length = before + 1 + after
    runs[day] = runs[day - before] = runs[day + after] = length
    return length


_RUNNING: Final[Mapping[Aggregator, Callable[[list[Entry], int], list[int]]]] = {
    Aggregator.COUNT: _counts,
    Aggregator.SUM: _counts,
    Aggregator.MAX: _highest,
    Aggregator.DISTINCT: _different,
    Aggregator.STREAK: _streaks,
}


def _merged(entries: Iterable[Entry], aggregator: Aggregator) -> list[Entry]:
    """Returns one entry for each key, which counts what they counted.

    Of keys without end that are told apart the first are kept.
    """
    by_key = sorted(entries, key=_key)
    found = [_together(list(same), aggregator) for _, same in groupby(by_key, key=_key)]
    if aggregator is not Aggregator.DISTINCT:
        return found
    return sorted(found, key=_in_time)[:KEYS_MAX]


def _key(entry: Entry) -> str:
    return entry.key


def _together(entries: list[Entry], aggregator: Aggregator) -> Entry:
    values = [entry.value for entry in entries]
    value = max(values) if aggregator is Aggregator.MAX else sum(values)
    value = min(value, VALUE_MAX)
    # The first time keeps what was reached by then reached by then.
    time = min(entry.time for entry in entries)
    return Entry(MERGED, time, value, entries[0].key)
