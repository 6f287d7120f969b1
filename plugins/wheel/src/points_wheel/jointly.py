"""Long-run odds with all pity groups together: they move each other.

One that is forced takes draws from another. What a member may look like to the groups
of a wheel is a chain of finitely many states: counts stop where nothing changes any
more. Outcomes that all groups treat alike are one, so that a wheel of many prizes
costs as little as one of few.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple, TypeAlias

from points_wheel.disclosure import millionths
from points_wheel.longrun import TooMuch, time_shares
from points_wheel.odds import PityState, Weights, weights_under
from points_wheel.pools import Pool
from points_wheel.prizes import PITY_MAX, Class, PityGroup


STATES_MAX: Final = 4_096
"""Most states of a chain that is worked out."""

MOVES_MAX: Final = 40_000
"""Most ways out of all states that are looked at, one for each kind of outcome."""

STEPS_MAX: Final = 300_000
"""Most products that are worked out for a chain: some tenths of a second."""

_State: TypeAlias = tuple[PityState, ...]
"""Is the state of each group, in their order."""


class _Kind(NamedTuple):
    """Is outcomes that all groups treat alike: which of them is hit, and featured."""

    hits: tuple[bool, ...]
    featured: tuple[bool, ...]


@lru_cache(maxsize=64)
def joint_rates(
    pool: Pool, named: tuple[tuple[str, PityGroup], ...]
) -> Mapping[str, int] | None:
    """Returns each outcome's long-run rate in millionths, with all groups together.

    `named` is the groups in their order; every draw counts, and everything is in
    stock. None where that takes too many states, or too many steps.
    """
    try:
        return _Chain(pool, dict(named)).rates()
    except TooMuch:
        return None


class _Chain:
    """Is the states that draws lead to, as they are found, the fresh one first."""

    def __init__(self, pool: Pool, groups: Mapping[str, PityGroup]) -> None:
        self.pool, self.groups = pool, groups
        self.bounds = [_count_max(group, pool) for group in groups.values()]
        self.starts = [_count_min(group) for group in groups.values()]
        self.kinds: dict[str, _Kind] = {name: self._kind(name) for name in pool.base}
        self.ids = {kind: str(number) for number, kind in enumerate(self._distinct())}
        self.base = self._by_kind(pool.base)
        self.classes = {name: self._class(n) for n, name in enumerate(groups)}
        self.numbers: dict[_State, int] = {}
        self.odds: dict[_State, Weights] = {}

    def _kind(self, outcome: str) -> _Kind:
        classes = [self.pool.classes[name] for name in self.groups]
        return _Kind(
            tuple(outcome in of.hits for of in classes),
            tuple(outcome in of.featured for of in classes),
        )

    def _distinct(self) -> list[_Kind]:
        return list(dict.fromkeys(self.kinds.values()))

    def _by_kind(self, weights: Weights) -> dict[str, int]:
        found = dict.fromkeys(self.ids.values(), 0)
        for name, weight in weights.items():
            found[self.ids[self.kinds[name]]] += weight
        return found

    def _class(self, number: int) -> Class:
        return Class(
            frozenset(name for kind, name in self.ids.items() if kind.hits[number]),
            frozenset(name for kind, name in self.ids.items() if kind.featured[number]),
        )

    def rates(self) -> Mapping[str, int]:
        """Returns each outcome's rate: its share of its kind's, which never changes."""
        rates = dict.fromkeys(self.base, 0)
        for felt, share in self._shares().items():
            odds = self.odds[felt]
            whole = sum(odds.values())
            for kind, weight in odds.items():
                rates[kind] += share * weight // whole
        return millionths(
            {
                name: rates[kind] * weight // self.base[kind]
                for name, weight in self.pool.base.items()
                for kind in (self.ids[self.kinds[name]],)
            }
        )

    def _shares(self) -> Mapping[_State, int]:
        """Returns how much of all time is spent under the same odds."""
        found = time_shares(self._rows(), steps_max=STEPS_MAX)
        shares: dict[_State, int] = {}
        for state, share in zip(self.numbers, found, strict=True):
            felt = self._felt(state)
            shares[felt] = shares.get(felt, 0) + share
        return shares

    def _rows(self) -> list[dict[int, int]]:
        """Returns where each state goes, by the numbers that states are found in."""
        fresh: _State = tuple(PityState() for _ in self.groups)
        self.numbers[fresh] = 0
        waiting, rows = [fresh], list[dict[int, int]]()
        for state in waiting:
            moves = self._moves(state)
            new = [to for to in dict.fromkeys(moves) if to not in self.numbers]
            for to in new:
                self.numbers[to] = len(self.numbers)
            waiting += new
            moves_seen = len(self.ids) * (len(rows) + 1)
            if len(waiting) > STATES_MAX or moves_seen > MOVES_MAX:
                raise TooMuch
            rows.append({self.numbers[to]: weight for to, weight in moves.items()})
        return rows

    def _moves(self, state: _State) -> Mapping[_State, int]:
        odds, moves = self._odds(state), dict[_State, int]()
        for kind, name in self.ids.items():
            if weight := odds[name]:
                to = self._after(state, kind)
                moves[to] = moves.get(to, 0) + weight
        return moves

    def _odds(self, state: _State) -> Weights:
        felt = self._felt(state)
        if felt not in self.odds:
            pity = dict(zip(self.groups, felt, strict=True))
            self.odds[felt] = weights_under(self.base, self.classes, self.groups, pity)
        return self.odds[felt]

    def _felt(self, state: _State) -> _State:
        """Returns the state without counts that move no odds yet: most of them."""
        return tuple(
            before if before.misses >= start else before._replace(misses=0)
            for before, start in zip(state, self.starts, strict=True)
        )

    def _after(self, state: _State, kind: _Kind) -> _State:
        """Returns the state behind a draw, as `pity_after` has it, up to the bounds."""
        return tuple(
            PityState(0, group.featured and not is_featured)
            if is_hit
            else PityState(min(before.misses + 1, bound), before.is_guaranteed)
            for before, group, bound, is_hit, is_featured in zip(
                state,
                self.groups.values(),
                self.bounds,
                kind.hits,
                kind.featured,
                strict=True,
            )
        )


def _count_max(group: PityGroup, pool: Pool) -> int:
    """Returns the count from which on nothing changes any more.

    The later one of two: a class that cannot be forced, for another one is, goes on
    getting likelier.
    """
    bounds = [0]
    if group.hard:
        bounds.append(group.hard - 1)
    if group.soft:
        bounds.append(group.soft.start + pool.total_weight // group.soft.step + 1)
    return max(bounds)


def _count_min(group: PityGroup) -> int:
    """Returns the count up to before which odds are those of no count at all."""
    bounds = [PITY_MAX]
    if group.hard:
        bounds.append(group.hard - 1)
    if group.soft:
        bounds.append(group.soft.start)
    return min(bounds)
