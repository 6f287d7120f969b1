"""Compares what is stored with what the records say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any, Final, TypeVar

from points.domain.counters import Counter, CounterKey
from points.domain.documents import is_bookkeeping
from points.domain.progress import Progress
from points.domain.replay import PartReplay
from points.domain.versions import PROGRAM_PART
from points.store.proof.findings import Counts
from points.store.proof.programs import expected_programs, wrong_documents
from points.store.proof.scan import UNREADABLE, Tables, Whole
from points.store.reads.plugin_documents import document_of
from points.store.schema import (
    account,
    claim,
    counter,
    document,
    head,
    hold,
    lot,
    member,
    program_version,
    progress,
    reversal,
    standing,
)
from points.store.texts.claims import claim_of, claim_row
from points.store.texts.rows import (
    Row,
    account_of,
    counter_of,
    head_of,
    hold_of,
    hold_row,
    lot_of,
    lot_row,
    member_of,
    member_row,
    program_of,
    progress_of,
    reversal_of,
)
from points.store.texts.standings import standing_of


Thing = TypeVar("Thing")

_WRITERS: Final[Mapping[str, Callable[[Any], Row]]] = {
    claim.name: claim_row,
    hold.name: hold_row,
    lot.name: lot_row,
    member.name: member_row,
}
"""What rows are written from, where several rows would be read as the same value."""

_OF_HEAD: Final = (
    "last_number",
    "last_lot_number",
    "last_hold_number",
    "last_time",
    "closed_time",
    "program_version",
)


def differences(
    tables: Tables, replay: PartReplay, chain: str, counts: Counts
) -> Iterator[str]:
    """Yields what differs between a part and its records, and counts what there is."""
    yield from _compare_head(tables, replay, chain)
    accounts = yield from _read(tables, account, replay.part, account_of)
    lots = yield from _read(tables, lot, replay.part, lot_of)
    members = yield from _read(tables, member, replay.part, member_of)
    holds = yield from _read(tables, hold, replay.part, hold_of)
    reversals = yield from _read(tables, reversal, replay.part, reversal_of)
    steps = yield from _read(tables, progress, replay.part, progress_of)
    standings = yield from _read(tables, standing, replay.part, standing_of)
    claims = yield from _read(tables, claim, replay.part, claim_of)
    counts.accounts += len(accounts)
    counts.lots += len(lots)
    counts.members += len(members)
    counts.holds += len(holds)
    by_account = {(found.account, found.unit): found for found in accounts}
    yield from _compare("account", replay.accounts, by_account)
    by_lot = {found.number: found for found in lots}
    yield from _compare("lot", replay.state_of_lots(), by_lot)
    yield from _compare("hold", replay.holds, {found.number: found for found in holds})
    reversed_points = {found.number: found.reversed_points for found in reversals}
    yield from _compare("reversal of", replay.reversed_points, reversed_points)
    returned = {each.number: each.returned for each in reversals if any(each.returned)}
    yield from _compare("what was returned of", replay.returned, returned)
    yield from _compare_programs(tables, replay)
    by_ladder = {(found.member_id, found.ladder): found for found in standings}
    yield from _compare("standing", replay.standings, by_ladder)
    by_position = {(found.number, found.position): found for found in claims}
    yield from _compare("claim", replay.claims, by_position)
    kept = yield from _read(tables, document, replay.part, document_of)
    by_key = {each.place()[1:]: each for each in kept if not is_bookkeeping(each)}
    yield from _compare("document", replay.documents, by_key)
    by_member = {found.member_id: found for found in members}
    yield from _compare("member", replay.members, by_member)
    by_owner = {found.member_id: found for found in steps}
    yield from _compare("progress of", *map(_begun, (replay.progress, by_owner)))


def _begun(progress: Mapping[str, Progress]) -> Mapping[str, Progress]:
    """Returns whose progress is more than none: a row of none says the same as no row.

    Standings that had moved by themselves have left some.
    """
    return {name: each for name, each in progress.items() if any(each[2:])}


def _compare_programs(tables: Tables, replay: PartReplay) -> Iterator[str]:
    part, told = replay.part, replay.program
    stored = yield from _read(tables, program_version, part, program_of)
    documents = {found.version: found.document for found in stored}
    if part == PROGRAM_PART:
        yield from wrong_documents(told, documents)
    # Without their documents: a finding must not tell all of them.
    expected = expected_programs(part, told, {})
    by_number = {found.version: found._replace(document="") for found in stored}
    yield from _compare("program version", expected, by_number)


def wrong_counters(
    tables: Tables, part_count: int, whole: Whole
) -> Iterator[tuple[int, str]]:
    """Yields what differs of shared counters, which are moved from every part."""
    yield from whole.counters.broken()
    expected: dict[int, dict[CounterKey, Counter]] = defaultdict(dict)
    for each in whole.counters.all():
        expected[each.part][each.key()] = each
    for part in range(part_count):
        for message in _counters(tables, part, expected[part]):
            yield part, message


def _counters(
    tables: Tables, part: int, expected: Mapping[CounterKey, Counter]
) -> Iterator[str]:
    stored = yield from _read(tables, counter, part, counter_of)
    yield from _compare("counter", expected, {each.key(): each for each in stored})


def _compare_head(tables: Tables, replay: PartReplay, chain: str) -> Iterator[str]:
    rows = list(tables.rows(head, replay.part))
    if not rows:
        yield "has no head"
        return
    stored = head_of(rows[0])
    for name in _OF_HEAD:
        expected, found = getattr(replay, name), getattr(stored, name)
        if expected != found:
            yield f"head has {name} {found}, the records say {expected}"
    if stored.chain != chain:
        yield "head has another chain than the last record"


def _read(
    tables: Tables, table: Any, part: int, read: Callable[[Any], Thing]
) -> Generator[str, None, list[Thing]]:
    """Returns the rows of a table as values; yields which cannot be read."""
    found = []
    for row in tables.rows(table, part):
        try:
            found.append(read(row))
        except UNREADABLE as error:
            yield f"{table.name} {tuple(row)[1:3]} cannot be read: {error!r}"
        else:
            yield from _otherwise(table, row, found[-1])
    return found


def _otherwise(table: Any, row: Any, value: Any) -> Iterator[str]:
    """Yields the columns that say what the value says, and are written otherwise.

    Such as what a lot keeps beside `remaining` for the index alone: burns look for it.
    """
    write = _WRITERS.get(table.name)
    if write is None:
        return
    for column, stored, wanted in zip(table.c, row, write(value), strict=True):
        if stored != wanted:
            yield f"{table.name} {row[1]} {column.name}: {stored}"


def _compare(
    what: str, expected: Mapping[Any, Any], stored: Mapping[Any, Any]
) -> Iterator[str]:
    for key in sorted(expected.keys() | stored.keys()):
        wanted, is_there = expected.get(key), stored.get(key)
        if wanted != is_there:
            yield f"{what} {key} is stored as {is_there}, the records say {wanted}"
