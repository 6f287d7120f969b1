"""Members are told before they lose a tier: each end once, whoever sweeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from points.domain.commands import GiveDemotionNotice
from points.domain.refusals import NothingDue
from points.domain.standing_replay import StandingReplay
from points.domain.standings import DemotionNotice, StandingChange, first_standing
from points.engine.engine import Engine, running_engine
from points.engine.sweeper import Swept, sweep
from points.store.opening import Store, open_store
from points.store.reads.reader import open_snapshot
from points.store.transport import ExportFile, import_file, write_export
from tests.clock import DAY, NOON, Clock
from tests.domain.build import create_member, record
from tests.engine.build import only_answer, result, submit
from tests.engine.climbing import changed, gather, stored
from tests.engine.test_standings import set_standing, taking_back
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")

TERM_END = NOON + 729 * DAY + 12 * 3_600_000_000
"""The first of January 2028 in UTC: what is earned in 2026 is kept in 2027."""

NEAR = TERM_END - 20 * DAY


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine that tells of a loss 30 days ahead, with Ada and Bob."""
    with running_engine(store, changed(notice="P30D"), clock=clock) as engine:
        for member_id in ("ada", "bob"):
            engine.execute(create_member(member_id=member_id, request_id="create"))
        yield engine


def notices(engine: Engine) -> list[tuple[str, DemotionNotice]]:
    """Returns who was told of which loss, in the order of time."""
    query = (
        "SELECT part, number FROM record WHERE kind = 'NOTICE'"
        " ORDER BY record_time, part, number"
    )
    found = []
    with open_snapshot(engine.store.backend) as snapshot:
        for part, number in rows(engine.store, query):
            record = snapshot.record(part, number)
            assert record is not None
            assert isinstance(record.result, DemotionNotice)
            found.append((record.member_id, record.result))
    return found


def give(**fields: Any) -> GiveDemotionNotice:
    """Returns the notice of Ada's loss."""
    named = {"member_id": "ada", "request_id": "n", "ladder": "status"}
    return GiveDemotionNotice(**named | fields)


def test_a_loss_is_announced_once_when_it_comes_near(
    engine: Engine, clock: Clock
) -> None:
    engine.execute(gather(120, "g1"))
    clock.now = TERM_END - 40 * DAY
    early = sweep(engine).noticed_demotions
    clock.now = NEAR
    told, again = sweep(engine), sweep(engine)

    assert (early, told, again) == (0, Swept(noticed_demotions=1), Swept())
    notice = DemotionNotice("status", "silver", "bronze", TERM_END, 80)
    assert notices(engine) == [("ada", notice)]


def test_what_is_announced_comes_true(engine: Engine, clock: Clock) -> None:
    engine.execute(gather(120, "g1"))
    clock.now = NEAR
    sweep(engine)
    ((_, notice),) = notices(engine)
    clock.now = notice.lose_time
    sweep(engine)

    found = stored(engine)
    assert found is not None
    assert (found.tier, found.since_time) == (notice.projected_tier, notice.lose_time)


def test_what_is_missing_is_enough_to_stay(engine: Engine, clock: Clock) -> None:
    engine.execute(gather(120, "g1"))
    clock.now = NEAR
    sweep(engine)
    ((_, notice),) = notices(engine)
    engine.execute(gather(notice.points_to_stay, "g2"))
    clock.now = notice.lose_time
    sweep(engine)

    found = stored(engine)
    assert found is not None
    assert found.tier == "silver"


def test_who_has_gathered_enough_is_told_nothing(engine: Engine, clock: Clock) -> None:
    engine.execute(gather(120, "g1"))
    clock.now = NOON + 400 * DAY
    engine.execute(gather(100, "g2"))
    clock.now = NEAR

    assert sweep(engine).noticed_demotions == 0


