"""Activities are taken back, whole or by item, as the writer decides it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from points.domain.activities import Item
from points.domain.commands import Burn, Command, RecordActivity, ShortfallPolicy
from points.domain.identity import part_of
from points.domain.refusals import (
    AlreadyReversed,
    InsufficientPoints,
    InvalidArgument,
    NotReversible,
    Refusal,
)
from points.domain.values import ReasonCode, Transaction
from points.engine.engine import Engine, running_engine
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from points.store.opening import Store
from points.store.reads.reader import open_snapshot
from tests.clock import DAY, Clock
from tests.domain.build import create_member, earn
from tests.domain.undoing import reverse
from tests.engine.build import balance, carry_out, record_of, result
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")

DOCUMENT: Final = """
program: returns
money: {currency: EUR}
units:
  points: {kind: currency}
  miles: {kind: currency}
  merits: {kind: growth}
sinks: [redemption]
rules:
  purchase:
    activities: [purchase]
    awards:
      - {unit: points, points: {per_money: {each: 10, points: 1}}, items: "true"}
      - {unit: merits, points: {per_money: {each: 10, points: 1}}, items: "true"}
    caps: [mine, of_all]
  wine:
    activities: [purchase]
    awards:
      - unit: miles
        points: {per_quantity: {points: 3}}
        items: item.category == "wine"
    pending: {until_event: received, cancel_after: P5D}
caps:
  mine: {unit: points, window: {each: DAY}, bound: {points: 100}}
  of_all: {unit: points, per: [], window: {each: DAY}, bound: {points: 1000}}
ladders:
  merit:
    qualifying: {unit: merits}
    period: {kind: LIFETIME}
    demote: NONE
    tiers: [{name: low, threshold: 0}, {name: high, threshold: 60}]
  often:
    qualifying: {activities: [purchase]}
    period: {kind: LIFETIME}
    demote: NONE
    tiers: [{name: never, threshold: 0}, {name: once, threshold: 1}]
"""
WINE: Final = Item("wine", 600, 2, "wine")
BREAD: Final = Item("bread", 200, 1, "bread")


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with rules and ladders, and Ada."""
    program = to_program(load_document(DOCUMENT))
    with running_engine(store, program, clock=clock) as running:
        carry_out(running, create_member(request_id="create"))
        yield running


_numbers = iter(range(1_000_000))


def purchase(**fields: Any) -> RecordActivity:
    """Returns the purchase of two bottles, a loaf, and what is no item."""
    named = {"member_id": "ada", "request_id": f"a{next(_numbers)}", "money": 800}
    items = (WINE, BREAD)
    return RecordActivity(
        **{**named, "activity_type": "purchase", "items": items, **fields}
    )


def bought(engine: Engine, **fields: Any) -> str:
    """Buys; returns the transaction's id."""
    (answer,) = carry_out(engine, purchase(**fields))
    return record_of(answer).place().transaction_id()


def returned(engine: Engine, transaction_id: str, *items: str, **fields: Any) -> Any:
    """Returns the transaction of a reverse, or why it was refused."""
    command: Command = reverse(
        request_id=f"r{next(_numbers)}",
        transaction_id=transaction_id,
        item_ids=items,
        **fields,
    )
    (answer,) = carry_out(engine, command)
    return result(answer)


def taken(transaction: Transaction) -> dict[str, int]:
    """Returns the points that went back, by unit."""
    return {p.unit: p.points for p in transaction.postings}


def used(engine: Engine, prefix: str) -> list[int]:
    """Returns how far Ada's counters have come, and those that members share."""
    part = part_of("ada", engine.store.part_count)
    with open_snapshot(engine.store.backend) as snapshot:
        member = snapshot.member(part, "ada")
        assert member is not None
        counters = snapshot.climber(member).progress.counters
    mine = [tally.used for name, tally in counters.items() if name.startswith(prefix)]
    query = f"SELECT used FROM counter WHERE name LIKE '{prefix}%'"
    return mine + [found for (found,) in rows(engine.store, query)]


def tiers(engine: Engine) -> dict[str, str]:
    """Returns the tiers that Ada is in."""
    return dict(rows(engine.store, "SELECT ladder, tier FROM standing"))


def test_an_item_gives_back_what_it_has_earned_in_every_unit(engine: Engine) -> None:
    transaction_id = bought(engine)

    found = returned(engine, transaction_id, "wine")

    assert taken(found) == {"points": 60, "merits": 60, "miles": 6}
    assert found.returned_items == ("wine",)
    assert not found.returns_all
    assert balance(engine) == 20
    assert used(engine, "cap/") == [20, 20], "60 of 80 points went back"
    assert tiers(engine)["merit"] == "low"
    assert tiers(engine)["often"] == "once", "some of it was kept"


