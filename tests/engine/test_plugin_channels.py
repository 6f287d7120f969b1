"""Channels of plugins: their caps and counters hold, and their events are recorded."""

from __future__ import annotations

from points.domain.commands import Reverse
from points.domain.plugin_calls import PluginCall
from points.domain.refusals import (
    BudgetExhausted,
    Internal,
    LimitExceeded,
    NotReversible,
)
from points.domain.values import ReasonCode
from points.plugin import Cap, Channel, Context, Flow, Window
from points.store.opening import Store
from tests.clock import DAY
from tests.engine.build import balance, differences
from tests.engine.build_plugins import MakeEngine, came_to, documents, with_members
from tests.engine.ledger import advance
from tests.engine.shop import Message, Shop, call


def capped(*caps: Cap, flows: frozenset[Flow] = frozenset(Flow)) -> Shop:
    """Returns the shop with these caps."""
    return Shop(more={"channels": (Channel(name="shop", flows=flows, caps=caps),)})


def test_a_member_earns_no_more_in_a_channel_than_its_cap(
    make_engine: MakeEngine, store: Store
) -> None:
    cap = Cap(flow=Flow.EARN, points=25, window=Window.DAY)
    engine = with_members(make_engine(store, plugins=capped(cap).plugins()))

    found = [came_to(engine, call("Stamp", request_id=f"s{n}")) for n in range(3)]
    bobs = came_to(engine, call("Stamp", "bob"))

    assert [type(each) for each in found] == [PluginCall, PluginCall, LimitExceeded]
    assert isinstance(bobs, PluginCall)
    assert balance(engine) == 120
    advance(engine, DAY)
    assert isinstance(came_to(engine, call("Stamp", request_id="s9")), PluginCall)
    assert differences(store) == []


def test_members_share_the_budget_of_a_channel(
    make_engine: MakeEngine, store: Store
) -> None:
    cap = Cap(flow=Flow.EARN, points=25, window=Window.MONTH, is_shared=True)
    engine = with_members(make_engine(store, plugins=capped(cap).plugins()))

    found = [
        came_to(engine, call("Stamp", name, request_id=f"s{n}"))
        for n in range(2)
        for name in ("ada", "bob")
    ]

    assert [type(each) for each in found] == [PluginCall] * 2 + [BudgetExhausted] * 2
    assert found[2].metadata()["left"] == "5"
    assert differences(store) == []


def test_a_cap_that_was_met_and_caught_leaves_nothing_counted(
    make_engine: MakeEngine, store: Store
) -> None:
    def greedy(context: Context, _request: Message) -> Message:
        try:
            context.ledger.earn(100)
        except LimitExceeded:
            context.ledger.earn(20)
        return Message()

    cap = Cap(flow=Flow.EARN, points=25, window=Window.LIFETIME)
    shop = capped(cap)
    shop.extra = {"Greedy": greedy}
    engine = with_members(make_engine(store, plugins=shop.plugins()))

    assert isinstance(came_to(engine, call("Greedy")), PluginCall)
    assert balance(engine) == 120
    assert documents(store, "cap:") == {"ada": [0, 20]}


def test_what_a_channel_does_not_let_through_fails(
    make_engine: MakeEngine, store: Store
) -> None:
    shop = capped(flows=frozenset({Flow.BURN}))
    engine = with_members(make_engine(store, plugins=shop.plugins()))

    assert isinstance(came_to(engine, call("Stamp")), Internal)
    assert balance(engine) == 100


def test_callers_reverse_nothing_of_a_channel_that_keeps_it(
    make_engine: MakeEngine, store: Store
) -> None:
    channel = Channel(name="shop", flows=frozenset(Flow), is_reversible=False)
    shop = Shop(more={"channels": (channel,)})
    engine = with_members(make_engine(store, plugins=shop.plugins()))
    earned = came_to(engine, call("Stamp")).transactions[0].transaction_id()

    undo = Reverse(
        member_id="ada",
        request_id="v",
        transaction_id=earned,
        reason="a mistake",
        reason_code=ReasonCode.CORRECTION,
    )
    found = came_to(engine, undo)

    assert isinstance(found, NotReversible)
    assert balance(engine) == 110


def test_counters_stop_at_their_limit_for_all_members(
    make_engine: MakeEngine, store: Store
) -> None:
    def take(context: Context, _request: Message) -> Message:
        return Message(left=context.counters.add("prizes", 1, limit=2))

    plugins = Shop(extra={"Take": take}).plugins()
    engine = with_members(make_engine(store, plugins=plugins), "ada", "bob", "cy")

    found = [came_to(engine, call("Take", name)) for name in ("ada", "bob", "cy")]

    assert [type(each) for each in found] == [PluginCall, PluginCall, LimitExceeded]
    assert differences(store) == []


def test_events_are_part_of_the_record(make_engine: MakeEngine, store: Store) -> None:
    def tell(context: Context, _request: Message) -> Message:
        context.emit("won", {"prize": "car"})
        return Message()

    engine = with_members(make_engine(store, plugins=Shop({"Tell": tell}).plugins()))

    (event,) = came_to(engine, call("Tell")).events

    assert event == ("won", (("prize", "car"),))
