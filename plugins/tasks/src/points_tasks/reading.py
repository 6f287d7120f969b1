"""What members see: their tasks, and how far they are."""

from __future__ import annotations

from collections.abc import Iterator

from points.plugin import Context
from points_tasks import asking
from points_tasks.answers import task_message, task_now
from points_tasks.desks import Board, board_of
from points_tasks.progress import State, state_of
from points_tasks.v1 import tasks_service_pb2 as pb


def list_tasks(ctx: Context, request: pb.ListTasksRequest) -> pb.ListTasksResponse:
    """Returns a member's tasks as they are now, and what waits to be claimed."""
    states = set(request.states)
    return pb.ListTasksResponse(
        tasks=[
            task
            for task in _all(_board(ctx, request.member_id))
            if not states or task.state in states
        ]
    )


def get_task(ctx: Context, request: pb.GetTaskRequest) -> pb.GetTaskResponse:
    """Returns one task of a member, with the instances that are kept."""
    board = _board(ctx, request.member_id)
    desk = board.desk(request.task, board.named(request.task))
    progress = board.of(request.task)
    return pb.GetTaskResponse(
        task=task_now(request.task, desk, progress),
        instances=[
            task_message(request.task, desk, progress, instance)
            for instance in progress.instances
        ],
    )


def _board(ctx: Context, member_id: str) -> Board:
    asking.require_text(member_id, "member_id", asking.ID_CHARACTERS_MAX)
    return board_of(ctx, member_id)


def _all(board: Board) -> Iterator[pb.Task]:
    for name, task in board.tasks():
        desk, progress = board.desk(name, task), board.of(name)
        now = task_now(name, desk, progress)
        for instance in progress.instances:
            waits = state_of(desk.rules(instance), instance, desk.now)
            if waits is State.COMPLETED and instance.number != now.instance:
                yield task_message(name, desk, progress, instance)
        yield now
