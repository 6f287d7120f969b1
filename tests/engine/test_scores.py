"""Members are scored by the sweep, from what the records say they have done."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from points.domain.activities import Item
from points.domain.commands import RecordActivity
from points.domain.identity import part_of
from points.domain.scores import NO_SCORES, ScoreChange, Scores, scores_of
from points.domain.values import Transaction
from points.engine.engine import Engine
from points.engine.sweeper import Swept, sweep
from points.store.opening import Store, open_store
from points.store.proof.audit import audit
from points.store.reads.reader import open_snapshot
from points.store.transport import ExportFile, import_file, write_export
from tests.clock import DAY, Clock
from tests.domain.test_merge import erase, merge
from tests.domain.undoing import reverse
from tests.engine.build import carry_out, engine_under, record_of, result
from tests.engine.climbing import climber_of
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")

NAMES: Final = ("ada", "bob", "eve", "dan", "kim")
DOCUMENT: Final = """
program: shop
money: {currency: USD}
units:
  points: {kind: currency, expiry: {after: P12M}}
scores: {activities: [purchase], within: P30D}
segments:
  best: {when: member.recency == 5 && member.monetary >= 4}
  fans: {when: member.frequency >= 3}
  best_fans: {when: "true", within: [best, fans]}
multipliers:
  for_the_best: {segments: {best: 3}}
rules:
  purchase:
    activities: [purchase]
    awards:
      - unit: points
        points: {per_money: {each: 100, points: 1}}
        multipliers: [for_the_best]
  greeting:
    activities: [visit]
    when: '"fans" in member.segments'
    awards: [{unit: points, points: {fixed: 7}}]
"""
_numbers = iter(range(1_000_000))


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine whose program scores members, with five of them."""
    with engine_under(DOCUMENT, NAMES, store, clock) as running:
        yield running


def activity(member_id: str, kind: str = "purchase", **fields: Any) -> RecordActivity:
    """Returns an activity, of a dollar unless told."""
    named = {"member_id": member_id, "request_id": f"a{next(_numbers)}"}
    money = {} if kind == "visit" else {"money": 100}
    return RecordActivity(**{**named, "activity_type": kind, **money, **fields})


def bought(engine: Engine, member_id: str, **fields: Any) -> Transaction:
    """Returns the transaction of a purchase."""
    (answer,) = carry_out(engine, activity(member_id, **fields))
    found = result(answer)
    assert isinstance(found, Transaction)
    return found


def scores(engine: Engine, member_id: str) -> Scores:
    """Returns the scores that are recorded of a member."""
    return scores_of(climber_of(engine, member_id).progress)


def shop_for_five_days(engine: Engine, clock: Clock) -> None:
    """Lets each member buy a day after the one before, and more often for more."""
    for times, name in enumerate(NAMES, 1):
        for _ in range(times):
            bought(engine, name, money=times * 1_000)
        clock.advance(DAY)


def test_members_are_compared_by_what_they_have_done(
    engine: Engine, clock: Clock
) -> None:
    shop_for_five_days(engine, clock)

    swept, again = sweep(engine), sweep(engine)

    assert (swept, again) == (Swept(scored_members=5), Swept())
    assert [scores(engine, name) for name in NAMES] == [
        Scores(each, each, each) for each in range(1, 6)
    ]


def test_rules_go_by_the_segments_that_scores_make(
    engine: Engine, clock: Clock
) -> None:
    shop_for_five_days(engine, clock)
    before = bought(engine, "kim").awards[0].points
    sweep(engine)

    told = bought(engine, "kim").awards[0]

    assert (before, told.points) == (1, 3)
    assert any("best" in step for step in told.explanation)
    assert bought(engine, "eve", activity_type="visit", money=0).awards[0].points == 7
    assert not bought(engine, "bob", activity_type="visit", money=0).awards


def test_the_day_that_runs_is_not_looked_at(engine: Engine, clock: Clock) -> None:
    bought(engine, "ada")
    early = sweep(engine)
    clock.advance(DAY)

    assert (early, sweep(engine)) == (Swept(), Swept(scored_members=1))