def test_the_last_item_takes_the_rest_along(engine: Engine) -> None:
    transaction_id = bought(engine)
    returned(engine, transaction_id, "wine")

    found = returned(engine, transaction_id, "bread")

    assert found.returns_all
    assert balance(engine) == 0
    assert used(engine, "cap/") == [0], "the member's own is forgotten at zero"
    assert tiers(engine) == {"merit": "low", "often": "never"}


def test_a_whole_return_leaves_nothing(engine: Engine) -> None:
    transaction_id = bought(engine)
    assert tiers(engine) == {"merit": "high", "often": "once"}

    found = returned(engine, transaction_id)

    assert taken(found) == {"points": 80, "merits": 80, "miles": 6}
    assert found.returned_items == ("wine", "bread")
    assert used(engine, "") == [0]
    assert tiers(engine) == {"merit": "low", "often": "never"}
    (row,) = rows(engine.store, "SELECT reversed_points, returned FROM reversal")
    assert row[0] == 166
    assert row[1] == (
        '[["wine","bread"],[["merits",80],["miles",6],["points",80]],true]'
    )


def test_what_an_item_frees_of_a_cap_can_be_earned_again(engine: Engine) -> None:
    transaction_id = bought(engine)
    bought(engine)
    assert balance(engine) == 100

    returned(engine, transaction_id)
    bought(engine)

    assert balance(engine) == 20 + 80


def test_a_day_that_is_over_gets_nothing_back(engine: Engine, clock: Clock) -> None:
    transaction_id = bought(engine)
    clock.advance(DAY)

    returned(engine, transaction_id)

    assert used(engine, "cap/") == [80, 80]
    assert balance(engine) == 0


@pytest.mark.parametrize("again", [(), ("wine",), ("bread", "wine")])
def test_nothing_is_returned_twice(engine: Engine, again: tuple[str, ...]) -> None:
    transaction_id = bought(engine)
    returned(engine, transaction_id, *again)

    found = returned(engine, transaction_id, *(again or ("bread",)))

    assert isinstance(found, AlreadyReversed)


@pytest.mark.parametrize(
    ("fields", "field"),
    [({"points": 5}, "points"), ({"item_ids": ("beer",)}, "item_ids")],
)
def test_what_an_activity_does_not_have_is_not_returned(
    engine: Engine, fields: dict[str, Any], field: str
) -> None:
    transaction_id = bought(engine)
    command = reverse(request_id="r", transaction_id=transaction_id, **fields)

    (answer,) = carry_out(engine, command)

    assert isinstance(answer, InvalidArgument)
    assert list(answer.violations) == [field]


def test_items_go_with_activities_alone(engine: Engine) -> None:
    (answer,) = carry_out(engine, earn(request_id="e"))

    found = returned(engine, record_of(answer).place().transaction_id(), "wine")

    assert isinstance(found, InvalidArgument)


def test_an_activity_is_no_refund(engine: Engine) -> None:
    found = returned(engine, bought(engine), reason_code=ReasonCode.REFUND)

    assert isinstance(found, NotReversible)


def test_what_was_burned_is_up_to_the_policy(engine: Engine) -> None:
    transaction_id = bought(engine)
    burn = Burn(
        member_id="ada", request_id="b", unit="points", points=70, reason="a reward"
    )
    carry_out(engine, burn)

    stopped: Refusal = returned(engine, transaction_id)
    owed = returned(engine, transaction_id, shortfall_policy=ShortfallPolicy.SHORTFALL)

    assert stopped == InsufficientPoints("ada", "points", 10, 80)
    assert [p[:1] + p[2:] for p in owed.postings if p.unit == "points"] == [
        ("member:ada", "points", 10),
        ("shortfall:ada", "points", 70),
    ]


def test_what_was_cancelled_is_gone_already(engine: Engine, clock: Clock) -> None:
    transaction_id = bought(engine)
    clock.advance(6 * DAY)

    found = returned(engine, transaction_id)

    assert taken(found) == {"points": 80, "merits": 80}


def test_an_activity_that_earned_nothing_is_returned_once(engine: Engine) -> None:
    transaction_id = bought(engine, money=0, items=())

    first = returned(engine, transaction_id)
    second = returned(engine, transaction_id)

    assert (first.postings, first.returns_all) == ((), True)
    assert tiers(engine)["often"] == "never"
    assert isinstance(second, AlreadyReversed)


def test_only_the_first_of_two_returns_in_a_batch_is_done(engine: Engine) -> None:
    transaction_id = bought(engine)
    commands = [
        reverse(request_id=name, transaction_id=transaction_id) for name in ("x", "y")
    ]

    first, second = carry_out(engine, *commands)

    assert isinstance(result(first), Transaction)
    assert isinstance(result(second), AlreadyReversed)
