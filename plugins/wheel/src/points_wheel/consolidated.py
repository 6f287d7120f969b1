"""How often a class is hit in the long run, with its pity: a Markov chain.

The state is the counted draws since the last hit, and whether the next hit is
guaranteed to be featured. Draws come one behind the other, all counted, with every
prize in stock.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from points_wheel.odds import (
    PityState,
    current_weights,
)
from points_wheel.pools import Pool
from points_wheel.prizes import PityGroup


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
    """Returns the mean of the draws up to a hit, exactly.

    Without hard and soft pity the chance never changes: a geometric series. Else it is
    worked out from the draw that is certain backwards: one, and where that misses as
    many as behind it. Over powers of the total, which all chances are parts of: to
    reduce each sum anew takes a hundred times as long.
    """
    if not (group.hard or group.soft):
        return 1 / chance_at(pool, name, group, 0)
    total = pool.total_weight
    mean, whole = 1, 1
    for missed in reversed(_misses(pool, name, group)):
        mean, whole = whole * total + missed * mean, whole * total
    return Fraction(mean, whole)


def _misses(pool: Pool, name: str, group: PityGroup) -> list[int]:
    """Returns the weight of a miss at each count, of the total, until none is left."""
    found: list[int] = []
    while (chance := chance_at(pool, name, group, len(found))) < 1:
        found.append(int((1 - chance) * pool.total_weight))
    return found
