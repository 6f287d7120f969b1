"""What members earn goes to an account they share, in the very transaction."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.activities import Item
from points.domain.commands import (
    ActivateLot,
    CancelLot,
    Command,
    FreezeMember,
    MergeMembers,
    RecordActivity,
    SetPool,
    ShortfallPolicy,
)
from points.domain.identity import part_of
from points.domain.plugin_calls import PluginCall
from points.domain.pools import PoolTerms
from points.domain.refusals import (
    InsufficientPoints,
    InvalidArgument,
    MemberFrozen,
    MemberNotFound,
    PoolUnknown,
    SameMember,
    VelocityExceeded,
)
from points.domain.returns import part_of_move
from points.domain.values import Kind, Member, Record, Transaction, Velocity
from points.engine.engine import Engine, running_engine
from points.engine.sweeper import sweep
from points.plugin import Context
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from points.store.opening import Store, open_store
from points.store.proof.audit import audit
from points.store.reads.reader import open_snapshot
from points.store.transport import ExportFile, import_file, write_export
from tests.clock import DAY, Clock
from tests.domain.build import burn, create_member, earn
from tests.domain.build_holds import place_hold
from tests.domain.build_limits import set_limits
from tests.domain.undoing import reverse
from tests.engine.build import (
    balance,
    carry_out,
    engine_under,
    only_answer,
    record_of,
    result,
    submit,
)
from tests.engine.shop import Message, Shop, call
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")

NAMES: Final = ("ada", "bob", "acme", "home")
DOCUMENT: Final = """
program: shop
money: {currency: EUR}
units:
  points: {kind: currency, expiry: {after: P12M}}
  miles: {kind: currency}
  merits: {kind: growth}
sinks: [redemption]
pools:
  company: {units: [points, miles]}
  household: {units: [points], share: 1/3}
ladders:
  status:
    qualifying: {unit: merits}
    period: {kind: LIFETIME}
    demote: NONE
    tiers: [{name: low, threshold: 0}, {name: high, threshold: 100}]
rules:
  purchase:
    activities: [purchase]
    awards:
      - {unit: points, points: {per_money: {each: 1, points: 1}}}
      - {unit: merits, points: {per_money: {each: 1, points: 1}}}
  wine:
    activities: [purchase]
    awards: [{unit: miles, points: {per_quantity: {points: 3}}}]
    pending: {until_event: received, cancel_after: P5D}
"""
_numbers = iter(range(1_000_000))


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with pools, and two people with a company and a home."""
    with engine_under(DOCUMENT, NAMES, store, clock) as running:
        yield running


def set_pool(pool: str = "company", into: str = "acme", **fields: Any) -> SetPool:
    """Returns Ada's way into a pool."""
    named = {"member_id": "ada", "request_id": f"p{next(_numbers)}"}
    return SetPool(**named | {"pool": pool, "pools_into": into} | fields)


def purchase(money: int = 100, **fields: Any) -> RecordActivity:
    """Returns a purchase of Ada's."""
    named: dict[str, Any] = {"member_id": "ada", "activity_type": "purchase"}
    named |= {"request_id": f"a{next(_numbers)}", "money": money}
    return RecordActivity(**named | fields)


def done(engine: Engine, command: Command) -> Record:
    """Returns the record of a command that is accepted."""
    (answer,) = carry_out(engine, command)
    record = record_of(answer)
    assert isinstance(record.result, Transaction | Member), record.result
    return record


def moved(record: Record | None) -> Transaction:
    """Returns the transaction of a record."""
    assert record is not None
    assert isinstance(record.result, Transaction)
    return record.result


def test_what_an_employee_earns_is_the_companys(engine: Engine) -> None:
    done(engine, set_pool())
    earned = moved(done(engine, purchase(100)))

    assert [balance(engine, name) for name in ("ada", "acme")] == [0, 100]
    assert (earned.balance_after, earned.counterparty) == (0, "acme")


def test_a_household_gets_its_share_and_the_rest_stays(engine: Engine) -> None:
    done(engine, set_pool("household", "home"))
    done(engine, purchase(100))

    assert [balance(engine, name) for name in ("ada", "home")] == [67, 33]


