"""The reasons for which tasks say no."""

from __future__ import annotations

from typing import Final

from points.plugin import Answer, Reason


TASK_UNKNOWN: Final = Reason(
    "TASK_UNKNOWN", Answer.NOT_FOUND, "there is no task {task}"
)
INSTANCE_UNKNOWN: Final = Reason(
    "INSTANCE_UNKNOWN",
    Answer.NOT_FOUND,
    "instance {instance} of the task {task} was never begun, or is long over",
)
EVENT_INVALID: Final = Reason(
    "EVENT_INVALID", Answer.INVALID_ARGUMENT, "{field} {problem}"
)
TIME_IN_FUTURE: Final = Reason(
    "TIME_IN_FUTURE",
    Answer.FAILED_PRECONDITION,
    "the event is said to occur {ahead_micros} microseconds from now",
)
MEMBER_NOT_ACTIVE: Final = Reason(
    "MEMBER_NOT_ACTIVE",
    Answer.FAILED_PRECONDITION,
    "the member {member_id} is {state}",
)
NOT_COMPLETED: Final = Reason(
    "NOT_COMPLETED",
    Answer.FAILED_PRECONDITION,
    "the task {task} is {state}, and can be claimed once it is completed",
)
CLAIM_TOO_LATE: Final = Reason(
    "CLAIM_TOO_LATE",
    Answer.FAILED_PRECONDITION,
    "the rewards of the task {task} waited too long",
)
TASK_BLOCKED: Final = Reason(
    "TASK_BLOCKED",
    Answer.FAILED_PRECONDITION,
    "the task {task} is blocked until an operator says otherwise",
)
TASK_NOT_BLOCKED: Final = Reason(
    "TASK_NOT_BLOCKED", Answer.FAILED_PRECONDITION, "the task {task} is not blocked"
)

ALL: Final = (
    TASK_UNKNOWN,
    INSTANCE_UNKNOWN,
    EVENT_INVALID,
    TIME_IN_FUTURE,
    MEMBER_NOT_ACTIVE,
    NOT_COMPLETED,
    CLAIM_TOO_LATE,
    TASK_BLOCKED,
    TASK_NOT_BLOCKED,
)
