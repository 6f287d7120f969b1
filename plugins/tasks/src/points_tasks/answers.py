"""Makes the messages that callers get."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from google.protobuf.timestamp_pb2 import Timestamp

from points_tasks.config import Task
from points_tasks.counting import Verdict, holder
from points_tasks.entries import Sum
from points_tasks.progress import (
    Given,
    Instance,
    Progress,
    Standing,
    State,
    claim_until,
    standing_of,
    state_of,
)
from points_tasks.rules import Desk, is_used_up
from points_tasks.v1 import tasks_service_pb2 as pb
from points_tasks.windows import NEVER, Window, window_ahead, window_at


VERDICTS: Mapping[Verdict, pb.Verdict.ValueType] = {
    verdict: pb.Verdict.Value(f"VERDICT_{verdict}") for verdict in Verdict
}
STATES: Mapping[State, pb.TaskState.ValueType] = {
    state: pb.TaskState.Value(f"TASK_STATE_{state}") for state in State
}

_ALWAYS = Window(0, NEVER)


def task_now(name: str, desk: Desk, progress: Progress) -> pb.Task:
    """Returns a task as a member sees it now.

    It is the instance that an event now would count in; where there is none, what
    would begin, or the last one where nothing more can.
    """
    found = holder(desk, progress, desk.now)
    if found is not None:
        return task_message(name, desk, progress, found)
    window = window_at(desk.task, desk.days, desk.now)
    is_ahead = window is None
    window = window or window_ahead(desk.task, desk.days, desk.now)
    if window is None or is_used_up(desk.task, progress):
        return _last(name, desk, progress)
    state = State.LOCKED if desk.is_locked or is_ahead else State.ACTIVE
    return _unbegun(name, desk, progress, state, window)


def task_message(
    name: str, desk: Desk, progress: Progress, instance: Instance
) -> pb.Task:
    """Returns an instance of a task, by the rules that it began with."""
    rules = desk.rules(instance)
    state = state_of(rules, instance, desk.now)
    if state is State.ACTIVE and progress.is_blocked:
        state = State.LOCKED
    message = _plain(name, rules, progress, state)
    _fill_steps(message, rules, standing_of(rules, instance, desk.now))
    message.instance = instance.number
    message.is_clawed_back = instance.is_clawed_back
    message.program_version = instance.version
    _fill_window(message, Window(instance.start, instance.end))
    if instance.completed_time:
        message.complete_time.CopyFrom(timestamp(instance.completed_time))
        _fill_claim(message, rules, instance)
    return message


def given_points(given: Iterable[Given]) -> list[pb.Points]:
    """Returns points that have moved."""
    return [
        pb.Points(unit=one.unit, points=one.points, transaction_id=one.transaction_id)
        for one in given
    ]


def timestamp(instant: int) -> Timestamp:
    """Returns an instant as the wire has it."""
    seconds, micros = divmod(instant, 1_000_000)
    return Timestamp(seconds=seconds, nanos=micros * 1_000)


def _last(name: str, desk: Desk, progress: Progress) -> pb.Task:
    if progress.instances:
        return task_message(name, desk, progress, progress.instances[-1])
    return _unbegun(name, desk, progress, State.EXPIRED, _ALWAYS)


def _unbegun(
    name: str, desk: Desk, progress: Progress, state: State, window: Window
) -> pb.Task:
    if progress.is_blocked:
        state = State.LOCKED
    message = _plain(name, desk.task, progress, state)
    _fill_steps(message, desk.task, Standing((Sum(0, None),) * 20, None))
    _fill_window(message, window)
    message.program_version = desk.version
    return message


def _plain(name: str, task: Task, progress: Progress, state: State) -> pb.Task:
    return pb.Task(
        name=name,
        title=task.title,
        state=STATES[state],
        steps_needed=task.steps_needed or len(task.steps),
        rewards=[pb.Points(unit=r.unit, points=r.points) for r in task.rewards],
        requires=task.requires,
        done_count=progress.done_count,
        is_blocked=progress.is_blocked,
    )


def _fill_steps(message: pb.Task, task: Task, standing: Standing) -> None:
    for step, found in zip(task.steps, standing.steps, strict=False):
        message.steps.add(
            name=step.name,
            value=min(found.value, step.target),
            target=step.target,
            is_done=found.reached_time is not None,
            overshoot=max(0, found.value - step.target),
        )


def _fill_window(message: pb.Task, window: Window) -> None:
    if window.start:
        message.start_time.CopyFrom(timestamp(window.start))
    if window.end != NEVER:
        message.end_time.CopyFrom(timestamp(window.end))


def _fill_claim(message: pb.Task, rules: Task, instance: Instance) -> None:
    if instance.claimed_time:
        message.claim_time.CopyFrom(timestamp(instance.claimed_time))
    elif (until := claim_until(rules, instance)) != NEVER:
        message.claim_until_time.CopyFrom(timestamp(until))
