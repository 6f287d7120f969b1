"""Points that are burned count towards tiers, at the rate of the ladder."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from points.domain.commands import CaptureHold
from points.domain.identity import Place
from points.domain.values import Record, Transaction
from points.engine.engine import Engine, running_engine
from points.engine.sweeper import sweep
from points.program.bridge import to_program
from points.store.opening import Store
from tests.clock import DAY, Clock
from tests.domain.build import burn, create_member, earn
from tests.domain.build_holds import place_hold
from tests.domain.undoing import reverse
from tests.engine.climbing import LADDER, stored
from tests.program.build import document


pytestmark = pytest.mark.usefixtures("whole_books")

LADDERS: Final[dict[str, Any]] = {
    "status": LADDER | {"burns": {"points": "1/3"}},
    "other": LADDER,
}


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine where three burned points count one, with Ada's 1,000."""
    program = to_program(document(ladders=LADDERS, sinks=["redemption"]))
    with running_engine(store, program, clock=clock) as engine:
        engine.execute(create_member(request_id="create"))
        engine.execute(earn(points=1_000, request_id="earn"))
        yield engine


def tier(engine: Engine) -> str:
    """Returns the tier of Ada as it is stored, nothing where nothing ever moved."""
    found = stored(engine)
    return found.tier if found else ""


def moved(record: Record) -> list[int]:
    """Returns how a transaction moves what counts."""
    assert isinstance(record.result, Transaction)
    return [move.by for move in record.result.moves]


def test_a_burn_counts_in_the_same_transaction(engine: Engine) -> None:
    earned = tier(engine)
    record = engine.execute(burn(points=302, request_id="burn")).record

    assert (earned, tier(engine), moved(record)) == ("", "silver", [100])


def test_the_other_ladder_does_not_count_it(engine: Engine) -> None:
    record = engine.execute(burn(points=302, request_id="burn")).record

    assert isinstance(record.result, Transaction)
    assert [each.ladder for each in record.result.standings] == ["status"]


def test_what_is_captured_counts_and_what_is_held_does_not(engine: Engine) -> None:
    held = engine.execute(place_hold(points=600, request_id="hold")).record
    before = moved(held)
    assert isinstance(held.result, Transaction)
    assert held.result.hold is not None
    place = Place(held.part, held.result.hold.number)
    capture = CaptureHold(
        member_id="ada", request_id="capture", hold_id=place.hold_id(), points=300
    )

    assert (before, moved(engine.execute(capture).record)) == ([], [100])


def test_a_hold_that_lapses_into_a_burn_counts(engine: Engine, clock: Clock) -> None:
    engine.execute(
        place_hold(
            points=600,
            request_id="hold",
            lapse_time=clock.now + DAY,
            on_timeout="CAPTURE",
        )
    )
    clock.advance(DAY)
    sweep(engine)

    assert tier(engine) == "silver"


@pytest.mark.parametrize("steps", [[300], [100, 100, 100], [1] * 8 + [292]])
def test_reversed_burns_count_no_more_in_however_many_steps(
    engine: Engine, steps: list[int]
) -> None:
    record = engine.execute(burn(points=300, request_id="burn")).record
    place = record.place().transaction_id()
    back = []
    for number, points in enumerate(steps):
        command = reverse(request_id=f"r{number}", transaction_id=place, points=points)
        back += moved(engine.execute(command).record)

    assert (sum(back), tier(engine)) == (-100, "bronze")


def test_earned_points_count_as_before(engine: Engine) -> None:
    record = engine.execute(earn(unit="miles", points=120, request_id="miles")).record

    assert moved(record) == [120, 120]
    assert tier(engine) == "silver"


def test_where_burns_do_not_count_nothing_moves(store: Store, clock: Clock) -> None:
    program = to_program(document(ladders={"status": LADDER}, sinks=["redemption"]))
    with running_engine(store, program, clock=clock) as engine:
        engine.execute(create_member(request_id="create"))
        engine.execute(earn(points=300, request_id="earn"))
        record = engine.execute(burn(points=300, request_id="burn")).record

    assert moved(record) == []
