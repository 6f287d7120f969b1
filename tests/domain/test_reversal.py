"""Reverse: what is given back, and what is taken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from points.domain.bounds import NEVER
from points.domain.commands import ExpiredPolicy, ShortfallPolicy
from points.domain.identity import Place
from points.domain.refusals import AlreadyReversed, InsufficientPoints
from points.domain.state import LotsMissing
from points.domain.values import Draw, Kind, Posting, ReasonCode, Transaction
from tests.clock import DAY, HOUR, NOON
from tests.domain.build import PART, account, frozen_member, lot, record, transaction
from tests.domain.build_reversal import BURNED, EARNED, EMPTY, decided
from tests.domain.undoing import Ledger, reverse


def posted(found: Transaction) -> list[tuple[str, str, int]]:
    """Returns what a transaction moved."""
    return [(p.source, p.destination, p.points) for p in found.postings]


def test_a_frozen_member_is_reversed_like_others() -> None:
    assert decided(reverse(), members=[frozen_member()]).balance_after == 0


# What was earned


def test_an_earn_is_taken_from_its_own_lot_first() -> None:
    ledger = Ledger()
    ledger.earn(10, lives=DAY)
    mine = ledger.earn(20)
    ledger.earn(30, lives=DAY)

    found = ledger.accept(reverse(transaction_id=mine, points=15))

    assert posted(found) == [("member:ada", "issuance", 15)]
    assert found.draws == (Draw(Place(PART, 2), 15, NEVER),)
    assert found.balance_after == 45


def test_then_from_the_other_lots_the_earliest_expiry_first() -> None:
    ledger = Ledger()
    ledger.earn(10)
    mine = ledger.earn(20, lives=HOUR)
    ledger.earn(30, lives=DAY)
    ledger.burn(15)

    ledger.accept(reverse(transaction_id=mine))

    assert ledger.left() == {1: 10, 2: 0, 3: 15}
    ledger.check()


def test_a_pending_lot_is_taken_back_itself() -> None:
    ledger = Ledger()
    ledger.earn(10)
    mine = ledger.earn(20, activate_time=NOON + DAY)

    ledger.accept(reverse(transaction_id=mine, points=15))

    assert ledger.left() == {1: 10, 2: 5}


def test_other_lots_that_are_pending_pay_nothing() -> None:
    ledger = Ledger()
    mine = ledger.earn(20)
    ledger.burn(5)
    ledger.earn(50, activate_time=NOON + DAY)

    found = ledger.carry_out(reverse(transaction_id=mine))

    assert found == InsufficientPoints("ada", "points", 15, 20)


def test_points_in_open_holds_pay_nothing() -> None:
    held = lot(remaining=30, held=70)

    with pytest.raises(InsufficientPoints) as refused:
        decided(reverse(), lots=[held], accounts=[account(balance=30)])

    assert refused.value == InsufficientPoints("ada", "points", 30, 100)


def test_more_lots_are_asked_for_before_anybody_owes() -> None:
    with pytest.raises(LotsMissing):
        decided(reverse(), lots=EMPTY, complete=False)


def test_a_write_off_pays_for_what_is_not_there() -> None:
    ledger = Ledger()
    mine = ledger.earn(20)
    ledger.burn(15)

    found = ledger.accept(
        reverse(transaction_id=mine, shortfall_policy=ShortfallPolicy.WRITE_OFF)
    )

    assert posted(found) == [
        ("member:ada", "issuance", 5),
        ("write_off", "issuance", 15),
    ]
    assert ledger.balances().shortfall == 0


def test_what_has_expired_of_the_lot_is_given_back_first() -> None:
    swept = Ledger()
    mine = swept.earn(20, lives=HOUR)
    swept.earn(50)
    swept.burn(5)
    swept.now += HOUR
    unswept = swept.copy()
    swept.sweep()

    later = swept.accept(reverse(transaction_id=mine))
    sooner = unswept.accept(reverse(transaction_id=mine))

    assert posted(later) == [
        ("member:ada", "issuance", 5),
        ("breakage", "issuance", 15),
    ]
    assert posted(sooner) == [("member:ada", "issuance", 20)]
    assert swept.balances() == unswept.balances()
    assert swept.balances().lifetime_expired == 0
    swept.check()


def test_what_was_cancelled_is_not_reversed_again() -> None:
    ledger = Ledger()
    mine = ledger.earn(20, activate_time=NOON + DAY)
    ledger.earn(50)
    ledger.accept(reverse(transaction_id=mine, points=5))
    pending = ledger.lots[1]
    ledger.end([pending._replace(activate_time=NEVER)], Kind.CANCEL, "issuance")

    found = ledger.carry_out(reverse(transaction_id=mine, points=1))

    assert found == AlreadyReversed(mine, 0, 1)


def test_a_lot_whose_deadline_has_passed_counts_as_cancelled() -> None:
    waiting = lot(activate_time=NEVER, waits_for="delivery", expire_time=NOON)

    with pytest.raises(AlreadyReversed) as refused:
        decided(reverse(), lots=[waiting])

    assert refused.value == AlreadyReversed(EARNED, 0, 0)


# What was burned


def test_the_lot_drawn_last_gets_its_points_back_first() -> None:
    ledger = Ledger()
    for life in (DAY, 2 * DAY, 3 * DAY):
        ledger.earn(10, lives=life)
    burned = ledger.burn(25)

    found = ledger.accept(reverse(transaction_id=burned, points=8))

    assert [(draw.lot.number, draw.points) for draw in found.returns] == [
        (3, 5),
        (2, 3),
    ]
    assert ledger.left() == {1: 0, 2: 3, 3: 10}
    assert posted(found) == [("burn:redemption", "member:ada", 8)]


def test_the_next_part_goes_on_where_the_last_one_ended() -> None:
    ledger = Ledger()
    for life in (DAY, 2 * DAY, 3 * DAY):
        ledger.earn(10, lives=life)
    burned = ledger.burn(25)
    ledger.accept(reverse(transaction_id=burned, points=8))

    found = ledger.accept(reverse(transaction_id=burned))

    assert [(draw.lot.number, draw.points) for draw in found.returns] == [
        (2, 7),
        (1, 10),
    ]


def test_points_of_an_expired_lot_go_to_breakage() -> None:
    ledger = Ledger()
    ledger.earn(10, lives=DAY)
    ledger.earn(10)
    burned = ledger.burn(15)
    ledger.now += DAY

    found = ledger.accept(reverse(transaction_id=burned))

    assert posted(found) == [
        ("burn:redemption", "member:ada", 15),
        ("member:ada", "breakage", 10),
    ]
    has = ledger.balances()
    assert (has.available, has.lifetime_burned, has.lifetime_expired) == (10, 0, 10)
    assert ledger.lots[1].ended == 10
    ledger.check()


def test_points_of_an_expired_lot_are_issued_anew() -> None:
    ledger = Ledger()
    ledger.earn(10, lives=DAY)
    ledger.earn(10)
    burned = ledger.burn(15)
    ledger.now += DAY

    found = ledger.accept(
        reverse(transaction_id=burned, expired_policy=ExpiredPolicy.REISSUE, grace=HOUR)
    )

    (made,) = found.lots
    assert made == lot(
        number=3,
        points=10,
        earn_time=NOON,
        expire_time=NOON + DAY + HOUR,
        record_number=4,
        origin=f"l{PART}-1",
    )
    assert posted(found) == [("burn:redemption", "member:ada", 15)]
    assert ledger.balances().available == 20
    ledger.check()


def test_a_lot_that_was_extended_meanwhile_takes_its_points_back() -> None:
    ledger = Ledger()
    ledger.earn(10, lives=DAY)
    burned = ledger.burn(10)
    ledger.lots[1] = ledger.lots[1]._replace(expire_time=NEVER)
    ledger.now += DAY

    found = ledger.accept(reverse(transaction_id=burned))

    assert found.returns == (Draw(Place(PART, 1), 10, NEVER),)


def test_a_capture_is_reversed_as_far_as_it_burned() -> None:
    captured = transaction(
        postings=(
            Posting("held:ada", "burn:redemption", "points", 30),
            Posting("held:ada", "member:ada", "points", 20),
        ),
        draws=(Draw(Place(PART, 1), 30, NEVER),),
        returns=(Draw(Place(PART, 1), 20, NEVER),),
        lots=(),
    )
    world: dict[str, Any] = {
        "records": [record(number=2, kind=Kind.CAPTURE, result=captured)],
        "lots": [lot(remaining=70)],
        "accounts": [
            account(balance=70, lifetime_burned=30),
            account(account="burn:redemption", balance=30),
        ],
    }
    refund = reverse(transaction_id=BURNED, reason_code=ReasonCode.REFUND)

    found = decided(refund, **world)

    assert found.returns == (Draw(Place(PART, 1), 30, NEVER),)
    with pytest.raises(AlreadyReversed):
        decided(replace(refund, points=31), **world)


def test_a_refund_repays_no_shortfall() -> None:
    ledger = Ledger()
    mine = ledger.earn(20)
    burned = ledger.burn(20)
    ledger.accept(
        reverse(transaction_id=mine, shortfall_policy=ShortfallPolicy.SHORTFALL)
    )

    ledger.accept(reverse(transaction_id=burned))

    assert (ledger.balances().available, ledger.balances().shortfall) == (20, 20)


def test_a_reverse_says_what_it_was_for() -> None:
    ledger = Ledger()
    mine = ledger.earn(20)

    found = ledger.accept(
        reverse(
            transaction_id=mine,
            reason="returned",
            reason_code=ReasonCode.CLAWBACK,
            operator="grace",
            metadata={"order": "17"},
        )
    )

    assert (found.reverses, found.reason_code) == (
        Place(PART, 1),
        ReasonCode.CLAWBACK,
    )
    assert (found.reason, found.operator, found.metadata) == (
        "returned",
        "grace",
        {"order": "17"},
    )
