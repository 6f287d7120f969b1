"""Laws that hold after every bid, whatever is bid: held is owed, paid is split."""

from __future__ import annotations

import os
from itertools import count
from random import Random
from statistics import fmean
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plugins.auction.tests.house import (
    ENGLISH,
    SEALED_FIRST,
    SEALED_SECOND,
    House,
)

from points.plugin import Refusal
from points_auction.v1 import auction_service_pb2 as pb


# One bench for all examples of a test: every one has an auction of its own.
ON_ONE_BENCH = settings(
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
NAMES = ("ann", "bob", "cem")
BIDS = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(1, 60)), max_size=10)
SHARES = st.builds(
    pb.Shares,
    fee_bp=st.integers(0, 3_000),
    burn_bp=st.integers(0, 3_000),
    charity_bp=st.integers(1, 3_000),
    charity_member_id=st.just("well"),
)
NUMBERS = count()
SEALED = (SEALED_FIRST, SEALED_SECOND)

WHOLE = 1_000_000
TRIALS = int(os.environ.get("AUCTION_TRIALS", "20"))
DEVIATION = 0.3
"""More than the standard deviation of what an item brings, by theory at most .29."""


def start(house: House, form: pb.AuctionForm.ValueType, **given: Any) -> None:
    """Makes an auction of its own, with bidders who have enough."""
    house.auction_id = f"law-{next(NUMBERS)}"
    for name in NAMES:
        short = 200 - house.bench.available(name)
        if short > 0:
            house.bench.earn(name, short)
    house.create(form, **{"cover_points": 200, **given} if form in SEALED else given)


def try_bid(house: House, name: str, points: int) -> None:
    """Bids, however that is answered."""
    try:
        house.bid(name, points)
    except Refusal:
        return


@ON_ONE_BENCH
@given(bids=BIDS, units=st.integers(1, 2))
def test_english_leaders_hold_their_maxima_and_nobody_else_anything(
    house: House, bids: list[tuple[str, int]], units: int
) -> None:
    start(house, ENGLISH, units=units)
    maxima: dict[str, int] = {}
    for name, points in bids:
        try_bid(house, name, points)
        held = house.all_held()
        maxima = {n: max(p, maxima.get(n, 0)) for n, p in held.items()}

        assert held == maxima
        assert len(held) == len(house.get().leaders) <= units

    house.close()
    assert house.all_held() == {}


@ON_ONE_BENCH
@given(bids=BIDS, cover=st.integers(60, 200))
def test_sealed_bidders_hold_the_cover_whatever_they_bid(
    house: House, bids: list[tuple[str, int]], cover: int
) -> None:
    start(house, SEALED_FIRST, cover_points=cover)
    for name, points in bids:
        house.bid(name, points)
    last = dict(bids)

    assert house.all_held() == dict.fromkeys(last, cover)
    found = house.close()
    assert house.all_held() == {}
    assert sum(one.points for one in found.results) == max(last.values(), default=0)


@ON_ONE_BENCH
@given(bids=BIDS, shares=SHARES, form=st.sampled_from([ENGLISH, SEALED_SECOND]))
def test_what_was_paid_is_what_seller_charity_house_and_burning_got(
    house: House,
    bids: list[tuple[str, int]],
    shares: pb.Shares,
    form: pb.AuctionForm.ValueType,
) -> None:
    house.members("sam", "well", points=0)
    start(house, form, seller_id="sam", shares=shares)
    before = {name: house.bench.available(name) for name in (*NAMES, "sam", "well")}
    for name, points in bids:
        try_bid(house, name, points)
    found = house.close()
    after = {name: house.bench.available(name) for name in before}

    got = {name: after[name] - before[name] for name in before}
    paid = sum(one.points for one in found.results)
    assert got["sam"] == sum(one.seller_points for one in found.results)
    assert got["well"] == sum(one.charity_points for one in found.results)
    assert -sum(got[name] for name in NAMES) == paid == found.paid_points
    assert -sum(got.values()) == sum(
        one.fee_points + one.burned_points for one in found.results
    )


class Truth(NamedTuple):
    """Is what auctions of so many bidders bring by theory, in highest values."""

    bidders: int
    expected: float
    units: int = 1
    reserve: int = 0
    form: pb.AuctionForm.ValueType = SEALED_SECOND


SHORT: Final = (Truth(3, 0.5), Truth(3, 0.53125, reserve=WHOLE // 2))
"""What every run of the tests holds; `poe auction-truths` holds all of them."""

TRUTHS: Final = (
    *SHORT,
    *(Truth(count, (count - 1) / (count + 1)) for count in (2, 5, 10)),
    *(Truth(n, e, reserve=WHOLE // 2) for n, e in ((2, 0.41667), (5, 0.67188))),
    *(Truth(n, k * (n - k) / (n + 1), units=k) for n, k in ((5, 2), (10, 3))),
    *(Truth(n, (n - 1) / (n + 1), form=SEALED_FIRST) for n in (2, 5)),
    *(Truth(n, (n - 1) / (n + 1), form=ENGLISH) for n in (2, 5)),
)


@pytest.mark.parametrize("truth", TRUTHS if "AUCTION_TRIALS" in os.environ else SHORT)
def test_the_plugin_itself_brings_the_revenue_of_theory(
    house: House, truth: Truth
) -> None:
    """Bidders of uniform values: within four standard errors of the mean."""
    chance = Random(truth.reserve + 5)  # noqa: S311 - a simulation, no secret
    names = [f"m{number}" for number in range(truth.bidders)]
    house.members(*names, points=WHOLE)
    found = []
    for trial in range(TRIALS):
        house.auction_id = f"trial-{trial}"
        values = {name: chance.randrange(1, WHOLE) for name in names}
        found.append(revenue(house, truth, values))
        for name in names:
            if house.bench.available(name) < WHOLE:
                house.bench.earn(name, WHOLE - house.bench.available(name))

    mean, error = fmean(found) / WHOLE, DEVIATION * truth.units / TRIALS**0.5
    print(  # noqa: T201 - a line of `poe auction-truths`
        f"through the ledger: {pb.AuctionForm.Name(truth.form)[13:]:<13}"
        f" {truth.bidders:>2} bidders, {truth.units} items,"
        f" reserve {truth.reserve / WHOLE:.1f}:  theory {truth.expected:.5f}"
        f"  {TRIALS} auctions {mean:.5f}  {(mean - truth.expected) / error:+.2f} of"
        f" {error:.5f}"
    )
    assert abs(mean - truth.expected) < 4 * error


def revenue(house: House, truth: Truth, values: dict[str, int]) -> int:
    """Holds an auction in which all bid as is best; returns what it has brought."""
    given = {} if truth.form == ENGLISH else {"cover_points": WHOLE}
    house.create(truth.form, reserve_points=truth.reserve, units=truth.units, **given)
    highest, *rest = sorted(values.values(), reverse=True)
    for name, value in values.items():
        if truth.form == SEALED_FIRST:
            house.bid(name, max(1, value * (truth.bidders - 1) // truth.bidders))
        else:
            try_bid(house, name, value)
    paid = int(house.close().paid_points)

    if (truth.form, truth.units) == (SEALED_SECOND, 1):
        assert paid == (max(rest[0], truth.reserve) if highest >= truth.reserve else 0)
    return paid
