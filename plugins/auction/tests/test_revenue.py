"""Expected revenue against what auction theory says, by the plugin's own rules.

Values are uniform on [0, 1), in millionths of points. The tolerance is four standard
errors of the mean of so many trials; the seed is fixed.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from statistics import fmean, stdev

import pytest
from plugins.auction.tests.build import candidates, play, terms

from points_auction.ranking import best, sales
from points_auction.terms import Form, Terms


WHOLE = 1_000_000
TRIALS = int(os.environ.get("REVENUE_TRIALS", "6000"))
"""Auctions of each kind; `poe auction-truths` makes it a hundred thousand."""


def revenue(agreed: Terms, points: list[int]) -> float:
    """Returns what all winners pay together, as a part of the highest value."""
    ranked = best(candidates(*points), agreed.units + 1, least=agreed.least_points)
    return sum(one.points for one in sales(agreed, ranked)) / WHOLE


def values(count: int) -> Iterator[list[int]]:
    """Yields the values of so many bidders, for each trial."""
    chance = random.Random(20260101 + count)  # noqa: S311 - a simulation, no secret
    for _ in range(TRIALS):
        yield [chance.randrange(1, WHOLE) for _ in range(count)]


def assert_mean(what: str, found: list[float], expected: float) -> None:
    """Fails unless the mean is within four standard errors of what is expected."""
    error, mean = stdev(found) / len(found) ** 0.5, fmean(found)
    print(  # noqa: T201 - the table of `poe auction-truths`
        f"{what:<32} theory {expected:.5f}  simulated {mean:.5f}"
        f"  {(mean - expected) / error:+.2f} standard errors of {error:.5f}"
    )
    assert abs(mean - expected) < 4 * error


@pytest.mark.parametrize("count", [2, 3, 5, 10])
def test_the_second_price_brings_what_theory_says(count: int) -> None:
    agreed = terms(Form.SEALED_SECOND)
    found = [revenue(agreed, points) for points in values(count)]

    assert_mean(f"second price, {count} bidders", found, (count - 1) / (count + 1))


@pytest.mark.parametrize(
    ("count", "expected"), [(1, 0.25), (2, 0.41667), (3, 0.53125), (5, 0.67188)]
)
def test_a_reserve_of_one_half_brings_more(count: int, expected: float) -> None:
    agreed = terms(Form.SEALED_SECOND, reserve_points=WHOLE // 2)
    found = [revenue(agreed, points) for points in values(count)]

    assert_mean(f"reserve of 1/2, {count} bidders", found, expected)


@pytest.mark.parametrize(("count", "units"), [(5, 2), (10, 3), (10, 9), (12, 4)])
def test_k_items_at_the_next_price_bring_k_times_n_less_k(
    count: int, units: int
) -> None:
    agreed = terms(Form.SEALED_SECOND, units=units)
    found = [revenue(agreed, points) for points in values(count)]

    expected = units * (count - units) / (count + 1)
    assert_mean(f"{units} items, {count} bidders", found, expected)


@pytest.mark.parametrize("count", [2, 3, 5, 10])
def test_the_first_price_brings_the_same_if_all_bid_as_is_best(count: int) -> None:
    agreed = terms(Form.SEALED_FIRST)
    found = [
        revenue(agreed, [max(1, value * (count - 1) // count) for value in points])
        for points in values(count)
    ]

    assert_mean(f"first price, {count} bidders", found, (count - 1) / (count + 1))


@pytest.mark.parametrize("count", [2, 5])
def test_proxy_bids_bring_what_the_second_price_does(count: int) -> None:
    found = [
        play(terms(), ((f"m{n}", p) for n, p in enumerate(points))).price / WHOLE
        for points in values(count)
    ]

    assert_mean(f"proxies, {count} bidders", found, (count - 1) / (count + 1))
