"""Merge and erase: everything goes over, and nothing of it twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain import decisions
from points.domain.bounds import AT_ONCE, NEVER, POINTS_MAX, POINTS_MIN
from points.domain.commands import EraseMember, MergeMembers
from points.domain.decisions import decide
from points.domain.identity import Place
from points.domain.refusals import (
    InvalidArgument,
    LimitExceeded,
    MemberErased,
    MemberFrozen,
    MemberHasHolds,
    MemberMerged,
    MemberNotFound,
    Refusal,
    SameMember,
)
from points.domain.state import Decision
from points.domain.values import (
    Draw,
    Erasure,
    Hold,
    HoldState,
    Kind,
    Lot,
    MemberState,
    Posting,
    TimeoutAction,
    Transaction,
)
from tests.clock import NOON
from tests.domain.build import PART, PROGRAM, account, frozen_member, lot, member, stamp
from tests.domain.test_precedence import NOBODY, Rule, decide_breaking, name
from tests.domain.test_transfer import BOB, taken, transaction_of
from tests.domain.worlds import World, world


_MERGE: Final = MergeMembers(
    member_id="ada",
    request_id="r1",
    into_member_id="bob",
    operator="olga",
    reason="duplicate",
)
_ERASE: Final = EraseMember(
    member_id="ada", request_id="r1", operator="olga", reason="asked for"
)
HOLD: Final = Hold(
    part=PART,
    number=1,
    member_id="ada",
    unit="points",
    points=5,
    draws=(Draw(Place(PART, 1), 5, NEVER),),
    captured_points=0,
    voided_points=0,
    state=HoldState.OPEN,
    place_time=NOON,
    lapse_time=NEVER,
    update_time=NOON,
    on_timeout=TimeoutAction.VOID,
    freeze_expiry=False,
    sink="redemption",
    reason="a table",
    record_number=1,
)


def merge(**fields: Any) -> MergeMembers:
    """Returns a merge of Ada into Bob."""
    return replace(_MERGE, **fields)


def erase(**fields: Any) -> EraseMember:
    """Returns the erasure of Ada."""
    return replace(_ERASE, **fields)


def having(lots: Iterable[Lot], debts: Iterable[tuple[str, int]] = ()) -> World:
    """Returns a world in which Ada has lots and owes points by unit."""
    own = list(lots)
    sums: Counter[str] = Counter()
    for one in own:
        sums[one.unit] += one.remaining
    accounts = [account(unit=unit, balance=total) for unit, total in sums.items()]
    owed = [
        account(account="shortfall:ada", unit=unit, balance=-points, floor=POINTS_MIN)
        for unit, points in debts
    ]
    return world(member(), BOB, *accounts, *owed, *own)


def merged_in(state: World) -> Decision:
    """Returns the decision about the merge at noon."""
    return decide(merge(), state, PROGRAM, stamp())


def balances(decision: Decision) -> dict[tuple[str, str], int]:
    """Returns the balance of each account and unit after both halves."""
    (side,) = decision.sides
    accounts = (*decision.accounts, *side.decision.accounts)
    return {(one.account, one.unit): one.balance for one in accounts}


def test_every_unit_goes_over_in_one_transaction_on_either_side() -> None:
    lots = [lot(number=1, points=5), lot(number=2, points=7, unit="miles")]

    decision = merged_in(having(lots))

    assert transaction_of(decision).postings == (
        Posting("member:ada", "transit", "miles", 7),
        Posting("member:ada", "transit", "points", 5),
    )
    assert taken(decision).postings == (
        Posting("transit", "member:bob", "miles", 7),
        Posting("transit", "member:bob", "points", 5),
    )
    assert taken(decision).balance_after == 7


def names(half: Transaction) -> tuple[str, str, Place | None]:
    """Returns who did it, and the other half."""
    return half.operator, half.counterparty, half.counterparty_place


def test_each_half_names_the_other_and_who_did_it() -> None:
    decision = merged_in(having([lot()]))

    given_half, taken_half = transaction_of(decision), taken(decision)
    assert names(given_half) == ("olga", "bob", Place(PART, 43))
    assert names(taken_half) == ("olga", "ada", Place(PART, 42))
    assert given_half.reason == taken_half.reason == "duplicate"
    (side,) = decision.sides
    assert side[:4] == (PART, "bob", "system/merge/t7-42", Kind.MERGE_IN)


def test_the_source_is_merged_for_ever() -> None:
    decision = merged_in(having([]))

    assert decision.member == member(
        state=MemberState.MERGED, merged_into="bob", update_time=NOON, version=4
    )


def test_a_waiting_lot_goes_on_waiting() -> None:
    waiting = lot(
        activate_time=NEVER, waits_for="shipped", expire_time=NOON + 9, expiry="P1Y"
    )

    (made,) = taken(merged_in(having([waiting]))).lots

    assert made == waiting._replace(
        number=9, member_id="bob", record_number=43, origin="l7-1"
    )


def test_a_lot_that_expired_unswept_goes_over_to_be_swept_there() -> None:
    (made,) = taken(merged_in(having([lot(expire_time=NOON - 1)]))).lots

    assert made.expire_time == NOON - 1


def test_only_what_is_left_of_a_lot_goes_over() -> None:
    decision = merged_in(having([lot(points=100, remaining=30)]))

    assert taken(decision).lots[0][4:6] == (30, 30)
    assert [one.remaining for one in decision.lots] == [0]


def test_what_is_owed_stays_owed() -> None:
    decision = merged_in(having([lot(points=5)], [("points", 8)]))

    assert balances(decision) == {
        ("member:ada", "points"): 0,
        ("transit", "points"): 0,
        ("shortfall:ada", "points"): 0,
        ("member:bob", "points"): 5,
        ("shortfall:bob", "points"): -8,
    }


def test_a_member_with_nothing_can_be_merged() -> None:
    decision = merged_in(having([]))

    assert transaction_of(decision).postings == taken(decision).postings == ()


MERGE_RULES: Final = (
    Rule(SameMember("ada"), {"into_member_id": "ada"}),
    Rule(MemberNotFound("ada"), members=NOBODY),
    Rule(MemberErased("ada"), members=[member(state=MemberState.ERASED)]),
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
    Rule(MemberHasHolds("ada", 1)),
    Rule(
        LimitExceeded("member:bob", "points", POINTS_MAX),
        accounts=[account(account="member:bob", balance=POINTS_MAX)],
    ),
)


@pytest.mark.parametrize("broken", range(len(MERGE_RULES)), ids=name)
def test_a_merge_is_refused_for_the_first_rule_it_breaks(broken: int) -> None:
    rules = MERGE_RULES[broken:]
    is_held = any(isinstance(rule.refusal, MemberHasHolds) for rule in rules)
    state = World(members=[member(), BOB], lots=[lot()], holds=[HOLD] * is_held)

    with pytest.raises(Refusal) as refused:
        decide_breaking(rules, merge(), state)

    assert refused.value == rules[0].refusal


def test_a_merge_of_too_many_lots_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decisions.merge, "MERGE_LOTS_MAX", 2)
    lots = [lot(number=number) for number in (1, 2, 3)]

    with pytest.raises(LimitExceeded) as refused:
        merged_in(having(lots))

    assert refused.value == LimitExceeded("member:ada", "lots", 2)


@pytest.mark.parametrize("field", ["into_member_id", "operator", "reason"])
def test_a_merge_without_one_of_its_texts_is_refused(field: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        merge(**{field: ""}).check()

    assert refused.value.violations == {field: "is required"}


kinds_of_lots = st.builds(
    lot,
    unit=st.sampled_from(["points", "miles", "qualifying_points"]),
    points=st.integers(1, 99),
    earn_time=st.integers(NOON - 9, NOON),
    activate_time=st.sampled_from([AT_ONCE, NOON + 1, NEVER]),
    expire_time=st.sampled_from([NOON - 1, NOON + 5, NEVER]),
    waits_for=st.sampled_from(["", "shipped"]),
    expiry=st.sampled_from(["", "P1Y"]),
)


def contents(lots: Iterable[Lot]) -> Counter[tuple[object, ...]]:
    """Counts what is left in lots by everything that a merge must keep."""
    return Counter(
        (
            one.unit,
            one.remaining,
            one.earn_time,
            one.activate_time,
            one.expire_time,
            one.waits_for,
            one.expiry,
        )
        for one in lots
        if one.remaining
    )


@given(
    found=st.lists(kinds_of_lots, max_size=8),
    debts=st.dictionaries(st.sampled_from(["points", "miles"]), st.integers(1, 50)),
)
def test_a_merge_conserves_everything(found: list[Lot], debts: dict[str, int]) -> None:
    lots = [one._replace(number=number) for number, one in enumerate(found, 1)]
    state = having(lots, debts.items())

    decision = merged_in(state)

    assert contents(taken(decision).lots) == contents(lots)
    assert contents(decision.lots) == Counter()
    after, before = balances(decision), {a[1:3]: a.balance for a in state.accounts}
    for kind in ("member", "shortfall"):
        for unit in ("points", "miles", "qualifying_points"):
            assert after.get((f"{kind}:ada", unit), 0) == 0
            moved = before.get((f"{kind}:ada", unit), 0)
            assert after.get((f"{kind}:bob", unit), 0) == moved
    assert all(after.get(("transit", unit), 0) == 0 for unit in ("points", "miles"))


def test_an_erased_member_has_no_attributes_and_says_who_did_it() -> None:
    ada = member(attributes={"name": "Ada"})

    decision = decide(erase(), world(ada), PROGRAM, stamp())

    erased = member(state=MemberState.ERASED, update_time=NOON, version=4)
    assert decision.member == erased
    assert decision.result == Erasure(erased, "olga", "asked for")


@pytest.mark.parametrize("state", [MemberState.FROZEN, MemberState.MERGED])
def test_a_member_who_is_frozen_or_merged_can_be_erased(state: MemberState) -> None:
    ada = member(state=state, merged_into="bob")

    decision = decide(erase(), world(ada), PROGRAM, stamp())

    assert decision.member is not None
    assert decision.member[2:] == (
        MemberState.ERASED,
        {},
        ada.create_time,
        NOON,
        4,
        "bob",
        "",
        "",
    )


ERASE_RULES: Final = (
    Rule(MemberNotFound("ada"), members=NOBODY),
    Rule(MemberErased("ada"), members=[member(state=MemberState.ERASED)]),
    Rule(MemberHasHolds("ada", 1)),
)


@pytest.mark.parametrize("broken", range(len(ERASE_RULES)), ids=name)
def test_an_erasure_is_refused_for_the_first_rule_it_breaks(broken: int) -> None:
    rules = ERASE_RULES[broken:]

    with pytest.raises(Refusal) as refused:
        decide_breaking(rules, erase(), World(members=[member()], holds=[HOLD]))

    assert refused.value == rules[0].refusal


def test_a_hold_that_is_done_with_stands_in_nobodys_way() -> None:
    done = HOLD._replace(state=HoldState.VOIDED, draws=())

    assert decide(erase(), world(member(), done), PROGRAM, stamp())
