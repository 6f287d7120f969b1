"""Standings on both databases: moved, set, swept, verified, imported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from points.domain.bounds import NEVER
from points.domain.commands import (
    MergeMembers,
    RecordActivity,
    Reverse,
    SetStanding,
    SweepStandings,
)
from points.domain.refusals import (
    InvalidArgument,
    LadderUnknown,
    MemberNotFound,
    NothingDue,
    TierUnknown,
)
from points.domain.standings import StandingCause, StandingChange
from points.domain.values import ReasonCode, Record
from points.engine.engine import Engine, running_engine
from points.engine.sweeper import sweep
from points.program.bridge import to_program
from points.store.opening import Store, open_store
from points.store.transport import ExportFile, import_file, write_export
from tests.clock import DAY, NOON, Clock
from tests.domain.build import create_member
from tests.engine.build import carry_out, differences, only_answer, result, submit
from tests.engine.climbing import (
    LADDER,
    changed,
    climber_of,
    gather,
    program_with,
    shown,
    stored,
)
from tests.program.build import document
from tests.store.build import rows


def set_standing(tier: str = "gold", **fields: Any) -> SetStanding:
    return SetStanding(
        **{
            "member_id": "ada",
            "request_id": "set",
            "ladder": "status",
            "tier": tier,
            "operator": "olga",
            "reason": "a friend of the house",
        }
        | fields
    )


def taking_back(earned: Record, **fields: Any) -> Reverse:
    """Returns the reverse of an earn of Ada."""
    return Reverse(
        **{
            "member_id": "ada",
            "request_id": "back",
            "transaction_id": earned.place().transaction_id(),
            "reason": "a mistake",
            "reason_code": ReasonCode.CORRECTION,
        }
        | fields
    )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine on each database with a ladder, and with Ada and Bob."""
    with running_engine(store, program_with(), clock=clock) as engine:
        for member_id in ("ada", "bob"):
            engine.execute(create_member(member_id=member_id, request_id="create"))
        yield engine


def test_who_gathers_enough_stands_there_with_the_same_transaction(
    engine: Engine,
) -> None:
    engine.execute(gather(120, "g1"))
    found = stored(engine)
    assert found is not None
    assert (found.tier, found.since_time) == ("silver", NOON)
    assert found == shown(engine)
    assert differences(engine.store) == []


def test_the_first_that_is_gathered_is_remembered(engine: Engine) -> None:
    assert stored(engine) is None
    engine.execute(gather(1, "g1"))
    found = stored(engine)
    assert found is not None
    assert found.tier == "bronze"


def test_a_transaction_that_changes_no_standing_writes_none(engine: Engine) -> None:
    engine.execute(gather(1, "g1"))
    outcome = engine.execute(gather(1, "g2"))
    assert outcome.record.result.standings == ()  # type: ignore[union-attr]
    assert differences(engine.store) == []


def test_commands_of_one_batch_climb_on_each_other(engine: Engine) -> None:
    futures = [submit(engine, gather(60, f"g{number}")) for number in range(5)]
    for future in futures:
        only_answer(future)
    found = stored(engine)
    assert found is not None
    assert found.tier == "gold"
    assert [each.tier for each in found.history] == ["bronze", "silver", "gold"]
    assert differences(engine.store) == []


def test_a_standing_that_ends_without_progress_leaves_none(
    store: Store, clock: Clock
) -> None:
    award = {"unit": "points", "points": {"per_money": {"each": 1, "points": 1}}}
    rules = {"order": {"activities": ["order"], "awards": [award]}}
    ladders = {"status": LADDER}
    program = to_program(document(ladders=ladders, sinks=["burn"], rules=rules))
    ordered = RecordActivity(
        member_id="ada", request_id="order", activity_type="order", money=500
    )
    with running_engine(store, program, clock=clock) as running:
        running.execute(create_member(request_id="create"))
        running.execute(set_standing(until_time=NOON + DAY))
        clock.now += 2 * DAY
        running.execute(ordered)

        found = stored(running)
        assert found is not None
        assert found.tier == "bronze"
        assert differences(running.store) == []


def test_what_is_taken_back_takes_the_tier_along(engine: Engine) -> None:
    earned = engine.execute(gather(120, "g1")).record
    engine.execute(taking_back(earned))
    found = stored(engine)
    assert found is not None
    assert (found.tier, found.cause) == ("bronze", StandingCause.REVERSED)
    assert differences(engine.store) == []


def test_lots_that_never_came_are_each_taken_back_on_their_day(
    engine: Engine, clock: Clock
) -> None:
    cancel_time = NOON + 5 * DAY
    waiting: dict[str, Any] = {"waits_for": "flown", "cancel_time": cancel_time}
    engine.execute(replace(gather(60, "g1"), **waiting))
    clock.now += DAY
    engine.execute(replace(gather(50, "g2"), **waiting))
    engine.execute(gather(7, "g3"))
    clock.now = cancel_time

    swept = sweep(engine)

    assert swept.cancelled_points == {"miles": 110}
    left = climber_of(engine).progress.counters
    assert [tally.used for tally in left.values()] == [7]
    assert differences(engine.store) == []


