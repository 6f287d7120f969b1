"""Earns: one posting from issuance, one lot."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.bounds import AT_ONCE, NEVER, POINTS_MAX, POINTS_MIN
from points.domain.decisions import decide
from points.domain.refusals import InvalidArgument, LimitExceeded
from points.domain.state import Decision
from points.domain.values import Lot, Posting, Transaction
from tests.clock import NOON
from tests.domain.build import PART, PROGRAM, account, earn, lot, stamp
from tests.domain.worlds import World, world


def decide_earn(state: World | None = None, **fields: Any) -> Decision:
    """Returns the decision about an earn at noon."""
    return decide(earn(**fields), state or world(), PROGRAM, stamp())


def made_lot(**fields: Any) -> Lot:
    """Returns the lot that an earn with these fields makes."""
    (made,) = decide_earn(**fields).lots
    return made


def test_points_move_from_issuance_to_the_member() -> None:
    decision = decide_earn(
        world(
            account(balance=5, lifetime_earned=7),
            account(account="issuance", balance=-7, floor=POINTS_MIN),
        ),
        points=100,
    )

    assert decision.accounts == (
        account(balance=105, lifetime_earned=107),
        account(account="issuance", balance=-107, floor=POINTS_MIN),
    )


def test_the_first_earn_makes_both_accounts() -> None:
    decision = decide_earn(points=100)

    assert decision.accounts == (
        account(balance=100, lifetime_earned=100),
        account(account="issuance", balance=-100, floor=POINTS_MIN),
    )


def test_the_transaction_says_what_happened() -> None:
    decision = decide_earn(
        world(account(balance=5)), points=100, reason="why", metadata={"a": "1"}
    )

    assert decision.result == Transaction(
        postings=(Posting("issuance", "member:ada", "points", 100),),
        balance_after=105,
        reason="why",
        metadata={"a": "1"},
        lots=decision.lots,
    )


def test_the_points_stand_in_one_new_lot() -> None:
    decision = decide_earn(points=100)

    assert (decision.made_lot_count, decision.lots) == (
        1,
        (lot(part=PART, number=9, record_number=42, points=100, earn_time=NOON),),
    )


def test_no_member_changes() -> None:
    assert decide_earn().member is None


def test_the_channel_is_kept() -> None:
    assert decide_earn(channel="purchase").channel == "purchase"


def test_a_unit_that_cannot_be_burned_can_be_earned() -> None:
    assert made_lot(unit="qualifying_points").unit == "qualifying_points"


def test_a_lot_is_usable_at_once_unless_it_says_otherwise() -> None:
    assert made_lot().activate_time == AT_ONCE


def test_a_lot_never_expires_unless_it_says_so() -> None:
    assert made_lot().expire_time == NEVER


@pytest.mark.parametrize("activate_time", [0, NOON - 1, NOON])
def test_a_lot_whose_activation_has_come_is_not_pending(activate_time: int) -> None:
    assert made_lot(activate_time=activate_time).activate_time == AT_ONCE


def test_a_lot_whose_activation_lies_ahead_is_pending() -> None:
    assert made_lot(activate_time=NOON + 1).activate_time == NOON + 1


def test_a_lot_may_expire_in_a_microsecond() -> None:
    assert made_lot(expire_time=NOON + 1).expire_time == NOON + 1


@pytest.mark.parametrize("expire_time", [0, NOON - 1, NOON])
def test_a_lot_does_not_expire_before_it_is_earned(expire_time: int) -> None:
    with pytest.raises(InvalidArgument) as refused:
        decide_earn(expire_time=expire_time)

    assert refused.value == InvalidArgument({"expire_time": "must lie ahead"})


@pytest.mark.parametrize("effective_time", [0, NOON - 1, NOON])
def test_an_earn_may_have_happened_before(effective_time: int) -> None:
    decision = decide_earn(effective_time=effective_time)

    assert (decision.effective_time, decision.lots[0].earn_time) == (
        effective_time,
        effective_time,
    )


def test_an_earn_happens_now_unless_it_says_otherwise() -> None:
    decision = decide_earn()

    assert (decision.effective_time, decision.lots[0].earn_time) == (NOON, NOON)


def test_an_earn_cannot_have_happened_later() -> None:
    with pytest.raises(InvalidArgument) as refused:
        decide_earn(effective_time=NOON + 1)

    assert refused.value == InvalidArgument({"effective_time": "must not lie ahead"})


def test_an_account_may_hold_as_much_as_64_bits_do() -> None:
    decision = decide_earn(world(account(balance=POINTS_MAX - 1)), points=1)

    assert decision.accounts[0].balance == POINTS_MAX


def test_the_largest_earn_is_accepted() -> None:
    issuance = decide_earn(points=POINTS_MAX).accounts[1]

    assert issuance.balance == POINTS_MIN


@pytest.mark.parametrize(
    ("before", "passed"),
    [
        (account(balance=POINTS_MAX), "member:ada"),
        (account(lifetime_earned=POINTS_MAX), "member:ada"),
        (account(account="issuance", balance=POINTS_MIN, floor=POINTS_MIN), "issuance"),
    ],
    ids=["balance", "lifetime", "issuance"],
)
def test_no_count_leaves_64_bits(before: Any, passed: str) -> None:
    with pytest.raises(LimitExceeded) as refused:
        decide_earn(world(before), points=1)

    assert refused.value == LimitExceeded(passed, "points", POINTS_MAX)