def test_the_halves_name_each_other(engine: Engine) -> None:
    done(engine, set_pool())
    given = done(engine, purchase(100))
    place = moved(given).counterparty_place
    assert place is not None
    with open_snapshot(engine.store.backend) as snapshot:
        taken = snapshot.record(*place)

    assert taken is not None
    assert (taken.member_id, taken.kind) == ("acme", Kind.POOL_IN)
    assert moved(taken).counterparty == "ada"
    assert moved(taken).counterparty_place == given.place()


def test_lots_keep_their_times_and_what_they_wait_for(engine: Engine) -> None:
    done(engine, set_pool())
    done(engine, purchase(100))
    query = (
        "SELECT unit, expire_time, waits_for, number, part FROM lot"
        " WHERE member_id = '{}' AND unit <> 'merits' ORDER BY unit"
    )
    hers, theirs = (rows(engine.store, query.format(n)) for n in ("ada", "acme"))

    assert [one[:3] for one in hers] == [one[:3] for one in theirs]
    assert theirs[0][2] == "received"
    lot_id = f"l{theirs[0][4]}-{theirs[0][3]}"
    done(engine, ActivateLot(member_id="acme", request_id="act", lot_id=lot_id))
    assert balance(engine, "acme", "miles") == 3


def test_a_pending_share_that_is_cancelled_goes_back(engine: Engine) -> None:
    done(engine, set_pool())
    done(engine, purchase(100))
    lot_id = waiting_lot(engine, "acme")
    done(
        engine,
        CancelLot(member_id="acme", request_id="cancel", lot_id=lot_id, reason="lost"),
    )

    assert balance(engine, "acme", "miles") == 0
    assert lifetimes(engine, "miles") == {"ada": 3, "acme": 0}


def test_a_share_that_was_never_usable_is_taken_off_nobodys_lifetime(
    engine: Engine, clock: Clock
) -> None:
    done(engine, set_pool())
    done(engine, purchase(100))
    clock.now += 6 * DAY
    unswept = lifetimes(engine, "miles")
    sweep(engine)

    assert unswept == lifetimes(engine, "miles") == {"ada": 3, "acme": 0}


def test_what_was_merged_and_is_cancelled_counts_where_it_was_earned(
    engine: Engine,
) -> None:
    done(engine, purchase(100))
    done(engine, merge("ada", "home"))
    lot_id = waiting_lot(engine, "home")
    done(
        engine,
        CancelLot(member_id="home", request_id="cancel", lot_id=lot_id, reason="lost"),
    )

    assert lifetimes(engine, "miles") == {"ada": 3, "home": 0}


def test_a_pools_share_that_is_cancelled_is_not_taken_off_its_tier(
    store: Store, clock: Clock
) -> None:
    counted = DOCUMENT.replace("unit: merits}", "unit: miles}", 1)
    with engine_under(counted, NAMES, store, clock) as engine:
        done(engine, set_pool())
        done(engine, purchase(100))
        lot_id = waiting_lot(engine, "acme")
        done(
            engine,
            CancelLot(
                member_id="acme", request_id="cancel", lot_id=lot_id, reason="lost"
            ),
        )

        assert rows(engine.store, "SELECT member_id FROM progress") == [("ada",)]


def waiting_lot(engine: Engine, member_id: str) -> str:
    """Returns the only lot of a member that waits for its event."""
    query = f"SELECT part, number FROM lot WHERE member_id = '{member_id}'"
    ((part, number),) = rows(engine.store, f"{query} AND waits_for = 'received'")
    return f"l{part}-{number}"


def lifetimes(engine: Engine, unit: str) -> dict[str, int]:
    """Returns what members have ever earned in a unit, as far as they have any."""
    found = {}
    with open_snapshot(engine.store.backend) as snapshot:
        for name in NAMES:
            part = part_of(name, engine.store.part_count)
            balances = snapshot.balances(part, name, now=engine.clock())
            for each in balances:
                if each.unit == unit:
                    found[name] = each.lifetime_earned
    return found