def test_who_falls_by_a_return_after_all_is_told(engine: Engine, clock: Clock) -> None:
    engine.execute(gather(120, "g1"))
    clock.now = NOON + 400 * DAY
    earned = engine.execute(gather(100, "g2")).record
    clock.now = NEAR
    sweep(engine)
    engine.execute(taking_back(earned))

    assert sweep(engine).noticed_demotions == 1


def test_the_end_of_a_floor_is_announced_too(engine: Engine, clock: Clock) -> None:
    engine.execute(set_standing(until_time=NOON + 40 * DAY))
    early = sweep(engine).noticed_demotions
    clock.now += 15 * DAY
    sweep(engine)

    notice = DemotionNotice("status", "gold", "bronze", NOON + 40 * DAY, 0)
    assert (early, notices(engine)) == (0, [("ada", notice)])


def test_a_floor_that_is_set_anew_is_announced_anew(engine: Engine) -> None:
    engine.execute(set_standing(until_time=NOON + 10 * DAY))
    sweep(engine)
    engine.execute(set_standing(until_time=NOON + 5 * DAY, request_id="sooner"))
    sweep(engine)

    ends = [notice.lose_time for _, notice in notices(engine)]
    assert ends == [NOON + 10 * DAY, NOON + 5 * DAY]


def test_the_next_term_has_a_notice_of_its_own(engine: Engine, clock: Clock) -> None:
    engine.execute(gather(400, "g1"))
    clock.now = NEAR
    sweep(engine)
    clock.now = TERM_END
    sweep(engine)
    clock.now = TERM_END + 366 * DAY - 20 * DAY
    sweep(engine)

    tiers = [(notice.tier, notice.projected_tier) for _, notice in notices(engine)]
    assert tiers[0] == ("gold", "silver")
    assert len(tiers) == len({notice.lose_time for _, notice in notices(engine)})


@pytest.mark.parametrize(
    "command", [give(), give(member_id="nobody"), give(ladder="none")]
)
def test_where_nothing_is_lost_there_is_nothing_to_announce(
    engine: Engine, command: GiveDemotionNotice
) -> None:
    engine.execute(gather(120, "g1"))
    found = result(only_answer(submit(engine, command)))

    assert isinstance(found, NothingDue)
    assert notices(engine) == []


def test_a_ladder_without_a_notice_period_announces_nothing(
    store: Store, clock: Clock
) -> None:
    with running_engine(store, changed(), clock=clock) as engine:
        engine.execute(create_member(request_id="create"))
        engine.execute(gather(120, "g1"))
        clock.now = TERM_END - DAY

        assert sweep(engine).noticed_demotions == 0


def test_notices_go_along_with_an_export(
    engine: Engine, clock: Clock, tmp_path: Path
) -> None:
    engine.execute(gather(120, "g1"))
    clock.now = NEAR
    sweep(engine)
    path = tmp_path / "ledger.jsonl"
    with path.open("wb") as file:
        write_export(engine.store, file)
    query = "SELECT member_id, noticed_time FROM standing WHERE noticed_time > 0"
    url = f"sqlite:///{tmp_path / 'other.db'}"
    with open_store(url, part_count=engine.store.part_count) as other:
        import_file(other, ExportFile(path))

        assert rows(other, query) == rows(engine.store, query) == [("ada", TERM_END)]


@pytest.mark.parametrize(
    ("told", "what"),
    [
        ([("gold", 9)], "announces the end of a tier of nobody"),
        ([("silver", 8)], "announces an end that a tier does not have"),
        ([("silver", 9), ("silver", 9)], "announces the end of a tier once more"),
    ],
)
def test_damage_of_notices_is_found(told: list[tuple[str, int]], what: str) -> None:
    replay = StandingReplay(7)
    standing = first_standing(7, "ada", "status", NOON)
    stands = standing._replace(tier="silver", lose_time=9)
    results = [DemotionNotice("status", tier, "", time, 0) for tier, time in told]
    problems = [
        problem
        for result in (StandingChange((stands,)), *results)
        for problem in replay.add(record(result=result))
    ]

    assert [what in problem for problem in problems] == [True]
