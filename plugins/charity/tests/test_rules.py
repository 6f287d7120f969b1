"""The rules by themselves: matches, quadratic splits, conversion, recurrences."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from math import isqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points_charity.calendar import Every, occurrence, year_of
from points_charity.conversion import convert
from points_charity.donations import pledged
from points_charity.matching import Match, MatchTerms, match_of
from points_charity.quadratic import SCALE, raw_match, scaled_root, split


POINTS = st.integers(1, 10**9)


def raw(*given_points: int) -> int:
    """Returns the raw match of a campaign with these donors, in whole points."""
    root_sum = sum(map(scaled_root, given_points))
    return raw_match(root_sum, sum(given_points)) // (SCALE * SCALE)


@pytest.mark.parametrize(
    ("terms", "points", "donor_matched", "pool_left", "match"),
    [
        (MatchTerms(1, 1), 50, 0, 100, Match(50, 50)),
        (MatchTerms(1, 3), 50, 0, 100, Match(16, 16)),
        (MatchTerms(2, 1), 50, 0, 70, Match(100, 70)),
        (MatchTerms(2, 1, 80), 50, 0, 100, Match(80, 80)),
        (MatchTerms(2, 1, 80, 90), 50, 30, 100, Match(60, 60)),
        (MatchTerms(2, 1, None, 90), 50, 95, 100, Match(0, 0)),
        (MatchTerms(1, 1), 50, 0, 0, Match(50, 0)),
    ],
)
def test_a_match_is_rounded_down_and_then_capped(
    terms: MatchTerms, points: int, donor_matched: int, pool_left: int, match: Match
) -> None:
    found = match_of(terms, points, donor_matched=donor_matched, pool_left=pool_left)
    assert found == match


@pytest.mark.parametrize(
    ("gifts", "by_hand", "how"),
    [
        ((100,), 0, "(10)^2 - 100"),
        ((100, 100), 200, "(10 + 10)^2 - 200"),
        ((1, 4, 9), 22, "(1 + 2 + 3)^2 - 14"),
        ((1,) * 10, 90, "(10)^2 - 10"),
        ((2, 3), 4, "2 * sqrt(6) = 4.89..."),
        ((25, 36, 49, 64), 502, "(5 + 6 + 7 + 8)^2 - 174"),
    ],
)
def test_quadratic_matches_by_hand(
    gifts: tuple[int, ...], by_hand: int, how: str
) -> None:
    print(f"gifts {gifts}: by hand {how} = {by_hand}, matched {raw(*gifts)}")  # noqa: T201
    assert raw(*gifts) == by_hand


def test_a_pool_that_is_too_small_is_split_by_largest_remainder() -> None:
    matches = {"a": 200 * SCALE**2, "b": 100 * SCALE**2, "c": 0}
    assert split(300, matches) == {"a": 200, "b": 100, "c": 0}
    assert split(100, matches) == {"a": 67, "b": 33, "c": 0}
    thirds = dict.fromkeys("cba", SCALE**2)
    assert split(2, thirds) == {"a": 1, "b": 1, "c": 0}


def test_a_pool_that_is_large_enough_keeps_its_rest() -> None:
    assert split(1_000, {"a": 22 * SCALE**2}) == {"a": 22}


@given(
    pool=st.integers(0, 10**12),
    gifts=st.lists(st.lists(POINTS, min_size=1, max_size=5), min_size=1, max_size=6),
)
def test_a_split_is_conserved_and_in_proportion(
    pool: int, gifts: list[list[int]]
) -> None:
    matches = {
        str(name): raw_match(sum(map(scaled_root, points)), sum(points))
        for name, points in enumerate(gifts)
    }
    shares = split(pool, matches)
    total = sum(matches.values())
    assert sum(shares.values()) <= pool
    if total > pool * SCALE**2:
        assert sum(shares.values()) == pool
        for name, share in shares.items():
            assert abs(share - Fraction(pool * matches[name], total)) < 1


@given(points=st.lists(POINTS, min_size=1, max_size=20))
def test_a_single_donor_moves_nothing_and_roots_are_exact(points: list[int]) -> None:
    assert raw(points[0]) == 0
    for each in points:
        root = scaled_root(each)
        assert root == isqrt(each * SCALE**2)
        assert root**2 <= each * SCALE**2 < (root + 1) ** 2


@given(
    points=st.lists(POINTS, max_size=5),
    rates=st.lists(st.fractions(0, 5, max_denominator=97), min_size=5, max_size=5),
)
def test_no_fraction_of_money_is_ever_lost(
    points: list[int], rates: list[Fraction]
) -> None:
    paid, kept, exact = 0, Fraction(0), Fraction(0)
    for each, rate in zip(points, rates, strict=False):
        money, kept = convert(each, rate, kept)
        paid += money
        exact += each * rate
        assert 0 <= kept < 1
    assert paid + kept == exact


def at(text: str) -> int:
    """Returns the microseconds of a moment in UTC."""
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return int(moment.timestamp()) * 1_000_000


def test_a_month_that_is_too_short_does_not_move_the_day_for_good() -> None:
    start = at("2028-01-31T11:00")
    found = [occurrence(start, Every.MONTH, n, "Europe/Berlin") for n in range(4)]
    assert found == [
        start,
        at("2028-02-29T11:00"),
        at("2028-03-31T10:00"),  # noon in Berlin is an hour earlier in summer
        at("2028-04-30T10:00"),
    ]


@pytest.mark.parametrize(("every", "days"), [(Every.DAY, 1), (Every.WEEK, 7)])
def test_the_local_time_stays_over_a_change_of_clocks(every: Every, days: int) -> None:
    start = at("2026-03-28T11:00")
    later = occurrence(start, every, 1, "Europe/Berlin")
    assert later == start + (days * 24 - 1) * 3_600_000_000


def test_a_year_is_local() -> None:
    assert year_of(at("2026-12-31T23:30"), "UTC") == 2026
    assert year_of(at("2026-12-31T23:30"), "Europe/Berlin") == 2027


@given(points=st.integers(0, 10**12), share=st.integers(0, 10_000))
def test_a_pledge_never_gives_more_than_was_earned(points: int, share: int) -> None:
    assert 0 <= pledged(points, share) <= points
