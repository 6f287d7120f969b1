"""What a member sees of a task at an instant: pure, from progress to messages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from plugins.tasks.tests.build import desk, happening, task, tell

from points_tasks.answers import task_message, task_now
from points_tasks.progress import NONE_YET
from points_tasks.v1 import tasks_service_pb2 as pb


NEXT: dict[str, Any] = {
    "window": {
        "kind": "FIXED",
        "start_time": "2026-01-02T00:00:00Z",
        "end_time": "2026-01-03T00:00:00Z",
    }
}
MORNINGS: dict[str, Any] = {
    "window": {"kind": "RECURRING", "starts": "0 4 * * *", "minutes": 60}
}


@pytest.mark.parametrize(
    ("rules", "now", "state", "start"),
    [
        ({}, 0, pb.TASK_STATE_ACTIVE, ""),
        (NEXT, 0, pb.TASK_STATE_LOCKED, "2026-01-02T00:00:00Z"),
        (NEXT, 720, pb.TASK_STATE_ACTIVE, "2026-01-02T00:00:00Z"),
        (NEXT, 2_160, pb.TASK_STATE_EXPIRED, ""),
        (MORNINGS, 0, pb.TASK_STATE_LOCKED, "2026-01-02T04:00:00Z"),
        (MORNINGS, 16 * 60 + 59, pb.TASK_STATE_ACTIVE, "2026-01-02T04:00:00Z"),
        (MORNINGS, 17 * 60, pb.TASK_STATE_LOCKED, "2026-01-03T04:00:00Z"),
        ({"window": {"kind": "ROLLING", "minutes": 5}}, 0, pb.TASK_STATE_ACTIVE, ""),
    ],
)
def test_a_task_without_progress_tells_its_window(
    rules: dict[str, Any], now: int, state: int, start: str
) -> None:
    found = task_now("a", desk(task({}, **rules), now), NONE_YET)

    assert found.state == state
    assert (found.start_time.ToJsonString() if start else "") == start
    assert found.HasField("start_time") is bool(start)


def test_a_task_that_others_lock_is_locked() -> None:
    assert (
        task_now("a", desk(task({}), is_locked=True), NONE_YET).state
        == pb.TASK_STATE_LOCKED
    )


def test_a_task_that_is_done_once_shows_how_it_was_done() -> None:
    rules = task({"target": 2}, claim_minutes=60)
    progress = tell(rules, happening("a", -5), happening("b", -4), happening("c", -3))
    found = task_now("a", desk(rules), progress)

    assert found.state == pb.TASK_STATE_COMPLETED
    assert (found.steps[0].value, found.steps[0].overshoot) == (2, 1)
    assert found.claim_until_time.ToJsonString() == "2026-01-01T13:00:00Z"


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (0, pb.TASK_STATE_COMPLETED),
        (59, pb.TASK_STATE_COMPLETED),
        (60, pb.TASK_STATE_EXPIRED),
    ],
)
def test_a_claim_is_open_to_before_its_deadline(now: int, state: int) -> None:
    rules = task({}, claim_minutes=60)
    progress = tell(rules, happening("a"))

    assert task_now("a", desk(rules, now), progress).state == state


def test_a_window_that_is_over_waits_for_late_events() -> None:
    rules = task({"target": 2}, **MORNINGS, lateness_minutes=30, repeat="WINDOW")
    progress = tell(rules, happening("a", -7 * 60 - 1), now=-7 * 60 + 1)
    (instance,) = progress.instances

    waiting = task_message("a", desk(rules, -7 * 60 + 29), progress, instance)
    over = task_message("a", desk(rules, -7 * 60 + 30), progress, instance)
    assert (waiting.state, over.state) == (pb.TASK_STATE_ACTIVE, pb.TASK_STATE_EXPIRED)


def test_a_blocked_task_is_locked() -> None:
    rules = task({"target": 2})
    progress = replace(tell(rules, happening("a")), is_blocked=True)

    assert task_now("a", desk(rules), progress).state == pb.TASK_STATE_LOCKED
    empty = replace(NONE_YET, is_blocked=True)
    assert task_now("a", desk(rules), empty).state == pb.TASK_STATE_LOCKED
