"""What an event does to a task: pure, from progress to the next one."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Final, NamedTuple

from points_tasks.config import Repeat, Task
from points_tasks.entries import Entry, Kept, added, has, lessened
from points_tasks.events import Happening, entry_of
from points_tasks.progress import Instance, Progress
from points_tasks.pruning import pruned
from points_tasks.rules import Desk, again_from, is_used_up
from points_tasks.settling import Settled, carried_over, placed, settled
from points_tasks.windows import MINUTE, Window, window_at


CANCELLED_MAX: Final = 100
"""Most cancellations of unknown events that are remembered."""


class Verdict(StrEnum):
    """Tells what became of an event in a task."""

    COUNTED = "COUNTED"
    TAKEN_BACK = "TAKEN_BACK"
    DUPLICATE = "DUPLICATE"
    LATE = "LATE"
    OUTSIDE_WINDOW = "OUTSIDE_WINDOW"
    LOCKED = "LOCKED"
    DONE = "DONE"
    CANCELLED = "CANCELLED"
    UNKNOWN = "UNKNOWN"


class Counted(NamedTuple):
    """Is what an event came to in a task; `number` is the instance, 0 for none.

    `changed` are all instances that have more or less now: those that follow it, too.
    `lost` are those that were claimed and are no longer earned, whose rewards are to be
    reversed.
    """

    progress: Progress
    verdict: Verdict
    number: int = 0
    changed: tuple[int, ...] = ()
    lost: tuple[Instance, ...] = ()


def counted(desk: Desk, progress: Progress, happening: Happening) -> Counted | None:
    """Returns what an event comes to in a task; None if it is none of its events."""
    found = holder(desk, progress, happening.time)
    rules = desk.rules(found) if found else desk.task
    if not any(entry_of(step, happening, desk.days) for step in rules.steps):
        return None
    verdict = _refused(desk, progress, rules, happening)
    # What has begun stays unlocked.
    if verdict is None and found is None and desk.is_locked:
        verdict = Verdict.LOCKED
    if verdict is not None:
        return Counted(progress, verdict)
    if found is None:
        return _begun(desk, progress, happening)
    return _added(desk, progress, found, happening)


def taken_back(desk: Desk, progress: Progress, happening: Happening) -> Counted | None:
    """Returns what the cancellation of an event comes to; None if it never counted."""
    for instance in reversed(progress.instances):
        rest = _lessened(desk, instance, happening)
        if rest is not None:
            less = settled(desk, progress, replace(instance, steps=rest), is_less=True)
            return _came_to(Verdict.TAKEN_BACK, instance, less)
    return None


def remembered(progress: Progress, event_id: str) -> Progress:
    """Returns the progress, in which an event will not count should it still come."""
    cancelled = (*progress.cancelled, event_id)[-CANCELLED_MAX:]
    return replace(progress, cancelled=cancelled)


def holder(desk: Desk, progress: Progress, time: int) -> Instance | None:
    """Returns the instance that an event of some time belongs to, or None.

    One that is done makes place for the next where the task is done again after a
    while, and that while is over.
    """
    holding = [one for one in progress.instances if one.start <= time < one.end]
    begun = [one for one in holding if one.begin_time <= time]
    found = begun[-1] if begun else None
    if found and _may_go_again(desk, progress, found, time):
        return None
    return found or (holding[0] if holding else None)


def _may_go_again(desk: Desk, progress: Progress, latest: Instance, time: int) -> bool:
    rules = desk.rules(latest)
    if latest is not progress.instances[-1] or not latest.completed_time:
        return False
    if rules.repeat is not Repeat.COOLDOWN or is_used_up(rules, progress):
        return False
    # Strictly later: the event that completed one instance does not begin the next.
    return time > latest.reached_time and time >= again_from(rules, latest)


def _refused(
    desk: Desk, progress: Progress, rules: Task, happening: Happening
) -> Verdict | None:
    if happening.event_id in progress.cancelled:
        return Verdict.CANCELLED
    if happening.time < desk.now - rules.lateness_minutes * MINUTE:
        return Verdict.LATE
    return Verdict.LOCKED if progress.is_blocked else None


def _begun(desk: Desk, progress: Progress, happening: Happening) -> Counted:
    """Returns what the first event of a new instance comes to."""
    window = window_at(desk.task, desk.days, happening.time)
    if window is None:
        return Counted(progress, Verdict.OUTSIDE_WINDOW)
    if is_used_up(desk.task, progress):
        return Counted(progress, Verdict.DONE)
    instance = _new(desk, progress, window)
    begun = placed(desk, progress, instance)
    return _added(desk, begun, instance, happening)


def _new(desk: Desk, progress: Progress, window: Window) -> Instance:
    earlier = [one for one in progress.instances if one.start <= window.start]
    last = earlier[-1] if earlier else None
    again = last is not None and last.start == window.start and last.completed_time
    begin = again_from(desk.rules(last), last) if last and again else window.start
    number = max((one.number for one in progress.instances), default=0) + 1
    return Instance(
        number=number,
        version=desk.version,
        start=window.start,
        end=window.end,
        begin_time=begin,
        steps=(Kept(),) * len(desk.task.steps),
        carried=carried_over(desk, desk.task, last),
        source=last.number if last and desk.task.carry_over else 0,
    )


def _added(
    desk: Desk, progress: Progress, instance: Instance, happening: Happening
) -> Counted:
    rules = desk.rules(instance)
    is_closed = instance.claimed_time and not rules.carry_over
    if is_closed or happening.time < instance.begin_time:
        duplicate = any(has(kept, happening.event_id) for kept in instance.steps)
        verdict = Verdict.DUPLICATE if duplicate else Verdict.DONE
        return Counted(progress, verdict, instance.number)
    steps, verdict = _stepped(desk, rules, instance, happening)
    if verdict is not Verdict.COUNTED:
        return Counted(progress, verdict, instance.number)
    more = settled(desk, progress, replace(instance, steps=steps))
    more = more._replace(progress=pruned(desk, more.progress))
    return _came_to(Verdict.COUNTED, instance, more)


def _came_to(verdict: Verdict, instance: Instance, after: Settled) -> Counted:
    return Counted(after.progress, verdict, instance.number, after.changed, after.lost)


def _stepped(
    desk: Desk, rules: Task, instance: Instance, happening: Happening
) -> tuple[tuple[Kept, ...], Verdict]:
    """Returns the steps with an event, and what became of it: counted once if any."""
    steps = list(instance.steps)
    verdicts: list[Verdict] = []
    for at, step in enumerate(rules.steps):
        entry = entry_of(step, happening, desk.days)
        if entry is not None:
            verdict = _verdict(steps[at], entry)
            verdicts.append(verdict)
            if verdict is Verdict.COUNTED:
                steps[at] = added(
                    steps[at], entry, step.aggregator, is_rolling=rules.is_rolling
                )
    counts = Verdict.COUNTED in verdicts
    return tuple(steps), Verdict.COUNTED if counts else (verdicts or [Verdict.LATE])[0]


def _verdict(kept: Kept, entry: Entry) -> Verdict:
    if has(kept, entry.event_id):
        return Verdict.DUPLICATE
    return Verdict.LATE if entry.time <= kept.horizon else Verdict.COUNTED


def _lessened(
    desk: Desk, instance: Instance, happening: Happening
) -> tuple[Kept, ...] | None:
    """Returns the steps of an instance without an event; None if none has it."""
    rules = desk.rules(instance)
    found = False
    steps = list(instance.steps)
    for at, step in enumerate(rules.steps):
        rest = lessened(steps[at], happening.cancels, happening.points, step.aggregator)
        if rest is not None:
            steps[at], found = rest, True
    return tuple(steps) if found else None
