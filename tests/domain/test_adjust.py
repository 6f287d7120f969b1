"""Adjust: an operator adds points, or takes them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from points.domain.bounds import NEVER, POINTS_MAX, TIME_MAX
from points.domain.commands import AdjustDirection, Reads
from points.domain.decisions import decide
from points.domain.identity import Place
from points.domain.refusals import (
    InsufficientPoints,
    InvalidArgument,
    LimitExceeded,
    MemberNotFound,
    Refusal,
    UnitUnknown,
)
from points.domain.state import LotsMissing
from points.domain.values import Draw, Posting
from tests.clock import DAY, NOON
from tests.domain.build import PART, PROGRAM, account, frozen_member, lot, member, stamp
from tests.domain.undoing import Ledger, adjust
from tests.domain.worlds import World, owning


CREDIT, DEBIT = AdjustDirection.CREDIT, AdjustDirection.DEBIT


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"direction": None}, "direction"),
        ({"operator": ""}, "operator"),
        ({"operator": "o" * 129}, "operator"),
        ({"reason": ""}, "reason"),
        ({"points": 0}, "points"),
        ({"unit": ""}, "unit"),
        ({"expire_time": TIME_MAX + 1}, "expire_time"),
        ({"expire_time": NOON + 1, "direction": DEBIT}, "expire_time"),
    ],
)
def test_an_adjust_checks_each_field(fields: dict[str, Any], wrong: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        adjust(**fields).check()

    assert list(refused.value.violations) == [wrong]


@pytest.mark.parametrize(("direction", "lots_of"), [(CREDIT, None), (DEBIT, "points")])
def test_only_a_debit_reads_lots(
    direction: AdjustDirection, lots_of: str | None
) -> None:
    accounts = (("member:ada", "points"), ("adjustment", "points"))

    reads = adjust(direction=direction).reads()

    assert reads == Reads(accounts=accounts, lots_of=lots_of)


RULES: list[tuple[Refusal, dict[str, Any], dict[str, Any]]] = [
    (UnitUnknown("stars"), {"unit": "stars"}, {}),
    (MemberNotFound("ada"), {}, {"members": []}),
    (
        InvalidArgument({"effective_time": "must not lie ahead"}),
        {"effective_time": NOON + 1},
        {},
    ),
    (
        InsufficientPoints("ada", "points", 99, 100),
        {"direction": DEBIT},
        {"lots": [lot(points=99)]},
    ),
    (
        LimitExceeded("adjustment", "points", POINTS_MAX),
        {"direction": DEBIT},
        {"accounts": [account(account="adjustment", balance=POINTS_MAX)]},
    ),
]


@pytest.mark.parametrize("broken", range(len(RULES)))
def test_an_adjust_is_refused_for_the_first_rule_it_breaks(broken: int) -> None:
    command = adjust()
    world = World(members=[member()], lots=[lot()], accounts=[account(balance=100)])
    for _, changes, state in reversed(RULES[broken:]):
        command, world = replace(command, **changes), replace(world, **state)

    with pytest.raises(Refusal) as refused:
        decide(command, world, PROGRAM, stamp())

    assert refused.value == RULES[broken][0]


def test_added_points_must_not_have_expired() -> None:
    with pytest.raises(InvalidArgument) as refused:
        decide(adjust(expire_time=NOON), owning(), PROGRAM, stamp())

    assert refused.value == InvalidArgument({"expire_time": "must lie ahead"})


def test_what_is_added_is_a_lot() -> None:
    ledger = Ledger()

    found = ledger.accept(adjust(points=30, expire_time=NOON + DAY))

    assert found.postings == (Posting("adjustment", "member:ada", "points", 30),)
    assert found.lots == (
        lot(points=30, earn_time=NOON, expire_time=NOON + DAY, record_number=1),
    )
    assert (found.operator, found.reason, found.balance_after) == (
        "grace",
        "goodwill",
        30,
    )
    ledger.check()


def test_what_is_added_is_not_earned() -> None:
    ledger = Ledger()
    ledger.accept(adjust(points=30))

    assert ledger.balances().lifetime_earned == 0


def test_what_is_taken_comes_from_the_lots_that_expire_first() -> None:
    ledger = Ledger()
    ledger.earn(10)
    ledger.earn(10, lives=DAY)

    found = ledger.accept(adjust(points=15, direction=DEBIT))

    assert found.postings == (Posting("member:ada", "adjustment", "points", 15),)
    assert found.draws == (
        Draw(Place(PART, 2), 10, NOON + DAY),
        Draw(Place(PART, 1), 5, NEVER),
    )
    assert ledger.balances().lifetime_burned == 0
    ledger.check()


def test_a_debit_asks_for_more_lots_before_it_is_refused() -> None:
    world = replace(owning(lot(points=99)), complete=False)

    with pytest.raises(LotsMissing):
        decide(adjust(direction=DEBIT), world, PROGRAM, stamp())


@pytest.mark.parametrize("direction", AdjustDirection)
def test_a_frozen_member_is_adjusted_like_others(direction: AdjustDirection) -> None:
    world = replace(owning(lot()), members=[frozen_member()])

    decide(adjust(direction=direction), world, PROGRAM, stamp())


@pytest.mark.parametrize("direction", AdjustDirection)
def test_points_that_are_never_burned_are_adjusted_too(
    direction: AdjustDirection,
) -> None:
    unit = "qualifying_points"
    world = World(
        members=[member()],
        lots=[lot(unit=unit)],
        accounts=[account(unit=unit, balance=100)],
    )

    decide(adjust(unit=unit, direction=direction), world, PROGRAM, stamp())