def test_what_was_earned_counts_for_who_earned_it(engine: Engine) -> None:
    done(engine, set_pool())
    record = moved(done(engine, purchase(100)))

    assert [each.tier for each in record.standings] == ["high"]
    query = "SELECT lifetime_earned FROM account WHERE unit = 'points' AND account = "
    assert rows(engine.store, f"{query}'member:ada'") == [(100,)]
    assert rows(engine.store, f"{query}'member:acme'") == [(0,)]


def test_a_plain_earn_is_pooled_and_can_be_burned_there(engine: Engine) -> None:
    done(engine, set_pool())
    done(engine, earn(points=40, request_id="e1"))
    done(engine, burn(member_id="acme", points=40, request_id="b1"))

    assert balance(engine, "acme") == 0


def test_a_velocity_counts_what_was_earned_whatever_a_pool_gets(
    engine: Engine,
) -> None:
    bound = Velocity("EARN", "DAY", points_max=100)
    done(engine, set_pool("household", "home"))
    carry_out(engine, set_limits(velocities=(bound,)))
    done(engine, purchase(100))
    (beyond,) = carry_out(engine, purchase(1))

    assert isinstance(result(beyond), VelocityExceeded)
    assert balance(engine, "home") == 33


def test_what_the_pool_owes_is_repaid_first(engine: Engine) -> None:
    earned = done(engine, earn(member_id="acme", points=30, request_id="e1"))
    done(engine, burn(member_id="acme", points=30, request_id="b1"))
    done(
        engine,
        reverse(
            member_id="acme",
            transaction_id=earned.place().transaction_id(),
            shortfall_policy=ShortfallPolicy.SHORTFALL,
        ),
    )
    done(engine, set_pool())
    done(engine, purchase(100))

    assert balance(engine, "acme") == 70


def test_who_comes_into_a_pool_earns_for_it_with_the_next_command(
    engine: Engine,
) -> None:
    futures = [
        submit(engine, purchase(10)),
        submit(engine, set_pool()),
        submit(engine, purchase(20)),
        submit(engine, set_pool("", "")),
        submit(engine, purchase(40)),
    ]
    for future in futures:
        future.result()

    assert [balance(engine, name) for name in ("ada", "acme")] == [50, 20]


def test_an_atomic_job_may_set_a_pool_and_earn_for_it(engine: Engine) -> None:
    carry_out(engine, set_pool(), purchase(20), purchase(30), atomic=True)

    assert balance(engine, "acme") == 50


def test_a_simulated_activity_leaves_no_trace(engine: Engine) -> None:
    done(engine, set_pool())
    (answer,) = carry_out(engine, purchase(20), validate_only=True)

    assert moved(record_of(answer)).counterparty == "acme"
    assert [balance(engine, name) for name in ("ada", "acme")] == [0, 0]


def test_a_frozen_pool_takes_nothing(engine: Engine) -> None:
    done(engine, set_pool())
    done(engine, FreezeMember(member_id="acme", request_id="freeze"))
    done(engine, purchase(20))

    assert [balance(engine, name) for name in ("ada", "acme")] == [20, 0]


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (set_pool("none"), PoolUnknown("none")),
        (set_pool(into="ada"), SameMember("ada")),
        (set_pool(into="nobody"), MemberNotFound("nobody")),
        (set_pool(member_id="nobody"), MemberNotFound("nobody")),
        (set_pool(into="cold"), MemberFrozen("cold")),
        (
            set_pool(into="bob"),
            InvalidArgument({"pools_into": "earns into 'home' itself"}),
        ),
    ],
)
def test_a_pool_that_makes_no_sense_is_refused(
    engine: Engine, command: SetPool, refusal: object
) -> None:
    done(engine, set_pool("household", "home", member_id="bob"))
    done(engine, create_member(member_id="cold", request_id="create"))
    done(engine, FreezeMember(member_id="cold", request_id="freeze"))
    (answer,) = carry_out(engine, command)

    assert result(answer) == refusal


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"pool": "", "pools_into": "acme"}, "pools_into"),
        ({"pool": "company", "pools_into": ""}, "pools_into"),
        ({"pool": "x" * 65, "pools_into": "acme"}, "pool"),
    ],
)
def test_a_malformed_pool_is_refused(fields: dict[str, str], wrong: str) -> None:
    with pytest.raises(InvalidArgument) as refused:
        set_pool(**fields).check()

    assert set(refused.value.violations) == {wrong}


