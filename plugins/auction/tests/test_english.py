"""Ascending bids: who leads, at which price, and what the proxy never does."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugins.auction.tests.build import is_high_enough, play, terms

from points_auction import english
from points_auction.rounds import Leader, Round, new_round
from points_auction.terms import Band, Terms


BANDS = (Band(0, 1), Band(50, 5), Band(100, 10))
MEMBERS = st.sampled_from("abcde")
BIDS = st.lists(st.tuples(MEMBERS, st.integers(1, 200)), max_size=40)
UNITS = st.integers(1, 3)


def price(agreed: Terms, *bids: tuple[str, int]) -> int:
    return play(agreed, bids).price


def leads(agreed: Terms, *bids: tuple[str, int]) -> str:
    return "".join(one.member_id for one in play(agreed, bids).leaders)


def test_the_first_bid_leads_at_the_start_price() -> None:
    agreed = terms(start_points=10)

    assert price(agreed, ("a", 80)) == 10
    assert leads(agreed, ("a", 80)) == "a"


@pytest.mark.parametrize(
    ("second", "expected"),
    [(60, 65), (79, 80), (80, 80), (81, 81), (200, 85)],
)
def test_the_price_is_a_step_above_what_does_not_lead_up_to_the_leaders_maximum(
    second: int, expected: int
) -> None:
    assert price(terms(bands=BANDS), ("a", 80), ("b", second)) == expected


def test_equal_maxima_are_won_by_the_earlier_one_at_that_price() -> None:
    assert leads(terms(), ("a", 80), ("b", 80)) == "a"
    assert price(terms(), ("a", 80), ("b", 80)) == 80


def test_a_leader_who_raises_his_own_maximum_pays_no_more() -> None:
    assert price(terms(bands=BANDS), ("a", 80), ("b", 79), ("a", 200)) == 80


def test_a_leader_who_meets_the_reserve_by_a_raise_pays_the_reserve() -> None:
    agreed = terms(reserve_points=100)

    assert price(agreed, ("a", 80)) == 1
    assert price(agreed, ("a", 80), ("a", 120)) == 100


def test_the_reserve_is_the_price_once_it_is_met() -> None:
    agreed = terms(reserve_points=100)

    assert price(agreed, ("a", 60), ("b", 150)) == 100
    assert price(agreed, ("a", 60), ("b", 150), ("c", 120)) == 121


def test_a_buy_out_ends_the_auction_at_its_price() -> None:
    agreed = terms(buyout_points=100)
    ground = play(agreed, [("a", 30)])

    step = english.bid(agreed, ground, Leader("b", 500, 2))

    assert step.is_buyout
    assert step.out == Leader("a", 30, 1)
    assert step.round.leaders == (Leader("b", 100, 2),)
    assert step.round.price == 100


def test_a_leader_may_buy_out_his_own_bid() -> None:
    agreed = terms(buyout_points=100)
    ground = play(agreed, [("a", 30)])

    step = english.bid(agreed, ground, Leader("a", 100, 2))

    assert (step.is_buyout, step.out, step.replaced) == (True, None, Leader("a", 30, 1))


def test_of_two_items_both_leaders_pay_a_step_above_the_third() -> None:
    bids = (("a", 80), ("b", 40), ("c", 60))
    agreed = terms(units=2)

    assert leads(agreed, *bids) == "ac"
    assert price(agreed, *bids) == 41


@pytest.mark.parametrize(
    ("price_now", "expected"), [(49, 50), (50, 55), (99, 104), (100, 110)]
)
def test_the_least_bid_is_a_step_of_the_band_above_the_price(
    price_now: int, expected: int
) -> None:
    ground = Round(
        *new_round(terms())[:2], price=price_now, leaders=(Leader("a", 999, 1),)
    )

    assert english.minimum_points(terms(bands=BANDS), ground) == expected


def test_a_leader_below_the_reserve_can_be_passed_at_the_price() -> None:
    agreed = terms(units=2, reserve_points=100, bands=BANDS)
    ground = play(agreed, [("a", 200), ("b", 50)])

    assert english.minimum_points(agreed, ground) == 100


@given(bids=BIDS, units=UNITS)
def test_the_proxy_bids_as_one_who_looks_at_all_bids_again_each_time(
    bids: list[tuple[str, int]], units: int
) -> None:
    agreed = terms(units=units, bands=BANDS)
    made = list(_made(agreed, bids))
    ground = play(agreed, made)

    assert ground.price == _price_by_history(agreed, made)
    assert [one.member_id for one in ground.leaders] == _leaders(made)[:units]


@given(maxima=st.lists(st.integers(1, 300), min_size=2, max_size=6, unique=True))
def test_the_proxy_ends_as_a_war_of_single_steps_does(maxima: list[int]) -> None:
    wanted = {f"m{n}": points for n, points in enumerate(maxima)}
    ground = play(terms(), wanted.items())
    leader, war_price = _war(wanted)

    assert ground.leaders[0].member_id == leader
    assert abs(ground.price - war_price) <= 1


@given(bids=BIDS, units=UNITS, reserve=st.integers(0, 150))
def test_the_price_never_falls_and_never_exceeds_a_winners_maximum(
    bids: list[tuple[str, int]], units: int, reserve: int
) -> None:
    agreed = terms(units=units, bands=BANDS, reserve_points=reserve)
    made = list(_made(agreed, bids))
    rounds = [play(agreed, made[:n]) for n in range(len(made) + 1)]

    assert all(a.price <= b.price for a, b in itertools.pairwise(rounds))
    assert all(
        one.points >= ground.price
        for ground in rounds
        for one in ground.leaders
        if one.points >= reserve
    )


@given(bids=BIDS, units=UNITS)
def test_a_raise_of_a_leader_never_moves_the_price(
    bids: list[tuple[str, int]], units: int
) -> None:
    agreed = terms(units=units, bands=BANDS)
    ground = play(agreed, bids)
    for one in ground.leaders:
        raised = Leader(one.member_id, one.points + 1_000, ground.sequence + 1)

        assert english.bid(agreed, ground, raised).round.price == ground.price


@given(maxima=st.lists(st.integers(1, 300), min_size=1, max_size=5, unique=True))
def test_who_bids_first_changes_no_winner_when_all_maxima_differ(
    maxima: list[int],
) -> None:
    wanted = {f"m{n}": points for n, points in enumerate(maxima)}
    winners = {
        play(terms(), order).leaders[0].member_id
        for order in itertools.islice(itertools.permutations(wanted.items()), 24)
    }

    assert winners == {max(wanted, key=lambda name: wanted[name])}


def _made(agreed: Terms, bids: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Returns those bids that were high enough when they were made."""
    made: list[tuple[str, int]] = []
    for member_id, points in bids:
        ground = play(agreed, made)
        if is_high_enough(agreed, ground, member_id, points):
            made.append((member_id, points))
    return made


