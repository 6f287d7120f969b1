"""What time ends is ended first, whoever the member has become meanwhile."""

from __future__ import annotations

from typing import Final

import pytest

from points.domain.commands import Command
from points.domain.identity import Place, part_of
from points.domain.refusals import MemberHasHolds
from points.domain.values import (
    HoldState,
    Kind,
    MemberState,
    TimeoutAction,
)
from points.engine.engine import Engine
from points.engine.sweeper import sweep
from tests.clock import DAY, HOUR, NOON, Clock
from tests.domain.build import create_member, earn, freeze_member
from tests.domain.build_holds import capture_hold, place_hold
from tests.domain.test_merge import erase, merge
from tests.domain.test_transfer import transfer
from tests.domain.undoing import reverse
from tests.engine.build import balance, carry_out, differences, record_of, result
from tests.engine.build_holds import hold_at, placed, shown_lots
from tests.engine.test_merges import state_of
from tests.engine.test_transfers import NEIGHBOUR, told, transactions


ENDS: Final = [merge(request_id="end"), erase(request_id="end")]
ENDED: Final = {Kind.MERGE: MemberState.MERGED, Kind.ERASE_MEMBER: MemberState.ERASED}


@pytest.fixture
def pair(engine: Engine) -> Engine:
    """Returns an engine in which Ada has points and miles, Bob and a neighbour none."""
    carry_out(
        engine,
        create_member(request_id="ada"),
        create_member(member_id="bob", request_id="bob"),
        create_member(member_id=NEIGHBOUR, request_id="n"),
        earn(request_id="e1", expire_time=NOON + 2 * HOUR),
        earn(request_id="e2", points=20, unit="miles"),
    )
    return engine


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.kind)
@pytest.mark.parametrize("on_timeout", TimeoutAction)
def test_lapsed_holds_of_every_unit_are_settled_before_a_member_ends(
    pair: Engine, clock: Clock, end: Command, on_timeout: TimeoutAction
) -> None:
    hold_id = placed(pair, points=40, timeout=HOUR, on_timeout=on_timeout)
    other = placed(pair, points=5, timeout=HOUR, unit="miles", request_id="other")
    clock.advance(HOUR)

    (answer,) = carry_out(pair, end)

    assert record_of(answer).kind is end.kind
    assert state_of(pair, "ada")[0] is ENDED[end.kind]
    assert {hold_at(pair, hold_id).state, hold_at(pair, other).state} == {
        HoldState.LAPSED
    }
    left = 100 if on_timeout is TimeoutAction.VOID else 60
    assert balance(pair) + balance(pair, "bob") == left
    assert balance(pair, unit="miles") + balance(pair, "bob", "miles") == 20
    assert differences(pair.store) == []


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.kind)
def test_a_hold_that_goes_on_keeps_a_member_from_ending(
    pair: Engine, clock: Clock, end: Command
) -> None:
    placed(pair, points=40, timeout=HOUR)
    open_hold = placed(pair, points=5, unit="miles", request_id="other")
    clock.advance(HOUR)

    (answer,) = carry_out(pair, end)

    assert result(answer) == MemberHasHolds("ada", 1)
    assert hold_at(pair, open_hold).state is HoldState.OPEN
    assert balance(pair) == 100
    assert differences(pair.store) == []


def test_points_that_outlived_their_lot_in_a_hold_are_merged_too(
    pair: Engine, clock: Clock
) -> None:
    placed(pair, points=40, timeout=3 * HOUR, freeze_expiry=True)
    clock.advance(3 * HOUR)

    carry_out(pair, merge(into_member_id=NEIGHBOUR))

    assert balance(pair, NEIGHBOUR) == 40
    assert differences(pair.store) == []


@pytest.mark.parametrize(
    "end",
    [*ENDS, freeze_member(request_id="end")],
    ids=lambda end: end.kind,
)
def test_the_sweep_comes_to_members_who_have_ended(
    pair: Engine, clock: Clock, end: Command
) -> None:
    carry_out(pair, end)
    clock.advance(DAY)

    swept = sweep(pair)

    assert (swept.expired_points, swept.failed) == ({"points": 100}, 0)
    assert sweep(pair).is_empty
    assert differences(pair.store) == []


def test_the_sweep_settles_the_hold_of_a_frozen_member(
    pair: Engine, clock: Clock
) -> None:
    hold_id = placed(pair, points=40, timeout=HOUR)
    carry_out(pair, freeze_member(request_id="f"))
    clock.advance(HOUR)

    swept = sweep(pair)

    assert (swept.lapsed_holds, swept.failed) == (1, 0)
    assert hold_at(pair, hold_id).state is HoldState.LAPSED
    assert differences(pair.store) == []


def test_lots_that_a_batch_makes_on_the_way_are_numbered_in_one_row(
    pair: Engine, clock: Clock
) -> None:
    """A transfer within a part, behind a lapse that makes a lot and before an earn."""
    placed(pair, points=40, timeout=3 * HOUR, freeze_expiry=True)
    clock.advance(3 * HOUR)

    found = carry_out(
        pair,
        transfer(to_member_id=NEIGHBOUR, request_id="t", points=30),
        earn(request_id="e3", points=1),
    )

    (taken,) = transactions(pair, NEIGHBOUR)
    earned = told(record_of(found[1]))
    assert [one.lots[0].number for one in (told(taken), earned)] == [4, 5]
    assert told(taken).lots[0].origin == Place(taken.part, 3).lot_id()
    assert (balance(pair), balance(pair, NEIGHBOUR)) == (11, 30)
    assert differences(pair.store) == []


@pytest.mark.parametrize("points", [0, 10])
def test_a_real_capture_is_reversed_into_the_lots_of_its_hold(
    pair: Engine, points: int
) -> None:
    hold_id = placed(pair, points=40)
    captured = record_of(
        pair.execute(capture_hold(hold_id=hold_id, points=30, request_id="c"))
    )
    transaction_id = captured.place().transaction_id()

    (answer,) = carry_out(
        pair,
        reverse(transaction_id=transaction_id, points=points, request_id="back"),
    )

    back = points or 30
    assert told(record_of(answer)).reverses == Place.of_transaction(transaction_id)
    assert balance(pair) == 60 + back
    assert hold_at(pair, hold_id).open_points == 10
    (lot,) = (one for one in shown_lots(pair) if one.unit == "points")
    assert (lot.remaining, lot.held) == (60 + back, 10)
    assert differences(pair.store) == []


def test_a_capture_whose_hold_has_ended_is_reversed_all_the_same(
    pair: Engine, clock: Clock
) -> None:
    place = place_hold(points=40, timeout=HOUR, request_id="h")
    (answer,) = carry_out(pair, place)
    hold = told(record_of(answer)).hold
    assert hold is not None
    capture = capture_hold(
        hold_id=hold.place().hold_id(), points=30, void_rest=True, request_id="c"
    )
    captured = record_of(pair.execute(capture)).place().transaction_id()
    clock.advance(DAY)

    carry_out(pair, reverse(transaction_id=captured, request_id="back"))

    part = part_of("ada", pair.store.part_count)
    assert hold.part == part
    assert differences(pair.store) == []
