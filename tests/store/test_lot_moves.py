"""Lots that were there before: whatever changes of them is what is read back."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.values import Lot
from points.store.opening import Store
from points.store.writing.batch import open_batch
from points.store.writing.lot_moves import (
    CAPTURED,
    DRAWN,
    ENDED,
    HELD,
    RETURNED,
    lot_writes,
    whole_move,
)
from tests.clock import NOON
from tests.domain.build import lot
from tests.store.build import changed, put, statements


COUNTS = [*product((0, 3, 7), (0, 2, 7), (0, 4))]


def made(number: int, remaining: int, held: int, ended: int) -> Lot:
    """Returns a lot with these counts."""
    return lot(number=number, points=100, remaining=remaining, held=held)._replace(
        ended=ended
    )


def pairs() -> list[tuple[Lot, Lot]]:
    """Returns lots before and after: every change from counts to others."""
    changes = enumerate(product(COUNTS, COUNTS), 1)
    return [(made(n, *before), made(n, *after)) for n, (before, after) in changes]


def test_every_change_of_counts_reads_back(store: Store) -> None:
    before, after = zip(*pairs(), strict=True)
    put(store, *before)

    with open_batch(store.backend) as batch:
        batch.write(changed(*zip(before, after, strict=True)))
    with open_batch(store.backend) as batch:
        found = batch.lots([one.place() for one in before])()

    assert found == {one.place(): one for one in after}


def test_a_lot_that_can_be_drawn_again_is_found(store: Store) -> None:
    held = made(1, 0, 7, 0)
    put(store, held)

    with open_batch(store.backend) as batch:
        batch.write(changed((held, made(1, 7, 0, 0))))
    with open_batch(store.backend) as batch:
        found = batch.open_lots([(held.part, "ada", "points")], now=NOON, limit=9)()

    assert [one for run in found.values() for one in run] == [made(1, 7, 0, 0)]


@pytest.mark.parametrize("number", [0, 1, 3])
def test_lots_with_and_without_what_is_rare_are_read_alike(
    store: Store, number: int
) -> None:
    rare = [
        {"held": 2},
        {"waits_for": 'a "visit"'},
        {"expiry": "P1Y", "origin": "1-2", "ended": 3},
        {"noticed_time": NOON + 9, "earner": "bob"},
    ]
    plain = [made(n, 7, 0, 0) for n in range(1, number + 1)]
    others = [made(9 - n, 7, 0, 0)._replace(**one) for n, one in enumerate(rare)]  # type: ignore[arg-type]
    put(store, *others, *plain)

    wanted = [(plain or others)[0].part, "ada", "points"]
    with open_batch(store.backend) as batch:
        found = batch.open_lots(
            [tuple(wanted), (*wanted[:2], "miles")], now=NOON, limit=9
        )()

    assert list(found.values()) == [[*plain, *reversed(others)], []]


@pytest.mark.parametrize(
    "other",
    [{"expire_time": NOON + 9}, {"activate_time": NOON}, {"waits_for": "a visit"}],
    ids=str,
)
def test_other_changes_are_written_too(store: Store, other: dict[str, object]) -> None:
    before = lot(remaining=100)
    after = before._replace(remaining=0, **other)  # type: ignore[arg-type]
    put(store, before)

    with open_batch(store.backend) as batch:
        batch.write(changed((before, after)))
    with open_batch(store.backend) as batch:
        found = batch.lots([before.place()])()

    assert found == {before.place(): after}


@pytest.mark.parametrize("number", [1, 10, 100])
def test_lots_that_move_alike_take_one_statement(store: Store, number: int) -> None:
    before = [made(n, 7, 0, 0) for n in range(1, number + 1)]
    put(store, *before)

    with statements(store.backend) as seen, open_batch(store.backend) as batch:
        batch.write(changed(*((one, one.moved(-7)) for one in before)))

    assert [sql.split()[0] for sql, _ in seen] == ["UPDATE"]


@pytest.mark.parametrize(
    ("before", "after", "move"),
    [
        ((7, 0, 0), (0, 0, 0), DRAWN),
        ((7, 2, 0), (0, 9, 0), HELD),
        ((3, 2, 0), (3, 0, 0), CAPTURED),
        ((3, 2, 0), (5, 0, 0), RETURNED),
        ((7, 2, 4), (0, 2, 11), ENDED),
        ((7, 0, 0), (6, 0, 0), None),
        ((7, 0, 0), (0, 6, 0), None),
        ((0, 7, 0), (0, 6, 0), None),
    ],
)
def test_only_what_moves_whole_is_a_move(
    before: tuple[int, int, int], after: tuple[int, int, int], move: str | None
) -> None:
    assert whole_move(made(1, *before), made(1, *after)) == move


@given(st.lists(st.sampled_from(pairs()), unique=True, max_size=20))
def test_every_changed_lot_is_written_once(some: list[tuple[Lot, Lot]]) -> None:
    writes = lot_writes([], some)

    keys = [key for found in writes.keys.values() for key in found]
    written = [row[:2] for row in (*writes.rows, *writes.counts)]
    assert sorted([*keys, *written]) == sorted(one[:2] for one, _ in some)
