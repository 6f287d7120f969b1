"""Burns: which lots are drawn, and what it takes to draw them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.bounds import NEVER, POINTS_MAX, POINTS_MIN
from points.domain.decisions import decide
from points.domain.identity import Place
from points.domain.refusals import InsufficientPoints, InvalidArgument, LimitExceeded
from points.domain.state import Decision, LotsMissing
from points.domain.values import Draw, Posting, Transaction
from tests.clock import NOON
from tests.domain.build import PART, PROGRAM, account, burn, lot, stamp
from tests.domain.worlds import World, owning, world


def decide_burn(state: World, **fields: Any) -> Decision:
    """Returns the decision about a burn at noon."""
    return decide(burn(**fields), state, PROGRAM, stamp())


def draws_of(decision: Decision) -> list[tuple[int, int]]:
    """Returns lot number and points of each draw."""
    assert isinstance(decision.result, Transaction)
    return [(draw.lot.number, draw.points) for draw in decision.result.draws]


def test_points_move_from_the_member_to_the_sink() -> None:
    state = world(
        account(balance=500, lifetime_earned=600, lifetime_burned=100),
        account(account="burn:donation", balance=40, floor=POINTS_MIN),
        lot(points=500),
    )

    decision = decide_burn(state, points=30, sink="donation")

    assert decision.accounts == (
        account(balance=470, lifetime_earned=600, lifetime_burned=130),
        account(account="burn:donation", balance=70, floor=POINTS_MIN),
    )


def test_the_transaction_says_what_happened() -> None:
    state = owning(lot(points=500, expire_time=NOON + 1))

    decision = decide_burn(state, points=30, reason="why", metadata={"a": "1"})

    assert decision.result == Transaction(
        postings=(Posting("member:ada", "burn:redemption", "points", 30),),
        balance_after=470,
        reason="why",
        metadata={"a": "1"},
        draws=(Draw(Place(PART, 1), 30, NOON + 1),),
    )


def test_the_first_lots_are_drawn_first() -> None:
    state = owning(
        lot(number=3, points=10), lot(number=1, points=10), lot(number=2, points=10)
    )

    decision = decide_burn(state, points=15)

    assert draws_of(decision) == [(3, 10), (1, 5)]


def test_only_drawn_lots_change() -> None:
    first, second = lot(number=1, points=10), lot(number=2, points=10)
    state = owning(first, second, lot(number=3, points=10))

    decision = decide_burn(state, points=15)

    assert decision.lots == (
        lot(number=1, points=10, remaining=0),
        lot(number=2, points=10, remaining=5),
    )


def test_a_lot_that_is_partly_drawn_gives_what_is_left() -> None:
    state = owning(lot(number=1, points=10, remaining=4), lot(number=2, points=10))

    assert draws_of(decide_burn(state, points=5)) == [(1, 4), (2, 1)]


def test_no_lot_is_made() -> None:
    assert decide_burn(owning(lot())).made_lot_count == 0


def test_all_points_can_be_burned() -> None:
    decision = decide_burn(owning(lot(points=60), lot(number=2, points=40)), points=100)

    assert decision.accounts[0].balance == 0


def test_the_last_point_cannot_be_burned_twice() -> None:
    with pytest.raises(InsufficientPoints) as refused:
        decide_burn(owning(lot(points=60), lot(number=2, points=39)), points=100)

    assert refused.value == InsufficientPoints("ada", "points", 99, 100)


def test_a_member_without_lots_has_nothing_to_burn() -> None:
    with pytest.raises(InsufficientPoints) as refused:
        decide_burn(world(), points=1)

    assert refused.value == InsufficientPoints("ada", "points", 0, 1)


def test_pending_points_on_the_account_do_not_count() -> None:
    state = world(account(balance=1_000), lot(points=10))

    with pytest.raises(InsufficientPoints) as refused:
        decide_burn(state, points=11)

    assert refused.value.available == 10


def test_more_lots_are_asked_for_before_a_burn_is_refused() -> None:
    state = world(account(balance=100), lot(points=10), complete=False)

    with pytest.raises(LotsMissing):
        decide_burn(state, points=11)


def test_no_more_lots_are_asked_for_than_needed() -> None:
    state = world(account(balance=100), lot(points=10), complete=False)

    assert draws_of(decide_burn(state, points=10)) == [(1, 10)]


@pytest.mark.parametrize("effective_time", [0, NOON - 1, NOON])
def test_a_burn_may_have_happened_before(effective_time: int) -> None:
    decision = decide_burn(owning(lot()), effective_time=effective_time)

    assert decision.effective_time == effective_time


def test_a_burn_happens_now_unless_it_says_otherwise() -> None:
    assert decide_burn(owning(lot())).effective_time == NOON


def test_a_burn_cannot_have_happened_later() -> None:
    with pytest.raises(InvalidArgument) as refused:
        decide_burn(owning(lot()), effective_time=NOON + 1)

    assert refused.value == InvalidArgument({"effective_time": "must not lie ahead"})


def test_the_channel_is_kept() -> None:
    assert decide_burn(owning(lot()), channel="auction").channel == "auction"


@pytest.mark.parametrize(
    ("before", "passed"),
    [
        (account(balance=100, lifetime_burned=POINTS_MAX), "member:ada"),
        (account(account="burn:redemption", balance=POINTS_MAX), "burn:redemption"),
    ],
    ids=["lifetime", "sink"],
)
def test_no_count_leaves_64_bits(before: Any, passed: str) -> None:
    state = world(before, account(balance=100), lot(points=100))

    with pytest.raises(LimitExceeded) as refused:
        decide_burn(state, points=1)

    assert refused.value == LimitExceeded(passed, "points", POINTS_MAX)


def test_the_largest_lot_can_be_burned() -> None:
    state = owning(lot(points=POINTS_MAX))

    assert draws_of(decide_burn(state, points=POINTS_MAX)) == [(1, POINTS_MAX)]


@given(
    st.lists(st.integers(1, 50), min_size=1, max_size=20).flatmap(
        lambda sizes: st.tuples(st.just(sizes), st.integers(1, sum(sizes)))
    )
)
def test_draws_add_up_to_the_burn(case: tuple[list[int], int]) -> None:
    sizes, points = case
    lots = [lot(number=number, points=size) for number, size in enumerate(sizes, 1)]

    drawn = draws_of(decide_burn(owning(*lots), points=points))

    assert sum(taken for _, taken in drawn) == points


@given(st.lists(st.integers(1, 50), min_size=1, max_size=20))
def test_every_lot_but_the_last_is_drawn_empty(sizes: list[int]) -> None:
    lots = [lot(number=number, points=size) for number, size in enumerate(sizes, 1)]
    points = max(1, sum(sizes) // 2)

    decision = decide_burn(owning(*lots), points=points)

    assert [left.remaining for left in decision.lots[:-1]] == [0] * (
        len(decision.lots) - 1
    )


def test_a_draw_repeats_when_its_lot_ends() -> None:
    decision = decide_burn(owning(lot(expire_time=NEVER)))

    assert isinstance(decision.result, Transaction)
    assert decision.result.draws[0].expire_time == NEVER
