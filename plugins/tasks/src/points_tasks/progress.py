"""What is kept about a member and a task, and how far it is by its entries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple

from points.plugin import Collection
from points_tasks.config import Order, Rolling, Task
from points_tasks.entries import Entries, Kept, Sum, key_of, short_id, summed
from points_tasks.rolling import ends_that_may_do
from points_tasks.windows import MINUTE, NEVER


class Given(NamedTuple):
    """Is points that a task gave, and the transaction that tells of them."""

    unit: str
    points: int
    transaction_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """Is one time that a member does a task: in a window, by the rules of a version.

    Events from `begin_time` on count, which is later than the window's start where
    the task had been done before in it. `reached_time` is when the last event that
    was needed happened, `completed_time` when that was known; 0 stands for not yet.
    `source` is the number of the instance whose points beyond the targets are
    `carried`; 0 for none, and where it is kept no more: what was carried then stays.
    """

    number: int
    version: int
    start: int
    end: int
    begin_time: int
    steps: tuple[Kept, ...]
    carried: tuple[int, ...]
    reached_time: int = 0
    completed_time: int = 0
    claimed_time: int = 0
    given: tuple[Given, ...] = ()
    is_clawed_back: bool = False
    source: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Is all that a member has done of a task: the latest instances, and counts of all.

    `cancelled` are ids of events that were taken back before they were told.
    """

    instances: tuple[Instance, ...] = ()
    done_count: int = 0
    claimed_count: int = 0
    cancelled: tuple[str, ...] = ()
    is_blocked: bool = False


def _with_short_ids(tree: Any) -> Any:
    """Returns version 2 of a progress: ids and keys were kept as long as they were."""
    for instance in tree["instances"]:
        for step in instance["steps"]:
            step[0] = [
                [short_id(event_id), time, value, key_of(key), *points]
                for event_id, time, value, key, *points in step[0]
            ]
    tree["cancelled"] = [short_id(each) for each in tree["cancelled"]]
    return tree


PROGRESS: Final[Collection[Progress]] = Collection(
    name="progress",
    type=Progress,
    bytes_max=1 << 20,
    version=2,
    upgrades={1: _with_short_ids},
)
NONE_YET: Final = Progress()


def numbered(progress: Progress, number: int) -> Instance | None:
    """Returns the instance of a number; None if it is not kept."""
    return next((one for one in progress.instances if one.number == number), None)


def with_instance(progress: Progress, instance: Instance) -> Progress:
    """Returns the progress with an instance in the place of itself before."""
    instances = tuple(
        instance if one.number == instance.number else one for one in progress.instances
    )
    return replace(progress, instances=instances)


class State(StrEnum):
    """Tells where an instance is; each state only ever follows those before it.

    Save one: what is completed and not claimed is active again if an event that it
    needs is cancelled.
    """

    LOCKED = "LOCKED"
    ACTIVE = "ACTIVE"
    COMPLETED = "COMPLETED"
    CLAIMED = "CLAIMED"
    EXPIRED = "EXPIRED"


class Standing(NamedTuple):
    """Is how far each step is, and when all that is needed was reached, or None."""

    steps: tuple[Sum, ...]
    reached_time: int | None


def state_of(task: Task, instance: Instance, now: int) -> State:
    """Returns where an instance is at an instant."""
    if instance.claimed_time:
        return State.CLAIMED
    if instance.completed_time:
        is_open = now < claim_until(task, instance)
        return State.COMPLETED if is_open else State.EXPIRED
    is_over = now >= told_until(task, instance)
    return State.EXPIRED if is_over else State.ACTIVE


def claim_until(task: Task, instance: Instance) -> int:
    """Returns the first instant at which it is too late to claim; NEVER for none."""
    if task.claim_minutes is None:
        return NEVER
    return instance.completed_time + task.claim_minutes * MINUTE


def told_until(task: Task, instance: Instance) -> int:
    """Returns the first instant at which no event of the window is late enough."""
    if instance.end == NEVER:
        return NEVER
    return instance.end + task.lateness_minutes * MINUTE


def standing_of(task: Task, instance: Instance, now: int) -> Standing:
    """Returns how far an instance is.

    With a rolling window it is reached once any stretch of that length, ending with
    an event, holds enough; how far it is, is told of the stretch that ends now.
    """
    entries = tuple(kept.entries for kept in instance.steps)
    if not isinstance(task.window, Rolling):
        return _standing(task, entries, instance.carried)
    length = task.window.minutes * MINUTE
    for end in ends_that_may_do(task, entries, instance.carried, length):
        found = _standing(task, _within(entries, end - length, end), instance.carried)
        if found.reached_time is not None:
            return found
    return _standing(task, _within(entries, now - length, now), instance.carried)


def overshoot(task: Task, instance: Instance, now: int) -> tuple[int, ...]:
    """Returns by how much each step went beyond its target."""
    standing = standing_of(task, instance, now)
    return tuple(
        max(0, found.value - step.target)
        for step, found in zip(task.steps, standing.steps, strict=True)
    )


def _standing(
    task: Task, entries: tuple[Entries, ...], carried: tuple[int, ...]
) -> Standing:
    if task.order is Order.ORDERED:
        steps = tuple(_one_after_the_other(task, entries, carried))
    else:
        steps = tuple(
            summed(entries[at], step.aggregator, step.target, carried[at])
            for at, step in enumerate(task.steps)
        )
    return Standing(steps, _reached(task, steps))


def _one_after_the_other(
    task: Task, entries: tuple[Entries, ...], carried: tuple[int, ...]
) -> Iterator[Sum]:
    """Yields the steps, each of events after those that the one before needed."""
    after: int | None = -1
    for at, step in enumerate(task.steps):
        begun = after
        counted = [one for one in entries[at] if begun is not None and one.time > begun]
        found = summed(counted, step.aggregator, step.target, carried[at])
        after = found.reached_time if begun is not None else None
        yield found


def _reached(task: Task, steps: tuple[Sum, ...]) -> int | None:
    times = sorted(one.reached_time for one in steps if one.reached_time is not None)
    needed = task.steps_needed or len(task.steps)
    return times[needed - 1] if len(times) >= needed else None


def _within(
    entries: tuple[Entries, ...], after: int, until: int
) -> tuple[Entries, ...]:
    return tuple(
        tuple(entry for entry in step if after < entry.time <= until)
        for step in entries
    )
