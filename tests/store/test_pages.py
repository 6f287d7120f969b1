"""Pages: of members, and of lots in the order in which they are drawn."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.bounds import NEVER, TIME_MAX
from points.domain.filters import Comparison
from points.domain.values import MemberState
from points.store.opening import Store
from points.store.reads.reader import Snapshot, open_snapshot
from tests.clock import NOON
from tests.domain.build import lot, member
from tests.store.build import put


PART = 7
FIRST = ("", -1, 0)


@pytest.fixture
def people(store: Store) -> Store:
    """Returns a store with five members in two parts."""
    put(
        store,
        member(member_id="eve", update_time=NOON + 2),
        member(member_id="Zoë", state=MemberState.FROZEN),
        member(member_id="ada", part=8),
        member(member_id="bob", update_time=NOON + 1),
        member(member_id="", part=9),
    )
    return store


def members(
    snapshot: Snapshot, after: tuple[int, str], *where: Comparison
) -> list[str]:
    """Returns the names of at most two members behind a place."""
    return [one.member_id for one in snapshot.members(after, where, 2)]


def test_members_come_by_part_and_name(people: Store) -> None:
    places = [(-1, ""), (PART, "bob"), (8, "ada"), (9, "")]
    with open_snapshot(people.backend) as snapshot:
        pages = [members(snapshot, place) for place in places]

    assert pages == [["Zoë", "bob"], ["eve", "ada"], [""], []]


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (Comparison("state", "=", "FROZEN"), ["Zoë"]),
        (Comparison("state", "!=", "FROZEN"), ["bob", "eve"]),
        (Comparison("update_time", ">", NOON), ["bob", "eve"]),
        (Comparison("update_time", "<=", NOON), ["Zoë", "ada"]),
    ],
)
def test_members_are_filtered(
    people: Store, condition: Comparison, found: list[str]
) -> None:
    with open_snapshot(people.backend) as snapshot:
        assert members(snapshot, (-1, ""), condition) == found


@pytest.fixture
def lots(store: Store) -> Store:
    """Returns a store in which Ada has six lots and others have some."""
    put(
        store,
        lot(number=1, expire_time=NEVER),
        lot(number=2, expire_time=NOON + 2),
        lot(number=3, expire_time=NOON + 2, remaining=0),
        lot(number=4, expire_time=NOON),
        lot(number=5, expire_time=NOON + 1, unit="miles"),
        lot(number=6, expire_time=NOON + 3, activate_time=NOON + 2),
        lot(number=7, member_id="bob"),
        lot(number=8, part=8),
    )
    return store


def page(store: Store, after: tuple[str, int, int] = FIRST, **where: Any) -> list[int]:
    """Returns the numbers of at most three of Ada's lots behind a place."""
    fields: dict[str, Any] = {"unit": "", "open_at": None, **where}
    with open_snapshot(store.backend) as snapshot:
        found = snapshot.lots(PART, "ada", after=after, limit=3, **fields)
    return [one.number for one in found]


@pytest.mark.parametrize(
    ("after", "numbers"),
    [
        (FIRST, [5, 4, 2]),
        (("points", NOON + 2, 2), [3, 6, 1]),
        (("points", NOON + 2, 3), [6, 1]),
        (("points", TIME_MAX, 0), [1]),
        (("points", NEVER, 1), []),
    ],
)
def test_lots_come_by_unit_the_first_to_be_drawn_first(
    lots: Store, after: tuple[str, int, int], numbers: list[int]
) -> None:
    assert page(lots, after) == numbers


def test_a_lot_keeps_its_place_when_it_is_drawn(lots: Store) -> None:
    before = page(lots)
    put(lots, lot(number=4, expire_time=NOON, remaining=0))

    assert page(lots) == before


def test_lots_of_one_unit_are_listed(lots: Store) -> None:
    assert page(lots, unit="miles") == [5]


def test_open_lots_are_neither_drawn_nor_expired(lots: Store) -> None:
    assert page(lots, open_at=NOON) == [5, 2, 6]


def test_a_lot_is_open_up_to_its_expiry(lots: Store) -> None:
    assert page(lots, open_at=NOON + 3) == [1]


def test_open_lots_of_one_unit_are_listed(lots: Store) -> None:
    assert page(lots, unit="points", open_at=NOON) == [2, 6, 1]