def _leaders(made: list[tuple[str, int]]) -> list[str]:
    """Returns members by their highest bid, the earlier of equals first."""
    highest: dict[str, tuple[int, int]] = {}
    for sequence, (member_id, points) in enumerate(made):
        best = highest.get(member_id, (0, 0))
        if points > -best[0]:
            highest[member_id] = (-points, sequence)
    return sorted(highest, key=lambda name: highest[name])


def _price_by_history(agreed: Terms, made: list[tuple[str, int]]) -> int:
    """Returns the price from nothing but the list of bids: the highest it ever was.

    It is looked at only after bids of members who did not lead before.
    """
    price = 0
    for count in range(1, len(made) + 1):
        before, now = made[: count - 1], made[:count]
        if made[count - 1][0] in _leaders(before)[: agreed.units]:
            continue
        highest = dict(sorted(now, key=lambda bid: bid[1]))
        ranked = sorted(highest.values(), reverse=True)
        rule = agreed.start_points
        if len(ranked) > agreed.units:
            bar = ranked[agreed.units]
            rule = max(rule, min(ranked[agreed.units - 1], bar + agreed.increment(bar)))
        price = max(price, rule)
    return price


def _war(wanted: dict[str, int]) -> tuple[str, int]:
    """Returns winner and price if each bids one point more than the other, in turn."""
    price, leader = 0, ""
    while True:
        able = [n for n, top in wanted.items() if n != leader and top > price]
        if not able:
            return leader, price
        price, leader = price + 1, able[0]
