"""Long-run odds with all pity groups together: they move each other.

One that is forced takes draws from another. The chain is cut at the hits of the group
that may take longest: between two of them its count only grows, so that every state
is met at most once, and what is left is a small chain of what the other groups look
like behind a hit. All in whole numbers of 2^-64: every machine finds the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from points_wheel.disclosure import millionths
from points_wheel.odds import Groups, Pity, PityState, current_weights, pity_after
from points_wheel.pools import Pool
from points_wheel.prizes import PityGroup


STATES_MAX: Final = 4_096
"""Most states of a chain that is worked out."""

HITS_MAX: Final = 48
"""Most ways in which the other groups may look behind a hit."""

_SCALE: Final = 1 << 64
_SQUARINGS: Final = 32

_State: TypeAlias = tuple[PityState, ...]
"""Is the state of each group, in their order."""

_Matrix: TypeAlias = list[list[int]]


class _Step(NamedTuple):
    prize_id: str
    weight: int
    to: _State
    is_hit: bool


class _Cycle(NamedTuple):
    """Is what happens from one hit to the next: draws by prize, and where it ends."""

    drawn: Mapping[str, int]
    ends: Mapping[_State, int]


class _TooLong(Exception):  # noqa: N818 - says why there is no answer
    pass


@lru_cache(maxsize=64)
def joint_rates(
    pool: Pool, named: tuple[tuple[str, PityGroup], ...]
) -> Mapping[str, int] | None:
    """Returns each outcome's long-run rate in millionths, with all groups together.

    `named` is the groups in their order; every draw counts, and everything is in
    stock. None where no group ever gets certain, or where there are too many states.
    """
    try:
        return _Chain(pool, dict(named)).rates()
    except _TooLong:
        return None


class _Chain:
    def __init__(self, pool: Pool, groups: Groups) -> None:
        self.pool, self.groups = pool, groups
        self.bounds = {name: _count_max(group, pool) for name, group in groups.items()}
        self.names = list(groups)
        self.longest = max(self.names, key=lambda name: self.bounds[name])
        self.steps: dict[_State, tuple[_Step, ...]] = {}
        if not self.bounds[self.longest]:
            raise _TooLong

    def rates(self) -> Mapping[str, int]:
        cycles = self._cycles()
        shares = _stationary(_matrix(cycles))
        rates = dict.fromkeys(self.pool.base, 0)
        for share, cycle in zip(shares, cycles.values(), strict=True):
            for prize_id, mass in cycle.drawn.items():
                rates[prize_id] += share * mass // _SCALE
        return millionths(rates)

    def _cycles(self) -> dict[_State, _Cycle]:
        """Returns the cycle from every state that a hit can leave behind."""
        start: _State = tuple(PityState() for _ in self.names)
        cycles: dict[_State, _Cycle] = {}
        waiting = [start]
        for state in waiting:
            if state in cycles:
                continue
            cycles[state] = self._cycle(state)
            waiting += cycles[state].ends
            if len(cycles) > HITS_MAX:
                raise _TooLong
        return cycles

    def _cycle(self, start: _State) -> _Cycle:
        drawn: dict[str, int] = {}
        ends: dict[_State, int] = {}
        layer = {start: _SCALE}
        while layer:
            later: dict[_State, int] = {}
            for step, mass in self._moves(layer):
                drawn[step.prize_id] = drawn.get(step.prize_id, 0) + mass
                to = ends if step.is_hit else later
                to[step.to] = to.get(step.to, 0) + mass
            layer = later
        return _Cycle(drawn, ends)

    def _moves(self, layer: Mapping[_State, int]) -> Iterator[tuple[_Step, int]]:
        for state, mass in layer.items():
            steps = self._steps(state)
            total = sum(step.weight for step in steps)
            for step in steps:
                yield step, mass * step.weight // total

    def _steps(self, state: _State) -> tuple[_Step, ...]:
        if state not in self.steps:
            if len(self.steps) >= STATES_MAX:
                raise _TooLong
            pity = dict(zip(self.names, state, strict=True))
            weights = current_weights(
                self.pool, self.groups, frozenset(), pity, is_counted=True
            )
            self.steps[state] = tuple(
                self._step(pity, prize_id, weight)
                for prize_id, weight in weights.items()
                if weight
            )
        return self.steps[state]

    def _step(self, pity: Pity, prize_id: str, weight: int) -> _Step:
        after = pity_after(self.pool, self.groups, pity, prize_id, is_counted=True)
        to = tuple(_capped(after[name], self.bounds[name]) for name in self.names)
        is_hit = prize_id in self.pool.classes[self.longest].hits
        return _Step(prize_id, weight, to, is_hit)


def _capped(state: PityState, count_max: int) -> PityState:
    return state._replace(misses=min(state.misses, count_max))


def _count_max(group: PityGroup, pool: Pool) -> int:
    """Returns the count from which on nothing changes any more."""
    bounds = []
    if group.hard:
        bounds.append(group.hard - 1)
    if group.soft:
        bounds.append(group.soft.start + pool.total_weight // group.soft.step + 1)
    return min(bounds, default=0)


def _matrix(cycles: Mapping[_State, _Cycle]) -> _Matrix:
    """Returns the chain of hits, staying where it is every other time.

    So that it settles even where hits take turns.
    """
    states = list(cycles)
    return [
        [
            (cycles[state].ends.get(to, 0) + (_SCALE if to == state else 0)) // 2
            for to in states
        ]
        for state in states
    ]


def _stationary(matrix: _Matrix) -> list[int]:
    """Returns where the chain is in the long run: after 2^32 hits, from the start."""
    for _ in range(_SQUARINGS):
        columns = list(zip(*matrix, strict=True))
        matrix = [
            _whole(
                [
                    sum(a * b for a, b in zip(row, column, strict=True)) // _SCALE
                    for column in columns
                ]
            )
            for row in matrix
        ]
    return matrix[0]


def _whole(row: list[int]) -> list[int]:
    """Returns the row scaled so that it adds up again: roundings must not add up."""
    total = sum(row)
    return [each * _SCALE // total for each in row]
