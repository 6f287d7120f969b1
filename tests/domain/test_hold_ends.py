"""Holds that end: points come back to where they were, or are captured as told."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.bounds import TIME_MAX
from points.domain.commands import LapseHold
from points.domain.identity import Place
from points.domain.refusals import HoldNotOpen, NothingDue
from points.domain.values import HoldState, TimeoutAction
from tests.clock import HOUR, NOON
from tests.domain.build import PART, account, frozen_member, lot
from tests.domain.build_holds import (
    HOLD_ID,
    capture_hold,
    decided,
    held_lot,
    hold,
    hold_of,
    holding,
    lapse_hold,
    left,
    lots,
    moves,
    transaction,
    void_hold,
)
from tests.domain.worlds import world


FIRST = Place(PART, 1)
LAPSED = {"lapse_time": NOON - 1}
CAPTURES = {"on_timeout": TimeoutAction.CAPTURE}


# Voiding


def test_a_void_gives_points_back_to_their_own_lots() -> None:
    state = holding(
        lot(points=50, remaining=5, held=45), held_lot(20, number=2, expire_time=NOON)
    )

    decision = decided(void_hold(), state)

    assert moves(decision) == [("held:ada", "member:ada", 65)]
    assert lots(decision) == [(1, 50, 0), (2, 20, 0)]
    assert left(decision) == (HoldState.VOIDED, 0, 0, 65)


def test_a_void_leaves_what_was_captured() -> None:
    begun = hold_of(held_lot(40), points=100, captured_points=60)
    state = world(account(account="held:ada", balance=40), begun, held_lot(40))

    assert left(decided(void_hold(), state)) == (HoldState.VOIDED, 0, 60, 40)


def test_a_frozen_member_gets_points_back() -> None:
    state = holding(held_lot())
    state.members[:] = [frozen_member()]

    assert left(decided(void_hold(), state))[0] is HoldState.VOIDED


def test_points_that_expired_while_frozen_expire_later_by_the_time_held() -> None:
    """The rest of the old lot, expired as it is, stays so."""
    old = lot(points=100, remaining=60, held=40, expire_time=NOON - 1)

    decision = decided(void_hold(), holding(old, freeze_expiry=True))

    assert decision.lots == (
        old._replace(held=0),
        old._replace(
            number=9,
            points=40,
            remaining=40,
            held=0,
            expire_time=NOON - 1 + HOUR,
            record_number=42,
            origin=f"l{PART}-1",
        ),
    )
    assert (decision.made_lot_count, transaction(decision).lots) == (
        1,
        decision.lots[1:],
    )


def test_points_that_have_not_expired_come_back_as_they_were() -> None:
    kept = held_lot(10, expire_time=NOON + 1)

    decision = decided(void_hold(), holding(kept, freeze_expiry=True))

    assert decision.lots == (kept._replace(remaining=10, held=0),)


def test_a_new_expiry_never_leaves_the_years_there_are() -> None:
    late = held_lot(10, expire_time=TIME_MAX)
    state = holding(late, freeze_expiry=True)

    decision = decided(void_hold(), state, now=TIME_MAX)

    assert decision.lots[-1].expire_time == TIME_MAX


# Lapsing


@pytest.mark.parametrize(
    ("fields", "states"),
    [
        ({}, (HoldState.LAPSED, 0, 0, 100)),
        (CAPTURES, (HoldState.LAPSED, 0, 100, 0)),
    ],
    ids=["void", "capture"],
)
def test_a_lapse_does_what_the_hold_says(
    fields: dict[str, Any], states: tuple[HoldState, int, int, int]
) -> None:
    decision = decided(lapse_hold(), holding(held_lot(), **LAPSED, **fields))

    assert left(decision) == states


def test_a_lapse_has_happened_when_the_time_came() -> None:
    decision = decided(lapse_hold(), holding(held_lot(), **LAPSED))

    assert (decision.effective_time, decision.holds[0].update_time) == (
        NOON - 1,
        NOON - 1,
    )


def test_a_lapse_is_never_dated_into_closed_books() -> None:
    state = holding(held_lot(), **LAPSED)

    assert decided(lapse_hold(), state, closed_time=NOON).effective_time == NOON


def test_a_lapse_captures_what_expired_only_since() -> None:
    early = held_lot(10, expire_time=NOON - 1)
    late = held_lot(20, number=2, expire_time=NOON)

    decision = decided(lapse_hold(), holding(early, late, **LAPSED, **CAPTURES))

    assert moves(decision) == [
        ("held:ada", "burn:redemption", 20),
        ("held:ada", "member:ada", 10),
    ]
    assert left(decision) == (HoldState.LAPSED, 0, 20, 10)


def test_a_lapse_that_finds_nothing_to_capture_gives_all_back() -> None:
    early = held_lot(10, expire_time=NOON - 1)

    decision = decided(lapse_hold(), holding(early, **LAPSED, **CAPTURES))

    assert left(decision) == (HoldState.LAPSED, 0, 0, 10)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"lapse_time": NOON + 1},
        {"state": HoldState.CAPTURED, "draws": (), **LAPSED},
        {"member_id": "bob", **LAPSED},
        {"number": 2, **LAPSED},
    ],
    ids=["endless", "early", "captured", "of another", "another"],
)
def test_a_lapse_that_is_not_due_is_none(fields: dict[str, Any]) -> None:
    with pytest.raises(NothingDue) as refused:
        decided(lapse_hold(), world(hold(**fields), held_lot()))

    assert refused.value == NothingDue("ada")


def test_everybody_asks_for_the_same_lapse() -> None:
    command = LapseHold.of(hold())

    assert command == LapseHold(
        member_id="ada", request_id=f"system/lapse/{HOLD_ID}", hold=FIRST
    )
    command.check()


@pytest.mark.parametrize("command", [capture_hold, void_hold])
@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"state": HoldState.CAPTURED, "draws": ()}, "CAPTURED"),
        ({"state": HoldState.VOIDED, "draws": ()}, "VOIDED"),
        ({"state": HoldState.LAPSED, "draws": ()}, "LAPSED"),
        ({"lapse_time": NOON}, "LAPSED"),
    ],
)
def test_a_hold_ends_once(command: Any, fields: dict[str, Any], state: str) -> None:
    with pytest.raises(HoldNotOpen) as refused:
        decided(command(), world(hold(**fields), held_lot()))

    assert refused.value == HoldNotOpen(HOLD_ID, state)
