"""Which instances are kept: those to which something can happen, and the latest."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from points_tasks.config import Repeat
from points_tasks.entries import Kept, together
from points_tasks.progress import Instance, Progress, State, state_of, told_until
from points_tasks.rules import Desk
from points_tasks.windows import MINUTE


OVER_MAX: Final = 5
"""Most instances that are kept after they are over, so that a claim can be repeated."""

WAITING_MAX: Final = 100
"""Most rewards of a task that wait to be claimed, once no event of theirs is told."""

SINGLE_MAX: Final = 4_000
"""Most entries of a task that are kept one by one, but for those of the latest time."""

ENTRIES_MAX: Final = 12_000
"""Most entries of a task: as many as its document has room for."""

_OVER: Final = frozenset({State.EXPIRED, State.CLAIMED})
_WAITING: Final = frozenset({State.COMPLETED})


def pruned(desk: Desk, progress: Progress) -> Progress:
    """Returns the progress without instances that are long over.

    Of those that wait to be claimed the oldest are kept without their events, and so
    are the oldest of all where there are very many.
    """
    return _fitting(desk, _without_over(desk, progress))


def _without_over(desk: Desk, progress: Progress) -> Progress:
    over = _told(desk, progress, _OVER)
    waiting = _told(desk, progress, _WAITING)
    gone = frozenset((*over[:-OVER_MAX], *waiting[:-WAITING_MAX]))
    brief = frozenset(waiting[:-OVER_MAX])
    if not (gone or brief):
        return progress
    kept = _without(progress, gone)
    instances = [_brief(desk, i) if i.number in brief else i for i in kept.instances]
    return replace(progress, instances=tuple(instances))


def _fitting(desk: Desk, progress: Progress) -> Progress:
    """Returns the progress with no more entries than there is room for."""
    if sum(map(_count, progress.instances)) <= SINGLE_MAX:
        return progress
    room, kept = SINGLE_MAX, list[Instance]()
    for one in reversed(progress.instances):
        room -= _count(one)
        kept.append(one if room >= 0 or not kept else _brief(desk, one))
    return _emptied(replace(progress, instances=tuple(reversed(kept))))


def _emptied(progress: Progress) -> Progress:
    """Returns the progress without the entries of its oldest instances, if need be.

    Of keys that are told apart each is an entry, even where all are added together. As
    with these no event of such an instance counts any more.
    """
    excess, kept = sum(map(_count, progress.instances)) - ENTRIES_MAX, list[Instance]()
    for one in progress.instances:
        is_emptied = excess > 0 and one is not progress.instances[-1]
        excess -= _count(one) if is_emptied else 0
        steps = (Kept(horizon=one.end),) * len(one.steps) if is_emptied else one.steps
        kept.append(replace(one, steps=steps))
    return replace(progress, instances=tuple(kept))


def _count(instance: Instance) -> int:
    """Returns how many entries an instance has."""
    return sum(len(kept.entries) for kept in instance.steps)


def _without(progress: Progress, gone: frozenset[int]) -> Progress:
    # Numbers are given again: nothing follows an instance that is gone.
    kept = (
        replace(one, source=0) if one.source in gone else one
        for one in progress.instances
        if one.number not in gone
    )
    return replace(progress, instances=tuple(kept))


def _brief(desk: Desk, instance: Instance) -> Instance:
    """Returns an instance that tells what was counted, and not of what events."""
    pairs = zip(instance.steps, desk.rules(instance).steps, strict=True)
    steps = [together(kept, step.aggregator) for kept, step in pairs]
    return replace(instance, steps=tuple(steps))


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
