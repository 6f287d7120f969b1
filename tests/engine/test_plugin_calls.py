"""Calls of plugins: one transaction with the ledger, once for each request id."""

from __future__ import annotations

import json

import pytest

from points.domain.plugin_calls import PluginCall
from points.domain.refusals import (
    InsufficientPoints,
    Internal,
    PluginDeclined,
    PluginDisabled,
    PluginRefused,
    RequestIdReused,
)
from points.domain.values import HoldState, Kind
from points.engine.engine import Engine
from points.engine.jobs import Outcome
from points.plugin import Context
from points.store.opening import Store
from points.store.reads.reader import open_snapshot
from tests.domain.build import create_member, earn
from tests.domain.test_merge import erase
from tests.engine.build import (
    balance,
    carry_out,
    differences,
    only_answer,
    outcome_count,
    result,
    submit,
)
from tests.engine.build_plugins import MakeEngine, all_documents, called, with_members
from tests.engine.shop import BOARD, STAMPS, Message, Shop, Stamps, call
from tests.store.build import rows


def test_a_call_earns_and_keeps_a_document_in_one_transaction(shop: Engine) -> None:
    (found,) = called(shop, call("Stamp"))

    assert isinstance(found, PluginCall)
    told = json.loads(found.response)
    assert told == {
        "count": 1,
        "transaction_id": found.transactions[0].transaction_id(),
    }
    assert balance(shop) == 110
    assert all_documents(shop.store) == [("stamps", "ada", '{"count":1}')]
    assert differences(shop.store) == []


def test_a_replay_is_answered_to_the_byte_and_changes_nothing(shop: Engine) -> None:
    first = shop.execute(call("Stamp"))
    again = shop.execute(call("Stamp"))

    assert again.replayed
    assert again.record == first.record
    assert balance(shop) == 110


def test_the_same_request_id_with_other_content_is_refused(shop: Engine) -> None:
    called(shop, call("Stamp"))

    (found,) = called(shop, call("Stamp", points=20))

    assert isinstance(found, RequestIdReused)


def test_a_request_id_of_before_the_member_was_erased_is_not_used_again(
    shop: Engine,
) -> None:
    secret = create_member(member_id="eve", request_id="join", attributes={"a": "b"})
    carry_out(shop, secret, erase(member_id="eve"))

    (found,) = called(shop, call("Stamp", "eve", request_id="join"))

    assert isinstance(found, RequestIdReused)


def test_a_refusal_undoes_all_that_the_call_did_and_stays_the_answer(
    shop: Engine,
) -> None:
    called(shop, call("Bid", board="b", points=50))

    low = call("Bid", "bob", board="b", points=50)
    (found,) = called(shop, low)

    assert found == PluginRefused(
        "shop", "TOO_LOW", "FAILED_PRECONDITION", "50 is too low", {"points": "50"}
    )
    assert (balance(shop), balance(shop, "bob")) == (50, 100)
    assert called(shop, low) == [found]
    assert differences(shop.store) == []


def test_a_passing_refusal_is_not_stored(shop: Engine) -> None:
    (found,) = called(shop, call("Bid"))

    assert isinstance(found, PluginDeclined)
    assert outcome_count(shop.store) == 2


def test_a_refusal_of_the_core_that_leaves_the_handler_is_the_answer(
    shop: Engine,
) -> None:
    (found,) = called(shop, call("Bid", board="b", points=500))

    assert isinstance(found, InsufficientPoints)
    assert all_documents(shop.store) == []


def test_a_plugin_that_takes_no_part_refuses(
    make_engine: MakeEngine, store: Store
) -> None:
    engine = make_engine(store)

    with pytest.raises(PluginDisabled):
        engine.execute(call("Stamp"))


def test_two_calls_of_one_batch_see_each_other(shop: Engine) -> None:
    found = called(shop, call("Stamp"), call("Stamp", request_id="c2"))

    assert [json.loads(each.response)["count"] for each in found] == [1, 2]
    assert all_documents(shop.store) == [("stamps", "ada", '{"count":2}')]


def test_a_bid_gives_the_hold_of_one_in_the_same_batch_back(shop: Engine) -> None:
    found = called(
        shop,
        call("Bid", board="b", points=50),
        call("Bid", "bob", board="b", points=60),
        call("Bid", "ada", request_id="c2", board="b", points=70),
    )

    assert [type(each) for each in found] == [PluginCall] * 3
    assert (balance(shop), balance(shop, "bob")) == (30, 100)
    states = [state for (state,) in rows(shop.store, "SELECT state FROM hold")]
    assert sorted(states) == [HoldState.OPEN, HoldState.VOIDED, HoldState.VOIDED]
    assert differences(shop.store) == []


