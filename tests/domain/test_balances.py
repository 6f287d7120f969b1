"""Balances: worked out from the account and what is left in the lots."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.balances import LotSum, balances_of
from points.domain.bounds import NEVER
from points.domain.values import Account, Balances
from tests.clock import NOON
from tests.domain.build import account


def active(points: int, expire_time: int = NEVER, unit: str = "points") -> LotSum:
    """Returns what is left in active lots."""
    return LotSum(unit, expire_time, is_active=True, points=points)


def pending(points: int, expire_time: int = NEVER) -> LotSum:
    """Returns what is left in pending lots."""
    return LotSum("points", expire_time, is_active=False, points=points)


def balances(*sums: LotSum, **fields: Any) -> Balances:
    """Returns the balances of Ada's points at noon."""
    (found,) = balances_of([account(**fields)], sums, now=NOON)
    return found


def test_active_lots_are_available() -> None:
    assert balances(active(10), active(5, NOON + 1)).available == 15


def test_pending_lots_are_not_available() -> None:
    assert balances(active(10), pending(5)).available == 10


def test_pending_lots_are_pending() -> None:
    assert balances(active(10), pending(5), pending(2, NOON + 1)).pending == 7


@pytest.mark.parametrize(
    ("expire_time", "available"), [(NOON - 1, 0), (NOON, 0), (NOON + 1, 10)]
)
def test_a_lot_is_available_before_its_expiry_only(
    expire_time: int, available: int
) -> None:
    assert balances(active(10, expire_time)).available == available


@pytest.mark.parametrize(
    ("expire_time", "points"), [(NOON - 1, 0), (NOON, 0), (NOON + 1, 10)]
)
def test_a_lot_is_pending_before_its_expiry_only(expire_time: int, points: int) -> None:
    assert balances(pending(10, expire_time)).pending == points


def test_expired_lots_count_as_expired_before_they_are_swept() -> None:
    found = balances(active(10, NOON), pending(5, NOON - 1), lifetime_expired=3)

    assert found.lifetime_expired == 18


def test_lifetime_counts_come_from_the_account() -> None:
    found = balances(lifetime_earned=30, lifetime_burned=20, lifetime_expired=10)

    assert found == Balances(
        unit="points", lifetime_earned=30, lifetime_burned=20, lifetime_expired=10
    )


def test_the_next_expirations_come_in_order() -> None:
    found = balances(active(2, NOON + 2), active(1, NOON + 1), active(3, NOON + 3))

    assert found.next_expirations == ((NOON + 1, 1), (NOON + 2, 2), (NOON + 3, 3))


def test_expired_endless_and_pending_lots_are_no_next_expirations() -> None:
    found = balances(active(1, NOON), active(2), pending(3, NOON + 1))

    assert found.next_expirations == ()


def test_only_the_next_ten_expirations_are_told() -> None:
    found = balances(*(active(1, NOON + number) for number in range(1, 12)))

    assert [instant for instant, _ in found.next_expirations] == [
        NOON + number for number in range(1, 11)
    ]


def test_each_unit_has_balances_in_the_order_of_their_names() -> None:
    accounts = [account(unit="points"), account(unit="miles")]
    sums = [active(1, unit="points"), active(2, unit="miles")]

    found = balances_of(accounts, sums, now=NOON)

    assert [(one.unit, one.available) for one in found] == [("miles", 2), ("points", 1)]


def test_a_member_without_accounts_has_no_balances() -> None:
    none: list[Account] = []

    assert balances_of(none, [], now=NOON) == []
