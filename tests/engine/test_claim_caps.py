"""Caps of activities whose awards wait to be collected, and items that come back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from points.domain.activities import Item
from points.domain.commands import ClaimAward, Command, RecordActivity
from points.domain.values import Record, Transaction
from points.engine.engine import Engine
from points.store.opening import Store
from tests.clock import Clock
from tests.domain.undoing import reverse
from tests.engine.build import balance, carry_out, engine_under, record_of
from tests.engine.climbing import climber_of
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")

DOCUMENT: Final = """
program: shop
units: {points: {kind: currency}}
rules:
  waits:
    activities: [purchase]
    awards:
      - {unit: points, points: {per_quantity: {points: 1}}, items: item.category == "w"}
    caps: [mine, of_all, often]
    claim: {within: P2D}
  free:
    activities: [purchase]
    awards:
      - {unit: points, points: {per_quantity: {points: 1}}, items: item.category == "f"}
  bound:
    activities: [purchase]
    awards:
      - {unit: points, points: {per_quantity: {points: 1}}, items: item.category == "b"}
    caps: [mine, of_all]
caps:
  mine: {unit: points, window: {each: DAY}, bound: {points: 150}}
  of_all: {unit: points, per: [], window: {each: DAY}, bound: {points: 150}}
  often: {window: {each: DAY}, bound: {count: 9}}
"""
W1: Final = Item("w1", quantity=30, category="w")
W2: Final = Item("w2", quantity=20, category="w")
FREE: Final = Item("f", quantity=100, category="f")
BOUND: Final = Item("b", quantity=100, category="b")
_numbers = iter(range(1_000_000))


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with caps, and Ada."""
    with engine_under(DOCUMENT, ("ada",), store, clock) as running:
        yield running


def done(engine: Engine, command: Command) -> Record:
    """Returns the record of a command that is accepted."""
    record = record_of(*carry_out(engine, command))
    assert isinstance(record.result, Transaction), record.result
    return record


def bought(engine: Engine, *items: Item) -> Record:
    """Returns a purchase of these items."""
    return done(
        engine,
        RecordActivity(
            member_id="ada",
            request_id=f"a{next(_numbers)}",
            activity_type="purchase",
            quantity=sum(item.quantity for item in items),
            items=items,
        ),
    )


def give_back(engine: Engine, activity: Record, *items: Item) -> None:
    """Returns items of a purchase, or all that is left."""
    done(
        engine,
        reverse(
            request_id=f"r{next(_numbers)}",
            transaction_id=activity.place().transaction_id(),
            item_ids=tuple(item.id for item in items),
        ),
    )


def collect(engine: Engine, activity: Record) -> None:
    """Collects what waits of a purchase."""
    assert isinstance(activity.result, Transaction)
    (claim,) = activity.result.claims
    named = {"member_id": "ada", "request_id": f"c{next(_numbers)}"}
    done(engine, ClaimAward(**named, claim_id=claim.place().claim_id()))


def used(engine: Engine, cap: str = "mine") -> int:
    """Returns how far a cap of Ada has come; the one of all has come as far."""
    counters = climber_of(engine).progress.counters
    mine = sum(n for name, (n, _) in counters.items() if name.startswith(f"cap/{cap}"))
    if cap == "mine":
        query = "SELECT used FROM counter WHERE name = 'cap/of_all'"
        assert sum(n for (n,) in rows(engine.store, query)) == mine
    return mine


def test_an_item_without_a_cap_frees_nothing_of_what_waits(engine: Engine) -> None:
    activity = bought(engine, W1, W2, FREE)
    assert used(engine) == 50

    give_back(engine, activity, FREE)

    assert (used(engine), used(engine, "often")) == (50, 1)
    collect(engine, activity)
    assert balance(engine) == 50


def test_a_claim_that_becomes_less_frees_as_much(engine: Engine) -> None:
    activity = bought(engine, W1, W2, FREE)
    found = []
    for item in (W2, FREE, W1):
        give_back(engine, activity, item)
        found.append((used(engine), used(engine, "often")))

    assert found == [(30, 1), (30, 1), (0, 0)]


def test_what_waits_and_what_was_minted_go_back_one_by_one(engine: Engine) -> None:
    activity = bought(engine, W1, W2, BOUND)
    found = []
    for item in (BOUND, W1, W2):
        give_back(engine, activity, item)
        found.append(used(engine))

    assert found == [50, 20, 0]


def test_a_claim_may_become_less_before_what_was_minted(engine: Engine) -> None:
    activity = bought(engine, W1, W2, BOUND)
    found = []
    for item in (W1, BOUND, W2):
        give_back(engine, activity, item)
        found.append(used(engine))

    assert found == [120, 20, 0]


def test_what_was_collected_stays_used_until_the_last_is_returned(
    engine: Engine,
) -> None:
    activity = bought(engine, W1, W2, BOUND)
    give_back(engine, activity, W1)
    collect(engine, activity)
    found = []
    for items in ((W2,), ()):
        give_back(engine, activity, *items)
        found.append(used(engine))

    assert found == [120, 0]
    assert balance(engine) == 20


def test_nobody_earns_beyond_a_cap_by_returning_what_it_does_not_count(
    engine: Engine,
) -> None:
    first = bought(engine, W1, W2, FREE)
    give_back(engine, first, FREE)
    bought(engine, BOUND, BOUND._replace(id="more"))
    collect(engine, first)

    assert balance(engine) == 150
