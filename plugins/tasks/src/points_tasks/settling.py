"""What a change of an instance leads to: it is completed or lost, and so may others be.

What an instance has beyond its targets is where the next one begins, if the task
carries over. That is worked out anew whenever the former changes, so that neither the
order in which events are told nor what is taken back later makes a difference:

    taken back      day 1: 5000 of 500      day 2: 4500 carried + 1
                    day 1:    0 of 500      day 2:    0 carried + 1, its reward is lost
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from points_tasks.config import Clawback, Task
from points_tasks.entries import Aggregator
from points_tasks.progress import (
    Instance,
    Progress,
    numbered,
    overshoot,
    standing_of,
    with_instance,
)
from points_tasks.rules import Desk, goes_on, is_used_up


_CARRIED: Final = frozenset({Aggregator.COUNT, Aggregator.SUM})


class Settled(NamedTuple):
    """Is the progress after a change, and which instances it changed, by number.

    `lost` are those that were claimed and are no longer earned, whose rewards are to
    be reversed.
    """

    progress: Progress
    changed: tuple[int, ...] = ()
    lost: tuple[Instance, ...] = ()


def settled(
    desk: Desk, progress: Progress, instance: Instance, *, is_less: bool = False
) -> Settled:
    """Returns what it comes to that an instance has more than before, or less.

    Nothing is removed of the progress, whatever is over by now.
    """
    found = Settled(progress)
    changed: Instance | None = instance
    while changed is not None:
        decide = _lessened if is_less else _increased
        found = decide(desk, found, changed)
        number = changed.number
        changed = _followed(desk, found.progress, number)
        is_less = changed is not None and _is_less(changed, found.progress)
    return found


def completed(desk: Desk, progress: Progress, instance: Instance) -> Progress:
    """Returns the progress with an instance that has more, and may be completed so.

    Nothing is removed of it, whatever is over by now.
    """
    rules, done = desk.rules(instance), progress.done_count
    reached = standing_of(rules, instance, desk.now).reached_time
    is_new = reached is not None and not instance.completed_time
    if is_new and not is_used_up(rules, progress):
        instance = replace(instance, completed_time=desk.now)
        done += 1
    if reached is not None and instance.completed_time and not instance.claimed_time:
        instance = replace(instance, reached_time=reached)
    return replace(with_instance(progress, instance), done_count=done)


def claimed(progress: Progress, instance: Instance) -> Progress:
    """Returns the progress with an instance that has been claimed."""
    return replace(
        with_instance(progress, instance), claimed_count=progress.claimed_count + 1
    )


def placed(desk: Desk, progress: Progress, instance: Instance) -> Progress:
    """Returns the progress with a new instance, in the order of windows.

    One of an earlier window may stand between two that were there before: the later
    one follows it then.
    """
    later = next((i for i in progress.instances if i.start > instance.start), None)
    if later and _may_follow(desk.rules(later), instance, later):
        progress = with_instance(progress, replace(later, source=instance.number))
    kept = (*progress.instances, instance)
    instances = tuple(sorted(kept, key=lambda one: (one.start, one.number)))
    return replace(progress, instances=instances)


def carried_over(desk: Desk, rules: Task, before: Instance | None) -> tuple[int, ...]:
    """Returns what an instance of these rules begins with, behind the one before."""
    if before is None or not rules.carry_over:
        return (0,) * len(rules.steps)
    begins, earlier = _left_over(desk, before), desk.rules(before)
    return tuple(
        begins[at] if step.aggregator in _CARRIED and goes_on(step, earlier, at) else 0
        for at, step in enumerate(rules.steps)
    )


def _left_over(desk: Desk, instance: Instance) -> tuple[int, ...]:
    """Returns what an instance leaves to the one that follows it, for each step.

    One whose events have all been taken back leaves what it began with, as if there
    were none.
    """
    if not any(kept.entries for kept in instance.steps):
        return instance.carried
    rules = desk.rules(instance)
    is_reached = standing_of(rules, instance, desk.now).reached_time is not None
    if not (is_reached and instance.completed_time):
        return (0,) * len(instance.carried)
    return overshoot(rules, instance, desk.now)


def _followed(desk: Desk, progress: Progress, number: int) -> Instance | None:
    """Returns what follows an instance as it begins now; None where nothing changes."""
    found = next((one for one in progress.instances if one.source == number), None)
    if found is None:
        return None
    begins = carried_over(desk, desk.rules(found), numbered(progress, number))
    return None if begins == found.carried else replace(found, carried=begins)


def _may_follow(rules: Task, instance: Instance, later: Instance) -> bool:
    """Says whether a later instance follows a new one: both followed the same, or none.

    What came from one that is kept no more stays.
    """
    if not rules.carry_over or later.source != instance.source:
        return False
    return bool(instance.source) or not any(later.carried)


def _is_less(instance: Instance, before: Progress) -> bool:
    """Says whether an instance begins with less of some step than it did."""
    found = numbered(before, instance.number)
    assert found is not None, "it followed another one there"
    pairs = zip(instance.carried, found.carried, strict=True)
    return any(now < then for now, then in pairs)


def _increased(desk: Desk, before: Settled, instance: Instance) -> Settled:
    """Returns what it comes to that an instance has more."""
    after = completed(desk, before.progress, instance)
    return before._replace(progress=after, changed=(*before.changed, instance.number))


def _lessened(desk: Desk, before: Settled, instance: Instance) -> Settled:
    """Returns what it comes to that an instance has less."""
    rules, progress = desk.rules(instance), before.progress
    is_reached = standing_of(rules, instance, desk.now).reached_time is not None
    if is_reached or not instance.completed_time:
        return _increased(desk, before, instance)
    changed = (*before.changed, instance.number)
    if instance.claimed_time:
        return _unearned(rules, before._replace(changed=changed), instance)
    again = replace(instance, completed_time=0, reached_time=0)
    after = with_instance(progress, again)
    after = replace(after, done_count=progress.done_count - 1)
    return before._replace(progress=after, changed=changed)


def _unearned(rules: Task, before: Settled, instance: Instance) -> Settled:
    """Returns what it comes to that a claimed reward is no longer earned."""
    after = with_instance(before.progress, instance)
    if instance.is_clawed_back or rules.clawback is Clawback.NONE:
        return before._replace(progress=after)
    if rules.clawback is Clawback.BLOCK:
        return before._replace(progress=replace(after, is_blocked=True))
    return before._replace(progress=after, lost=(*before.lost, instance))
