"""Transfers: the receiver gets what the giver had, in lots with the same times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.bounds import AT_ONCE, NEVER, POINTS_MAX, POINTS_MIN
from points.domain.commands import Transfer
from points.domain.decisions import decide
from points.domain.identity import Place
from points.domain.refusals import (
    InsufficientPoints,
    InvalidArgument,
    LimitExceeded,
    MemberErased,
    MemberFrozen,
    MemberMerged,
    MemberNotFound,
    Refusal,
    SameMember,
    UnitNotSpendable,
    UnitUnknown,
)
from points.domain.state import Decision, LotsMissing
from points.domain.values import (
    Draw,
    Kind,
    Lot,
    MemberState,
    Posting,
    Transaction,
)
from tests.clock import NOON
from tests.domain.build import PART, PROGRAM, account, frozen_member, lot, member, stamp
from tests.domain.test_precedence import NOBODY, Rule, decide_breaking, name
from tests.domain.worlds import World, world


BOB: Final = member(member_id="bob")
_TRANSFER: Final = Transfer(
    member_id="ada",
    request_id="r1",
    to_member_id="bob",
    unit="points",
    points=100,
    reason="a gift",
)


def transfer(**fields: Any) -> Transfer:
    """Returns a transfer of 100 points from Ada to Bob."""
    return replace(_TRANSFER, **fields)


def having(*lots: Lot, owed: int = 0) -> World:
    """Returns a world in which Ada has these lots, and Bob owes points."""
    balance = sum(lot.remaining for lot in lots)
    debt = account(account="shortfall:bob", balance=-owed, floor=POINTS_MIN)
    return world(member(), BOB, account(balance=balance), *lots, debt)


def decided(state: World, **fields: Any) -> Decision:
    """Returns the decision about a transfer at noon."""
    return decide(transfer(**fields), state, PROGRAM, stamp())


def transaction_of(decision: Decision) -> Transaction:
    """Returns the transaction of a decision."""
    assert isinstance(decision.result, Transaction)
    return decision.result


def taken(decision: Decision) -> Transaction:
    """Returns the transaction of the receiver."""
    (side,) = decision.sides
    return transaction_of(side.decision)


def balances(decision: Decision) -> dict[str, int]:
    """Returns the balance of each account after both halves."""
    (side,) = decision.sides
    accounts = (*decision.accounts, *side.decision.accounts)
    return {one.account: one.balance for one in accounts}


def test_points_go_through_transit_to_the_receiver() -> None:
    decision = decided(having(lot(points=500)), points=30)

    assert balances(decision) == {"member:ada": 470, "transit": 0, "member:bob": 30}


def test_each_half_names_the_other() -> None:
    decision = decided(having(lot()))

    given_half, taken_half = transaction_of(decision), taken(decision)
    assert (given_half.counterparty, given_half.counterparty_place) == (
        "bob",
        Place(PART, 43),
    )
    assert (taken_half.counterparty, taken_half.counterparty_place) == (
        "ada",
        Place(PART, 42),
    )


def test_the_receivers_half_is_recorded_under_an_id_of_the_server() -> None:
    (side,) = decided(having(lot())).sides

    assert side[:4] == (PART, "bob", "system/transfer/t7-42", Kind.TRANSFER_IN)


def test_the_givers_own_facts_stay_with_the_giver() -> None:
    decision = decided(having(lot()), metadata={"card": "a rose"})

    assert transaction_of(decision).metadata == {"card": "a rose"}
    assert taken(decision).metadata == {}
    assert taken(decision).reason == "a gift"


def test_a_lot_keeps_its_times_and_says_where_it_came_from() -> None:
    old = lot(
        number=3, earn_time=NOON - 900, activate_time=NOON - 90, expire_time=NOON + 9
    )

    decision = decided(having(old), points=30)

    assert taken(decision).lots == (
        old._replace(
            number=9,
            member_id="bob",
            points=30,
            remaining=30,
            record_number=43,
            origin="l7-3",
        ),
    )


def test_a_fee_comes_on_top_and_is_drawn_last() -> None:
    lots = (lot(number=1, points=60, expire_time=NOON + 1), lot(number=2, points=60))

    decision = decided(having(*lots), points=80, fee_points=15)

    given_half = transaction_of(decision)
    assert given_half.postings == (
        Posting("member:ada", "transit", "points", 80),
        Posting("member:ada", "fee:transfer", "points", 15),
    )
    assert given_half.draws == (
        Draw(Place(PART, 1), 60, NOON + 1),
        Draw(Place(PART, 2), 35, NEVER),
    )
    assert [(made.points, made.expire_time) for made in taken(decision).lots] == [
        (60, NOON + 1),
        (20, NEVER),
    ]


def test_a_fee_goes_to_the_account_that_is_named() -> None:
    decision = decided(having(lot()), points=80, fee_points=20, fee_account="club")

    assert balances(decision)["fee:club"] == 20


def test_what_the_receiver_owes_is_repaid_first() -> None:
    lots = (lot(number=1, points=60, expire_time=NOON + 1), lot(number=2, points=60))

    decision = decided(having(*lots, owed=70))

    assert taken(decision).postings == (
        Posting("transit", "shortfall:bob", "points", 70),
        Posting("transit", "member:bob", "points", 30),
    )
    assert [(made.points, made.expire_time) for made in taken(decision).lots] == [
        (30, NEVER)
    ]


def test_a_receiver_who_owes_more_gets_no_lot() -> None:
    decision = decided(having(lot(), owed=170))

    assert taken(decision).lots == ()
    assert balances(decision)["shortfall:bob"] == -70


def test_lots_that_were_not_read_are_asked_for() -> None:
    state = replace(having(lot(points=99)), complete=False)

    with pytest.raises(LotsMissing):
        decided(state)


GROWTH: Final = "qualifying_points"

RULES: Final = (
    Rule(UnitUnknown("stars"), {"unit": "stars"}),
    Rule(UnitNotSpendable(GROWTH), {"unit": GROWTH}),
    Rule(SameMember("ada"), {"to_member_id": "ada"}),
    Rule(MemberNotFound("ada"), members=NOBODY),
    Rule(
        MemberErased("ada"), members=[member(state=MemberState.ERASED, merged_into="b")]
    ),
    Rule(
        MemberMerged("ada", "eve"),
        members=[member(state=MemberState.MERGED, merged_into="eve")],
    ),
    Rule(MemberFrozen("ada"), members=[frozen_member()]),
    Rule(MemberNotFound("bob"), members=[member()]),
    Rule(
        MemberErased("bob"), members=[member(), BOB._replace(state=MemberState.ERASED)]
    ),
    Rule(
        MemberMerged("bob", "eve"),
        members=[member(), BOB._replace(state=MemberState.MERGED, merged_into="eve")],
    ),
    Rule(
        MemberFrozen("bob"), members=[member(), BOB._replace(state=MemberState.FROZEN)]
    ),
    Rule(
        InvalidArgument({"effective_time": "must not lie ahead"}),
        {"effective_time": NOON + 1},
    ),
    Rule(InsufficientPoints("ada", "points", 99, 100), lots=[lot(points=99)]),
    Rule(
        LimitExceeded("member:bob", "points", POINTS_MAX),
        accounts=[account(account="member:bob", balance=POINTS_MAX)],
    ),
)


@pytest.mark.parametrize("broken", range(len(RULES)), ids=name)
def test_a_transfer_is_refused_for_the_first_rule_it_breaks(broken: int) -> None:
    rules = RULES[broken:]

    with pytest.raises(Refusal) as refused:
        decide_breaking(rules, transfer(), World(members=[member(), BOB], lots=[lot()]))

    assert refused.value == rules[0].refusal


@pytest.mark.parametrize(
    ("fields", "violations"),
    [
        ({"to_member_id": ""}, {"to_member_id": "is required"}),
        ({"fee_points": -1}, {"fee_points": "must be zero or above, not -1"}),
        (
            {"points": POINTS_MAX, "fee_points": 1},
            {"fee_points": f"must be at most {POINTS_MAX} together with points"},
        ),
        (
            {"fee_account": "club"},
            {"fee_account": "must not be given without fee_points"},
        ),
        (
            {"fee_points": 1, "fee_account": "x" * 65},
            {"fee_account": "must have at most 64 characters, not 65"},
        ),
    ],
)
def test_a_malformed_transfer_is_refused(
    fields: dict[str, Any], violations: dict[str, str]
) -> None:
    with pytest.raises(InvalidArgument) as refused:
        transfer(**fields).check()

    assert refused.value.violations == violations


def test_an_insufficient_giver_is_told_about_the_fee_too() -> None:
    with pytest.raises(InsufficientPoints) as refused:
        decided(having(lot()), fee_points=1)

    assert refused.value == InsufficientPoints("ada", "points", 100, 101)


some_lots = st.lists(
    st.tuples(st.integers(1, 50), st.integers(NOON + 1, NOON + 5)),
    min_size=1,
    max_size=8,
).map(
    lambda pairs: [
        lot(number=number, points=points, expire_time=end, activate_time=AT_ONCE)
        for number, (points, end) in enumerate(sorted(pairs, key=lambda p: p[1]), 1)
    ]
)


def expiries(lots: Sequence[Lot]) -> Counter[tuple[str, int]]:
    """Counts points by unit and expiry."""
    found: Counter[tuple[str, int]] = Counter()
    for one in lots:
        found[one.unit, one.expire_time] += one.remaining
    return found


@given(lots=some_lots, data=st.data())
def test_a_transfer_conserves_points_and_expiries(
    lots: list[Lot], data: st.DataObject
) -> None:
    total = sum(one.points for one in lots)
    points = data.draw(st.integers(1, total))
    fee = data.draw(st.integers(0, total - points))
    owed = data.draw(st.integers(0, 60))
    state = having(*lots, owed=owed)

    decision = decided(state, points=points, fee_points=fee)

    changed = {one.number: one for one in decision.lots}
    kept = [changed.get(one.number, one) for one in lots]
    made = taken(decision).lots
    left = expiries(kept) + expiries(made)
    assert left <= expiries(lots)
    assert (expiries(lots) - left).total() == fee + min(owed, points)
    assert sum(balances(decision).values()) + owed == total
