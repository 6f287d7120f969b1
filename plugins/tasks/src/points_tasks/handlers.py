"""What callers do with tasks: they report events and claim rewards."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from points.plugin import Context, Refusal, Refused
from points_tasks import asking, reasons
from points_tasks.answers import VERDICTS, given_points, task_message, task_now
from points_tasks.config import Task
from points_tasks.counting import (
    Counted,
    Verdict,
    counted,
    remembered,
    taken_back,
)
from points_tasks.desks import Board, active_board, board_of
from points_tasks.events import Happening
from points_tasks.progress import (
    Given,
    Instance,
    Progress,
    State,
    numbered,
    state_of,
    with_instance,
)
from points_tasks.rules import Desk
from points_tasks.settling import claimed
from points_tasks.v1 import tasks_service_pb2 as pb


class Told(NamedTuple):
    """Is what an event came to in one task, and what that gave at once."""

    name: str
    desk: Desk
    counted: Counted
    given: tuple[Given, ...]


def report_event(
    ctx: Context, request: pb.ReportEventRequest
) -> pb.ReportEventResponse:
    """Counts an event towards every task that counts it."""
    happening = asking.reported(ctx, request)
    board = active_board(ctx, request.member_id)
    results = [_result(told) for told in tell(board, happening)]
    return pb.ReportEventResponse(results=results)


def claim(ctx: Context, request: pb.ClaimRequest) -> pb.ClaimResponse:
    """Gives the rewards of an instance that is completed, once."""
    board = active_board(ctx, request.member_id)
    task = board.named(request.task)
    desk, progress = board.desk(request.task, task), board.of(request.task)
    instance = _wanted(desk, progress, request)
    already = bool(instance.claimed_time)
    if not already:
        _require_claimable(desk, progress, instance, request.task)
        instance = give(board, request.task, desk, instance)
        progress = claimed(progress, instance)
        board.keep(request.task, progress)
    return pb.ClaimResponse(
        task=task_message(request.task, desk, progress, instance),
        rewards=given_points(instance.given),
        already=already,
    )


def unblock_task(
    ctx: Context, request: pb.UnblockTaskRequest
) -> pb.UnblockTaskResponse:
    """Lets a member be given the rewards of a task again."""
    asking.require_text(request.operator, "operator", asking.ID_CHARACTERS_MAX)
    asking.require_text(request.reason, "reason", asking.TEXT_CHARACTERS_MAX)
    board = board_of(ctx, request.member_id)
    task = board.named(request.task)
    progress = board.of(request.task)
    if not progress.is_blocked:
        raise Refused(reasons.TASK_NOT_BLOCKED, task=request.task)
    free = replace(progress, is_blocked=False)
    board.keep(request.task, free)
    ctx.emit("task_unblocked", {"task": request.task, "operator": request.operator})
    desk = board.desk(request.task, task)
    return pb.UnblockTaskResponse(task=task_now(request.task, desk, free))


def tell(board: Board, happening: Happening) -> list[Told]:
    """Counts an event, or takes another one back, in every task of a member."""
    found: list[Told] = []
    for name, task in board.tasks():
        desk = board.desk(name, task)
        progress = board.of(name)
        came_to = _came_to(desk, task, progress, happening)
        if came_to is not None:
            found.append(settle(board, name, desk, progress, came_to))
    return found


def _came_to(
    desk: Desk, task: Task, progress: Progress, happening: Happening
) -> Counted | None:
    if not happening.cancels:
        return counted(desk, progress, happening)
    found = taken_back(desk, progress, happening)
    # What is not known yet may come later: cancelled events do not count then.
    if found is None and any(step.event == happening.name for step in task.steps):
        known = happening.cancels in progress.cancelled
        rest = progress if known else remembered(progress, happening.cancels)
        return Counted(rest, Verdict.UNKNOWN)
    return found


def settle(
    board: Board, name: str, desk: Desk, before: Progress, came_to: Counted
) -> Told:
    """Keeps what an event came to, gives what is given at once, takes what is lost."""
    progress = came_to.progress
    for lost in came_to.lost:
        progress = with_instance(progress, _clawed_back(board, lost))
    given: list[Given] = []
    for number in came_to.changed:
        progress, more = given_when_due(board, name, desk, progress, number)
        given += more
    if progress != before:
        board.keep(name, progress)
    return Told(name, desk, came_to._replace(progress=progress), tuple(given))


def _clawed_back(board: Board, lost: Instance) -> Instance:
    """Returns an instance after what it gave was reversed, if any of that could be."""
    reversed_ones = [_is_reversed(board, one) for one in lost.given]
    is_kept = bool(reversed_ones) and not any(reversed_ones)
    return replace(lost, is_clawed_back=not is_kept)


def _is_reversed(board: Board, given: Given) -> bool:
    """Reverses what a task gave; tells whether that could be.

    What was given to a member who was merged since stands in that one's name for good,
    and an operator may have reversed what was given. The event is taken back anyway.
    """
    member_id = board.member.member_id
    try:
        board.ctx.ledger.reverse(
            given.transaction_id, member_id=member_id, reason="task cancelled"
        )
    except Refusal:
        return False
    return True


def given_when_due(
    board: Board, name: str, desk: Desk, progress: Progress, number: int
) -> tuple[Progress, tuple[Given, ...]]:
    """Gives the rewards of an instance unless they wait for a claim; keeps nothing.

    Returns the progress then, and what was given.
    """
    instance = numbered(progress, number)
    if instance is None or not _is_due(desk, progress, instance):
        return progress, ()
    instance = give(board, name, desk, instance)
    return claimed(progress, instance), instance.given


def _is_due(desk: Desk, progress: Progress, instance: Instance) -> bool:
    """Tells whether an instance gives its rewards without being claimed."""
    rules = desk.rules(instance)
    is_complete = instance.completed_time and not instance.claimed_time
    return bool(is_complete and rules.auto_claim and not progress.is_blocked)


def give(board: Board, name: str, desk: Desk, instance: Instance) -> Instance:
    """Gives the rewards of an instance, which is claimed with it."""
    metadata = {"task": name, "instance": str(instance.number)}
    given = tuple(
        Given(
            reward.unit,
            reward.points,
            board.ctx.ledger.earn(
                reward.points,
                unit=reward.unit,
                member_id=board.member.member_id,
                reason="task",
                metadata=metadata,
            ).transaction_id,
        )
        for reward in desk.rules(instance).rewards
    )
    board.ctx.emit("task_claimed", metadata)
    return replace(instance, claimed_time=board.ctx.now, given=given)


def _wanted(desk: Desk, progress: Progress, request: pb.ClaimRequest) -> Instance:
    """Returns the instance that is to be claimed; raises Refused if there is none."""
    if request.instance:
        found = numbered(progress, request.instance)
        if found is None:
            number = request.instance
            raise Refused(reasons.INSTANCE_UNKNOWN, instance=number, task=request.task)
        return found
    waiting = [one for one in progress.instances if _waits(desk, one)]
    if waiting:
        return waiting[0]
    if not progress.instances:
        raise Refused(reasons.NOT_COMPLETED, task=request.task, state=State.ACTIVE)
    return progress.instances[-1]


def _waits(desk: Desk, instance: Instance) -> bool:
    return state_of(desk.rules(instance), instance, desk.now) is State.COMPLETED


def _require_claimable(
    desk: Desk, progress: Progress, instance: Instance, task: str
) -> None:
    state = state_of(desk.rules(instance), instance, desk.now)
    if state is State.EXPIRED and instance.completed_time:
        raise Refused(reasons.CLAIM_TOO_LATE, task=task)
    if state is not State.COMPLETED:
        raise Refused(reasons.NOT_COMPLETED, task=task, state=state)
    if progress.is_blocked:
        raise Refused(reasons.TASK_BLOCKED, task=task)


def _result(told: Told) -> pb.EventResult:
    progress = told.counted.progress
    instance = numbered(progress, told.counted.number)
    if instance is None:
        task = task_now(told.name, told.desk, progress)
    else:
        task = task_message(told.name, told.desk, progress, instance)
    return pb.EventResult(
        verdict=VERDICTS[told.counted.verdict],
        task=task,
        rewards=given_points(told.given),
    )
