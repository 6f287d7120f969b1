"""Activities earn by the rules of a document, as the writer decides them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from points.domain.activities import Award, Item
from points.domain.bounds import NEVER
from points.domain.commands import RecordActivity, SetLimits
from points.domain.counters import Counter
from points.domain.identity import part_of
from points.domain.refusals import (
    BudgetExhausted,
    InvalidArgument,
    LimitExceeded,
    MemberFrozen,
    Refusal,
    VelocityExceeded,
)
from points.domain.values import Transaction, Velocity
from points.engine.engine import Engine, running_engine
from points.store.opening import Store
from tests.clock import DAY, HOUR, NOON, Clock
from tests.domain.build import create_member, earn, freeze_member
from tests.engine.build import balance, carry_out, engine_under, record_of, result
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")

DOCUMENT: Final = """
program: shop
money: {currency: USD, rates: {EUR: 2}}
lateness: P2D
units:
  points: {kind: currency, expiry: {after: P12M}}
  miles: {kind: currency}
  qualifying_points: {kind: growth}
rules:
  purchase:
    activities: [purchase]
    when: activity.channel != "outlet"
    awards:
      - unit: points
        points: {per_money: {each: 100, points: 1}}
        remainder: CARRY
        first_time: {add: 50}
      - {unit: qualifying_points, points: {per_money: {each: 100, points: 1}}}
  wine:
    activities: [purchase]
    awards:
      - unit: miles
        points: {per_quantity: {points: 3}}
        items: item.category == "wine"
    pending: {until_event: received, cancel_after: P5D}
  broken:
    activities: [odd]
    awards:
      - {unit: points, points: {formula: 7 / (activity.quantity - 1)}}
  check_in:
    activities: [check_in]
    awards:
      - {unit: points, points: {curve: {window: WEEK, points: [1, 1, 5]}}}
    caps: [a_day]
  game:
    activities: [game]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    caps: [of_all]
  gift:
    activities: [gift]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    budget: gifts
  walk:
    activities: [walk]
    awards: [{unit: points, points: {per_quantity: {points: 1}}}]
    caps: [three_days]
caps:
  three_days: {unit: points, window: {rolling: P3D}, bound: {points: 10}}
  a_day: {window: {each: DAY}, bound: {count: 1}, overflow: REJECT}
  of_all: {unit: points, per: [], window: {each: DAY}, bound: {points: 10}}
budgets:
  gifts: {unit: points, fixed: {points: 10, per: DAY}}
"""


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with rules, and Ada and Bob."""
    with engine_under(DOCUMENT, ("ada", "bob"), store, clock) as running:
        yield running


_numbers = iter(range(1_000_000))


def activity(kind: str = "purchase", **fields: Any) -> RecordActivity:
    """Returns an activity of Ada."""
    named = {"member_id": "ada", "request_id": f"a{next(_numbers)}"}
    return RecordActivity(**{**named, "activity_type": kind, **fields})


def bounded(**fields: Any) -> SetLimits:
    """Returns limits of Ada's."""
    named = {"member_id": "ada", "request_id": "limits", "unit": "points"}
    return SetLimits(**{**named, "operator": "olga", "reason": "abuse", **fields})


def recorded(engine: Engine, command: RecordActivity) -> Transaction:
    """Returns the transaction of an activity."""
    (answer,) = carry_out(engine, command)
    found = result(answer)
    assert isinstance(found, Transaction)
    return found


def refused(engine: Engine, command: RecordActivity) -> Refusal:
    """Returns why an activity is refused."""
    (answer,) = carry_out(engine, command)
    found = result(answer)
    assert isinstance(found, Refusal)
    return found


def points_of(transaction: Transaction) -> list[tuple[str, str, int]]:
    """Returns what was given: rule, unit and points."""
    return [(award.rule_id, award.unit, award.points) for award in transaction.awards]


def test_one_activity_earns_several_units_in_one_transaction(engine: Engine) -> None:
    items = (Item("x", 10_000, 2, "wine"), Item("y", 2_345))

    found = recorded(engine, activity(money=12_345, currency="USD", items=items))

    assert points_of(found) == [
        ("purchase", "points", 173),
        ("purchase", "qualifying_points", 123),
        ("wine", "miles", 6),
    ]
    assert [posting.points for posting in found.postings] == [173, 123, 6]
    assert [lot.unit for lot in found.lots] == ["points", "qualifying_points", "miles"]
    assert [award.lot_number for award in found.awards] == [1, 2, 3]
    assert balance(engine) == 173
    assert balance(engine, unit="miles") == 0, "the wine has not come yet"