def test_who_was_not_active_of_late_has_no_scores_any_more(
    engine: Engine, clock: Clock
) -> None:
    bought(engine, "ada")
    clock.advance(DAY)
    sweep(engine)
    clock.advance(30 * DAY)

    assert sweep(engine).scored_members == 1
    assert scores(engine, "ada") == NO_SCORES


def test_what_was_returned_does_not_count(engine: Engine, clock: Clock) -> None:
    items = (Item("tea", 800), Item("cup", 100))
    (answer,) = carry_out(engine, activity("ada", money=900, items=items))
    bought(engine, "bob", money=500)
    (gone,) = carry_out(engine, activity("eve"))
    for back, fields in ((answer, {"item_ids": ("tea",)}), (gone, {})):
        record = record_of(back)
        place = record.place().transaction_id()
        command = reverse(member_id=record.member_id, transaction_id=place, **fields)
        assert isinstance(result(*carry_out(engine, command)), Transaction)
    clock.advance(DAY)
    sweep(engine)

    assert scores(engine, "bob").monetary > scores(engine, "ada").monetary > 0
    assert scores(engine, "eve") == NO_SCORES


@pytest.mark.parametrize("is_erased", [False, True])
def test_what_a_merged_member_has_done_is_the_others(
    engine: Engine, clock: Clock, *, is_erased: bool
) -> None:
    bought(engine, "ada", money=900)
    bought(engine, "bob", money=900)
    bought(engine, "eve", money=1_000)
    clock.advance(DAY)
    sweep(engine)
    before = scores(engine, "bob")
    carry_out(engine, merge(member_id="ada", into_member_id="bob"))
    joined = scores(engine, "bob")
    if is_erased:
        carry_out(engine, erase(request_id="last"))
    sweep(engine)

    assert joined == before
    assert scores(engine, "bob").monetary > scores(engine, "eve").monetary
    assert scores(engine, "ada") == NO_SCORES


def test_a_change_of_scores_is_a_record_of_its_member(
    engine: Engine, clock: Clock
) -> None:
    bought(engine, "ada")
    clock.advance(DAY)
    sweep(engine)

    query = "SELECT member_id, is_transaction FROM record WHERE kind = 'SCORE'"
    assert rows(engine.store, query) == [("ada", 0)]


def test_a_ledger_that_moves_takes_its_scores_along(
    engine: Engine, clock: Clock, tmp_path: Path
) -> None:
    shop_for_five_days(engine, clock)
    sweep(engine)
    path = tmp_path / "ledger.jsonl"
    with path.open("wb") as file:
        write_export(engine.store, file)
    url = f"sqlite:///{tmp_path / 'other.db'}"
    with open_store(url, part_count=engine.store.part_count) as copy:
        import_file(copy, ExportFile(path))

        assert audit(copy.backend).differences == []
        query = "SELECT * FROM progress ORDER BY part, member_id"
        assert rows(copy, query) == rows(engine.store, query)


def test_only_what_was_recorded_of_late_is_looked_at(
    engine: Engine, clock: Clock
) -> None:
    for day in range(40):
        bought(engine, "ada" if day < 8 else "bob")
        clock.advance(DAY)
    sweep(engine)

    assert scores(engine, "ada") == NO_SCORES
    assert scores(engine, "bob") == Scores(1, 1, 1)


def test_a_record_tells_until_when_it_was_looked(engine: Engine, clock: Clock) -> None:
    bought(engine, "ada")
    clock.advance(DAY)
    sweep(engine)

    part, scoring = part_of("ada", engine.store.part_count), engine.program.scoring
    with open_snapshot(engine.store.backend) as snapshot:
        told = snapshot.record(part, snapshot.head(part).last_number)
    assert told is not None
    assert scoring is not None
    assert told.result == ScoreChange(Scores(1, 1, 1), scoring.span(clock.now)[1])