def test_what_is_only_validated_leaves_no_trace(shop: Engine) -> None:
    (found,) = called(shop, call("Stamp"), validate_only=True)

    assert isinstance(found, PluginCall)
    assert (balance(shop), all_documents(shop.store)) == (100, [])


def test_an_exception_undoes_the_call_alone(
    make_engine: MakeEngine, store: Store
) -> None:
    def fail(context: Context, request: Message) -> Message:
        context.ledger.earn(5)
        context.state.put(STAMPS, request.member_id, Stamps(9))
        raise ZeroDivisionError

    engine = make_engine(store, plugins=Shop(extra={"Fail": fail}).plugins())
    with_members(engine)

    found = called(engine, call("Fail"), call("Stamp", request_id="c2"))

    assert [type(each) for each in found] == [Internal, PluginCall]
    assert (balance(engine), all_documents(store)) == (
        110,
        [("stamps", "ada", '{"count":1}')],
    )
    assert differences(store) == []


def test_a_request_id_of_one_member_is_free_for_another(shop: Engine) -> None:
    found = called(
        shop,
        call("Bid", board="b", points=50),
        call("Bid", "bob", board="b", points=60),
    )

    assert [type(each) for each in found] == [PluginCall, PluginCall]


def test_what_the_ledger_does_for_a_call_is_of_its_channel(shop: Engine) -> None:
    called(shop, call("Stamp"))

    query = "SELECT kind, channel FROM record WHERE channel = 'shop' ORDER BY number"
    assert rows(shop.store, query) == [("EARN", "shop"), ("CALL", "shop")]


def test_a_document_survives_a_restart(
    make_engine: MakeEngine, shop: Engine, store: Store
) -> None:
    called(shop, call("Stamp"))

    engine = make_engine(store, plugins=Shop().plugins())
    (found,) = called(engine, call("Stamp", request_id="c2"))

    assert json.loads(found.response)["count"] == 2


def test_pages_of_documents_see_what_the_call_has_changed(
    make_engine: MakeEngine, store: Store
) -> None:
    def fill(context: Context, request: Message) -> Message:
        for number in range(request.count):
            context.state.put(STAMPS, request.member_id, Stamps(number), f"{number:04}")
        return Message()

    def page(context: Context, request: Message) -> Message:
        context.state.delete(STAMPS, request.member_id, "0001")
        context.state.put(STAMPS, request.member_id, Stamps(-1), "0002a")
        found = context.state.list(
            STAMPS, request.member_id, after=request.after, limit=request.limit
        )
        return Message(keys=[key for key, _ in found])

    extra = {"Fill": fill, "Page": page}
    engine = make_engine(store, plugins=Shop(extra=extra).plugins())
    with_members(engine)
    called(engine, call("Fill", count=300))

    first, last = called(
        engine,
        call("Page", request_id="p1", after="", limit=4),
        call("Page", request_id="p2", after="0150", limit=1_000),
    )

    assert json.loads(first.response)["keys"] == ["0000", "0002", "0002a", "0003"]
    assert len(json.loads(last.response)["keys"]) == 149
    assert differences(store) == []


def test_the_feed_tells_of_calls(shop: Engine) -> None:
    outcome = shop.execute(call("Stamp"))

    assert isinstance(outcome, Outcome)
    assert outcome.record.kind is Kind.CALL
    with open_snapshot(shop.store.backend) as snapshot:
        found = snapshot.outcome(outcome.record.part, "ada", "c1")
    assert found == outcome.record


def test_board_types_are_checked(make_engine: MakeEngine, store: Store) -> None:
    def mix(context: Context, _request: Message) -> Message:
        context.state.put(BOARD, "b", Stamps(1))  # type: ignore[misc]
        return Message()

    engine = make_engine(store, plugins=Shop(extra={"Mix": mix}).plugins())
    with_members(engine)

    (found,) = called(engine, call("Mix"))

    assert isinstance(found, Internal)


def test_a_hold_of_the_call_itself_is_captured_and_reversed(
    make_engine: MakeEngine, store: Store
) -> None:
    def take(context: Context, _request: Message) -> Message:
        placed = context.ledger.place_hold(30)
        burned = context.ledger.capture_hold(placed.hold_id, points=20, void_rest=True)
        context.ledger.reverse(burned.transaction_id, points=8)
        return Message()

    engine = make_engine(store, plugins=Shop({"Take": take}).plugins())
    carry_out(engine, create_member(), earn(request_id="r2", points=100))

    assert isinstance(result(only_answer(submit(engine, call("Take")))), PluginCall)
    assert balance(engine) == 88
    assert differences(store) == []
