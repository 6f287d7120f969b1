"""The records behind a position: all of them, in order, whatever the limit."""

from __future__ import annotations

from typing import Final

import pytest

from points.domain.changes import Position, read_position
from points.domain.refusals import ResumeTokenTooOld
from points.domain.values import Head, Record
from points.store.opening import Store
from points.store.reads.feed import Change, Stretch
from points.store.reads.reader import open_snapshot
from tests.clock import NOON
from tests.domain.build import record
from tests.store.build import put, reading_statements, run_sql
from tests.store.cleaning import PARTS


COUNTS: Final = {3: 7, 7: 1, 8: 12}
"""Records by part."""

BEGINNING: Final = Position.beginning(PARTS)
EVERYTHING: Final = [
    (part, number) for part, count in COUNTS.items() for number in range(1, count + 1)
]


def record_at(part: int, number: int) -> Record:
    """Returns a record whose time makes the parts take turns."""
    time = NOON + number * 10 + part
    request_id = f"r{number}"
    return record(part=part, number=number, request_id=request_id, record_time=time)


@pytest.fixture
def filled(store: Store) -> Store:
    """Returns a store with records in three parts."""
    heads = [
        Head(part=part, last_number=count, last_lot_number=0, last_time=NOON)
        for part, count in COUNTS.items()
    ]
    put(store, *heads, *(record_at(*place) for place in EVERYTHING))
    return store


def read(
    store: Store, start: Position, limit: int, parts: set[int] | None = None
) -> Stretch:
    """Returns the stretch behind a position, up to the end."""
    with open_snapshot(store.backend) as snapshot:
        end = snapshot.last_position()
        return snapshot.changes(start, end, limit=limit, parts=parts)


def read_all(
    store: Store, start: Position, limit: int, parts: set[int] | None = None
) -> list[Change]:
    """Returns everything behind a position, stretch by stretch."""
    found: list[Change] = []
    while True:
        stretch = read(store, start, limit, parts)
        found.extend(stretch.changes)
        start = stretch.position
        if stretch.complete:
            return found


def places(changes: list[Change]) -> list[tuple[int, int]]:
    """Returns part and number of each change."""
    return [(change.part, change.number) for change in changes]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 19, 20, 21, 1_000])
def test_every_record_comes_once_in_the_order_of_time_whatever_the_limit(
    filled: Store, limit: int
) -> None:
    changes = read_all(filled, BEGINNING, limit)

    times = [change.record().record_time for change in changes]
    assert times == sorted(times)
    assert sorted(places(changes)) == EVERYTHING


@pytest.mark.parametrize("limit", [1, 4, 1_000])
def test_no_stretch_is_longer_than_its_limit(filled: Store, limit: int) -> None:
    assert 1 <= len(read(filled, BEGINNING, limit).changes) <= limit


@pytest.mark.parametrize("limit", [3, 1_000])
def test_every_position_leads_to_exactly_the_rest(filled: Store, limit: int) -> None:
    changes = read_all(filled, BEGINNING, limit)

    rests = [
        sorted(places(read_all(filled, change.position, limit))) for change in changes
    ]
    assert rests == [
        sorted(places(changes[count:])) for count in range(1, len(changes) + 1)
    ]


def test_a_change_tells_what_its_record_says(filled: Store) -> None:
    (change,) = read(filled, BEGINNING, 1_000, {7}).changes

    told = change.record()
    assert told == record_at(7, 1)
    assert (change.member_id, change.kind, change.channel) == (
        told.member_id,
        told.kind,
        told.channel,
    )


def test_the_end_of_the_feed_has_nothing_behind_it(filled: Store) -> None:
    end = read(filled, BEGINNING, 1_000).position

    assert read(filled, end, 1_000) == Stretch((), end, complete=True)


@pytest.mark.parametrize("limit", [1, 1_000])
def test_other_parts_are_left_out(filled: Store, limit: int) -> None:
    changes = read_all(filled, BEGINNING, limit, {7, 8})

    assert sorted(places(changes)) == [p for p in EVERYTHING if p[0] in {7, 8}]


def test_a_position_stays_in_the_parts_that_are_left_out_until_the_end(
    filled: Store,
) -> None:
    first = read(filled, BEGINNING, 5, {8})
    last = read(filled, BEGINNING, 1_000, {8})

    assert (first.position.numbers[3], first.complete) == (0, False)
    assert (last.position.numbers[3], last.complete) == (COUNTS[3], True)


@pytest.mark.parametrize("limit", [1, 1_000])
def test_all_parts_take_one_statement_beside_the_heads(
    filled: Store, limit: int
) -> None:
    with reading_statements(filled.backend.reading) as seen:
        read(filled, BEGINNING, limit)

    assert len(seen) == 2


@pytest.mark.parametrize("kept", [4, 13])
def test_records_that_are_gone_are_told_with_the_oldest_token(
    filled: Store, kept: int
) -> None:
    run_sql(filled, f"DELETE FROM record WHERE part = 8 AND number < {kept}")

    with pytest.raises(ResumeTokenTooOld) as raised:
        read(filled, BEGINNING, 1_000)

    oldest = read_position(raised.value.oldest_resume_token, PARTS)
    assert oldest == BEGINNING.after(8, kept - 1)
    assert len(read_all(filled, oldest, 3)) == 8 + 13 - kept


def test_positions_behind_what_is_gone_are_served(filled: Store) -> None:
    run_sql(filled, "DELETE FROM record WHERE part = 8 AND number < 4")

    assert len(read_all(filled, BEGINNING.after(8, 3), 1_000)) == 17
