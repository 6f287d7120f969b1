"""What is beyond a target begins the next time, however it is told and taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugins.tasks.tests.build import NOW, came_to, desk, happening, task, tell
from plugins.tasks.tests.test_tasks import configure
from plugins.tasks.tests.test_tasks import event as report_event

from points.testing import Bench
from points_tasks.counting import remembered, taken_back
from points_tasks.events import Happening
from points_tasks.progress import Progress, standing_of
from points_tasks.pruning import OVER_MAX, pruned
from points_tasks.settling import claimed
from points_tasks.v1 import tasks_service_pb2 as pb


DAY: Final = 1440
NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
TARGET: Final = 5
DAILY: Final[dict[str, Any]] = {
    "window": {"kind": "RECURRING", "starts": "0 0 * * *"},
    "repeat": "WINDOW",
    "carry_over": True,
    "lateness_minutes": 20 * DAY,
}
RULES: Final = task({"aggregator": "SUM", "value": "points", "target": TARGET}, **DAILY)


def daily(**rules: Any) -> dict[str, Any]:
    """Returns a task of each day that gives 100 points for some that are spent."""
    steps = [
        {
            "name": "spend",
            "event": "spend",
            "aggregator": "SUM",
            "value": "points",
            "target": TARGET,
        }
    ]
    return {
        "steps": steps,
        "rewards": [{"points": 100}],
        "auto_claim": True,
        **DAILY,
        **rules,
    }


def spent(event_id: str, points: int, **fields: Any) -> pb.ReportEventRequest:
    """Returns the report that Alice has spent some points."""
    return report_event(event_id, "spend", fields={"points": str(points)}, **fields)


def event(day: int, points: int, number: int = 0) -> Happening:
    """Returns an event at noon, so many days ago."""
    return happening(f"{day}-{number}", -day * DAY, points=str(points))


def cancel(one: Happening) -> Happening:
    """Returns what takes an event back."""
    return Happening(
        event_id=f"no-{one.event_id}",
        name="level",
        time=NOW,
        fields={},
        cancels=one.event_id,
    )


def told(progress: Progress) -> list[tuple[int, int, bool]]:
    """Returns start, value and whether it is done, of each instance with events."""
    return [
        (one.start, standing.steps[0].value, bool(one.completed_time))
        for one in progress.instances
        if one.steps[0].entries
        for standing in [standing_of(RULES, one, NOW)]
    ]


def expected(events: list[Happening]) -> list[tuple[int, int, bool]]:
    """Returns the same by the rules alone: day after day, from the first."""
    noon, found, carried = NOW, [], 0
    days = sorted({one.time for one in events})
    for time in days:
        points = sum(int(e.fields["points"]) for e in events if e.time == time)
        value = carried + points
        carried = max(0, value - TARGET)
        found.append((time - noon % (DAY * 60_000_000), value, value >= TARGET))
    return found


@given(
    amounts=st.lists(
        st.tuples(st.integers(0, 8), st.integers(1, 12)), min_size=1, max_size=8
    ),
    data=st.data(),
)
def test_neither_the_order_nor_what_is_taken_back_makes_a_difference(
    amounts: list[tuple[int, int]], data: st.DataObject
) -> None:
    events = [event(day, points, at) for at, (day, points) in enumerate(amounts)]
    undone = data.draw(st.sets(st.sampled_from(range(len(events)))))
    story = [*events, *(cancel(events[at]) for at in sorted(undone))]

    progress = Progress()
    for one in data.draw(st.permutations(story)):
        found = came_to(RULES, progress, one)
        progress = found.progress if found else remembered(progress, one.cancels)

    kept = [one for at, one in enumerate(events) if at not in undone]
    assert told(progress) == expected(kept)
    assert progress.done_count == sum(is_done for *_, is_done in told(progress))


def test_what_follows_is_lost_with_what_it_was_carried_from() -> None:
    rules = RULES.model_copy(update={"clawback": "DEBIT"})
    progress = tell(rules, event(3, 16), event(2, 1), event(1, 1))
    for one in progress.instances:
        progress = claimed(progress, replace(one, claimed_time=NOW))

    found = taken_back(desk(rules), progress, cancel(event(3, 16)))

    assert found is not None
    assert [one.number for one in found.lost] == [1, 2, 3]
    assert (found.number, found.changed) == (1, (1, 2, 3))


def test_what_was_carried_from_an_instance_that_is_gone_stays() -> None:
    progress = tell(RULES, *(event(9 - day, TARGET + 1) for day in range(8)))
    for one in progress.instances:
        progress = claimed(progress, replace(one, claimed_time=NOW))
    later = desk(RULES, now=100 * DAY)

    kept = pruned(later, progress).instances

    assert [one.number for one in kept] == [4, 5, 6, 7, 8][-OVER_MAX:]
    assert [one.source for one in kept] == [0, 4, 5, 6, 7]
    assert kept[0].carried == (3,)
    assert taken_back(
        later, replace(progress, instances=kept), cancel(event(9, 6))
    ) is (None)


def test_what_was_counted_otherwise_is_not_carried_over(bench: Bench) -> None:
    configure(bench, a=daily())
    bench.clock.freeze_at(NOON)
    bench.call(spent("sum", 3 * TARGET))
    counting = [{"name": "spend", "event": "spend", "target": TARGET}]
    configure(bench, a=daily(steps=counting))
    bench.clock.advance(days=1)

    task = bench.call(spent("one", 1)).results[0].task

    assert task.steps[0].value == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_rewards_of_days_that_follow_are_given_whatever_is_told_first(
    bench: Bench, order: tuple[int, int]
) -> None:
    configure(bench, a=daily())
    bench.clock.freeze_at(NOON)
    days = [spent("big", 2 * TARGET), spent("small", 1)]
    days[0].occurred_time.FromDatetime(NOON - timedelta(days=1))

    gave = [bench.call(days[at]).results[0].rewards for at in order]

    assert sum(len(each) for each in gave) == 2
    assert bench.available() == 200


def test_the_rewards_of_days_that_follow_are_taken_back_with_their_source(
    bench: Bench,
) -> None:
    configure(bench, a=daily(clawback="DEBIT"))
    bench.clock.freeze_at(NOON)
    bench.call(spent("big", 3 * TARGET))
    for day in range(2):
        bench.clock.advance(days=1)
        bench.call(spent(f"small {day}", 1))
    before = bench.available()

    found = bench.call(spent("no", 1, cancels_event_id="big")).results[0]
    bench.clock.advance(days=1)
    bench.call(spent("last", 1))

    tasks = bench.call(pb.GetTaskRequest(member_id="alice", task="a")).instances
    assert before == 300
    assert found.verdict == pb.VERDICT_TAKEN_BACK
    assert bench.available() == 0
    assert [one.is_clawed_back for one in tasks] == [True, True, True, False]
    assert tasks[-1].steps[0].value == 1
    bench.check_books()