def test_an_award_says_step_by_step_why_it_is_what_it_is(engine: Engine) -> None:
    found = recorded(engine, activity(money=1_250, currency="EUR"))

    assert found.awards[0] == Award(
        "purchase",
        0,
        "points",
        75,
        1,
        ("1 for each 100 of 2500 in money: 25", "first time + 50: 75"),
    )


def test_fractions_are_carried_to_the_next_activity(engine: Engine) -> None:
    first, *more = (recorded(engine, activity(money=150)) for _ in range(3))

    assert points_of(first)[0][2] == 51
    assert [points_of(each)[0][2] for each in more] == [2, 1]


def test_what_carries_over_is_what_is_recorded(engine: Engine) -> None:
    recorded(engine, activity(money=133))

    query = "SELECT body FROM progress WHERE member_id = 'ada'"
    ((body,),) = rows(engine.store, query)
    assert '"purchase/0":"33/100"' in body


def test_an_activity_that_no_rule_knows_is_recorded_and_earns_nothing(
    engine: Engine,
) -> None:
    found = recorded(engine, activity("visit", channel="app", attributes={"a": "b"}))

    assert (found.postings, found.lots, found.awards) == ((), (), ())
    assert found.activity is not None
    assert (found.activity.type, found.activity.channel) == ("visit", "app")
    assert dict(found.metadata) == {"a": "b"}


def test_without_rules_activities_earn_nothing(
    store: Store, clock: Clock, program: Any
) -> None:
    with running_engine(store, program, clock=clock) as plain:
        carry_out(plain, create_member())
        assert recorded(plain, activity()).awards == ()


def test_a_rule_that_has_no_value_gives_nothing_and_says_so(engine: Engine) -> None:
    (award,) = recorded(engine, activity("odd")).awards

    assert (award.rule_id, award.points, award.lot_number) == ("broken", 0, 0)
    assert "divi" in award.explanation[0]


def test_the_same_activity_is_recorded_once(engine: Engine) -> None:
    again = activity(money=500)

    first, second = carry_out(engine, again, again)

    assert record_of(first) == record_of(second)
    assert balance(engine) == 55


def test_what_is_only_validated_leaves_no_trace(engine: Engine) -> None:
    carry_out(engine, activity(money=500), validate_only=True)

    assert balance(engine) == 0
    assert rows(engine.store, "SELECT * FROM progress") == []


def test_the_days_that_close_the_gap_pay_more_and_each_day_once(
    engine: Engine, clock: Clock
) -> None:
    found = []
    for _ in range(4):
        for _ in range(2):
            (award,) = recorded(engine, activity("check_in")).awards
            found.append(award.points)
        clock.now += DAY

    assert found == [1, 0, 1, 0, 5, 0, 0, 0]


def test_a_rolling_cap_counts_today_and_the_days_before(
    engine: Engine, clock: Clock
) -> None:
    found = []
    for quantity in (4, 4, 4, 4, 9):
        (award,) = recorded(engine, activity("walk", quantity=quantity)).awards
        found.append(award.points)
        clock.now += DAY

    assert found == [4, 4, 2, 4, 4]


def test_members_share_a_cap_that_is_nobodys_own(engine: Engine) -> None:
    found = [
        recorded(engine, activity("game", member_id=name, quantity=4)).awards[0].points
        for name in ("ada", "bob", "ada", "bob")
    ]

    assert found == [4, 4, 2, 0]


def test_a_shared_cap_holds_within_one_batch(engine: Engine) -> None:
    commands = [
        activity("game", member_id=name, quantity=4) for name in ("ada", "bob", "ada")
    ]

    found = [result(answer) for answer in carry_out(engine, *commands)]

    points = [each.awards[0].points for each in found if isinstance(each, Transaction)]
    assert points == [4, 4, 2]


