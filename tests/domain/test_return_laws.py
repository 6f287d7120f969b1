"""Returns of activities: laws that hold in whatever order items come back."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st

from points.domain.activities import Item
from points.domain.bounds import NEVER
from points.domain.claims import ClaimState
from points.domain.commands import (
    CancelLot,
    ClaimAward,
    RecordActivity,
    ShortfallPolicy,
)
from points.domain.identity import Place
from points.domain.program import Program
from points.domain.progress import Progress
from points.domain.refusals import AlreadyReversed, Refusal
from points.domain.returns import part_of_move
from points.domain.values import Transaction
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from tests.clock import DAY
from tests.domain.build import PART, burn
from tests.domain.undoing import Ledger, reverse


DOCUMENT: Final = """
program: returns
money: {currency: EUR}
units:
  points: {kind: currency}
  miles: {kind: currency, expiry: {after: P1D}}
  merits: {kind: growth}
sinks: [redemption]
rules:
  purchase:
    activities: [purchase]
    awards:
      - unit: points
        points: {per_money: {each: 10, points: 1}}
        items: "true"
        first_time: {add: 5}
      - {unit: merits, points: {per_money: {each: 7, points: 1}}, items: "true"}
    caps: [mine, of_all]
  wine:
    activities: [purchase]
    awards:
      - unit: points
        points: {per_quantity: {points: 3}}
        items: item.category == "wine"
    pending: {until_event: received, cancel_after: P2D}
  bonus:
    activities: [purchase]
    awards:
      - {unit: miles, points: {fixed: 7}}
    budget: gifts
caps:
  mine: {unit: points, window: {each: LIFETIME}, bound: {points: 1000}}
  of_all: {unit: points, per: [], window: {each: LIFETIME}, bound: {points: 900}}
budgets:
  gifts: {unit: miles, fixed: {points: 100, per: LIFETIME}}
ladders:
  merit:
    qualifying: {unit: merits}
    period: {kind: LIFETIME}
    demote: NONE
    tiers: [{name: none, threshold: 0}, {name: some, threshold: 5}]
  spent:
    qualifying: {money: true}
    period: {kind: LIFETIME}
    demote: NONE
    tiers: [{name: none, threshold: 0}, {name: much, threshold: 50}]
  often:
    qualifying: {activities: [purchase]}
    period: {kind: LIFETIME}
    demote: NONE
    tiers: [{name: never, threshold: 0}, {name: once, threshold: 1}]
