"""Values: what an account starts as, and what things are called."""

from __future__ import annotations

import pytest

from points.domain.bounds import POINTS_MIN
from points.domain.identity import Place
from points.domain.values import Account
from tests.domain.build import PART, account, lot, record


def test_an_empty_member_account_may_not_fall_below_zero() -> None:
    assert Account.empty(PART, "member:ada", "points") == account(floor=0)


@pytest.mark.parametrize("name", ["issuance", "breakage", "burn:redemption"])
def test_an_empty_house_account_may_fall_as_far_as_64_bits_go(name: str) -> None:
    empty = Account.empty(PART, name, "points")

    assert empty == account(account=name, floor=POINTS_MIN)


def test_a_lot_stands_in_its_part_under_its_number() -> None:
    assert lot(part=3, number=5).place() == Place(3, 5)


def test_a_record_stands_in_its_part_under_its_number() -> None:
    assert record(part=3, number=5).place() == Place(3, 5)


@pytest.mark.parametrize(("remaining", "drawn"), [(0, True), (1, False), (100, False)])
def test_a_lot_is_drawn_once_nothing_is_left(remaining: int, *, drawn: bool) -> None:
    assert lot(points=100, remaining=remaining).is_drawn is drawn
