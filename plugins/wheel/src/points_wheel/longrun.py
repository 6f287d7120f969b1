"""Where a finite chain spends its time in the long run, in whole numbers.

States are taken out one by one: whoever went to one that is gone goes at once to where
that one would have gone on to. A state that leads nowhere any more when its turn comes
is where the chain returns to for ever: the root of all the states that it has absorbed.
Then the states are put back, the last one first, each with the visits that those who
led to it make between two visits of the root.

This ends for every chain, whether or not it ever comes back to where it began, whether
or not it takes turns, and whether it has one end or several: every state is taken out
exactly once and put back exactly once, and no loop waits for masses to run dry.

Nothing is ever subtracted, and what is rounded down gets one part more, so that what
can happen stays possible: errors do not grow, and every machine finds the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias


_BITS: Final = 192

SCALE: Final = 1 << _BITS
"""Is a probability of one: what happens less often than that is as good as never."""

ROOTS_MAX: Final = 48
"""Most ways in which a chain may end that are told apart."""

Row: TypeAlias = Mapping[int, int]
"""Is where a state goes, and how likely, as parts of any whole: they are scaled."""


class TooMuch(Exception):  # noqa: N818 - says why there is no answer
    """A chain takes more steps to be worked out than it may."""


class _Gone(NamedTuple):
    """Is a state that was taken out: who led to it, and what led out of it."""

    state: int
    ways_in: Mapping[int, int]
    out: int


def time_shares(chain: Sequence[Row], *, steps_max: int) -> list[int]:
    """Returns each state's share of all time, as parts of `SCALE`, begun in state 0.

    Every state can be reached from state 0. Raises TooMuch beyond `steps_max`
    products, or where the chain has too many ends.
    """
    elimination = _Elimination(chain, steps_max)
    ends = elimination.run()
    shares = [0] * len(chain)
    for root, chance in ends.items():
        visits = elimination.visits(root)
        cycle = sum(visits)
        for state, count in enumerate(visits):
            shares[state] += chance * count // cycle
    return shares


class _Elimination:
    """Is a chain under way; a state that goes to itself does not say so.

    How often it stays follows from how seldom it leaves.
    """

    def __init__(self, chain: Sequence[Row], steps_max: int) -> None:
        self.rows = [_scaled(row, but=state) for state, row in enumerate(chain)]
        self.sources: list[set[int]] = [set() for _ in chain]
        for state, row in enumerate(self.rows):
            for to in row:
                self.sources[to].add(state)
        self.gone: list[_Gone] = []
        self.roots: list[int] = []
        self.steps_left = steps_max

    def run(self) -> Mapping[int, int]:
        """Returns the roots, each with the probability of ending there.

        State 0 is the last: by then it leads to roots alone, or is the only one.
        """
        for state in range(len(self.rows) - 1, -1, -1):
            self._take_out(state)
        if len(self.roots) > ROOTS_MAX:
            raise TooMuch
        if self.roots[-1] == 0:
            return {0: SCALE}
        last = self.rows[0]
        whole = sum(last.values())
        return {to: mass * SCALE // whole for to, mass in last.items()}

    def _take_out(self, state: int) -> None:
        row = self.rows[state]
        out = sum(row.values())
        if not out:
            self.roots.append(state)
            return
        self._check_steps(len(row) * len(self.sources[state]))
        ways_in = {one: self.rows[one].pop(state) for one in self.sources[state]}
        for one, mass in ways_in.items():
            self._lead_on(one, mass, row, out)
        for to in row:
            self.sources[to].discard(state)
        self.gone.append(_Gone(state, ways_in, out))

    def _lead_on(self, one: int, mass: int, row: Row, out: int) -> None:
        """Leads what one state sent to another on to where that would have gone."""
        onward, part = self.rows[one], mass * SCALE // out
        for to, share in row.items():
            more = (part * share >> _BITS) + 1
            if to in onward:
                onward[to] += more
            elif to != one:
                onward[to] = more
                self.sources[to].add(one)

    def _check_steps(self, steps: int) -> None:
        self.steps_left -= steps
        if self.steps_left < 0:
            raise TooMuch

    def visits(self, root: int) -> list[int]:
        """Returns the mean visits of each state from one visit of a root to the next.

        In parts of `SCALE`. What does not come back to the root has none.
        """
        visits = [0] * len(self.rows)
        visits[root] = SCALE
        for state, ways_in, out in reversed(self.gone):
            arriving = sum(visits[one] * mass for one, mass in ways_in.items())
            visits[state] = arriving // out
        return visits


def _scaled(row: Row, *, but: int) -> dict[int, int]:
    whole = sum(row.values())
    return {to: -(-mass * SCALE // whole) for to, mass in row.items() if to != but}
