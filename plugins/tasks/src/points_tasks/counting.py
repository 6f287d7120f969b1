"""What an event does to a task: pure, from progress to the next one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from points.plugin import Days
from points_tasks.config import Clawback, Repeat, Task
from points_tasks.entries import (
    Aggregator,
    Entry,
    Kept,
    added,
    has,
    lessened,
    together,
)
from points_tasks.events import Happening, entry_of
from points_tasks.progress import (
    Instance,
    Progress,
    State,
    overshoot,
    standing_of,
    state_of,
    told_until,
)
from points_tasks.windows import MINUTE, Window, window_at


CANCELLED_MAX: Final = 100
"""Most cancellations of unknown events that are remembered."""

OVER_MAX: Final = 5
"""Most instances that are kept after they are over, so that a claim can be repeated."""

WAITING_MAX: Final = 100
"""Most rewards of a task that wait to be claimed, once no event of theirs is told."""

_OVER: Final = frozenset({State.EXPIRED, State.CLAIMED})
_WAITING: Final = frozenset({State.COMPLETED})

_CARRIED: Final = frozenset({Aggregator.COUNT, Aggregator.SUM})


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

    `lost` is an instance that was claimed and is no longer earned, whose rewards are to
    be reversed.
    """

    progress: Progress
    verdict: Verdict
    number: int = 0
    lost: Instance | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Is one task of one member at an instant: its rules, and how to find older ones.

    `rules_of` returns the task as a version of the program has it; None where it
    has it no more.
    """

    task: Task
    version: int
    rules_of: Callable[[int], Task | None]
    days: Days
    now: int
    is_locked: bool = False

    def rules(self, instance: Instance) -> Task:
        """Returns the rules that an instance goes by: those that it began with."""
        return self.rules_of(instance.version) or self.task


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
            return _settled(desk, progress, instance, rest)
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


def claimed(progress: Progress, instance: Instance) -> Progress:
    """Returns the progress with an instance that has been claimed."""
    return replace(
        with_instance(progress, instance), claimed_count=progress.claimed_count + 1
    )


def completed(desk: Desk, progress: Progress, instance: Instance) -> Progress:
    """Returns the progress with an instance that has more, and may be completed so.

    Nothing is removed of it, whatever is over by now: that is for `pruned`.
    """
    rules, done = desk.rules(instance), progress.done_count
    reached = standing_of(rules, instance, desk.now).reached_time
    is_new = reached is not None and not instance.completed_time
    if is_new and not _is_used_up(rules, progress):
        instance = replace(instance, completed_time=desk.now)
        done += 1
    if reached is not None and instance.completed_time and not instance.claimed_time:
        instance = replace(instance, reached_time=reached)
    return replace(with_instance(progress, instance), done_count=done)


def pruned(desk: Desk, progress: Progress) -> Progress:
    """Returns the progress without instances that are long over.

    Of those that wait to be claimed the oldest are kept without their events.
    """
    over = _told(desk, progress, _OVER)
    waiting = _told(desk, progress, _WAITING)
    gone = frozenset((*over[:-OVER_MAX], *waiting[:-WAITING_MAX]))
    brief = frozenset(waiting[:-OVER_MAX])
    if not (gone or brief):
        return progress
    kept = (one for one in progress.instances if one.number not in gone)
    instances = [_brief(desk, one) if one.number in brief else one for one in kept]
    return replace(progress, instances=tuple(instances))


def _brief(desk: Desk, instance: Instance) -> Instance:
    """Returns an instance that tells what was counted, and not of what events."""
    pairs = zip(instance.steps, desk.rules(instance).steps, strict=True)
    steps = [together(kept, step.aggregator) for kept, step in pairs]
    return replace(instance, steps=tuple(steps))


def _may_go_again(desk: Desk, progress: Progress, latest: Instance, time: int) -> bool:
    rules = desk.rules(latest)
    if latest is not progress.instances[-1] or not latest.completed_time:
        return False
    if rules.repeat is not Repeat.COOLDOWN or _is_used_up(rules, progress):
        return False
    # Strictly later: the event that completed one instance does not begin the next.
    return time > latest.reached_time and time >= again_from(rules, latest)


def again_from(rules: Task, instance: Instance) -> int:
    """Returns when a task that is done after a while may be done again."""
    return instance.reached_time + rules.cooldown_minutes * MINUTE


def _is_used_up(task: Task, progress: Progress) -> bool:
    """Tells whether a task has been done as often as it can be."""
    most = 1 if task.repeat is Repeat.ONCE else task.times_max
    return most is not None and progress.done_count >= most


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
    if _is_used_up(desk.task, progress):
        return Counted(progress, Verdict.DONE)
    instance = _new(desk, progress, window)
    kept = (*progress.instances, instance)
    instances = tuple(sorted(kept, key=lambda one: (one.start, one.number)))
    begun = replace(progress, instances=instances)
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
        carried=_carried(desk, last),
    )


def _carried(desk: Desk, last: Instance | None) -> tuple[int, ...]:
    nothing = (0,) * len(desk.task.steps)
    if last is None or not (desk.task.carry_over and last.completed_time):
        return nothing
    rules = desk.rules(last)
    if len(rules.steps) != len(nothing):
        return nothing
    return tuple(
        over if step.aggregator in _CARRIED else 0
        for step, over in zip(
            desk.task.steps, overshoot(rules, last, desk.now), strict=True
        )
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
    more = replace(instance, steps=steps)
    after = pruned(desk, completed(desk, progress, more))
    return Counted(after, Verdict.COUNTED, instance.number)


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


def _settled(
    desk: Desk, progress: Progress, instance: Instance, steps: tuple[Kept, ...]
) -> Counted:
    rules = desk.rules(instance)
    less = replace(instance, steps=steps)
    is_reached = standing_of(rules, less, desk.now).reached_time is not None
    if is_reached or not less.completed_time:
        return Counted(with_instance(progress, less), Verdict.TAKEN_BACK, less.number)
    if less.claimed_time:
        return _lost(rules, progress, less)
    less = replace(less, completed_time=0, reached_time=0)
    kept = replace(with_instance(progress, less), done_count=progress.done_count - 1)
    return Counted(kept, Verdict.TAKEN_BACK, less.number)


def _lost(rules: Task, progress: Progress, instance: Instance) -> Counted:
    """Returns what it comes to that a claimed reward is no longer earned."""
    if instance.is_clawed_back or rules.clawback is Clawback.NONE:
        return Counted(
            with_instance(progress, instance), Verdict.TAKEN_BACK, instance.number
        )
    if rules.clawback is Clawback.BLOCK:
        kept = replace(with_instance(progress, instance), is_blocked=True)
        return Counted(kept, Verdict.TAKEN_BACK, instance.number)
    kept = with_instance(progress, instance)
    return Counted(kept, Verdict.TAKEN_BACK, instance.number, lost=instance)


def with_instance(progress: Progress, instance: Instance) -> Progress:
    """Returns the progress with an instance in the place of itself before."""
    instances = tuple(
        instance if one.number == instance.number else one for one in progress.instances
    )
    return replace(progress, instances=instances)


def _told(desk: Desk, progress: Progress, states: frozenset[State]) -> list[int]:
    """Returns the instances in these states of which no event is told any more."""
    last = progress.instances[-1] if progress.instances else None
    return [
        one.number
        for one in progress.instances
        if last and _is_told(desk, one, last, states)
    ]


def _is_told(
    desk: Desk, instance: Instance, last: Instance, states: frozenset[State]
) -> bool:
    rules = desk.rules(instance)
    if state_of(rules, instance, desk.now) not in states:
        return False
    told = told_until(rules, instance)
    if rules.repeat is Repeat.COOLDOWN and instance is not last:
        # All that it has counted is too old to be told again.
        told = min(told, instance.completed_time + rules.lateness_minutes * MINUTE)
    return desk.now >= told
