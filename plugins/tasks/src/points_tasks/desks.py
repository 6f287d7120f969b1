"""Finds a member's progress, and the rules that each task of it goes by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from points.plugin import Context, Days, MemberView, Refused
from points_tasks import reasons
from points_tasks.config import Audience, Config, Satisfied, Task
from points_tasks.progress import NONE_YET, PROGRESS, Progress
from points_tasks.rules import Desk


TASKS_MAX = 1_000
"""Most tasks whose progress is read: more than any program has at once."""


@dataclass(frozen=True, slots=True)
class Board:
    """Is a member with all progress, as it was when the call began."""

    ctx: Context
    member: MemberView
    progress: Mapping[str, Progress]

    def of(self, task: str) -> Progress:
        """Returns the progress of a task."""
        return self.progress.get(task, NONE_YET)

    def tasks(self) -> Iterator[tuple[str, Task]]:
        """Yields the tasks that are for the member, in the order of their names.

        Those that are begun too, even if the program has them no more: an instance
        keeps the rules that it began with.
        """
        config: Config = self.ctx.config
        for name in sorted({*config.tasks, *self.progress}):
            task = config.tasks.get(name) or self._older(name)
            if task is not None and (name in self.progress or self._is_for(task)):
                yield name, task

    def named(self, name: str) -> Task:
        """Returns a task of the member; raises Refused if there is none."""
        found = dict(self.tasks()).get(name)
        if found is None:
            raise Refused(reasons.TASK_UNKNOWN, task=name or "without a name")
        return found

    def desk(self, name: str, task: Task) -> Desk:
        """Returns a task as it is to be counted now."""
        return Desk(
            task=task,
            version=self.ctx.config_version,
            rules_of=lambda version: self._rules(name, version),
            days=Days(ZoneInfo(self.ctx.zone)),
            now=self.ctx.now,
            is_locked=self.is_locked(name, task),
        )

    def keep(self, name: str, progress: Progress) -> None:
        """Keeps the progress of a task."""
        self.ctx.state.put(PROGRESS, self.member.member_id, progress, name)

    def is_locked(self, name: str, task: Task) -> bool:
        """Tells whether nothing can be done for a task: others have to be done first.

        A task that the program has no more is locked: nothing of it begins.
        """
        config: Config = self.ctx.config
        return name not in config.tasks or not all(
            self._is_satisfied(task, one) for one in task.requires
        )

    def _is_satisfied(self, task: Task, required: str) -> bool:
        progress = self.of(required)
        if task.requires_state is Satisfied.CLAIMED:
            return progress.claimed_count > 0
        return progress.done_count > 0

    def _rules(self, name: str, version: int) -> Task | None:
        if version == self.ctx.config_version:
            config: Config = self.ctx.config
        else:
            config = self.ctx.config_at(version)
        return config.tasks.get(name)

    def _older(self, name: str) -> Task | None:
        instances = self.of(name).instances
        return self._rules(name, instances[-1].version) if instances else None

    def _is_for(self, task: Task) -> bool:
        return _is_among(task.audience, self.member)


def board_of(ctx: Context, member_id: str) -> Board:
    """Returns a member with all progress."""
    kept = ctx.state.list(PROGRESS, member_id, limit=TASKS_MAX)
    return Board(ctx, ctx.member(member_id), dict(kept))


def active_board(ctx: Context, member_id: str) -> Board:
    """Returns the board of a member who may do something."""
    board = board_of(ctx, member_id)
    if board.member.state != "ACTIVE":
        state = board.member.state
        raise Refused(reasons.MEMBER_NOT_ACTIVE, member_id=member_id, state=state)
    return board


def _is_among(audience: Audience, member: MemberView) -> bool:
    tiers = all(
        member.tiers.get(ladder, "") in tiers
        for ladder, tiers in audience.tiers.items()
    )
    return tiers and all(
        member.attributes.get(name, "") in values
        for name, values in audience.attributes.items()
    )
