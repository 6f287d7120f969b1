"""Lapses of holds: they are settled before anybody draws, and never shown as held."""

from __future__ import annotations

from typing import Any

import pytest

from points.domain.commands import LapseHold
from points.domain.lots import LotState
from points.domain.refusals import HoldNotOpen, InsufficientPoints, NothingDue
from points.domain.values import HoldState, Kind, TimeoutAction, Transaction
from points.engine.engine import Engine
from tests.clock import DAY, HOUR, NOON, Clock
from tests.domain.build import burn, earn
from tests.domain.build_holds import capture_hold, void_hold
from tests.engine.build import carry_out, record_of
from tests.engine.build_holds import balances, hold_at, holds_in, placed, shown_lots
from tests.store.build import rows


CAPTURES = {"on_timeout": TimeoutAction.CAPTURE}


def kinds(engine: Engine) -> list[tuple[str, str]]:
    """Returns kind and request id of all records after those of the fixture."""
    query = "SELECT kind, request_id FROM record WHERE number > 3 ORDER BY number"
    return rows(engine.store, query)


@pytest.mark.parametrize(
    ("moved", "held", "available"),
    [(HOUR - 1, 120, 30), (HOUR, 0, 150), (HOUR + 1, 0, 150), (DAY, 0, 50)],
)
def test_a_lapsed_hold_is_never_shown_as_held(
    ada: Engine, clock: Clock, moved: int, held: int, available: int
) -> None:
    placed(ada, points=120, timeout=HOUR)

    clock.advance(moved)

    assert (balances(ada).held, balances(ada).available) == (held, available)


def test_a_lapse_that_captures_is_shown_as_burned(ada: Engine, clock: Clock) -> None:
    placed(ada, points=120, timeout=HOUR, **CAPTURES)

    clock.advance(HOUR)

    shown = balances(ada)
    assert (shown.held, shown.available, shown.lifetime_burned) == (0, 30, 120)


@pytest.mark.parametrize(
    ("fields", "left"),
    [({}, [(100, 0), (50, 0)]), (CAPTURES, [(0, 0), (30, 0)])],
    ids=["void", "capture"],
)
def test_a_lapsed_hold_is_not_shown_in_its_lots(
    ada: Engine, clock: Clock, fields: dict[str, Any], left: list[tuple[int, int]]
) -> None:
    placed(ada, points=120, timeout=HOUR, **fields)

    clock.advance(HOUR)

    assert [(lot.remaining, lot.held) for lot in shown_lots(ada)] == left
    assert [lot.number for lot in shown_lots(ada, only_open=True)] == [
        number for number, (rest, _) in enumerate(left, 1) if rest
    ]


def test_a_lot_that_a_lapse_fills_again_is_listed_as_available(
    ada: Engine, clock: Clock
) -> None:
    placed(ada, points=120, timeout=HOUR)

    clock.advance(HOUR)

    assert [lot.number for lot in shown_lots(ada, LotState.AVAILABLE)] == [1, 2]
    assert shown_lots(ada, LotState.DRAWN) == []


@pytest.mark.parametrize("fields", [{}, CAPTURES], ids=["void", "capture"])
@pytest.mark.parametrize("freeze_expiry", [False, True])
@pytest.mark.parametrize("timeout", [HOUR, 2 * DAY])
def test_a_lapse_looks_the_same_swept_or_not(
    ada: Engine,
    clock: Clock,
    fields: dict[str, Any],
    *,
    freeze_expiry: bool,
    timeout: int,
) -> None:
    hold_id = placed(
        ada, points=120, timeout=timeout, freeze_expiry=freeze_expiry, **fields
    )
    clock.advance(timeout + HOUR)
    before = balances(ada), hold_at(ada, hold_id)

    swept = ada.execute(LapseHold.of(hold_at(ada, hold_id)))

    assert isinstance(swept.record.result, Transaction)
    assert (balances(ada), hold_at(ada, hold_id)) == before


def test_a_lapsed_hold_is_listed_as_lapsed_before_it_is_swept(
    ada: Engine, clock: Clock
) -> None:
    placed(ada, points=10, timeout=HOUR)
    placed(ada, request_id="h2", points=10)
    placed(ada, request_id="h3", points=10, timeout=2 * HOUR)

    clock.advance(HOUR)

    assert holds_in(ada, HoldState.OPEN) == [3, 2]
    assert holds_in(ada, HoldState.LAPSED) == [1]
    assert holds_in(ada, *HoldState) == [3, 2, 1]


def test_a_burn_right_after_the_lapse_sees_the_points(
    ada: Engine, clock: Clock
) -> None:
    hold_id = placed(ada, points=120, timeout=HOUR)
    clock.advance(HOUR)

    burned = ada.execute(burn(request_id="b", points=150)).record

    assert isinstance(burned.result, Transaction)
    assert kinds(ada) == [
        ("HOLD", "hold"),
        ("LAPSE", f"system/lapse/{hold_id}"),
        ("BURN", "b"),
    ]