def test_a_standing_is_known_to_a_command_beside_a_merge(
    engine: Engine, clock: Clock
) -> None:
    earned = engine.execute(gather(120, "g1")).record
    clock.now += DAY
    merge = MergeMembers(
        member_id="ada",
        request_id="merge",
        into_member_id="bob",
        operator="olga",
        reason="one person",
    )

    carry_out(engine, taking_back(earned, points=1), merge)

    found = stored(engine)
    assert found is not None
    assert (found.tier, found.since_time) == ("silver", NOON)
    assert differences(engine.store) == []


def test_a_read_shows_what_the_sweep_will_record(engine: Engine, clock: Clock) -> None:
    engine.execute(gather(120, "g1"))
    clock.now += 800 * DAY
    read, before = shown(engine), stored(engine)
    assert before is not None
    assert (before.tier, read.tier) == ("silver", "bronze")

    swept = sweep(engine, restands=False)

    assert swept.swept_standings == 1
    assert stored(engine) == read
    assert read.since_time < clock.now - 30 * DAY
    assert sweep(engine).is_empty
    assert differences(engine.store) == []


def test_a_sweep_finds_those_who_are_due_alone(engine: Engine, clock: Clock) -> None:
    engine.execute(gather(120, "g1"))
    clock.now += 300 * DAY
    assert sweep(engine, restands=False).is_empty
    command = SweepStandings(member_id="ada", request_id="system/x")
    assert result(only_answer(submit(engine, command))) == NothingDue("ada")


def test_many_are_swept_in_bounded_batches(engine: Engine, clock: Clock) -> None:
    for number in range(150):
        name = f"m{number}"
        engine.execute(create_member(member_id=name, request_id="create"))
        engine.execute(gather(100, "g", name))
    clock.now += 800 * DAY
    assert sweep(engine, restands=False).swept_standings == 150
    assert differences(engine.store) == []


def test_a_changed_program_moves_those_whom_it_moves(
    engine: Engine, clock: Clock
) -> None:
    engine.execute(gather(90, "g1"))
    engine.execute(gather(10, "g1", "bob"))
    lower = changed(tiers=[{"name": "bronze", "threshold": 0}, _silver(90)])
    with running_engine(engine.store, lower, clock=clock) as other:
        assert shown(other).tier == "silver"
        assert sweep(other).swept_standings == 1
        found = stored(other)
        assert found is not None
        assert found.tier == "silver"
        assert sweep(other).is_empty
    assert differences(engine.store) == []


def test_an_operator_puts_a_floor_under_a_member(engine: Engine) -> None:
    until = NOON + 30 * DAY
    outcome = engine.execute(set_standing(until_time=until))
    change = outcome.record.result
    assert isinstance(change, StandingChange)
    assert (change.operator, change.reason) == ("olga", "a friend of the house")
    found = stored(engine)
    assert change.standings == (found,)
    assert found is not None
    assert (found.tier, found.tier_until_time) == ("gold", until)
    assert engine.execute(set_standing(until_time=until)).replayed
    assert differences(engine.store) == []


def test_a_floor_that_is_over_is_swept(engine: Engine, clock: Clock) -> None:
    engine.execute(set_standing(until_time=NOON + DAY))
    clock.now += DAY
    assert shown(engine).tier == "bronze"
    assert sweep(engine, restands=False).swept_standings == 1
    assert differences(engine.store) == []


def test_a_floor_is_taken_away(engine: Engine) -> None:
    engine.execute(set_standing())
    engine.execute(set_standing("", request_id="away"))
    found = stored(engine)
    assert found is not None
    assert (found.tier, found.floor, found.floor_until_time) == ("bronze", "", NEVER)
    assert differences(engine.store) == []


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (set_standing(ladder="none"), LadderUnknown("none")),
        (set_standing("none"), TierUnknown("status", "none")),
        (set_standing(member_id="nobody"), MemberNotFound("nobody")),
        (
            set_standing(until_time=NOON),
            InvalidArgument({"until_time": "must lie ahead"}),
        ),
    ],
)
def test_a_floor_that_makes_no_sense_is_refused(
    engine: Engine, command: SetStanding, refusal: object
) -> None:
    assert result(only_answer(submit(engine, command))) == refusal
    assert differences(engine.store) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"operator": ""},
        {"reason": ""},
        {"ladder": ""},
        {"tier": "", "until_time": NOON},
        {"until_time": -5},
    ],
)
def test_a_malformed_floor_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        set_standing(**fields).check()


def test_a_changed_standing_is_found_by_verification(engine: Engine) -> None:
    engine.execute(gather(120, "g1"))
    with engine.store.backend.writing.begin() as connection:
        connection.exec_driver_sql("UPDATE standing SET tier = 'gold'")
    assert any("standing" in each for each in differences(engine.store))


def test_standings_are_worked_out_anew_from_an_export(
    engine: Engine, clock: Clock, tmp_path: Path
) -> None:
    engine.execute(gather(120, "g1"))
    engine.execute(set_standing(member_id="bob", until_time=NOON + DAY))
    clock.now += 800 * DAY
    sweep(engine)
    path = tmp_path / "ledger.jsonl"
    with path.open("wb") as file:
        write_export(engine.store, file)
    query = "SELECT * FROM standing ORDER BY part, member_id"
    url = f"sqlite:///{tmp_path / 'other.db'}"
    with open_store(url, part_count=engine.store.part_count) as other:
        import_file(other, ExportFile(path))
        assert rows(other, query) == rows(engine.store, query)
        assert differences(other) == []


def _silver(threshold: int) -> dict[str, Any]:
    return {"name": "silver", "threshold": threshold}