def test_a_pool_that_the_program_has_no_more_takes_nothing(
    engine: Engine, store: Store, clock: Clock
) -> None:
    done(engine, set_pool())
    engine.writer.stop()
    program = to_program(load_document(DOCUMENT.replace("company", "firm")))
    with running_engine(store, program, clock=clock) as other:
        done(other, purchase(20))

        assert [balance(other, name) for name in ("ada", "acme")] == [20, 0]


def test_pools_go_along_with_an_export(engine: Engine, tmp_path: Path) -> None:
    done(engine, set_pool())
    done(engine, purchase(20))
    path = tmp_path / "ledger.jsonl"
    with path.open("wb") as file:
        write_export(engine.store, file)
    url = f"sqlite:///{tmp_path / 'other.db'}"
    with open_store(url, part_count=engine.store.part_count) as other:
        import_file(other, ExportFile(path))

        query = "SELECT pool, pools_into FROM member WHERE member_id = 'ada'"
        assert rows(other, query) == [("company", "acme")]
        assert audit(other.backend).differences == []


def test_earner_and_pool_may_share_a_part(engine: Engine) -> None:
    part = part_of("ada", engine.store.part_count)
    names = (f"firm{number}" for number in range(10_000))
    near = next(n for n in names if part_of(n, engine.store.part_count) == part)
    done(engine, create_member(member_id=near, request_id="create"))
    done(engine, set_pool(into=near))
    done(engine, purchase(100))
    done(engine, purchase(100))

    assert [balance(engine, name) for name in ("ada", near)] == [0, 200]


def reversed_of(record: Record, **fields: Any) -> Command:
    """Returns the reverse of something that Ada has earned."""
    named = {"request_id": f"r{next(_numbers)}"}
    named["transaction_id"] = record.place().transaction_id()
    return reverse(**named | fields)


def merge(member_id: str, into: str) -> MergeMembers:
    """Returns the end of a member in another one."""
    return MergeMembers(
        member_id=member_id,
        request_id="merge",
        into_member_id=into,
        operator="olga",
        reason="one and the same",
    )


def test_a_reversed_earning_is_taken_from_the_pool_that_got_it(engine: Engine) -> None:
    done(engine, set_pool())
    earned = done(engine, earn(points=100, request_id="e1"))
    taken = done(engine, reversed_of(earned))

    assert [balance(engine, name) for name in ("ada", "acme")] == [0, 0]
    assert moved(taken).counterparty == "acme"
    place = moved(taken).counterparty_place
    assert place is not None
    with open_snapshot(engine.store.backend) as snapshot:
        side = snapshot.record(*place)
    assert side is not None
    assert (side.member_id, side.kind) == ("acme", Kind.POOL_OUT)
    assert moved(side).counterparty_place == taken.place()
    query = "SELECT lifetime_earned FROM account WHERE unit = 'points' AND account = "
    assert rows(engine.store, f"{query}'member:ada'") == [(0,)]
    assert rows(engine.store, f"{query}'member:acme'") == [(0,)]


def test_partial_reverses_take_from_both_what_each_got(engine: Engine) -> None:
    done(engine, set_pool("household", "home"))
    earned = done(engine, earn(points=100, request_id="e1"))
    left = []
    for points in (50, 1, 1, 48):
        done(engine, reversed_of(earned, points=points))
        left.append([balance(engine, name) for name in ("ada", "home")])

    assert left == [[33, 17], [32, 17], [32, 16], [0, 0]]


def test_an_activity_is_returned_by_item_from_both(engine: Engine) -> None:
    done(engine, set_pool("household", "home"))
    items = (Item("book", 60), Item("pen", 30))
    bought = done(engine, purchase(90, items=items))
    done(engine, reversed_of(bought, item_ids=("pen",)))
    assert [balance(engine, name) for name in ("ada", "home")] == [40, 20]
    done(engine, reversed_of(bought))

    assert [balance(engine, name) for name in ("ada", "home")] == [0, 0]


