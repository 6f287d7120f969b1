"""What the plugin declares to the host."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from points.plugin import (
    Channel,
    Collection,
    Context,
    Flow,
    Manifest,
    Method,
    Mode,
    OnFailure,
    Reaction,
    Reads,
    Reason,
    Recorded,
    Service,
    hookimpl,
)
from points_tasks import handlers, reading
from points_tasks.config import KINDS, Config
from points_tasks.desks import board_of
from points_tasks.events import happening_of
from points_tasks.merging import MERGING
from points_tasks.progress import PROGRESS
from points_tasks.reasons import ALL
from points_tasks.v1.tasks_service_pb2 import DESCRIPTOR


CHANNEL: Final = Channel(name="tasks", flows=frozenset({Flow.EARN}))
REVERSE: Final = "REVERSE"


def usual_reads(request: Any) -> Reads:
    """Returns what most calls touch: rewards are in the unit `points`."""
    del request
    return Reads(earned=("points",))


def concerns(config: Config, kind: str) -> bool:
    """Tells whether any task counts records of a kind; any may lose one it counted."""
    return kind in config.events or (kind == REVERSE and bool(KINDS & config.events))


def follow(ctx: Context, record: Recorded) -> None:
    """Counts a record of the ledger towards the tasks that count such records."""
    board = board_of(ctx, record.member_id)
    happening = happening_of(record)
    if record.kind != REVERSE:
        is_told = board.member.state == "ACTIVE"
    else:
        # What a frozen member has done can still be taken back.
        is_told = board.member.state in {"ACTIVE", "FROZEN"} and bool(happening.cancels)
    if is_told:
        handlers.tell(board, happening)


_COMMAND: Final = partial(Method, mode=Mode.COMMAND, is_previewed=True)
"""Is a command that may be tried first: nothing of it is secret or left to chance."""

SERVICE: Final = Service(
    descriptor=DESCRIPTOR.services_by_name["TasksService"],
    methods=(
        _COMMAND(name="ReportEvent", handler=handlers.report_event, reads=usual_reads),
        _COMMAND(name="Claim", handler=handlers.claim, reads=usual_reads),
        _COMMAND(name="UnblockTask", handler=handlers.unblock_task),
        Method(name="ListTasks", mode=Mode.QUERY, handler=reading.list_tasks),
        Method(name="GetTask", mode=Mode.QUERY, handler=reading.get_task),
    ),
)

FOLLOW: Final = Reaction(
    name="follow",
    kinds=KINDS | {REVERSE},
    handler=follow,
    on_failure=OnFailure.SKIP,
    wanted=concerns,
)


@hookimpl
def manifest() -> Manifest:
    """Returns who the plugin is."""
    return Manifest(
        name="tasks",
        version="0.1.0",
        summary="Points for what members do: tasks, their steps and their claims",
        owner="points",
    )


@hookimpl
def config_model() -> type[Config]:
    """Returns the model of the section `plugins.tasks`."""
    return Config


@hookimpl
def services() -> Sequence[Service]:
    """Returns the one service of the plugin."""
    return (SERVICE,)


@hookimpl
def channels() -> Sequence[Channel]:
    """Returns the one channel that tasks give points in."""
    return (CHANNEL,)


@hookimpl
def collections() -> Sequence[Collection[Any]]:
    """Returns the one kind of document that tasks keep."""
    return (PROGRESS,)


@hookimpl
def reasons() -> Sequence[Reason]:
    """Returns the reasons for which tasks refuse."""
    return ALL


@hookimpl
def reactions() -> Sequence[Reaction]:
    """Returns the reactions: records of the ledger are counted, members united."""
    return (FOLLOW, MERGING)