def test_a_budget_pays_to_its_last_point_and_not_beyond(engine: Engine) -> None:
    recorded(engine, activity("gift", quantity=6))
    recorded(engine, activity("gift", member_id="bob", quantity=4))

    refusal = refused(engine, activity("gift", quantity=1))

    assert refusal == BudgetExhausted("gifts", "points", 0, 1)
    ((used,),) = rows(engine.store, "SELECT used FROM counter")
    assert used == 10


def test_a_budget_is_there_again_with_its_next_period(
    engine: Engine, clock: Clock
) -> None:
    recorded(engine, activity("gift", quantity=10))
    clock.now += DAY

    assert points_of(recorded(engine, activity("gift"))) == [("gift", "points", 1)]


def test_a_shared_counter_lives_in_the_part_of_its_name(engine: Engine) -> None:
    recorded(engine, activity("gift"))

    (row,) = rows(engine.store, "SELECT * FROM counter")
    start = NOON // DAY * DAY
    part = part_of("counter:budget:gifts", engine.store.part_count)
    assert Counter(*row) == Counter(part, "budget:gifts", start, start + DAY, 1)


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"currency": "XXX", "money": 5}, "currency"),
        ({"effective_time": NOON + 1}, "effective_time"),
        ({"effective_time": NOON - 3 * DAY}, "occur_time"),
        ({"partner": "nobody"}, "partner"),
        ({"sub_program": "nowhere"}, "sub_program"),
        ({"money": 5, "items": (Item("x", 6),)}, "items"),
        ({"items": (Item("x"), Item("x"))}, "items"),
    ],
)
def test_what_the_program_does_not_take_is_refused_by_name(
    engine: Engine, fields: dict[str, Any], name: str
) -> None:
    refusal = refused(engine, activity(**fields))

    assert isinstance(refusal, InvalidArgument)
    assert list(refusal.violations) == [name]
    assert rows(engine.store, "SELECT * FROM lot") == []


@pytest.mark.parametrize(
    "fields",
    [
        {"activity_type": ""},
        {"activity_type": "x" * 65},
        {"money": -1},
        {"money": 2**63},
        {"quantity": 0},
        {"items": tuple(Item(str(n)) for n in range(101))},
        {"items": (Item(""),)},
        {"items": (Item("x", quantity=0),)},
        {"attributes": {"": "x"}},
        {"request_id": ""},
    ],
)
def test_a_malformed_activity_never_reaches_the_queue(fields: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        activity(**fields).check()


def test_a_frozen_member_earns_nothing(engine: Engine) -> None:
    carry_out(engine, freeze_member())

    assert refused(engine, activity()) == MemberFrozen("ada")


def test_limits_hold_for_each_unit_that_an_activity_earns(engine: Engine) -> None:
    carry_out(engine, bounded(unit="qualifying_points", ceiling=100))
    recorded(engine, activity(money=10_000))

    refusal = refused(engine, activity(money=100))

    assert refusal == LimitExceeded("member:ada", "qualifying_points", 100)


def test_activities_count_as_earns_in_velocities(engine: Engine) -> None:
    velocity = Velocity("EARN", "DAY", count_max=2)
    carry_out(engine, bounded(velocities=(velocity,)))
    recorded(engine, activity(money=100))
    carry_out(engine, earn(request_id="own"))

    assert isinstance(refused(engine, activity(money=100)), VelocityExceeded)


def test_a_late_activity_counts_in_the_window_in_which_it_happened(
    engine: Engine, clock: Clock
) -> None:
    recorded(engine, activity("check_in"))
    clock.now += DAY

    late = recorded(engine, activity("check_in", effective_time=NOON + HOUR))
    today = recorded(engine, activity("check_in"))

    assert [each.awards[0].points for each in (late, today)] == [0, 1]


def test_points_expire_by_the_policy_of_their_unit(engine: Engine) -> None:
    points, growth = recorded(engine, activity(money=100)).lots

    assert points.expire_time != NEVER
    assert growth.expire_time == NEVER


def _by(**fields: Any) -> Callable[[], str]:
    return lambda: activity(request_id="x", **fields).fingerprint()


def test_items_and_attributes_are_part_of_what_is_asked_for() -> None:
    made = [
        _by(),
        _by(items=(Item("x"),)),
        _by(items=(Item("x", attributes={"a": "b"}),)),
        _by(attributes={"a": "b"}),
        _by(money=1),
    ]

    assert len({make() for make in made}) == len(made)
    assert all(make() == make() for make in made)
