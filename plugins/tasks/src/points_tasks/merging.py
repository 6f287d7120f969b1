"""Two members who become one: what both have done counts together, once.

A time that both have done a task in the same window is one time: its events are united,
and a reward that either has got is got. Everything else stands beside each other.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from points.plugin import Context, OnFailure, Reaction, Recorded
from points_tasks.config import Repeat, Task
from points_tasks.counting import CANCELLED_MAX
from points_tasks.desks import TASKS_MAX, Board, board_of
from points_tasks.entries import MERGED, VALUE_MAX, Aggregator, Kept, added, has
from points_tasks.handlers import give, given_when_due
from points_tasks.progress import PROGRESS, Instance, Progress, State, state_of
from points_tasks.pruning import pruned
from points_tasks.rules import Desk, goes_on
from points_tasks.settling import completed


class Both(NamedTuple):
    """Is the progress of two members together.

    `united` are the numbers of the instances in which events of both are. `waiting`
    are earlier times of who ends, which have no place beside those of who goes on.
    """

    progress: Progress
    united: tuple[int, ...] = ()
    waiting: tuple[Instance, ...] = ()


def merge(ctx: Context, recorded: Recorded) -> None:
    """Gives the progress of a member who was merged to the one who goes on."""
    ended = recorded.counterparty
    others = dict(ctx.state.list(PROGRESS, ended, limit=TASKS_MAX))
    if not others:
        return
    mine = board_of(ctx, recorded.member_id)
    board = Board(ctx, mine.member, {**others, **mine.progress})
    tasks = dict(board.tasks())
    for name, other in others.items():
        ctx.state.delete(PROGRESS, ended, name)
        if name not in mine.progress or name not in tasks:
            board.keep(name, one_progress(mine.of(name), other, None).progress)
        else:
            _unite(board, name, board.desk(name, tasks[name]), other)


def _unite(board: Board, name: str, desk: Desk, other: Progress) -> None:
    """Keeps the progress of both, and gives what they have reached together.

    What waits to be claimed and cannot stay is given at once, unless what was clawed
    back of either blocks it: then it is lost, as no claim would get it.
    """
    both = one_progress(board.of(name), other, desk)
    progress = both.progress
    for instance in both.waiting:
        state = state_of(desk.rules(instance), instance, desk.now)
        if state is State.COMPLETED and not both.progress.is_blocked:
            give(board, name, desk, instance)
            progress = replace(progress, claimed_count=progress.claimed_count + 1)
    for number in both.united:
        instance = next(one for one in progress.instances if one.number == number)
        progress = completed(desk, progress, instance)
        progress, _ = given_when_due(board, name, desk, progress, number)
    # Not before: what both have done together may complete one that is over.
    board.keep(name, pruned(desk, progress))


def one_progress(mine: Progress, other: Progress, desk: Desk | None) -> Both:
    """Returns the progress of both, each time that both have done once.

    Nothing is united without a desk, which knows the rules.
    """
    instances, united, waiting = list(mine.instances), list[int](), list[Instance]()
    done = claimed = 0
    for theirs in other.instances:
        at = _same(instances, theirs, desk) if desk else None
        if desk and at is None and _may_be_got(mine, theirs, desk):
            done += bool(theirs.completed_time)
            claimed += bool(theirs.claimed_time)
        elif at is None or desk is None:
            number = max((one.number for one in instances), default=0) + 1
            instances.append(replace(theirs, number=number, source=0))
        elif _has_later(other, theirs):
            waiting.append(theirs)
        else:
            own = instances[at]
            done += bool(own.completed_time and theirs.completed_time)
            claimed += bool(own.claimed_time and theirs.claimed_time)
            instances[at] = one_instance(desk, own, theirs)
            united.append(own.number)
    # What both carried before they were one stays: of each target both were rewarded.
    freed = (replace(i, source=0) if i.source in united else i for i in instances)
    progress = Progress(
        instances=tuple(sorted(freed, key=lambda one: (one.start, one.number))),
        done_count=mine.done_count + other.done_count - done,
        claimed_count=mine.claimed_count + other.claimed_count - claimed,
        cancelled=(*other.cancelled, *mine.cancelled)[-CANCELLED_MAX:],
        is_blocked=mine.is_blocked or other.is_blocked,
    )
    return Both(progress, tuple(united), tuple(waiting))


def _may_be_got(mine: Progress, theirs: Instance, desk: Desk) -> bool:
    """Says whether a reward of that window may be among those that are kept no more.

    Then it is taken as got: nobody can tell, and it is to be had once.
    """
    kept = [one for one in mine.instances if one.claimed_time]
    is_one_gone = len(kept) < mine.claimed_count
    is_older = bool(kept) and theirs.end <= kept[0].start
    return desk.task.repeat is Repeat.WINDOW and is_one_gone and is_older


def _has_later(progress: Progress, instance: Instance) -> bool:
    """Says whether a task was done again in the window of an instance."""
    window = (instance.start, instance.end)
    return any(
        (one.start, one.end) == window and one.number > instance.number
        for one in progress.instances
    )


def one_instance(desk: Desk, mine: Instance, other: Instance) -> Instance:
    """Returns the time of both: by the rules of the first, begun when either began.

    A step that counts something else in the rules of the other is that of the first.
    """
    rules, theirs = desk.rules(mine), desk.rules(other)
    steps, carried = list(mine.steps), list(mine.carried)
    if len(other.steps) == len(steps):
        for at, step in enumerate(rules.steps):
            if goes_on(step, theirs, at):
                steps[at] = _both(rules, step.aggregator, steps[at], other.steps[at])
                carried[at] = min(carried[at] + other.carried[at], VALUE_MAX)
    return replace(
        mine,
        begin_time=min(mine.begin_time, other.begin_time),
        steps=tuple(steps),
        carried=tuple(carried),
        reached_time=_first(mine.reached_time, other.reached_time),
        completed_time=_first(mine.completed_time, other.completed_time),
        claimed_time=_first(mine.claimed_time, other.claimed_time),
        given=mine.given + other.given,
        is_clawed_back=_is_clawed_back(mine, other),
        source=0,
    )


def _is_clawed_back(mine: Instance, other: Instance) -> bool:
    """Says whether all that either has got of an instance was taken back."""
    got = [one for one in (mine, other) if one.claimed_time]
    return bool(got) and all(one.is_clawed_back for one in got)


def _same(instances: list[Instance], theirs: Instance, desk: Desk) -> int | None:
    """Returns where the last instance of the same window is, if one is there.

    Any one is of a task that is done once.
    """
    found = [
        at
        for at, one in enumerate(instances)
        if desk.task.repeat is Repeat.ONCE
        or (one.start, one.end) == (theirs.start, theirs.end)
    ]
    return found[-1] if found else None


def _first(mine: int, other: int) -> int:
    """Returns the earlier of two instants of which 0 stands for not yet."""
    return min(mine, other) if mine and other else mine or other


def _both(rules: Task, aggregator: Aggregator, mine: Kept, other: Kept) -> Kept:
    """Returns the entries of both, each event once."""
    kept = mine
    for entry in other.entries:
        if entry.event_id == MERGED or not has(kept, entry.event_id):
            kept = added(kept, entry, aggregator, is_rolling=rules.is_rolling)
    return kept._replace(horizon=max(kept.horizon, mine.horizon, other.horizon))


MERGING: Final = Reaction(
    name="merge",
    kinds=frozenset({"MERGE_IN"}),
    handler=merge,
    on_failure=OnFailure.ABORT,
)
