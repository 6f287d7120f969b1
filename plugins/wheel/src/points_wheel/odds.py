"""The odds of the next draw: integer weights, from the declared ones by four steps.

1. What cannot be had is taken out, or its weight goes to the fallback.
2. Soft pity moves weight to its class, within the same total.
3. A guarantee moves the weight of a class to its featured prizes.
4. Hard pity takes out whatever is not of its class.

Groups apply in the order in which the program declares them. Steps 2 and 3 are
exact: all weights are multiplied so that nothing has to be rounded, and the vector
is divided by its greatest common divisor. Weights that no group touches stay as
declared, and so does their total.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate
from math import gcd
from typing import Final, NamedTuple, TypeAlias

from points_wheel.pools import Pool
from points_wheel.prizes import Class, PityGroup, SoldOut


class PityState(NamedTuple):
    """Is how many counted draws have missed since the last hit, and its guarantee.

    `is_guaranteed` tells that the next hit will be a featured prize.
    """

    misses: int = 0
    is_guaranteed: bool = False


_NO_PITY: Final = PityState()

Pity: TypeAlias = Mapping[str, PityState]
"""Is the state of each group; one that never counted is not there."""

Groups: TypeAlias = Mapping[str, PityGroup]
"""Is the pity groups of a wheel, in the order in which they apply."""

Weights: TypeAlias = Mapping[str, int]
"""Is the weight of each outcome, in the order of the draw; zeros stay in place."""


def available_weights(pool: Pool, gone: frozenset[str]) -> Weights:
    """Returns the weights of what can be had; all are zero where nothing is left."""
    if not gone and pool.sold_out is not SoldOut.FALLBACK:
        return pool.base
    kept = {name: 0 if name in gone else w for name, w in pool.base.items()}
    if pool.sold_out is SoldOut.FALLBACK:
        moved = sum(weight for name, weight in pool.base.items() if name in gone)
        kept[pool.fallback] = kept.get(pool.fallback, 0) + moved
    return kept


def current_weights(
    pool: Pool, groups: Groups, gone: frozenset[str], pity: Pity, *, is_counted: bool
) -> Weights:
    """Returns the weights of the next draw; one that does not count knows no pity."""
    active = {
        name: group
        for name, group in groups.items()
        if is_counted or group.free_draws_count
    }
    return weights_under(available_weights(pool, gone), pool.classes, active, pity)


def weights_under(
    weights: Weights, classes: Mapping[str, Class], groups: Groups, pity: Pity
) -> Weights:
    """Returns what groups make of the weights that can be had."""
    states = [
        (group, classes[name], pity.get(name, _NO_PITY))
        for name, group in groups.items()
    ]
    whole = sum(weights.values())
    for group, of, state in states:
        weights = _soft(weights, whole, group, of, state)
    for group, of, state in states:
        weights = _guaranteed(weights, group, of, state)
    for group, of, state in states:
        weights = _hard(weights, group, of, state)
    return weights


def _soft(
    weights: Weights, whole: int, group: PityGroup, of: Class, state: PityState
) -> Weights:
    """Returns the weights with a class raised by steps that are parts of `whole`.

    That is what all weights added up to before any group: each that was applied since
    has multiplied them.
    """
    if group.soft is None or state.misses + 1 <= group.soft.start:
        return weights
    total = sum(weights.values())
    base = sum(weights[name] for name in of.hits)
    rest = total - base
    if not (base and rest):
        return weights
    more = group.soft.step * (state.misses + 1 - group.soft.start)
    raised = min(total * whole, base * whole + more * total)
    left = total * whole - raised
    return _reduced(
        {
            name: weight * raised * rest if name in of.hits else weight * left * base
            for name, weight in weights.items()
        }
    )


def _guaranteed(
    weights: Weights, group: PityGroup, of: Class, state: PityState
) -> Weights:
    if not (group.featured and state.is_guaranteed):
        return weights
    featured = sum(weights[name] for name in of.featured)
    whole = sum(weights[name] for name in of.hits)
    if not featured:
        return weights
    return _reduced(
        {
            name: weight * (whole if name in of.featured else featured)
            if name in of.featured or name not in of.hits
            else 0
            for name, weight in weights.items()
        }
    )


def _hard(weights: Weights, group: PityGroup, of: Class, state: PityState) -> Weights:
    if group.hard is None or state.misses + 1 < group.hard:
        return weights
    if not any(weights[name] for name in of.hits):
        return weights
    return {name: weight if name in of.hits else 0 for name, weight in weights.items()}


def _reduced(weights: Weights) -> Weights:
    divisor = gcd(*weights.values())
    return {name: weight // divisor for name, weight in weights.items()}


def digits_max(pool: Pool, groups: Groups) -> int:
    """Returns how many digits a weight may have at most, as the groups multiply them.

    Soft pity multiplies a weight with up to the total of then, three times in all, and
    with the first total, which cancels out for the first group. A guarantee doubles it.
    """
    whole = bits = pool.total_weight.bit_length()
    soft = [group for group in groups.values() if group.soft]
    for number, _ in enumerate(soft):
        bits = 3 * bits + (whole if number else 0)
    bits <<= sum(group.featured for group in groups.values())
    return bits * 302 // 1_000 + 1


def pick(weights: Weights, roll: int) -> str:
    """Returns the first outcome whose prefix sum is beyond the roll."""
    sums = list(accumulate(weights.values()))
    return list(weights)[bisect_right(sums, roll)]


def pity_after(
    pool: Pool, groups: Groups, pity: Pity, prize_id: str, *, is_counted: bool
) -> Pity:
    """Returns the pity behind a draw: any hit resets its group, counted or not."""
    after = dict(pity)
    for name, group in groups.items():
        of = pool.classes[name]
        state = pity.get(name, _NO_PITY)
        if prize_id in of.hits:
            missed = group.featured and prize_id not in of.featured
            after[name] = PityState(0, missed)
        elif is_counted or group.free_draws_count:
            after[name] = state._replace(misses=state.misses + 1)
    return after
