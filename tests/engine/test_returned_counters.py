"""What caps, budgets and the times of a rule get back of activities, rule by rule."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from points.domain.activities import Item
from points.domain.commands import CancelLot, RecordActivity
from points.engine.engine import Engine
from points.engine.sweeper import sweep
from points.store.opening import Store
from points.store.reads.reader import open_snapshot
from tests.clock import DAY, Clock
from tests.domain.undoing import reverse
from tests.engine.build import carry_out, engine_under, record_of
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")

DOCUMENT: Final = """
program: returns
money: {currency: EUR}
units: {points: {kind: currency}}
rules:
  bread:
    activities: [purchase]
    awards:
      - unit: points
        points: {per_money: {each: 1, points: 1}}
        items: item.category == "bread"
    caps: [loaves, times, spent, shared]
    budget: bakery
  wine:
    activities: [purchase]
    awards:
      - unit: points
        points: {per_quantity: {points: 3}}
        items: item.category == "wine"
        first_time: {add: 5}
    caps: [bottles, times, shared]
budgets:
  bakery: {unit: points, fixed: {points: 1000, per: DAY}, overflow: REFUSE}
caps:
  loaves: {unit: points, window: {each: DAY}, bound: {points: 500}}
  bottles: {unit: points, window: {each: DAY}, bound: {points: 500}}
  times: {per: [MEMBER, RULE], window: {each: DAY}, bound: {count: 3}}
  spent: {window: {each: DAY}, bound: {money: 5000}}
  shared: {unit: points, per: [], window: {each: DAY}, bound: {points: 900}}
"""
WAITING: Final = DOCUMENT.replace("DAY", "MONTH").replace(
    "activities: [purchase]",
    "activities: [purchase]\n    pending: {until_event: received, cancel_after: P5D}",
)
"""The document with points that wait, and counters of a month."""
WINE: Final = Item("wine", 600, 2, "wine")
BREAD: Final = Item("bread", 200, 1, "bread")


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine under the document, with Ada."""
    with engine_under(DOCUMENT, ["ada"], store, clock) as running:
        yield running


def bought(engine: Engine) -> str:
    """Buys bread for 200 points and wine for 6 and 5; returns the transaction's id."""
    purchase = RecordActivity(
        member_id="ada",
        request_id="a",
        activity_type="purchase",
        money=800,
        items=(WINE, BREAD),
    )
    (answer,) = carry_out(engine, purchase)
    return record_of(answer).place().transaction_id()


def give_back(engine: Engine, transaction_id: str, *items: str) -> None:
    """Returns these items of an activity, or all that is left of it."""
    request_id = "r" + "".join(items)
    command = reverse(
        request_id=request_id, transaction_id=transaction_id, item_ids=items
    )
    record_of(carry_out(engine, command)[0])


def used(engine: Engine) -> dict[str, int]:
    """Returns how far each counter of Ada, and each shared one, has come."""
    (part,) = rows(engine.store, "SELECT part FROM progress WHERE member_id = 'ada'")
    with open_snapshot(engine.store.backend) as snapshot:
        member = snapshot.member(part[0], "ada")
        assert member is not None
        counters = snapshot.climber(member).progress.counters
    found = {_short(name): tally.used for name, tally in counters.items()}
    shared: Any = rows(engine.store, "SELECT name, used FROM counter WHERE used > 0")
    return found | dict(shared)


def _short(name: str) -> str:
    """Returns the name of a counter of the member without the start of its window."""
    return name.rstrip("0123456789").rstrip("/")


BREADS: Final = {
    "cap/loaves": 200,
    "cap/spent": 800,
    "cap/times//bread": 1,
    "budget:bakery": 200,
}
WINES: Final = {"cap/bottles": 11, "cap/times//wine": 1, "rule/wine/LIFETIME": 1}


def test_an_item_takes_back_what_it_used_of_the_caps_of_its_own_rule(
    engine: Engine,
) -> None:
    transaction_id = bought(engine)
    assert used(engine) == {**BREADS, **WINES, "cap/shared": 211}

    give_back(engine, transaction_id, "wine")

    assert used(engine) == {**BREADS, "cap/shared": 200}


def test_caps_of_points_counts_and_money_get_all_back_item_by_item(
    engine: Engine,
) -> None:
    transaction_id = bought(engine)
    give_back(engine, transaction_id, "bread")
    assert used(engine) == {**WINES, "cap/shared": 11}

    give_back(engine, transaction_id, "wine")

    assert used(engine) == {}


def test_caps_of_points_counts_and_money_get_all_back_at_once(engine: Engine) -> None:
    give_back(engine, bought(engine))

    assert used(engine) == {}


@pytest.mark.parametrize("is_swept", [False, True])
def test_points_that_end_before_they_are_usable_give_back_with_their_activity_alone(
    store: Store, clock: Clock, *, is_swept: bool
) -> None:
    with engine_under(WAITING, ["ada"], store, clock) as engine:
        transaction_id = bought(engine)
        end_lots(engine, clock, is_swept=is_swept)
        assert used(engine) == {**BREADS, **WINES, "cap/shared": 211}
        give_back(engine, transaction_id, "wine")
        assert used(engine) == {**BREADS, "cap/shared": 200}

        give_back(engine, transaction_id)

        assert used(engine) == {}


def end_lots(engine: Engine, clock: Clock, *, is_swept: bool) -> None:
    """Takes all of Ada's points away that wait, by hand or as their time is over."""
    if is_swept:
        clock.now += 6 * DAY
        sweep(engine)
    for part, number in rows(
        engine.store, "SELECT part, number FROM lot WHERE is_drawn = 0"
    ):
        command = CancelLot(
            member_id="ada",
            request_id=f"c{number}",
            lot_id=f"l{part}-{number}",
            reason="lost",
        )
        record_of(carry_out(engine, command)[0])
    assert rows(engine.store, "SELECT 1 FROM lot WHERE remaining > 0") == []
