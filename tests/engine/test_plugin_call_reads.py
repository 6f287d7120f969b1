"""What calls of plugins read: with their batch, and where they turn out to need it."""

from __future__ import annotations

import json
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest

from points.domain.commands import Reads as DeclaredReads
from points.domain.identity import part_of
from points.domain.plugin_calls import PluginCall
from points.domain.refusals import InsufficientPoints, Internal, PluginRefused
from points.engine.engine import Engine
from points.engine.jobs import Job
from points.engine.plugins.missing import ReadsMissing, look
from points.plugin import Context, DocumentPage, Reads, Refused
from points.store.opening import Store
from tests.domain.build import burn, create_member, earn
from tests.engine.build import (
    answers,
    balance,
    carry_out,
    differences,
    only_answer,
    result,
    results,
    submit,
)
from tests.engine.build_plugins import MakeEngine, all_documents, called, with_members
from tests.engine.shop import STAMPS, TOO_LOW, Message, Shop, Stamps, call
from tests.store.build import statements


CALLS = 12
"""One lock, six reads, five writes: documents besides, and without ladders no more."""


def test_bids_of_one_batch_are_decided_in_one_batch(shop: Engine) -> None:
    bids = [
        call("Bid", name, request_id=f"c{number}", board="b", points=10 + number)
        for number, name in enumerate(("ada", "bob") * 5)
    ]
    with statements(shop.store.backend) as seen:
        called(shop, *bids)

    locks = [
        sql
        for sql, _ in seen
        if "FROM head" in sql or "FROM json_each(?) AS wanted CROSS JOIN head" in sql
    ]
    assert len(locks) == 1


def test_a_leader_of_another_part_is_read_on_demand(shop: Engine) -> None:
    count = shop.store.part_count
    assert part_of("ada", count) != part_of("bob", count)
    called(shop, call("Bid", board="b", points=50))

    found = called(shop, call("Bid", "bob", board="b", points=60))

    assert [type(each) for each in found] == [PluginCall]
    assert (balance(shop), balance(shop, "bob")) == (100, 40)
    (body,) = [body for name, _, body in all_documents(shop.store) if name == "board"]
    assert json.loads(body)["member_id"] == "bob"
    assert differences(shop.store) == []


def test_a_hot_board_is_read_on_demand_within_its_batch(
    make_engine: MakeEngine, store: Store
) -> None:
    engine = make_engine(store, plugins=Shop().plugins())
    names = [f"m{number}" for number in range(12)]
    with_members(engine, *names)
    for number, name in enumerate(names[:6]):
        called(engine, call("Bid", name, board=f"b{number}", points=10))
    bids = [
        call("Bid", name, request_id=f"x{n}", board=f"b{n % 6}", points=11 + n)
        for n, name in enumerate(names[6:] * 2)
    ]

    with statements(store.backend) as seen:
        found = called(engine, *bids)

    assert [type(each) for each in found] == [PluginCall] * 12
    assert sum("INSERT INTO head" in sql for sql, _ in seen) == 1
    assert [balance(engine, name) for name in names[:6]] == [100] * 6
    assert differences(store) == []


def test_a_call_goes_on_once_what_it_misses_was_read(
    make_engine: MakeEngine, store: Store
) -> None:
    runs = []

    def give(context: Context, _request: Message) -> Message:
        runs.append(context.call)
        context.ledger.earn(5, member_id="bob")
        return Message()

    plugins = Shop(extra={"Give": give}).plugins()
    engine = with_members(make_engine(store, plugins=plugins))
    called(engine, call("Give"))
    assert (len(runs), balance(engine, "bob")) == (1, 105)


def test_lots_that_a_call_has_touched_are_read_once_it_was_undone(
    make_engine: MakeEngine, store: Store
) -> None:
    seen: list[int | None] = []

    def give(context: Context, request: Message) -> Message:
        context.ledger.earn(5, member_id="bob")
        seen.append(None)
        seen.append(context.ledger.balance(member_id="bob").available)
        raise Refused(TOO_LOW, points=request.points)

    plugins = Shop(extra={"Give": give}).plugins()
    engine = with_members(make_engine(store, plugins=plugins))
    refused, short, burned = called(
        engine,
        call("Give"),
        burn(member_id="bob", request_id="b1", points=101),
        burn(member_id="bob", request_id="b2", points=100),
    )
    assert seen == [None, None, 105]
    assert (type(refused), type(short)) == (PluginRefused, InsufficientPoints)
    assert burned.balance_after == 0


def test_what_was_earned_in_the_same_batch_is_seen_by_a_late_read(
    make_engine: MakeEngine, store: Store
) -> None:
    def spend(context: Context, _request: Message) -> Message:
        before = context.ledger.balance(member_id="bob").available
        context.ledger.burn(before, member_id="bob")
        return Message(before=before)

    plugins = Shop(extra={"Spend": spend}).plugins()
    engine = with_members(make_engine(store, plugins=plugins))
    late = earn(member_id="bob", request_id="late", points=11)

    found = called(engine, late, call("Spend"))

    assert json.loads(found[1].response) == {"before": 111}
    assert balance(engine, "bob") == 0
    assert differences(store) == []


def test_a_handler_that_swallows_everything_still_reads_what_it_asked_for(
    make_engine: MakeEngine, store: Store
) -> None:
    def swallow(context: Context, request: Message) -> Message:
        try:
            found = context.state.get(STAMPS, request.other)
        except Exception:  # noqa: BLE001 - as careless authors do
            return Message(count=-1)
        return Message(count=found.count if found else 0)

    engine = make_engine(store, plugins=Shop(extra={"Look": swallow}).plugins())
    with_members(engine)
    called(engine, call("Stamp", "bob"))

    (found,) = called(engine, call("Look", other="bob"))

    assert json.loads(found.response) == {"count": 1}