def test_a_burn_is_refused_what_a_lapse_has_captured(ada: Engine, clock: Clock) -> None:
    placed(ada, points=120, timeout=HOUR, **CAPTURES)
    clock.advance(HOUR)

    refused = ada.execute(burn(request_id="b", points=31)).record.result

    assert refused == InsufficientPoints("ada", "points", 30, 31)


def test_every_lapsed_hold_is_settled_the_first_to_lapse_first(
    ada: Engine, clock: Clock
) -> None:
    late = placed(ada, request_id="h1", points=10, timeout=3)
    early = placed(ada, request_id="h2", points=10, timeout=1)
    placed(ada, request_id="h3", points=10, timeout=HOUR)
    clock.advance(3)

    ada.execute(burn(request_id="b", points=1))

    lapses = [key for kind, key in kinds(ada) if kind == "LAPSE"]
    assert lapses == [f"system/lapse/{early}", f"system/lapse/{late}"]


def test_a_lapse_happened_when_its_time_came(ada: Engine, clock: Clock) -> None:
    placed(ada, timeout=HOUR)
    clock.advance(DAY)
    ada.execute(burn(request_id="b", points=1))

    query = "SELECT effective_time, record_time FROM record WHERE kind = 'LAPSE'"
    assert rows(ada.store, query) == [(NOON + HOUR, NOON + DAY)]


@pytest.mark.parametrize("command", [capture_hold, void_hold])
def test_a_lapsed_hold_can_no_longer_be_ended(
    ada: Engine, clock: Clock, command: Any
) -> None:
    hold_id = placed(ada, timeout=HOUR)
    clock.advance(HOUR)

    refused = ada.execute(command(request_id="late", hold_id=hold_id)).record.result

    assert refused == HoldNotOpen(hold_id, "LAPSED")
    assert ("LAPSE", f"system/lapse/{hold_id}") in kinds(ada)


def test_holds_of_other_units_are_left_to_the_sweep(ada: Engine, clock: Clock) -> None:
    carry_out(ada, earn(request_id="m", unit="miles"))
    placed(ada, unit="miles", timeout=HOUR)
    clock.advance(HOUR)

    ada.execute(burn(request_id="b", points=1))

    assert "LAPSE" not in {kind for kind, _ in kinds(ada)}


def test_what_is_only_validated_sees_a_lapse_and_records_none(
    ada: Engine, clock: Clock
) -> None:
    placed(ada, points=150, timeout=HOUR)
    clock.advance(HOUR)

    (answer,) = carry_out(ada, burn(request_id="b", points=150), validate_only=True)

    assert isinstance(record_of(answer).result, Transaction)
    assert kinds(ada) == [("HOLD", "hold")]


def test_an_atomic_job_that_is_undone_takes_its_lapses_back(
    ada: Engine, clock: Clock
) -> None:
    placed(ada, points=150, timeout=HOUR)
    clock.advance(HOUR)

    carry_out(
        ada,
        burn(request_id="b1", points=150),
        burn(request_id="b2", points=1),
        atomic=True,
    )

    assert kinds(ada) == [("HOLD", "hold")]
    assert balances(ada).available == 150


def test_a_sweep_is_told_what_somebody_else_has_settled(
    ada: Engine, clock: Clock
) -> None:
    hold_id = placed(ada, timeout=HOUR)
    clock.advance(HOUR)
    sweep = LapseHold.of(hold_at(ada, hold_id))
    ada.execute(burn(request_id="b", points=1))

    answer = ada.execute(sweep)

    assert (answer.replayed, answer.record.kind) == (True, Kind.LAPSE)


def test_a_sweep_may_meet_the_lapse_in_its_own_batch(ada: Engine, clock: Clock) -> None:
    hold_id = placed(ada, timeout=HOUR)
    clock.advance(HOUR)
    sweep = LapseHold.of(hold_at(ada, hold_id))

    answers = carry_out(ada, burn(request_id="b", points=1), sweep, sweep)

    assert [record_of(answer).kind for answer in answers] == [
        Kind.BURN,
        Kind.LAPSE,
        Kind.LAPSE,
    ]
    assert [key for kind, key in kinds(ada) if kind == "LAPSE"] == [sweep.request_id]


def test_a_sweep_that_comes_too_late_or_too_early_does_nothing(
    ada: Engine, clock: Clock
) -> None:
    hold_id = placed(ada, timeout=HOUR)
    sweep = LapseHold.of(hold_at(ada, hold_id))

    with pytest.raises(NothingDue):
        ada.execute(sweep)
    ada.execute(void_hold(request_id="v", hold_id=hold_id))
    clock.advance(HOUR)
    with pytest.raises(NothingDue):
        ada.execute(sweep)

    assert [kind for kind, _ in kinds(ada)] == ["HOLD", "VOID"]