def test_what_the_pool_has_spent_comes_from_its_other_lots(engine: Engine) -> None:
    done(engine, earn(member_id="acme", points=70, request_id="e0"))
    done(engine, set_pool())
    earned = done(engine, earn(points=100, request_id="e1"))
    done(engine, burn(member_id="acme", points=60, request_id="b1"))
    done(engine, reversed_of(earned))

    assert balance(engine, "acme") == 10


def test_a_pool_without_enough_points_stops_the_reverse(engine: Engine) -> None:
    done(engine, set_pool())
    earned = done(engine, earn(points=100, request_id="e1"))
    done(engine, burn(member_id="acme", points=60, request_id="b1"))
    (answer,) = carry_out(engine, reversed_of(earned))

    assert result(answer) == InsufficientPoints("acme", "points", 40, 100)
    assert balance(engine, "acme") == 40


@pytest.mark.parametrize(
    ("policy", "owed"),
    [(ShortfallPolicy.SHORTFALL, 60), (ShortfallPolicy.WRITE_OFF, 0)],
)
def test_what_the_pool_lacks_is_owed_by_the_pool_or_written_off(
    engine: Engine, policy: ShortfallPolicy, owed: int
) -> None:
    done(engine, set_pool())
    earned = done(engine, earn(points=100, request_id="e1"))
    done(engine, burn(member_id="acme", points=60, request_id="b1"))
    done(engine, reversed_of(earned, shortfall_policy=policy))

    assert [balance(engine, name) for name in ("ada", "acme")] == [0, 0]
    query = "SELECT shortfall FROM account WHERE unit = 'points' AND account = "
    assert rows(engine.store, f"{query}'member:acme'") == [(owed,)]
    assert rows(engine.store, f"{query}'member:ada'") == [(0,)]


def test_whoever_a_pool_was_merged_into_gives_back_for_it(engine: Engine) -> None:
    done(engine, set_pool())
    earned = done(engine, earn(points=100, request_id="e1"))
    done(engine, merge("acme", "home"))
    done(engine, reversed_of(earned, points=30))

    assert balance(engine, "home") == 70


def test_an_earner_gives_all_back_once_the_pool_is_merged_into_it(
    engine: Engine,
) -> None:
    done(engine, set_pool())
    earned = done(engine, earn(points=100, request_id="e1"))
    done(engine, merge("acme", "ada"))
    done(engine, reversed_of(earned, points=30))

    assert balance(engine, "ada") == 70


def test_a_share_that_was_cancelled_is_not_taken_back_again(engine: Engine) -> None:
    done(engine, set_pool())
    bought = done(engine, purchase(100))
    query = "SELECT part, number FROM lot WHERE member_id = 'acme' AND unit = 'miles'"
    ((part, number),) = rows(engine.store, query)
    lot_id = f"l{part}-{number}"
    cancel = CancelLot(
        member_id="acme", request_id="cancel", lot_id=lot_id, reason="lost"
    )
    done(engine, cancel)
    done(engine, reversed_of(bought))

    assert balance(engine, "acme") == balance(engine, "acme", "miles") == 0


@pytest.mark.parametrize("heirs", [["home"], ["home", "bob"]])
def test_a_share_that_was_cancelled_behind_a_merge_is_not_taken_back_again(
    engine: Engine, heirs: list[str]
) -> None:
    done(engine, set_pool())
    bought = done(engine, purchase(100))
    for name, into in pairwise(["acme", *heirs]):
        done(engine, merge(name, into))
    heir = heirs[-1]
    lot_id = waiting_lot(engine, heir)
    done(
        engine,
        CancelLot(member_id=heir, request_id="cancel", lot_id=lot_id, reason="lost"),
    )
    done(engine, earn(member_id=heir, unit="miles", points=50, request_id="e"))
    done(engine, reversed_of(bought))

    assert balance(engine, heir, "miles") == 50


