"""Jobs on their way: which of them a batch can take, and what the next one reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from points.domain.counters import CounterKey, counter_part
from points.domain.state import (
    CountersMissing,
    HalfMissing,
    LotsMissing,
    MembersMissing,
    PoolKey,
    PoolMissing,
)
from points.domain.values import Head, Record
from points.engine.jobs import Answer, Job, Routed
from points.engine.plugins.missing import ReadsMissing, look_at_members
from points.engine.stock import Stock
from points.store.texts.rows import Row


MISSING: Final = (
    LotsMissing,
    ReadsMissing,
    CountersMissing,
    MembersMissing,
    PoolMissing,
    HalfMissing,
)
"""Is raised when more has to be read. The next batch finds each half by itself."""

LOTS_READ: Final = 32
"""Lots read per member at first: most burns draw fewer."""


class AsksAgain(Exception):  # noqa: N818 - says what a job does
    """Is raised for a job that asks for what was read for it already."""


@dataclass(slots=True)
class Waiting:
    """Is a job on its way, with what earlier batches have found out about it.

    `decided` are the records of the batch under way; after a commit whose outcome
    is unknown they become `attempted`. `more_parts` are those of shared counters,
    which only reading has told, and `counters` and `pools` those that only deciding
    has. `more` is read as if these commands came with it: what a plugin turned out to
    ask for; `asked` counts how often each call of one did, and `read` how often in the
    batch under way something was read for it at once: that is not kept.
    """

    job: Job
    ticket: object
    lots_read: int = LOTS_READ
    more_parts: frozenset[int] = frozenset()
    counters: frozenset[CounterKey] = frozenset()
    pools: frozenset[tuple[PoolKey, PoolKey]] = frozenset()
    rounds: int = 0
    whole: Whole | None = None
    decided: dict[Row, Record] = field(default_factory=dict)
    attempted: dict[Row, Record] = field(default_factory=dict)
    more: list[Routed] = field(default_factory=list)
    asked: Counter[Hashable] = field(default_factory=Counter)
    read: Counter[Hashable] = field(default_factory=Counter)
    _job_parts: frozenset[int] | None = None

    def begin(self) -> None:
        """Forgets what a batch has done for it that came to nothing."""
        self.decided = {}
        if self.read:
            self.read = Counter()

    def parts(self) -> frozenset[int]:
        """Returns the parts that have to be locked, as far as they are known."""
        # Asked for several times in each batch, and always the same.
        if self._job_parts is None:
            self._job_parts = self.job.parts()
        return self._job_parts | self.more_parts if self.more_parts else self._job_parts

    def pieces(self) -> list[Waiting]:
        """Returns each command as a job by itself, answered together as before."""
        whole = Whole(self, {})
        return [
            Waiting(replace(self.job, commands=[routed]), position, whole=whole)
            for position, routed in enumerate(self.job.commands)
        ]


@dataclass(frozen=True, slots=True)
class Whole:
    """Is a job that was taken apart, with the answers so far by position."""

    waiting: Waiting
    answers: dict[object, Answer]

    def add(self, position: object, answer: Answer) -> Sequence[Answer] | None:
        """Adds an answer; returns them all, in their order, once none is missing."""
        self.answers[position] = answer
        count = len(self.waiting.job.commands)
        if len(self.answers) < count:
            return None
        return [self.answers[position] for position in range(count)]


def split(
    jobs: Sequence[Waiting], heads: Mapping[int, Head]
) -> tuple[list[Waiting], list[Waiting]]:
    """Returns the jobs that can be decided, and those that must wait for a part.

    A job never overtakes an earlier one that touches the same part. One that
    changes the program has its batch for itself: those behind it are decided under
    the new one.
    """
    ready: list[Waiting] = []
    busy: list[Waiting] = []
    held: set[int] = set()
    for waiting in jobs:
        parts = waiting.parts()
        is_alone = waiting.job.changes_program()
        is_free = parts <= heads.keys() and held.isdisjoint(parts)
        if is_free and not (is_alone and ready):
            ready.append(waiting)
            held |= parts if is_alone else set()
        else:
            held |= parts
            busy.append(waiting)
    return ready, busy


def split_counting(
    jobs: list[Waiting], stock: Stock, now: int
) -> tuple[list[Waiting], list[Waiting]]:
    """Returns the jobs whose counters are locked, too, and those that must wait.

    So do those for a part that was locked late and is ahead of `now`: the next batch
    has it from the start, and its time.
    """
    if not stock.counter_parts:
        return jobs, []
    for waiting in jobs:
        asked = (*waiting.job.commands, *waiting.more)
        found = [stock.counter_parts.get(r.key(), set()) for r in asked]
        waiting.more_parts = waiting.more_parts.union(*found)
    in_time = {p: head for p, head in stock.heads.items() if head.last_time <= now}
    return split(jobs, in_time)


def in_order(jobs: Sequence[Waiting], left: Sequence[Waiting]) -> Sequence[Waiting]:
    """Returns what is left in the order in which it came."""
    if not left:
        return left
    places = {id(waiting): place for place, waiting in enumerate(jobs)}
    return sorted(left, key=lambda waiting: places[id(waiting)])


def keep_missing(waiting: Waiting, missing: Exception, part_count: int) -> None:
    """Has the next batch, if there is one, read what is missing.

    Raises AsksAgain for what was read before: more reading would never end.
    """
    match missing:
        case LotsMissing():
            waiting.lots_read *= 16
        case ReadsMissing(wanted=wanted):
            if wanted in waiting.more:
                raise AsksAgain(wanted)
            waiting.more.append(wanted)
            waiting.more_parts |= wanted.parts()
        case CountersMissing(keys=keys):
            waiting.counters |= keys
            parts = [counter_part(name, part_count) for name, _ in keys]
            waiting.more_parts = waiting.more_parts.union(parts)
        case MembersMissing(keys=keys):
            keep_missing(waiting, ReadsMissing(look_at_members(keys)), part_count)
        case PoolMissing(earner=earner, pool=pool):
            if (earner, pool) in waiting.pools:
                raise AsksAgain(earner, pool)
            waiting.pools |= {(earner, pool)}
            waiting.more_parts |= {pool[0]}
