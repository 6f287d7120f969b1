"""Shortfall: what is owed, who repays it, and what an earn then holds."""

from __future__ import annotations

from points.domain.commands import AdjustDirection, ShortfallPolicy
from points.domain.decisions import decide
from points.domain.values import Posting, Transaction
from tests.clock import DAY, NOON
from tests.domain.build import PROGRAM, account, earn, stamp
from tests.domain.undoing import Ledger, adjust, reverse
from tests.domain.worlds import owning


def owing(points: int) -> Ledger:
    """Returns a ledger in which Ada has nothing and owes so many points."""
    ledger = Ledger()
    mine = ledger.earn(points)
    ledger.burn(points)
    ledger.accept(
        reverse(transaction_id=mine, shortfall_policy=ShortfallPolicy.SHORTFALL)
    )
    return ledger


def test_what_is_missing_is_owed() -> None:
    ledger = owing(30)

    assert ledger.balances().shortfall == 30
    assert ledger.points() == {"burn:redemption": 30, "shortfall:ada": -30}


def test_an_earn_repays_first_and_its_lot_holds_the_rest() -> None:
    ledger = owing(30)

    found = ledger.accept(earn(points=50))

    assert found.postings == (
        Posting("issuance", "shortfall:ada", "points", 30),
        Posting("issuance", "member:ada", "points", 20),
    )
    assert [(lot.points, lot.remaining) for lot in found.lots] == [(20, 20)]
    assert found.balance_after == 20
    assert ledger.balances().shortfall == 0
    ledger.check()


def test_an_earn_that_is_swallowed_makes_no_lot() -> None:
    ledger = owing(30)

    found = ledger.accept(earn(points=30))

    assert (found.lots, found.balance_after) == ((), 0)
    assert ledger.balances().lifetime_earned == 30
    ledger.check()


def test_a_pending_earn_repays_at_once() -> None:
    ledger = owing(30)

    ledger.accept(earn(points=40, activate_time=NOON + DAY))

    has = ledger.balances()
    assert (has.shortfall, has.available, has.pending) == (0, 0, 10)


def test_an_earn_that_was_swallowed_is_reversed_into_a_shortfall_again() -> None:
    ledger = owing(30)
    mine = ledger.earn(30)

    ledger.accept(
        reverse(transaction_id=mine, shortfall_policy=ShortfallPolicy.SHORTFALL)
    )

    assert ledger.balances().shortfall == 30
    ledger.check()


def test_another_unit_repays_nothing() -> None:
    world = owning()
    world.accounts.insert(0, account(shortfall=30))

    found = decide(earn(unit="miles", points=10), world, PROGRAM, stamp()).result

    assert isinstance(found, Transaction)
    assert found.postings == (Posting("issuance", "member:ada", "miles", 10),)


def test_what_an_operator_adds_repays_nothing() -> None:
    ledger = owing(30)

    ledger.accept(adjust(points=50, direction=AdjustDirection.CREDIT))

    assert (ledger.balances().available, ledger.balances().shortfall) == (50, 30)
