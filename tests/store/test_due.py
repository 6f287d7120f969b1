"""What is due: found by its index, page by page, the longest due first."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final

import pytest

from points.domain.identity import Place
from points.domain.values import Hold, HoldState, Lot, TimeoutAction
from points.store.databases.backend import Backend
from points.store.opening import Store
from points.store.reads.due import (
    FROM_THE_START,
    DueLot,
    due_claims,
    due_holds,
    due_lots,
    due_notices,
)
from tests.clock import DAY, NOON
from tests.domain.build import lot
from tests.store.build import put, reading_statements, run_sql
from tests.store.test_plans import plan


READS: Final[dict[str, Callable[[Backend, Sequence[int]], Sequence[Any]]]] = {
    "lot_due": lambda b, after: due_lots(b, now=NOON, after=after, limit=10),
    "lot_unnoticed": lambda b, after: due_notices(
        b, unit="points", until=NOON + DAY, now=NOON, after=after, limit=10
    ),
    "hold_due": lambda b, after: due_holds(b, now=NOON, after=after, limit=10),
    "claim_reserved": lambda b, after: due_claims(
        b, now=NOON, after=(*after, 1), limit=10
    ),
}

CLAIMS: Final = """
INSERT INTO claim
SELECT part, number, 1, member_id, 'review', 0, unit, points, 0, {noon} + number, '',
       'OPEN', 0, CASE WHEN number % 9 = 0 THEN 'budget:words' ELSE '' END,
       0, {noon} + 1 FROM lot
"""
"""Makes a claim of each lot; what paid for every ninth was counted."""


def hold(**fields: Any) -> Hold:
    """Returns an open hold of Ada that has lapsed at noon."""
    made = Hold(
        part=7,
        number=1,
        member_id="ada",
        unit="points",
        points=5,
        draws=(),
        captured_points=0,
        voided_points=0,
        state=HoldState.OPEN,
        place_time=NOON - 9,
        lapse_time=NOON,
        update_time=NOON - 9,
        on_timeout=TimeoutAction.VOID,
        freeze_expiry=False,
        sink="redemption",
        reason="r",
        record_number=1,
    )
    return made._replace(**fields)


def expiring(number: int) -> Lot:
    """Returns a lot of Ada; half are drawn, and of the others most are announced."""
    found = lot(number=number, remaining=number % 2, expire_time=NOON + number)
    return found._replace(noticed_time=found.expire_time if number % 10 > 1 else 0)


@pytest.mark.parametrize("index", READS)
@pytest.mark.parametrize("after", [FROM_THE_START, (NOON - 5, 7, 1)], ids=str)
def test_what_is_due_is_read_in_the_order_of_its_index(
    store: Store, index: str, after: Sequence[int]
) -> None:
    many = range(1, 2_000)
    put(store, *(expiring(n) for n in many))
    put(store, *(hold(number=n, lapse_time=NOON + n) for n in many))
    run_sql(store, CLAIMS.format(noon=NOON), "ANALYZE")
    with reading_statements(store.backend.reading) as seen:
        READS[index](store.backend, after)

    found = plan(store.backend.reading, seen)

    assert index in found, found
    assert not re.search(r"Sort\b|TEMP B-TREE", found), found


def test_lots_that_are_due_are_found_the_longest_due_first(store: Store) -> None:
    put(
        store,
        lot(number=1, expire_time=NOON),
        lot(number=2, expire_time=NOON - 1),
        lot(number=3, expire_time=NOON + 1),
        lot(number=4, expire_time=NOON - 2, remaining=0),
        lot(number=5),
    )

    found = due_lots(store.backend, now=NOON, after=FROM_THE_START, limit=10)

    assert found == [
        DueLot(NOON - 1, 7, 2, "ada", "points"),
        DueLot(NOON, 7, 1, "ada", "points"),
    ]
    assert found[0].place() == Place(7, 2)


def test_the_next_page_begins_behind_the_last(store: Store) -> None:
    put(store, *(lot(number=number, expire_time=NOON) for number in range(1, 6)))

    pages, after = [], FROM_THE_START
    while page := due_lots(store.backend, now=NOON, after=after, limit=2):
        pages.append([found.number for found in page])
        after = page[-1][:3]

    assert pages == [[1, 2], [3, 4], [5]]


def test_only_open_holds_that_have_lapsed_are_due(store: Store) -> None:
    put(
        store,
        hold(number=1),
        hold(number=2, lapse_time=NOON + 1),
        hold(number=3, state=HoldState.LAPSED),
    )

    found = due_holds(store.backend, now=NOON, after=FROM_THE_START, limit=10)

    assert [one.place().hold_id() for one in found] == ["h7-1"]
