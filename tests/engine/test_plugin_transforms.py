"""Transforms of plugins: what they make of what callers and plugins earn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from points.domain.plugin_calls import PluginCall
from points.domain.refusals import (
    BudgetExhausted,
    Internal,
    LimitExceeded,
    PluginRefused,
)
from points.domain.values import Transaction
from points.engine.jobs import Outcome
from points.engine.plugins.plugins import Plugins
from points.plugin import (
    Award,
    Cap,
    Channel,
    Context,
    Flow,
    OnFailure,
    Transform,
    Window,
)
from points.plugin.registry import Registry
from points.store.opening import Store
from tests.domain.build import create_member, earn
from tests.engine.build import balance, carry_out, differences, only_answer, submit
from tests.engine.build_plugins import MakeEngine, came_to, documents, with_members
from tests.engine.shop import Message, Shop, call


def transforming(
    handler: Callable[[Context, Award], Award],
    on_failure: OnFailure = OnFailure.ABORT,
) -> Shop:
    """Returns the shop with a transform."""
    one = Transform(name="bonus", handler=handler, on_failure=on_failure)
    return Shop(more={"transforms": (one,)})


def test_a_transform_changes_what_is_earned(
    make_engine: MakeEngine, store: Store
) -> None:
    def double(_context: Context, award: Award) -> Award:
        return award._replace(points=award.points * 2)

    engine = with_members(make_engine(store, plugins=transforming(double).plugins()))

    assert balance(engine) == 200
    again = only_answer(submit(engine, earn(request_id="r2", points=100)))
    assert isinstance(again, Outcome)
    assert again.replayed


def test_a_transform_that_leaves_nothing_refuses(
    make_engine: MakeEngine, store: Store
) -> None:
    def nothing(_context: Context, award: Award) -> Award:
        return award._replace(points=0)

    engine = make_engine(store, plugins=transforming(nothing).plugins())
    carry_out(engine, create_member())

    found = came_to(engine, earn(request_id="e"))

    assert isinstance(found, PluginRefused)
    assert found.name == "NOTHING_AWARDED"


RUBBISH: Mapping[str, Callable[[Context, Award], Any]] = {
    "nothing": lambda _context, _award: None,
    "another member": lambda _context, award: award._replace(member_id="bob"),
    "half a point": lambda _context, award: award._replace(points=0.5),  # type: ignore[arg-type]
    "fewer than none": lambda _context, award: award._replace(points=-1),
    "a change": lambda context, award: context.ledger.earn(1) and award,
}


@pytest.mark.parametrize("name", RUBBISH)
def test_a_transform_that_answers_rubbish_fails(
    make_engine: MakeEngine, store: Store, name: str
) -> None:
    shop = transforming(RUBBISH[name])
    engine = make_engine(store, plugins=shop.plugins())
    carry_out(engine, create_member())

    assert isinstance(came_to(engine, earn(request_id="e")), Internal)
    assert balance(engine) == 0


def test_a_transform_that_is_skipped_leaves_the_award_as_it_was(
    make_engine: MakeEngine, store: Store
) -> None:
    shop = transforming(RUBBISH["nothing"], OnFailure.SKIP)
    engine = make_engine(store, plugins=shop.plugins())
    carry_out(engine, create_member())

    assert isinstance(came_to(engine, earn(request_id="e", points=7)), Transaction)
    assert balance(engine) == 7


def double(_context: Context, award: Award) -> Award:
    """Returns twice the award."""
    return award._replace(points=award.points * 2)


def beside_doubling(shop: Shop) -> Plugins:
    """Returns the shop beside a plugin that doubles what the shop gives."""
    doubling = replace(
        transforming(double).plugin(),
        manifest=replace(shop.plugin().manifest, name="doubling"),
        channels=(),
        services=(),
    )
    return Plugins(Registry((shop.plugin(), doubling)))


def telling(context: Context, _request: Message) -> Message:
    """Earns ten points, and tells what that came to."""
    return Message(points=context.ledger.earn(10).points)


def with_cap(cap: Cap) -> Shop:
    """Returns the shop with a cap, and a method that tells what is earned."""
    channel = Channel(name="shop", flows=frozenset(Flow), caps=(cap,))
    return Shop({"Tell": telling}, more={"channels": (channel,)})


def test_a_plugin_learns_what_its_earn_came_to(
    make_engine: MakeEngine, store: Store
) -> None:
    plugins = beside_doubling(Shop({"Tell": telling}))
    engine = with_members(make_engine(store, plugins=plugins), "ada")
    before = balance(engine)

    found = came_to(engine, call("Tell"))

    assert isinstance(found, PluginCall)
    assert Message.FromString(found.response).points == 20
    assert balance(engine) == before + 20
    assert differences(store) == []


@pytest.mark.parametrize(
    ("is_shared", "refusal"), [(False, LimitExceeded), (True, BudgetExhausted)]
)
def test_a_cap_counts_what_was_really_earned(
    make_engine: MakeEngine, store: Store, refusal: type[Exception], *, is_shared: bool
) -> None:
    cap = Cap(flow=Flow.EARN, points=30, window=Window.DAY, is_shared=is_shared)
    plugins = beside_doubling(with_cap(cap))
    engine = with_members(make_engine(store, plugins=plugins), "ada")
    before = balance(engine)

    found = [came_to(engine, call("Tell", request_id=f"t{n}")) for n in range(2)]

    assert [type(each) for each in found] == [PluginCall, refusal]
    assert balance(engine) == before + 20
    if not is_shared:
        assert documents(store, "cap:")["ada"][1] == 20


def test_what_a_call_gives_back_and_burns_is_told_apart(
    make_engine: MakeEngine, store: Store
) -> None:
    def hold(context: Context, _request: Message) -> Message:
        placed = context.ledger.place_hold(30)
        kept = context.ledger.capture_hold(placed.hold_id, points=20, void_rest=True)
        other = context.ledger.place_hold(5)
        given_back = context.ledger.void_hold(other.hold_id)
        reversed_ = context.ledger.reverse(kept.transaction_id, points=8)
        return Message(points=[kept.points, given_back.points, reversed_.points])

    engine = with_members(make_engine(store, plugins=Shop({"Hold": hold}).plugins()))

    found = came_to(engine, call("Hold"))

    assert Message.FromString(found.response).points == [20, 5, 8]
    assert balance(engine) == 88


def test_the_fee_of_a_transfer_counts_against_the_cap(
    make_engine: MakeEngine, store: Store
) -> None:
    def give(context: Context, _request: Message) -> Message:
        context.ledger.transfer(20, receiver="bob", fee=5)
        return Message()

    cap = Cap(flow=Flow.BURN, points=45, window=Window.DAY)
    shop = with_cap(cap)
    shop.extra = {"Give": give}
    engine = with_members(make_engine(store, plugins=shop.plugins()))

    found = [came_to(engine, call("Give", request_id=f"g{n}")) for n in range(2)]

    assert [type(each) for each in found] == [PluginCall, LimitExceeded]
    assert balance(engine) == 75
