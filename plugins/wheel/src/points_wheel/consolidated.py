"""How often a class is hit in the long run, with its pity: a Markov chain.

The state is the counted draws since the last hit, and whether the next hit is
guaranteed to be featured. Draws come one behind the other, all counted, with every
prize in stock.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Final, NamedTuple

from points_wheel.disclosure import millionths
from points_wheel.odds import (
    Groups,
    Pity,
    PityState,
    current_weights,
    pity_after,
)
from points_wheel.pools import PityGroup, Pool


STATES_MAX: Final = 2_048
"""Most states of a chain of several groups that is worked out."""

_SCALE: Final = 1 << 64
_ROUNDS_MAX: Final = 20_000
_CLOSE: Final = _SCALE >> 32


class Consolidated(NamedTuple):
    """Is the long-run probability of a hit, and of a featured one, for each draw."""

    hit: Fraction
    featured: Fraction


def chance_at(pool: Pool, name: str, group: PityGroup, count: int) -> Fraction:
    """Returns the probability of a hit behind so many counted draws without one."""
    pity = {name: PityState(count)}
    groups = {name: group}
    weights = current_weights(pool, groups, frozenset(), pity, is_counted=True)
    hits = sum(weights[prize] for prize in pool.classes[name].hits)
    return Fraction(hits, sum(weights.values()))


@lru_cache(maxsize=256)
def consolidated(pool: Pool, name: str, group: PityGroup) -> Consolidated:
    """Returns the exact long-run probabilities of a group by itself.

    A hit renews the chain, so that the probability is one over the draws that a hit
    takes on average. Of two hits in a row, at least one is featured where the group
    guarantees it.
    """
    hit = 1 / _mean_draws(pool, name, group)
    of = pool.classes[name]
    base = pool.base
    share = Fraction(
        sum(base[prize] for prize in of.featured), sum(base[prize] for prize in of.hits)
    )
    return Consolidated(hit, hit / (2 - share) if group.featured else hit * share)


def _mean_draws(pool: Pool, name: str, group: PityGroup) -> Fraction:
    """Returns the mean of the draws up to a hit: the sum of all chances to need more.

    Without hard and soft pity the chance never changes: a geometric series.
    """
    mean, going = Fraction(0), Fraction(1)
    count = 0
    while True:
        chance = chance_at(pool, name, group, count)
        if chance == 1 or not (group.hard or group.soft):
            return mean + going / chance
        mean += going
        going *= 1 - chance
        count += 1


class _Edge(NamedTuple):
    to: int
    weight: int
    prize_id: str


@lru_cache(maxsize=64)
def joint_rates(
    pool: Pool, named: tuple[tuple[str, PityGroup], ...]
) -> Mapping[str, int] | None:
    """Returns each outcome's long-run rate in millionths with all groups together.

    `named` is the groups in their order. None where the chain has more than
    STATES_MAX states. Groups move each other: one
    that is forced takes draws from another. The stationary distribution is found in
    whole numbers of 2^-64, by halving steps, so that every machine finds the same.
    """
    chain = _chain(pool, dict(named))
    if chain is None:
        return None
    return _rates(pool, chain, _stationary(chain))


def _chain(pool: Pool, groups: Groups) -> list[list[_Edge]] | None:
    """Returns the edges of every state that is reached from a fresh one."""
    capped = {name: _count_max(group, pool) for name, group in groups.items()}
    start = tuple(PityState() for _ in groups)
    numbers = {start: 0}
    edges: list[list[_Edge]] = []
    waiting = [start]
    for state in waiting:
        found = _steps(pool, groups, dict(zip(groups, state, strict=True)), capped)
        for _, _, to in found:
            if to not in numbers:
                numbers[to] = len(numbers)
                waiting.append(to)
        if len(numbers) > STATES_MAX:
            return None
        edges.append([_Edge(numbers[to], weight, name) for name, weight, to in found])
    return edges


def _steps(
    pool: Pool, groups: Groups, pity: Pity, capped: Mapping[str, int]
) -> list[tuple[str, int, tuple[PityState, ...]]]:
    """Returns the outcomes of a state: prize, weight, and where it leads."""
    weights = current_weights(pool, groups, frozenset(), pity, is_counted=True)
    found = []
    for prize_id, weight in weights.items():
        if weight:
            after = pity_after(pool, groups, pity, prize_id, is_counted=True)
            to = tuple(_capped(after[name], capped[name]) for name in groups)
            found.append((prize_id, weight, to))
    return found


def _capped(state: PityState, count_max: int) -> PityState:
    return state._replace(misses=min(state.misses, count_max))


def _count_max(group: PityGroup, pool: Pool) -> int:
    """Returns the count from which on nothing changes any more."""
    if group.hard:
        return group.hard - 1
    if group.soft:
        return group.soft.start + pool.total_weight // group.soft.step + 1
    return 0


def _stationary(edges: list[list[_Edge]]) -> list[int]:
    totals = [sum(edge.weight for edge in out) for out in edges]
    now = [0] * len(edges)
    now[0] = _SCALE
    for _ in range(_ROUNDS_MAX):
        later = [mass // 2 for mass in now]
        for mass, out, total in zip(now, edges, totals, strict=True):
            for edge in out:
                later[edge.to] += mass * edge.weight // (2 * total)
        if sum(abs(a - b) for a, b in zip(now, later, strict=True)) < _CLOSE:
            return later
        now = later
    return now


def _rates(pool: Pool, edges: list[list[_Edge]], mass: list[int]) -> dict[str, int]:
    rates = dict.fromkeys(pool.base, 0)
    for share, out in zip(mass, edges, strict=True):
        total = sum(edge.weight for edge in out)
        for edge in out:
            rates[edge.prize_id] += share * edge.weight // total
    return millionths(rates)