def test_a_share_that_waits_behind_a_merge_is_taken_back_from_where_it_is(
    engine: Engine,
) -> None:
    done(engine, set_pool())
    bought = done(engine, purchase(100))
    done(engine, merge("acme", "home"))
    done(engine, earn(member_id="home", unit="miles", points=50, request_id="e"))
    done(engine, reversed_of(bought))

    assert balance(engine, "home", "miles") == 50
    query = "SELECT member_id FROM lot WHERE waits_for <> '' AND remaining > 0"
    assert rows(engine.store, query) == []


def test_what_has_expired_in_a_pool_comes_out_of_breakage(
    engine: Engine, clock: Clock
) -> None:
    done(engine, set_pool())
    earned = done(
        engine, earn(points=100, request_id="e1", expire_time=clock.now + DAY)
    )
    clock.now += 2 * DAY
    sweep(engine)
    done(engine, reversed_of(earned))

    query = "SELECT lifetime_expired FROM account WHERE unit = 'points' AND account = "
    assert rows(engine.store, f"{query}'member:acme'") == [(0,)]


def test_what_a_lapsed_hold_of_a_pool_held_can_be_taken_back(
    engine: Engine, clock: Clock
) -> None:
    done(engine, set_pool())
    earned = done(engine, earn(points=100, request_id="e1"))
    held = place_hold(
        member_id="acme", points=100, request_id="h1", lapse_time=clock.now + DAY
    )
    done(engine, held)
    clock.now += 2 * DAY
    done(engine, reversed_of(earned))

    assert balance(engine, "acme") == 0


def test_a_merge_of_the_pool_in_the_same_batch_is_seen(engine: Engine) -> None:
    done(engine, set_pool())
    earned = done(engine, earn(points=100, request_id="e1"))
    futures = [
        submit(engine, merge("acme", "home")),
        submit(engine, reversed_of(earned)),
    ]
    for future in futures:
        record_of(*future.result())

    assert [balance(engine, name) for name in ("ada", "home")] == [0, 0]


def test_what_goes_to_a_part_whose_time_is_ahead_is_recorded_at_that_time(
    engine: Engine, clock: Clock
) -> None:
    done(engine, set_pool())
    earned = done(engine, earn(points=100, request_id="e1"))
    clock.now += DAY
    done(engine, earn(member_id="acme", points=1, request_id="e2"))
    clock.now -= DAY
    done(engine, reversed_of(earned, points=40))
    done(engine, earn(points=7, request_id="e3"))

    assert balance(engine, "acme") == 68


@given(
    share=st.fractions(min_value=Fraction(1, 9), max_value=1, max_denominator=9),
    steps=st.lists(st.integers(1, 40), min_size=1, max_size=8),
)
def test_many_reverses_take_from_a_pool_what_one_would(
    share: Fraction, steps: list[int]
) -> None:
    total = sum(steps)
    got = PoolTerms("p", frozenset({"points"}), share).share_of("points", total)
    before = given_now = 0
    for step in steps:
        given_now += part_of_move(got, before, before + step, total)
        before += step
        # Neither side ever gives more than it got.
        assert 0 <= given_now <= got
        assert 0 <= before - given_now <= total - got

    assert given_now == got


@pytest.mark.parametrize("into", ["acme", "home"])
def test_a_plugin_takes_a_pooled_earning_back_in_the_call_that_made_it(
    store: Store, clock: Clock, into: str
) -> None:
    def mistake(context: Context, _request: Message) -> Message:
        earned = context.ledger.earn(90)
        context.ledger.reverse(earned.transaction_id, points=40)
        return Message()

    program = to_program(load_document(DOCUMENT))
    plugins = Shop({"Mistake": mistake}).plugins()
    with running_engine(store, program, clock=clock, plugins=plugins) as engine:
        for name in NAMES:
            carry_out(engine, create_member(member_id=name, request_id="create"))
        done(engine, set_pool("household", into))
        found = result(only_answer(submit(engine, call("Mistake"))))

        assert isinstance(found, PluginCall), found
        # A third of 50, rounded so that both reverses together take all.
        assert [balance(engine, name) for name in ("ada", into)] == [33, 17]
