"""Glances: one statement tells of many members what a snapshot tells of each."""

from __future__ import annotations

import pytest

from points.domain.bounds import NEVER
from points.domain.values import Balances, Head, HoldState
from points.store.opening import Store
from points.store.reads.glances import Glance, read_glances
from points.store.reads.reader import open_snapshot
from tests.clock import DAY, NOON
from tests.domain.build import account, hold, lot, member
from tests.store.build import put, reading_statements


PART = 7
LOTS = (
    lot(number=1, points=30, remaining=0),
    lot(number=2, points=10),
    lot(number=3, points=20, expire_time=NOON - 1),
    lot(number=4, points=20, expire_time=NOON + DAY),
    lot(number=5, points=30, activate_time=NOON + 1, expire_time=NOON + DAY),
    lot(number=6, points=40, activate_time=NEVER, expire_time=NOON + 5),
    lot(number=7, points=50, activate_time=NEVER, expire_time=NOON - 5),
    lot(number=8, points=60, activate_time=NEVER, origin="t1-1", earner="bob"),
    lot(number=9, points=70, activate_time=NEVER, origin="t1-1", earner="ada"),
)


def glance(store: Store, member_id: str = "ada", *, now: int = NOON) -> Glance:
    """Returns a glance at one member."""
    (found,) = read_glances(store.backend, [(PART, member_id)], now=now)
    return found


@pytest.mark.parametrize("now", [NOON, NOON + 1, NOON + 6, NOON + DAY, NOON + 2 * DAY])
def test_a_glance_tells_the_balances_of_a_snapshot(store: Store, now: int) -> None:
    put(
        store,
        account(balance=300, lifetime_earned=900, lifetime_burned=30, shortfall=4),
        account(unit="gems", balance=9, lifetime_expired=2),
        account(account="held:ada", balance=25),
        *LOTS,
    )

    with open_snapshot(store.backend) as snapshot:
        assert glance(store, now=now).balances() == snapshot.balances(
            PART, "ada", now=now
        )


def test_members_are_told_of_in_the_order_in_which_they_are_asked_for(
    store: Store,
) -> None:
    names = [f"m{number}" for number in range(9)]
    put(
        store,
        *(
            account(account=f"member:{name}", lifetime_earned=number)
            for number, name in enumerate(names)
        ),
    )
    asked = [names[at] for at in (4, 8, 0, 4)]

    found = read_glances(store.backend, [(PART, name) for name in asked], now=NOON)

    earned = [each.balances()[0].lifetime_earned for each in found]
    assert earned == [4, 8, 0, 4]


def test_any_number_of_members_is_one_statement(store: Store) -> None:
    asked = [(PART, f"m{number}") for number in range(300)]

    with reading_statements(store.backend.reading) as seen:
        read_glances(store.backend, asked, now=NOON)

    assert len(seen) == 1


@pytest.mark.parametrize("member_id", ["ada", 'a"b\\c', "zoë 🎡", "{}[],"])
def test_a_member_is_found_by_any_name(store: Store, member_id: str) -> None:
    put(store, member(member_id=member_id), account(account=f"member:{member_id}"))

    found = glance(store, member_id)

    assert (found.is_member, len(found.balances())) == (True, 1)


def test_a_member_of_another_part_is_none_of_this_one(store: Store) -> None:
    put(store, member(part=8), account(part=8), lot(part=8))

    found = glance(store)

    assert (found.is_member, found.balances()) == (False, [])


def test_what_is_pending_becomes_active_by_the_last_record(store: Store) -> None:
    head = Head(part=PART, last_number=1, last_lot_number=5, last_time=NOON + 1)
    put(store, account(balance=30), LOTS[4], head)

    found = glance(store, now=NOON)

    assert found.balances() == [
        Balances(
            unit="points",
            available=30,
            lifetime_earned=account().lifetime_earned,
            next_expirations=((NOON + DAY, 30),),
        )
    ]


def test_a_hold_that_is_over_by_the_last_record_is_told_of(store: Store) -> None:
    head = Head(part=PART, last_number=1, last_lot_number=0, last_time=NOON + 1)
    put(store, hold(lapse_time=NOON + 1), head)

    assert glance(store, now=NOON).has_lapses


@pytest.mark.parametrize(
    ("state", "lapse_time", "has_lapses"),
    [
        (HoldState.OPEN, NOON, True),
        (HoldState.OPEN, NOON + 1, False),
        (HoldState.OPEN, NEVER, False),
        (HoldState.LAPSED, NOON, False),
    ],
)
def test_a_hold_that_is_over_and_not_settled_is_told_of(
    store: Store, state: HoldState, lapse_time: int, *, has_lapses: bool
) -> None:
    put(store, hold(state=state, lapse_time=lapse_time))

    assert glance(store).has_lapses is has_lapses
