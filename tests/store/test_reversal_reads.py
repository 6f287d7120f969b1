"""What has been reversed of transactions: how much, and by which."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.identity import Place
from points.domain.values import Kind, Record, Reversal
from points.store.opening import Store
from points.store.reads.reader import open_snapshot
from points.store.reads.reversals import REVERSED_BY_MAX, Reversed, read_reversed
from points.store.writing.batch import open_batch
from tests.domain.build import PART, record, transaction
from tests.store.build import changes


def reversing(number: int, of: int) -> Record:
    """Returns the record of a reverse."""
    undone: Any = transaction(lots=(), reverses=Place(PART, of))
    return record(
        number=number, kind=Kind.REVERSE, request_id=f"r{number}", result=undone
    )


@pytest.fixture
def ledger(store: Store) -> Store:
    """Returns a store in which record 2 was reversed twice and record 1 often."""
    often = REVERSED_BY_MAX + 5
    records = [
        record(request_id="e1"),
        record(number=2, request_id="e2"),
        record(number=3, request_id="e3"),
        reversing(4, 2),
        *(reversing(5 + number, 1) for number in range(often)),
        reversing(5 + often, 2),
    ]
    written = changes(records)
    reversals = [Reversal(PART, 1, often), Reversal(PART, 2, 40)]
    with open_batch(store.backend) as batch:
        batch.write(type(written)(**_fields(written) | {"reversals": reversals}))
    return store


def _fields(written: Any) -> dict[str, Any]:
    return {name: getattr(written, name) for name in type(written).__slots__}


def read(store: Store, *numbers: int) -> dict[Place, Reversed]:
    """Returns what has been reversed of these transactions."""
    with open_snapshot(store.backend) as snapshot:
        return read_reversed(snapshot, PART, numbers)


def test_each_reverse_is_named_the_oldest_first(ledger: Store) -> None:
    by = (Place(PART, 4), Place(PART, 10 + REVERSED_BY_MAX))

    assert read(ledger, 2) == {Place(PART, 2): Reversed(40, by)}


def test_what_was_never_reversed_is_left_out(ledger: Store) -> None:
    assert read(ledger, 3) == {}
    assert read(ledger, 2, 3).keys() == {Place(PART, 2)}


def test_only_the_oldest_of_very_many_are_named(ledger: Store) -> None:
    found = read(ledger, 1, 2)

    assert found[Place(PART, 1)] == Reversed(
        REVERSED_BY_MAX + 5,
        tuple(Place(PART, 5 + number) for number in range(REVERSED_BY_MAX)),
    )
    assert len(found[Place(PART, 2)].by) == 2
