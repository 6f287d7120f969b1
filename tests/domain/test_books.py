"""Books: what must hold before anything is committed, and each way to break it."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.books import AccountChange, BooksBroken, LotChange, check_books
from points.domain.bounds import POINTS_MIN
from points.domain.values import Account
from tests.domain.build import account, lot


def issuance(balance: int, **fields: Any) -> Account:
    """Returns an issuance account."""
    return account(account="issuance", balance=balance, floor=POINTS_MIN, **fields)


EARN: list[AccountChange] = [(None, account(balance=100)), (None, issuance(-100))]
EARNED: list[LotChange] = [(None, lot(points=100))]


def test_nothing_is_whole() -> None:
    check_books([], [])


def test_an_earn_keeps_the_books_whole() -> None:
    check_books(EARN, EARNED)


def test_a_burn_keeps_the_books_whole() -> None:
    before, sink = account(balance=100), account(account="burn:donation", balance=5)

    check_books(
        [
            (before, before._replace(balance=70)),
            (sink, sink._replace(balance=35)),
        ],
        [(lot(points=100), lot(points=100, remaining=70))],
    )


def test_a_burn_may_draw_a_lot_to_its_last_point() -> None:
    sink = account(account="burn:donation", balance=0)

    check_books(
        [
            (account(balance=100), account(balance=0)),
            (sink, sink._replace(balance=100)),
        ],
        [(lot(points=100), lot(points=100, remaining=0))],
    )


def test_a_member_may_have_several_lots() -> None:
    check_books(EARN, [(None, lot(points=60)), (None, lot(number=2, points=40))])


def test_what_came_before_needs_no_explanation() -> None:
    before = account(balance=1_000)

    check_books([(before, before)], [])


BROKEN: dict[str, tuple[list[AccountChange], list[LotChange]]] = {
    "points from nowhere": ([(None, account(balance=100))], EARNED),
    "points to nowhere": (
        [(account(balance=100), account(balance=0))],
        [(lot(), lot(remaining=0))],
    ),
    "points change their unit": (
        [(None, account(balance=100)), (None, issuance(-100, unit="miles"))],
        EARNED,
    ),
    "points change their part": (
        [(None, account(balance=100)), (None, issuance(-100, part=8))],
        EARNED,
    ),
    "an account below zero": (
        [(None, account(balance=-1)), (None, issuance(1))],
        [],
    ),
    "an account below its own floor": (
        [
            (None, account(balance=100, floor=101)),
            (None, issuance(-100)),
        ],
        EARNED,
    ),
    "an account without a lot": (EARN, []),
    "a lot without an account": ([], EARNED),
    "a lot of another unit": (EARN, [(None, lot(unit="miles"))]),
    "a lot of another member": (EARN, [(None, lot(member_id="bob"))]),
    "a lot in another part": (EARN, [(None, lot(part=8))]),
    "a lot with more than the account": (EARN, [(None, lot(points=101))]),
    "a lot with less than the account": (EARN, [(None, lot(points=99))]),
    "a lot below zero": (
        [(account(balance=1), account(balance=0)), (None, issuance(1))],
        [(lot(remaining=0), lot(remaining=-1))],
    ),
    "a lot above its beginning": (EARN, [(None, lot(points=99, remaining=100))]),
}


@pytest.mark.parametrize(("accounts", "lots"), BROKEN.values(), ids=BROKEN)
def test_broken_books_are_found(
    accounts: list[AccountChange], lots: list[LotChange]
) -> None:
    with pytest.raises(BooksBroken):
        check_books(accounts, lots)


@pytest.mark.parametrize(
    ("accounts", "lots", "sentence"),
    [
        ([(None, account(balance=-1))], [], "is below its floor"),
        ([], [(None, lot(remaining=-1))], "has less than nothing or more than"),
        ([(None, issuance(-1))], [], "accounts of a part and unit do not move"),
        (EARN, [], "an account and its lots do not move together"),
    ],
    ids=["floor", "lot", "zero", "lots"],
)
def test_the_message_says_what_is_broken(
    accounts: list[AccountChange], lots: list[LotChange], sentence: str
) -> None:
    with pytest.raises(BooksBroken, match=sentence):
        check_books(accounts, lots)
