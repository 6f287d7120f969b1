"""Postings to accounts: balances move, and the member's lifetime counts with them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.bounds import POINTS_MAX
from points.domain.commands import Command
from points.domain.decisions import decide
from points.domain.decisions.posted import posted
from points.domain.limits import write_limits
from points.domain.refusals import LimitExceeded
from points.domain.values import Account, Limits, Posting
from tests.clock import NOON
from tests.domain.build import PART, PROGRAM, account, burn, earn, lot, stamp
from tests.domain.worlds import World, world


NAMES = (
    "member:ada",
    "held:ada",
    "shortfall:ada",
    "issuance",
    "breakage",
    "transit",
    "burn:redemption",
    "adjustment",
)
RICH = world(
    account(balance=100, lifetime_earned=100, lifetime_burned=50, lifetime_expired=50)
)

postings = st.lists(
    st.builds(
        Posting,
        st.sampled_from(NAMES),
        st.sampled_from(NAMES),
        st.sampled_from(["points", "miles"]),
        st.integers(1, 1_000),
    ),
    max_size=6,
)


def ada(state: World, *moves: tuple[str, str, int]) -> Account:
    """Returns Ada's account after postings of points."""
    made = [Posting(source, to, "points", points) for source, to, points in moves]
    (found,) = (a for a in posted(state, PART, "ada", made) if "member:" in a.account)
    return found


@pytest.mark.parametrize(
    ("source", "destination", "changed"),
    [
        ("issuance", "member:ada", {"balance": 110, "lifetime_earned": 110}),
        ("member:ada", "issuance", {"balance": 90, "lifetime_earned": 90}),
        ("member:ada", "burn:donation", {"balance": 90, "lifetime_burned": 60}),
        ("burn:donation", "member:ada", {"balance": 110, "lifetime_burned": 40}),
        ("member:ada", "breakage", {"balance": 90, "lifetime_expired": 60}),
        ("held:ada", "burn:donation", {"lifetime_burned": 60}),
        ("issuance", "shortfall:ada", {"lifetime_earned": 110, "shortfall": -10}),
        ("member:ada", "held:ada", {"balance": 90}),
        ("member:ada", "transit", {"balance": 90}),
        ("adjustment", "member:ada", {"balance": 110}),
    ],
)
def test_the_lifetime_counts_follow_the_kind_of_movement(
    source: str, destination: str, changed: dict[str, Any]
) -> None:
    (before,) = RICH.accounts

    after = ada(RICH, (source, destination, 10))

    assert after == before._replace(**changed)


@pytest.mark.parametrize("command", [earn(), burn()], ids=["earn", "burn"])
def test_limits_and_usage_stay_with_the_account(command: Command) -> None:
    text = write_limits(Limits("ada", "points", 0, None, (), "eve", "", NOON))
    limited = account(balance=100, limits=text)

    decision = decide(command, world(limited, lot()), PROGRAM, stamp())

    (after,) = (a for a in decision.accounts if a.account == "member:ada")
    assert after.limits == text


def test_what_is_posted_twice_is_added_up() -> None:
    after = ada(RICH, ("member:ada", "transit", 10), ("member:ada", "fee:transfer", 1))

    assert after.balance == 89


def test_accounts_come_in_the_order_they_are_touched() -> None:
    made = [
        Posting("issuance", "shortfall:ada", "points", 3),
        Posting("issuance", "member:ada", "points", 7),
    ]

    found = posted(RICH, PART, "ada", made)

    assert [(a.account, a.balance) for a in found] == [
        ("issuance", -10),
        ("shortfall:ada", 3),
        ("member:ada", 107),
    ]


def test_nothing_is_posted_to_nobody() -> None:
    assert posted(RICH, PART, "ada", ()) == ()


@pytest.mark.parametrize(
    "full",
    [
        account(balance=POINTS_MAX),
        account(lifetime_earned=POINTS_MAX),
        account(account="issuance", balance=-POINTS_MAX),
    ],
    ids=["balance", "lifetime count", "house account"],
)
def test_a_count_that_leaves_int64_is_refused(full: Account) -> None:
    with pytest.raises(LimitExceeded):
        posted(
            world(full), PART, "ada", [Posting("issuance", "member:ada", "points", 1)]
        )


@given(postings)
def test_all_accounts_together_move_by_zero_in_each_unit(made: list[Posting]) -> None:
    found = posted(world(), PART, "ada", made)

    for unit in ("points", "miles"):
        assert sum(a.balance for a in found if a.unit == unit) == 0


@given(postings)
def test_postings_in_two_steps_come_to_the_same(made: list[Posting]) -> None:
    middle = len(made) // 2
    first = posted(world(), PART, "ada", made[:middle])
    second = posted(world(*first), PART, "ada", made[middle:])

    stepwise = {a[:3]: a for a in (*first, *second)}
    assert stepwise == {a[:3]: a for a in posted(world(), PART, "ada", made)}
