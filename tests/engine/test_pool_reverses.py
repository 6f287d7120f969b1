"""Who gives back what a pool has got: the pool, its earner, or whoever they became."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.domain.activities import Item
from points.domain.commands import CancelLot, ShortfallPolicy
from points.domain.plugin_calls import PluginCall
from points.domain.pools import PoolTerms
from points.domain.refusals import InsufficientPoints
from points.domain.returns import part_of_move
from points.domain.values import Kind
from points.engine.engine import Engine, running_engine
from points.engine.sweeper import sweep
from points.plugin import Context
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from points.store.opening import Store
from points.store.reads.reader import open_snapshot
from tests.clock import DAY, Clock
from tests.domain.build import burn, create_member, earn
from tests.domain.build_holds import place_hold
from tests.engine.build import (
    balance,
    carry_out,
    engine_under,
    only_answer,
    record_of,
    result,
    submit,
)
from tests.engine.build_pools import (
    DOCUMENT,
    NAMES,
    done,
    merge,
    moved,
    purchase,
    reversed_of,
    set_pool,
    waiting_lot,
)
from tests.engine.shop import Message, Shop, call
from tests.store.build import rows


pytestmark = pytest.mark.usefixtures("whole_books")


@pytest.fixture
def engine(store: Store, clock: Clock) -> Iterator[Engine]:
    """Yields an engine with pools, and two people with a company and a home."""
    with engine_under(DOCUMENT, NAMES, store, clock) as running:
        yield running


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
