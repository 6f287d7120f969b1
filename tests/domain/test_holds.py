"""Holds: points are set aside once, and captured as far as they have not expired."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.bounds import NEVER, POINTS_MAX, TIME_MAX
from points.domain.commands import Command
from points.domain.refusals import (
    HoldExceeded,
    InsufficientPoints,
    InvalidArgument,
    Refusal,
)
from points.domain.state import LotsMissing
from points.domain.values import HoldState, Posting, TimeoutAction
from tests.clock import DAY, HOUR, NOON
from tests.domain.build import account, lot
from tests.domain.build_holds import (
    HOLD_ID,
    capture_hold,
    decided,
    held_lot,
    hold,
    hold_of,
    holding,
    left,
    lots,
    moves,
    place_hold,
    transaction,
    void_hold,
)
from tests.domain.worlds import owning, world


# Placing


def test_a_hold_draws_the_earliest_expiry_first() -> None:
    state = owning(lot(expire_time=NOON + DAY), lot(number=2))

    decision = decided(place_hold(points=130), state)

    assert lots(decision) == [(1, 0, 100), (2, 70, 30)]


def test_a_hold_posts_from_the_member_to_what_the_member_holds() -> None:
    decision = decided(place_hold(points=30), owning(lot()))

    assert moves(decision) == [("member:ada", "held:ada", 30)]
    assert transaction(decision).balance_after == 70


def test_a_hold_keeps_its_draws_and_its_terms() -> None:
    command = place_hold(sink="donation", freeze_expiry=True, reason="a bid")

    decision = decided(command, owning(lot(expire_time=NOON + DAY)), hold_number=5)

    assert decision.holds == (
        hold(
            number=5,
            draws=transaction(decision).draws,
            place_time=NOON,
            update_time=NOON,
            sink="donation",
            freeze_expiry=True,
            record_number=42,
        ),
    )
    assert decision.made_hold_count == 1
    assert transaction(decision).hold == decision.holds[0]


@pytest.mark.parametrize(
    ("fields", "lapse_time"),
    [
        ({}, NEVER),
        ({"timeout": 1}, NOON + 1),
        ({"timeout": HOUR}, NOON + HOUR),
        ({"lapse_time": NOON + 1}, NOON + 1),
    ],
)
def test_a_hold_lapses_by_the_clock_of_the_server(
    fields: dict[str, Any], lapse_time: int
) -> None:
    decision = decided(place_hold(**fields), owning(lot()))

    assert decision.holds[0].lapse_time == lapse_time


def test_a_hold_of_more_than_there_is_is_refused() -> None:
    with pytest.raises(InsufficientPoints) as refused:
        decided(place_hold(points=101), owning(lot()))

    assert refused.value == InsufficientPoints("ada", "points", 100, 101)


def test_a_hold_asks_for_more_lots_before_it_is_refused() -> None:
    state = world(account(balance=100), lot(points=10), complete=False)

    with pytest.raises(LotsMissing):
        decided(place_hold(points=11), state)


def test_a_hold_of_what_is_held_already_is_refused() -> None:
    state = holding(lot(points=100, remaining=10, held=90))

    with pytest.raises(InsufficientPoints) as refused:
        decided(place_hold(points=11), state)

    assert refused.value == InsufficientPoints("ada", "points", 10, 11)


# Capturing


def test_a_capture_burns_all_that_is_open() -> None:
    decision = decided(capture_hold(), holding(held_lot()))

    assert moves(decision) == [("held:ada", "burn:redemption", 100)]
    assert (lots(decision), left(decision)) == (
        [(1, 0, 0)],
        (HoldState.CAPTURED, 0, 100, 0),
    )


def test_a_capture_counts_as_burned_and_leaves_the_balance() -> None:
    state = holding(held_lot(), lot(number=2, points=30))

    decision = decided(capture_hold(), state)

    mine = next(a for a in decision.accounts if a.account == "member:ada")
    assert (mine.balance, mine.lifetime_burned) == (30, 100)
    assert transaction(decision).balance_after == 30


def test_a_capture_takes_from_the_first_draw_on() -> None:
    state = holding(held_lot(10), held_lot(20, number=2), held_lot(30, number=3))

    decision = decided(capture_hold(points=15), state)

    drawn = [(d.lot.number, d.points) for d in transaction(decision).draws]
    still = [(d.lot.number, d.points) for d in decision.holds[0].draws]
    assert (drawn, still) == ([(1, 10), (2, 5)], [(2, 15), (3, 30)])
    assert left(decision) == (HoldState.OPEN, 45, 15, 0)


def test_several_captures_end_the_hold_with_the_last_point() -> None:
    begun = hold_of(held_lot(40), points=100, captured_points=60)
    state = world(account(account="held:ada", balance=40), begun, held_lot(40))

    decision = decided(capture_hold(points=40), state)

    assert left(decision) == (HoldState.CAPTURED, 0, 100, 0)


def test_a_capture_may_void_the_rest_at_once() -> None:
    state = holding(held_lot(10), held_lot(20, number=2))

    decision = decided(capture_hold(points=15, void_rest=True), state)

    assert moves(decision) == [
        ("held:ada", "burn:redemption", 15),
        ("held:ada", "member:ada", 15),
    ]
    assert sorted(lots(decision)) == [(1, 0, 0), (2, 15, 0)]
    assert left(decision) == (HoldState.CAPTURED, 0, 15, 15)
    assert transaction(decision).balance_after == 15


def test_a_capture_may_name_another_sink() -> None:
    decision = decided(capture_hold(sink="donation"), holding(held_lot()))

    assert moves(decision) == [("held:ada", "burn:donation", 100)]


@pytest.mark.parametrize(("given", "said"), [("", "a bid"), ("won", "won")])
@pytest.mark.parametrize("command", [capture_hold, void_hold])
def test_the_reason_is_that_of_the_hold_unless_there_is_another(
    command: Any, given: str, said: str
) -> None:
    decision = decided(command(reason=given), holding(held_lot()))

    assert transaction(decision).reason == said


def test_a_capture_cannot_exceed_the_hold() -> None:
    with pytest.raises(HoldExceeded) as refused:
        decided(capture_hold(points=101), holding(held_lot()))

    assert refused.value == HoldExceeded(HOLD_ID, 100, 101)


def test_a_capture_leaves_out_what_has_expired() -> None:
    state = holding(held_lot(10, expire_time=NOON), held_lot(20, number=2))

    decision = decided(capture_hold(), state)

    assert [d.lot.number for d in transaction(decision).draws] == [2]
    assert left(decision) == (HoldState.OPEN, 10, 20, 0)


def test_a_capture_of_points_that_have_expired_is_refused() -> None:
    state = holding(held_lot(10, expire_time=NOON), held_lot(20, number=2))

    with pytest.raises(HoldExceeded) as refused:
        decided(capture_hold(points=21), state)

    assert refused.value == HoldExceeded(HOLD_ID, 20, 21)


def test_a_capture_of_nothing_but_expired_points_is_refused() -> None:
    with pytest.raises(HoldExceeded) as refused:
        decided(capture_hold(), holding(held_lot(10, expire_time=NOON)))

    assert refused.value == HoldExceeded(HOLD_ID, 0, 10)


def test_a_hold_that_freezes_the_expiry_is_captured_after_it() -> None:
    state = holding(held_lot(10, expire_time=NOON), freeze_expiry=True)

    decision = decided(capture_hold(), state)

    assert left(decision) == (HoldState.CAPTURED, 0, 10, 0)


def test_a_capture_goes_by_the_expiry_that_the_lot_has_now() -> None:
    extended = held_lot(10, expire_time=NOON + DAY)
    state = world(
        account(account="held:ada", balance=10),
        extended,
        hold_of(extended._replace(expire_time=NOON - 1)),
    )

    assert left(decided(capture_hold(), state))[0] is HoldState.CAPTURED


# Arguments


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (place_hold(timeout=0), "timeout"),
        (place_hold(timeout=TIME_MAX + 1), "timeout"),
        (place_hold(lapse_time=-2), "lapse_time"),
        (place_hold(timeout=1, lapse_time=NOON), "lapse_time"),
        (place_hold(on_timeout=TimeoutAction.CAPTURE), "on_timeout"),
        (place_hold(sink=""), "sink"),
        (place_hold(points=0), "points"),
        (capture_hold(points=-1), "points"),
        (capture_hold(points=POINTS_MAX + 1), "points"),
        (capture_hold(hold_id=""), "hold_id"),
        (void_hold(hold_id="h" * 129), "hold_id"),
        (void_hold(reason="\0"), "reason"),
        (void_hold(request_id="system/lapse/h7-1"), "request_id"),
    ],
)
def test_a_malformed_argument_is_named(command: Command, field: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        command.check()

    assert list(refused.value.violations) == [field]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"lapse_time": NOON}, "lapse_time"),
        ({"timeout": TIME_MAX}, "timeout"),
        ({"effective_time": NOON + 1}, "effective_time"),
    ],
)
def test_a_time_on_the_wrong_side_of_now_is_named(
    fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidArgument) as refused:
        decided(place_hold(**fields), owning(lot()))

    assert list(refused.value.violations) == [field]


@pytest.mark.parametrize("hold_id", ["", "h7", "l7-1", "h8-1", "h7-2", "h7-01"])
def test_no_other_text_names_the_hold(hold_id: str) -> None:
    with pytest.raises(Refusal) as refused:
        decided(capture_hold(hold_id=hold_id), holding(held_lot()))

    assert refused.value.metadata() == {"hold_id": hold_id}


def test_postings_of_a_hold_balance() -> None:
    assert transaction(decided(place_hold(), owning(lot()))).postings == (
        Posting("member:ada", "held:ada", "points", 100),
    )