@pytest.mark.parametrize("call_count", [1, 10, 100])
def test_a_batch_of_calls_takes_as_many_statements_whatever_its_size(
    shop: Engine, call_count: int
) -> None:
    calls = [call("Stamp", request_id=f"s{n}") for n in range(call_count)]
    routed = [shop.route(each) for each in calls]
    future: Future[Any] = Future()
    with statements(shop.store.backend) as seen:
        shop.submit([(Job(commands=routed), future)])
        assert results(answers(future)) == [PluginCall] * call_count

    assert len(seen) == CALLS


def test_a_call_that_only_earns_reads_no_lots(
    make_engine: MakeEngine, store: Store
) -> None:
    earning = Shop(reads={"Stamp": lambda _: Reads(earned=("points",))})
    engine = with_members(make_engine(store, plugins=earning.plugins()))

    with statements(store.backend) as seen:
        (made,) = called(engine, call("Stamp", points=7))

    assert isinstance(made, PluginCall)
    assert len(seen) == CALLS - 2
    assert balance(engine, "ada") == 107


@pytest.mark.parametrize("is_true", [True, False])
def test_a_hold_that_is_named_is_read_with_the_batch(
    make_engine: MakeEngine, store: Store, *, is_true: bool
) -> None:
    guess: list[tuple[str, str]] = []
    shop = Shop(
        reads={
            "Bid": lambda request: Reads(
                units=("points",), objects=(request.board,), holds=tuple(guess)
            )
        }
    )
    engine = with_members(make_engine(store, plugins=shop.plugins()))
    called(engine, call("Bid", member_id="ada", board="b", points=10))
    hold_id = json.loads(all_documents(store)[0][2])["hold_id"]
    guess.append(("ada", hold_id if is_true else f"{hold_id}99"))
    with statements(store.backend) as seen:
        (made,) = called(engine, call("Bid", member_id="bob", board="b", points=11))
    reads = [sql for sql, _ in seen if "JOIN hold" in sql and "lapse_time <" not in sql]

    assert isinstance(made, PluginCall)
    assert len(reads) == (1 if is_true else 2)
    assert balance(engine, "ada") == 100
    assert differences(store) == []


def test_what_is_not_read_ahead_is_read_where_somebody_asks(
    make_engine: MakeEngine, store: Store
) -> None:
    log = replace(STAMPS, name="log", read_ahead=False)

    def write(context: Context, request: Message) -> Message:
        context.state.put(log, request.member_id, Stamps(request.count), request.key)
        return Message()

    def look(context: Context, request: Message) -> Message:
        found = context.state.get(log, request.member_id, request.key)
        return Message(count=found.count if found else 0)

    shop = Shop({"Write": write, "Look": look}, more={"collections": (STAMPS, log)})
    engine = with_members(make_engine(store, plugins=shop.plugins()))
    with statements(store.backend) as seen:
        called(engine, call("Write", key="k", count=3))
    about = [(sql, values) for sql, values in seen if " document" in sql]
    read = [values for sql, values in about if "INSERT" not in sql]
    found = called(
        engine,
        call("Look", request_id="l1", key="k"),
        call("Look", request_id="l2", key="none"),
    )

    assert "stamps" in str(read)
    assert "log" not in str(read)
    assert [json.loads(each.response)["count"] for each in found] == [3, 0]
    assert differences(store) == []


def test_a_page_that_is_named_ahead_is_listed_at_the_first_go(
    make_engine: MakeEngine, store: Store
) -> None:
    log, looks = replace(STAMPS, name="log", read_ahead=False), list[str]()

    def write(context: Context, request: Message) -> Message:
        for number in range(100):
            context.state.put(log, request.member_id, Stamps(number), f"k{number:02}")
        return Message()

    def look(context: Context, request: Message) -> Message:
        looks.append(request.key)
        found = context.state.list(log, request.member_id, after=request.key, limit=30)
        return Message(count=sum(each.count for _, each in found))

    def ahead(request: Message) -> Reads:
        page = DocumentPage(log.name, request.member_id, request.key, 30)
        return Reads(pages=(page,))

    shop = Shop(
        {"Write": write, "Look": look, "Slow": look},
        reads={"Look": ahead},
        more={"collections": (STAMPS, log)},
    )
    engine = with_members(make_engine(store, plugins=shop.plugins()))
    called(engine, call("Write"))
    found = [
        called(engine, call(method, request_id=f"{method}-{after}", key=after))[0]
        for method in ("Look", "Slow")
        for after in ("k09", "k89", "")
    ]

    counts = [json.loads(each.response)["count"] for each in found]
    assert counts == [sum(range(10, 40)), sum(range(90, 100)), sum(range(30))] * 2
    assert looks == ["k09", "k89", "", "k09", "k09", "k89", "k89", "", ""]


def test_a_batch_without_calls_reads_no_documents(shop: Engine) -> None:
    with statements(shop.store.backend) as seen:
        carry_out(shop, earn(request_id="e"), burn(request_id="b"))

    assert not any("document" in sql for sql, _ in seen)


def test_a_call_that_asks_for_the_same_again_and_again_is_given_up(
    make_engine: MakeEngine, store: Store
) -> None:
    def insist(_context: Context, _request: Message) -> Message:
        raise ReadsMissing(
            look("bob", DeclaredReads(lots_of="points"), store.part_count)
        )

    engine = make_engine(store, plugins=Shop({"Insist": insist}).plugins())
    carry_out(engine, create_member())

    assert isinstance(only_answer(submit(engine, call("Insist"))), Internal)
    assert isinstance(result(only_answer(submit(engine, call("Stamp")))), PluginCall)
