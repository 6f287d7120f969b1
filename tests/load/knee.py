"""Where a server falls behind: rates that are offered one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from tests.load.ghz import Run


START: Final = 0.5
"""The first rate, as a share of what callers get who wait for their answers."""

STEP_FACTOR: Final = 1.25
"""How much more each step offers than the one before."""

STEPS_MAX: Final = 9
"""Steps at most: the last one offers three times what the closed loop got."""

BEHIND: Final = 0.9
"""Share of the offered rate below which a server has fallen behind."""


class Knee(NamedTuple):
    """Is what a profile came to on a database.

    `closed` is what callers got who waited for their answers, `kept_up` the step with
    the highest rate that was answered, None if already the first one was too much,
    and `behind` the one that was not, None if they all were.
    """

    closed: Run
    kept_up: Step | None
    behind: Step | None


class Step(NamedTuple):
    """Is what became of calls that came at a rate, answered or not."""

    offered: int
    run: Run

    @property
    def is_behind(self) -> bool:
        """Says whether fewer calls were answered than came, or some turned away."""
        return self.run.rate < BEHIND * self.offered or self.run.turned_away > 0


def rates(closed_rate: float) -> Iterator[int]:
    """Yields the rates to offer, by what a closed loop came to."""
    rate = START * closed_rate
    for _ in range(STEPS_MAX):
        yield max(1, int(rate))
        rate *= STEP_FACTOR


def knee_of(steps: Sequence[Step]) -> Knee:
    """Returns the knee; the first step is the closed loop, which offers nothing."""
    closed, *offered = steps
    kept_up = [step for step in offered if not step.is_behind]
    behind = [step for step in offered if step.is_behind]
    return Knee(
        closed.run, kept_up[-1] if kept_up else None, behind[0] if behind else None
    )


def knees(
    steps: Sequence[tuple[str, str, Step]],
) -> Iterator[tuple[str, str, Knee]]:
    """Yields profile and database with their knee, from the steps of all of them."""
    for (profile, database), found in groupby(steps, key=lambda each: each[:2]):
        yield profile, database, knee_of([step for _, _, step in found])
