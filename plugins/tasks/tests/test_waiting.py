"""Rewards that nobody claims: kept for long, and in little room."""

from __future__ import annotations

from typing import Any, Final

from plugins.tasks.tests.test_tasks import report

from points.testing.bench import Bench
from points_tasks.entries import Aggregator, Entry, Kept, together
from points_tasks.pruning import OVER_MAX, WAITING_MAX
from points_tasks.v1 import tasks_service_pb2 as pb


DAILY: Final = {"kind": "RECURRING", "starts": "0 0 * * *"}


def daily(target: int) -> dict[str, Any]:
    """Returns a task of each day, to be claimed by hand."""
    step = {"name": "p", "event": "level", "target": target}
    rewards = [{"points": 1}]
    return {"steps": [step], "rewards": rewards, "repeat": "WINDOW", "window": DAILY}


def instances(bench: Bench) -> list[pb.Task]:
    """Returns what is kept of Alice's task."""
    found = bench.call(pb.GetTaskRequest(member_id="alice", task="a"))
    return list(found.instances)


def test_rewards_that_nobody_claims_leave_room_for_what_is_done_each_day(
    bench: Bench,
) -> None:
    steps = [{"name": f"s{at}", "event": "level", "target": 8} for at in range(20)]
    bench.configure("tasks", {"tasks": {"a": {**daily(8), "steps": steps}}})
    bench.member()
    for day in range(25):
        bench.advance(days=1)
        for number in range(8):
            report(bench, f"{day:03}-{number:03}-".ljust(128, "x"))

    kept = instances(bench)
    assert len(kept) == 25
    assert {each.state for each in kept} == {pb.TASK_STATE_COMPLETED}
    assert {step.value for each in kept for step in each.steps} == {8}


def test_the_oldest_of_very_many_expires(bench: Bench) -> None:
    bench.configure("tasks", {"tasks": {"a": daily(1)}})
    bench.member()
    for day in range(WAITING_MAX + 10):
        bench.advance(days=1)
        report(bench, f"level-{day}")

    assert WAITING_MAX <= len(instances(bench)) <= WAITING_MAX + 2


def test_one_of_long_ago_is_claimed_like_any_other(bench: Bench) -> None:
    bench.configure("tasks", {"tasks": {"a": daily(2)}})
    bench.member()
    for day in range(2 * OVER_MAX):
        bench.advance(days=1)
        for number in range(3):
            report(bench, f"level-{day}-{number}")
    first = instances(bench)[0]

    # The earliest one that waits.
    bench.call(pb.ClaimRequest(member_id="alice", task="a"))

    assert bench.available() == 1
    assert (first.steps[0].value, first.steps[0].overshoot) == (2, 1)


def test_entries_together_count_what_they_counted() -> None:
    entries = (Entry("a", 5, 2), Entry("b", 3, 4, points=9))

    found = together(Kept(entries), Aggregator.SUM)

    assert found == Kept((Entry("", 3, 6),), 5)
    assert together(found, Aggregator.SUM) == found
    assert together(Kept(), Aggregator.SUM) == Kept()