"""
PROGRAM: Final = to_program(load_document(DOCUMENT))
REDUCED: Final = {"shortfall_policy": ShortfallPolicy.SHORTFALL}

amounts: Final = st.integers(0, 90)
kinds: Final = st.sampled_from(["wine", "bread"])
baskets: Final = st.lists(
    st.tuples(amounts, st.integers(1, 4), kinds), min_size=1, max_size=5
)


def basket(found: list[tuple[int, int, str]]) -> tuple[Item, ...]:
    """Returns items with ids in their order."""
    return tuple(Item(f"i{at}", *each) for at, each in enumerate(found))


def bought(
    items: tuple[Item, ...], more: int = 0, *, program: Program = PROGRAM
) -> Ledger:
    """Returns a ledger whose only record is a purchase of these items and more."""
    ledger = Ledger(program=program)
    money = sum(item.money for item in items) + more
    ledger.accept(
        RecordActivity(
            member_id="ada",
            request_id="a",
            activity_type="purchase",
            money=money,
            quantity=sum(item.quantity for item in items),
            items=items,
        )
    )
    return ledger


def nothing_is_left(ledger: Ledger) -> None:
    """Checks that the purchase has left no point, no count and no tier."""
    assert [a.balance for a in ledger.accounts.values() if a.balance] == []
    earned = {a.lifetime_earned for a in ledger.accounts.values()}
    assert earned == {0}
    assert [lot.remaining for lot in ledger.lots.values() if lot.remaining] == []
    assert ledger.done == Progress(PART, "ada")
    assert [counter.used for counter in ledger.counters.values() if counter.used] == []
    lowest = {"merit": "none", "spent": "none", "often": "never"}
    found = {name: each.tier for name, each in ledger.climbed.items()}
    assert found.items() <= lowest.items()


@given(found=baskets, more=amounts, data=st.data())
def test_whatever_comes_back_in_any_order_in_the_end_nothing_is_left(
    found: list[tuple[int, int, str]], more: int, data: st.DataObject
) -> None:
    items = basket(found)
    ledger = bought(items, more)
    ids = data.draw(st.permutations([item.id for item in items]))
    returned = ids[: data.draw(st.integers(0, len(ids)))]

    while returned:
        size = data.draw(st.integers(1, len(returned)))
        chosen, returned = returned[:size], returned[size:]
        ledger.accept(reverse(item_ids=tuple(chosen)))
        ledger.check()
    last = ledger.carry_out(reverse())

    assert isinstance(last, Transaction) or last == AlreadyReversed(
        ledger.records[0].place().transaction_id(), 0, 0
    )
    nothing_is_left(ledger)
    ledger.check()
    again = ledger.carry_out(reverse())
    assert isinstance(again, AlreadyReversed)
    for item_id in ids:
        assert isinstance(
            ledger.carry_out(reverse(item_ids=(item_id,))), AlreadyReversed
        )


@given(found=baskets, data=st.data())
def test_an_item_takes_back_what_it_has_earned_and_no_more(
    found: list[tuple[int, int, str]], data: st.DataObject
) -> None:
    items = basket(found)
    ledger = bought(items)
    earned = ledger.records[0].result
    assert isinstance(earned, Transaction)

    for item_id in data.draw(st.permutations([item.id for item in items])):
        taken = ledger.accept(reverse(item_ids=(item_id,)))
        shares: dict[str, int] = {}
        for award in earned.awards:
            share = dict(award.shares).get(item_id, 0)
            shares[award.unit] = shares.get(award.unit, 0) + share
        posted = {p.unit: p.points for p in taken.postings}
        assert posted == {unit: each for unit, each in shares.items() if each}


WAITING: Final = """
program: waiting
money: {currency: EUR}
units: {points: {kind: currency}}
rules:
  wine:
    activities: [purchase]
    awards:
      - unit: points
        points: {per_quantity: {points: 7}}
        items: item.category == "wine"
    caps: [mine, of_all]
    claim: {within: P9D}
  bread:
    activities: [purchase]
    awards:
      - unit: points
        points: {per_quantity: {points: 3}}
        items: item.category == "bread"
    caps: [mine]
caps:
  mine: {unit: points, window: {each: LIFETIME}, bound: {points: 40}}
  of_all: {unit: points, per: [], window: {each: LIFETIME}, bound: {points: 30}}
