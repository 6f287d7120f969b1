"""The rules of one task, as they stand for one member at an instant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from points.plugin import Days
from points_tasks.config import Repeat, Step, Task
from points_tasks.progress import Instance, Progress
from points_tasks.windows import MINUTE


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


def goes_on(step: Step, earlier: Task, at: int) -> bool:
    """Says whether a step counts what the one in its place did by earlier rules."""
    return any(step.counts_like(one) for one in earlier.steps[at : at + 1])


def is_used_up(task: Task, progress: Progress) -> bool:
    """Tells whether a task has been done as often as it can be."""
    most = 1 if task.repeat is Repeat.ONCE else task.times_max
    return most is not None and progress.done_count >= most


def again_from(rules: Task, instance: Instance) -> int:
    """Returns when a task that is done after a while may be done again."""
    return instance.reached_time + rules.cooldown_minutes * MINUTE
