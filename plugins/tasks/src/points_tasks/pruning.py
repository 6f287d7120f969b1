"""Which instances are kept: those to which something can happen, and the latest."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from points_tasks.config import Repeat
from points_tasks.entries import together
from points_tasks.progress import Instance, Progress, State, state_of, told_until
from points_tasks.rules import Desk
from points_tasks.windows import MINUTE


OVER_MAX: Final = 5
"""Most instances that are kept after they are over, so that a claim can be repeated."""

WAITING_MAX: Final = 100
"""Most rewards of a task that wait to be claimed, once no event of theirs is told."""

_OVER: Final = frozenset({State.EXPIRED, State.CLAIMED})
_WAITING: Final = frozenset({State.COMPLETED})


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
    # Numbers are given again: nothing follows one that is gone.
    freed = [replace(i, source=0) if i.source in gone else i for i in instances]
    return replace(progress, instances=tuple(freed))


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