"""
WAITING_PROGRAM: Final = to_program(load_document(WAITING))


@given(found=baskets, collected=st.integers(0, 5), data=st.data())
def test_a_cap_counts_what_was_minted_and_what_still_may_be_collected(
    found: list[tuple[int, int, str]], collected: int, data: st.DataObject
) -> None:
    items = basket(found)
    ledger = bought(items, program=WAITING_PROGRAM)
    ids = data.draw(st.permutations([item.id for item in items]))

    for at, item_id in enumerate(ids[:-1]):
        if at == collected:
            collect_all(ledger)
        ledger.accept(reverse(item_ids=(item_id,)))
        ledger.check()
        assert sum(tally.used for tally in ledger.done.counters.values()) == sum(
            out(ledger).values()
        )
        shared = sum(counter.used for counter in ledger.counters.values())
        assert shared == out(ledger)["wine"]


def collect_all(ledger: Ledger) -> None:
    """Collects what can be collected."""
    for place, claim in list(ledger.claims.items()):
        if claim.state is ClaimState.OPEN:
            request = {"member_id": "ada", "request_id": "c"}
            ledger.accept(ClaimAward(**request, claim_id=place.claim_id()))


def out(ledger: Ledger) -> dict[str, int]:
    """Returns the points of each rule that Ada has, or may still collect."""
    waiting = [c for c in ledger.claims.values() if c.state is not ClaimState.REVERSED]
    collected = sum(c.points for c in waiting if c.state is ClaimState.CLAIMED)
    wine = sum(claim.points for claim in waiting)
    return {"wine": wine, "bread": sum(ledger.left().values()) - collected}


steps: Final = st.lists(
    st.one_of(
        st.tuples(st.just("return"), st.sets(st.integers(0, 4), max_size=3)),
        st.tuples(st.just("burn"), st.integers(1, 20)),
        st.tuples(st.just("cancel"), st.integers(1, 4)),
        st.tuples(st.just("wait"), st.integers(1, 2)),
        st.tuples(st.just("sweep")),
        st.tuples(st.just("buy"), amounts),
    ),
    max_size=12,
)


def run(ledger: Ledger, step: tuple[Any, ...]) -> None:
    """Takes a step, be it refused or not."""
    match step:
        case ("return", chosen):
            ids = tuple(f"i{at}" for at in sorted(chosen))
            ledger.carry_out(reverse(item_ids=ids, **REDUCED))
        case ("burn", points):
            ledger.carry_out(burn(points=points))
        case ("cancel", number):
            lot_id = Place(PART, number).lot_id()
            fields: dict[str, Any] = {
                "member_id": "ada",
                "request_id": "c",
                "reason": "lost",
            }
            ledger.carry_out(CancelLot(lot_id=lot_id, **fields))
        case ("wait", days):
            ledger.now += days * DAY
        case ("sweep",):
            ledger.sweep()
        case ("buy", money):
            ledger.carry_out(
                RecordActivity(
                    member_id="ada",
                    request_id="b",
                    activity_type="purchase",
                    money=money,
                    items=(Item("i0", money),),
                )
            )


@given(found=baskets, story=steps)
def test_whatever_else_happens_the_books_stay_whole_and_replay_agrees(
    found: list[tuple[int, int, str]], story: list[tuple[Any, ...]]
) -> None:
    ledger = bought(basket(found))

    for step in story:
        run(ledger, step)

    assert sum(a.balance for a in ledger.accounts.values()) == 0
    ledger.check()


@given(found=baskets, story=steps)
def test_after_a_whole_return_nothing_that_was_issued_is_out(
    found: list[tuple[int, int, str]], story: list[tuple[Any, ...]]
) -> None:
    ledger = bought(basket(found))
    for step in story:
        if step[0] != "buy":
            run(ledger, step)

    ledger.carry_out(reverse(**REDUCED))
    ledger.sweep()

    issued = [a for (name, _), a in ledger.accounts.items() if name == "issuance"]
    assert {account.balance for account in issued} <= {0}
    mine = [a for (name, _), a in ledger.accounts.items() if name == "member:ada"]
    assert {account.lifetime_earned for account in mine} <= {0}
    ledger.check()


@given(found=baskets, story=steps)
def test_it_does_not_matter_when_expired_points_are_swept(
    found: list[tuple[int, int, str]], story: list[tuple[Any, ...]]
) -> None:
    seldom, often = bought(basket(found)), bought(basket(found))

    for step in story:
        if step[0] not in ("buy", "sweep"):
            often.sweep()
            run(seldom, step)
            run(often, step)

    seldom.sweep()
    often.sweep()
    assert often.points() == seldom.points()
    assert often.left() == seldom.left()


@given(found=baskets, story=steps)
def test_a_refused_return_changes_nothing(
    found: list[tuple[int, int, str]], story: list[tuple[Any, ...]]
) -> None:
    ledger = bought(basket(found))
    for step in story:
        run(ledger, step)
    before = ledger.copy()

    for wrong in ({"points": 1}, {"item_ids": ("i9",)}, {"item_ids": ("i0", "i9")}):
        assert isinstance(ledger.carry_out(reverse(**wrong)), Refusal)

    assert ledger == before


@given(
    by=st.integers(0, 10**6),
    total=st.integers(1, 10**6),
    cuts=st.lists(st.integers(0, 10**6), max_size=8),
)
def test_the_parts_of_a_move_are_the_move_and_never_more(
    by: int, total: int, cuts: list[int]
) -> None:
    ends = [0, *sorted(cut % (total + 1) for cut in cuts), total]
    parts = [part_of_move(by, before, after, total) for before, after in pairwise(ends)]

    assert sum(parts) == by
    assert min(parts) >= 0


def test_a_purchase_without_an_end_is_counted_for_ever() -> None:
    ledger = bought(basket([(60, 1, "wine")]))

    assert {each.end_time for each in ledger.done.counters.values()} == {NEVER}
    assert {name: each.tier for name, each in ledger.climbed.items()} == {
        "merit": "some",
        "spent": "much",
        "often": "once",
    }
