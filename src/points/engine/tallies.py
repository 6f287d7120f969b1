"""What the engine counts of itself: plain numbers, for whoever wants to show them.

Each number is changed by one thread alone, without a lock, and read from any other one
whenever it likes. They begin at nothing with each start of the process.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final, TypeAlias

from points.domain.refusals import PluginDeclined, PluginRefused, Refusal
from points.engine.jobs import Answer, Outcome


SIZE_BOUNDS: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256, 1_024, 10_000)
"""Upper bounds of the classes of batch sizes, in commands."""

SECONDS_BOUNDS: Final = (
    *(0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1),
    *(0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
"""Upper bounds of the classes of durations, in seconds."""

Hook: TypeAlias = tuple[str, str]
"""Is the name of a plugin, and what of it is called."""


class Histogram:
    """Counts numbers by classes. The last class is of what no bound covers."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0

    def add(self, number: float) -> None:
        """Counts a number."""
        # Most of what plugins do is quicker than the first bound.
        place = 0 if number <= self.bounds[0] else bisect_left(self.bounds, number)
        self.counts[place] += 1
        self.total += number


class WriterTally:
    """Is what the writer has done: its batches, and the answers to commands.

    `refused` is by reason. A replay is counted as such, whatever it repeats. Batches
    that `gave_way` to callers are no others: nothing of them was committed.
    """

    def __init__(self) -> None:
        self.batch_sizes = Histogram(SIZE_BOUNDS)
        self.batch_seconds = Histogram(SECONDS_BOUNDS)
        self.gave_way = 0
        self.accepted = 0
        self.replayed = 0
        self.refused: dict[str, int] = {}

    def add_batch(self, seconds: float, answered: Sequence[Sequence[Answer]]) -> None:
        """Counts a committed batch, from the first lock to the end of the commit."""
        self.batch_seconds.add(seconds)
        self.batch_sizes.add(sum(map(len, answered)))

    def add_answers(self, answers: Sequence[Answer]) -> None:
        """Counts what became of commands."""
        for answer in answers:
            refusal = _refusal_of(answer)
            if isinstance(answer, Outcome) and answer.replayed:
                self.replayed += 1
            elif refusal is None:
                self.accepted += 1
            else:
                reason = _reason_of(refusal)
                self.refused[reason] = self.refused.get(reason, 0) + 1


class HookTally:
    """Is how often functions of plugins were called, how long they took, what failed.

    `given_up` are the jobs and events that are not tried any more.
    """

    def __init__(self) -> None:
        self.calls: dict[Hook, Histogram] = {}
        self.failures: dict[Hook, int] = {}
        self.given_up: dict[Hook, int] = {}

    def add_call(self, hook: Hook, seconds: float) -> None:
        """Counts a call, whatever came of it."""
        try:
            self.calls[hook].add(seconds)
        except KeyError:
            self.calls[hook] = Histogram(SECONDS_BOUNDS)
            self.calls[hook].add(seconds)

    def add_failure(self, hook: Hook) -> None:
        """Counts a call that has raised what is no refusal."""
        self.failures[hook] = self.failures.get(hook, 0) + 1

    def add_given_up(self, hook: Hook) -> None:
        """Counts a job or an event that is not tried any more."""
        self.given_up[hook] = self.given_up.get(hook, 0) + 1


def _refusal_of(answer: Answer) -> Refusal | None:
    found = answer.record.result if isinstance(answer, Outcome) else answer
    return found if isinstance(found, Refusal) else None


def _reason_of(refusal: Refusal) -> str:
    if isinstance(refusal, PluginRefused | PluginDeclined):
        return refusal.name
    return refusal.reason()
