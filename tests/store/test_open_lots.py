"""Open lots: what can be drawn at an instant, in the order in which it is drawn."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.bounds import NEVER
from points.domain.values import Lot
from points.store.opening import Store
from points.store.writing.batch import open_batch
from tests.clock import NOON
from tests.domain.build import lot
from tests.store.build import put


ADA = (7, "ada", "points")


def drawable(store: Store, *, limit: int = 32) -> list[int]:
    """Returns the numbers of the lots of Ada's points that can be drawn at noon."""
    with open_batch(store.backend) as batch:
        found = batch.open_lots([ADA], now=NOON, limit=limit)()
    return [one.number for one in found[ADA]]


def test_the_earliest_expiry_is_drawn_first(store: Store) -> None:
    put(
        store,
        lot(number=1, expire_time=NEVER),
        lot(number=2, expire_time=NOON + 2),
        lot(number=3, expire_time=NOON + 1),
    )

    assert drawable(store) == [3, 2, 1]


def test_of_equal_expiries_the_oldest_is_drawn_first(store: Store) -> None:
    put(store, *(lot(number=number, expire_time=NOON + 1) for number in (10, 9, 2)))

    assert drawable(store) == [2, 9, 10]


def test_no_more_lots_than_the_limit_are_read_and_these_are_the_first(
    store: Store,
) -> None:
    put(
        store,
        *(lot(number=number, expire_time=NOON + number) for number in range(9, 0, -1)),
    )

    assert drawable(store, limit=3) == [1, 2, 3]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"expire_time": NOON - 1}, []),
        ({"expire_time": NOON}, []),
        ({"expire_time": NOON + 1}, [1]),
        ({"activate_time": NOON - 1}, [1]),
        ({"activate_time": NOON}, [1]),
        ({"activate_time": NOON + 1}, []),
        ({"remaining": 0}, []),
        ({"remaining": 1}, [1]),
        ({"member_id": "bob"}, []),
        ({"unit": "miles"}, []),
        ({"part": 8}, []),
    ],
    ids=str,
)
def test_a_lot_can_be_drawn_within_its_time_and_by_its_owner(
    store: Store, fields: dict[str, Any], found: list[int]
) -> None:
    put(store, lot(**fields))

    assert drawable(store) == found


def test_lots_that_cannot_be_drawn_do_not_count_towards_the_limit(store: Store) -> None:
    put(
        store,
        lot(number=1, expire_time=NOON),
        lot(number=2, activate_time=NOON + 1),
        lot(number=3, remaining=0),
        lot(number=4),
        lot(number=5),
    )

    assert drawable(store, limit=2) == [4, 5]


def test_each_key_has_a_limit_of_its_own(store: Store) -> None:
    owners = {"ada": 10, "bob": 20, "eve": 30}
    put(
        store,
        *(
            lot(number=first + number, member_id=name)
            for name, first in owners.items()
            for number in range(3)
        ),
    )
    keys = [(7, name, "points") for name in owners]

    with open_batch(store.backend) as batch:
        found = batch.open_lots(keys, now=NOON, limit=2)()

    assert [_numbers(found[key]) for key in keys] == [[10, 11], [20, 21], [30, 31]]


def test_a_member_without_lots_has_none(store: Store) -> None:
    assert drawable(store) == []


def _numbers(lots: list[Lot]) -> list[int]:
    return [one.number for one in lots]
