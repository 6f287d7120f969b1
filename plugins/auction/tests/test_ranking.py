"""Bids compared at the close: who wins, and the price with one item and with many."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plugins.auction.tests.build import candidates, terms

from points_auction.ranking import Candidate, Sale, best, sales
from points_auction.terms import SEALED, Form, Terms


FORMS = st.sampled_from([Form.SEALED_FIRST, Form.SEALED_SECOND])
POINTS = st.lists(st.integers(1, 100), max_size=12)


def won(agreed: Terms, bids: list[Candidate]) -> list[tuple[str, int]]:
    """Returns winners with what they pay."""
    ranked = best(bids, agreed.units + 1, least=agreed.least_points)
    return [(one.member_id, one.points) for one in sales(agreed, ranked)]


@pytest.mark.parametrize(
    ("form", "price"), [(Form.SEALED_FIRST, 70), (Form.SEALED_SECOND, 60)]
)
def test_the_highest_sealed_bid_wins(form: Form, price: int) -> None:
    assert won(terms(form), candidates(50, 70, 60)) == [("m2", price)]


def test_the_lower_sequence_wins_a_tie() -> None:
    assert won(terms(Form.SEALED_FIRST), candidates(70, 70, 70)) == [("m1", 70)]


def test_k_items_are_sold_at_the_highest_bid_that_does_not_win() -> None:
    agreed = terms(Form.SEALED_SECOND, units=2)

    assert won(agreed, candidates(50, 70, 60, 40)) == [("m2", 50), ("m3", 50)]


@pytest.mark.parametrize(("reserve", "price"), [(0, 5), (30, 30)])
def test_without_another_bid_the_least_one_is_the_price(
    reserve: int, price: int
) -> None:
    agreed = terms(Form.SEALED_SECOND, units=3, start_points=5, reserve_points=reserve)

    assert won(agreed, candidates(50, 70)) == [("m2", price), ("m1", price)]


def test_a_bid_below_the_reserve_neither_wins_nor_sets_the_price() -> None:
    agreed = terms(Form.SEALED_SECOND, reserve_points=60)

    assert won(agreed, candidates(50, 70)) == [("m2", 60)]
    assert won(agreed, candidates(50, 59)) == []


def test_winners_of_an_all_pay_auction_have_paid_already() -> None:
    assert won(terms(Form.ALL_PAY), candidates(50, 70)) == [("m2", 0)]


@given(points=POINTS, form=FORMS, units=st.integers(1, 4), seed=st.integers())
def test_the_order_in_which_bids_are_read_changes_nothing(
    points: list[int], form: Form, units: int, seed: int
) -> None:
    agreed, bids = terms(form, units=units), candidates(*points)
    shuffled = random.Random(seed).sample(bids, len(bids))  # noqa: S311 - no secret

    assert won(agreed, shuffled) == won(agreed, bids)


@given(points=POINTS, form=FORMS, units=st.integers(1, 4), page=st.integers(1, 5))
def test_a_ranking_page_by_page_is_that_of_all_at_once(
    points: list[int], form: Form, units: int, page: int
) -> None:
    agreed, bids = terms(form, units=units, reserve_points=20), candidates(*points)
    ranked: tuple[Candidate, ...] = ()
    for start in range(0, len(bids), page):
        ranked = best((*ranked, *bids[start : start + page]), units + 1, least=20)

    assert ranked == best(bids, units + 1, least=20)
    assert sales(agreed, ranked) == sales(agreed, best(bids, units + 1, least=20))


@given(points=POINTS, units=st.integers(1, 4), reserve=st.integers(0, 60))
def test_all_winners_pay_one_price_between_the_losers_and_their_own_bids(
    points: list[int], units: int, reserve: int
) -> None:
    agreed = terms(Form.SEALED_SECOND, units=units, reserve_points=reserve)
    bids = {one.member_id: one.points for one in candidates(*points)}
    paid = dict(won(agreed, candidates(*points)))

    assert len(set(paid.values())) <= 1
    assert len(paid) == min(units, sum(p >= agreed.least_points for p in points))
    assert all(bids[name] >= price >= reserve for name, price in paid.items())
    for price in set(paid.values()):
        lost = [p for name, p in bids.items() if name not in paid]

        assert all(p <= price for p in lost)


@given(points=st.lists(st.integers(1, 100), min_size=2, max_size=8, unique=True))
def test_no_bid_gains_by_another_amount_at_the_second_price(points: list[int]) -> None:
    agreed = terms(Form.SEALED_SECOND)
    value = points[0]

    def gain(bid: int) -> int:
        paid = dict(won(agreed, candidates(bid, *points[1:])))
        return value - paid["m1"] if "m1" in paid else 0

    assert all(gain(value) >= gain(bid) for bid in range(1, 102))


def test_a_sale_names_the_hold_that_pays_for_it() -> None:
    ranked = (Candidate(70, 1, "m1", "h1"), Candidate(60, 2, "m2", "h2"))

    assert sales(terms(Form.SEALED_SECOND), ranked) == (Sale("m1", 60, "h1"),)
    assert {Form.SEALED_FIRST, Form.SEALED_SECOND} == SEALED
