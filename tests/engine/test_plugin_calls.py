"""Calls of plugins: one transaction with the ledger, once for each request id."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from typing import Any

import pytest

from points.domain.commands import Reads as DeclaredReads
from points.domain.identity import part_of
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
from points.engine.jobs import Job, Outcome
from points.engine.plugins.missing import ReadsMissing, look
from points.plugin import Context, DocumentPage, Reads, Refused
from points.store.opening import Store
from points.store.reads.reader import open_snapshot
from tests.domain.build import burn, create_member, earn
from tests.domain.test_merge import erase
from tests.engine.build import (
    answers,
    balance,
    carry_out,
    differences,
    only_answer,
    outcome_count,
    result,
    results,
    submit,
)
from tests.engine.shop import BOARD, STAMPS, TOO_LOW, Message, Shop, Stamps, call
from tests.store.build import rows, statements


CALLS = 12
"""One lock, six reads, five writes: documents besides, and without ladders no more."""

MakeEngine = Callable[..., Engine]


@pytest.fixture
def shop(make_engine: MakeEngine, store: Store) -> Engine:
    """Returns an engine with the shop, Ada and Bob, who have 100 points each."""
    engine = make_engine(store, plugins=Shop().plugins())
    with_members(engine)
    return engine


def with_members(engine: Engine, *names: str) -> None:
    """Creates members with 100 points each."""
    for name in names or ("ada", "bob"):
        given = earn(member_id=name, request_id="r2", points=100)
        carry_out(engine, create_member(member_id=name), given)


def with_both(engine: Engine) -> Engine:
    """Creates Ada and Bob, and returns the engine."""
    with_members(engine)
    return engine


def called(engine: Engine, *calls: Any, **fields: bool) -> list[Any]:
    """Returns what calls came to, all in one job each, in one go."""
    futures: list[Future[Any]] = [Future() for _ in calls]
    jobs = [Job(commands=(engine.route(each),), **fields) for each in calls]
    engine.submit(list(zip(jobs, futures, strict=True)))
    return [result(answers(future)[0]) for future in futures]


def documents(store: Store) -> list[tuple[Any, ...]]:
    """Returns collection, owner and body of all documents."""
    query = "SELECT collection, owner, body FROM document ORDER BY 1, 2"
    return [tuple(row) for row in rows(store, query)]


def test_a_call_earns_and_keeps_a_document_in_one_transaction(shop: Engine) -> None:
    (found,) = called(shop, call("Stamp"))

    assert isinstance(found, PluginCall)
    told = json.loads(found.response)
    assert told == {
        "count": 1,
        "transaction_id": found.transactions[0].transaction_id(),
    }
    assert balance(shop) == 110
    assert documents(shop.store) == [("stamps", "ada", '{"count":1}')]
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
    assert documents(shop.store) == []


def test_a_plugin_that_takes_no_part_refuses(
    make_engine: MakeEngine, store: Store
) -> None:
    engine = make_engine(store)

    with pytest.raises(PluginDisabled):
        engine.execute(call("Stamp"))


def test_two_calls_of_one_batch_see_each_other(shop: Engine) -> None:
    found = called(shop, call("Stamp"), call("Stamp", request_id="c2"))

    assert [json.loads(each.response)["count"] for each in found] == [1, 2]
    assert documents(shop.store) == [("stamps", "ada", '{"count":2}')]


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
    (body,) = [body for name, _, body in documents(shop.store) if name == "board"]
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
    engine = with_both(make_engine(store, plugins=plugins))
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
    engine = with_both(make_engine(store, plugins=plugins))
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
    engine = with_both(make_engine(store, plugins=plugins))
    late = earn(member_id="bob", request_id="late", points=11)

    found = called(engine, late, call("Spend"))

    assert json.loads(found[1].response) == {"before": 111}
    assert balance(engine, "bob") == 0
    assert differences(store) == []


def test_what_is_only_validated_leaves_no_trace(shop: Engine) -> None:
    (found,) = called(shop, call("Stamp"), validate_only=True)

    assert isinstance(found, PluginCall)
    assert (balance(shop), documents(shop.store)) == (100, [])


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
    assert (balance(engine), documents(store)) == (
        110,
        [("stamps", "ada", '{"count":1}')],
    )
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
    engine = with_both(make_engine(store, plugins=earning.plugins()))

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
    engine = with_both(make_engine(store, plugins=shop.plugins()))
    called(engine, call("Bid", member_id="ada", board="b", points=10))
    hold_id = json.loads(documents(store)[0][2])["hold_id"]
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
    engine = with_both(make_engine(store, plugins=shop.plugins()))
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
    engine = with_both(make_engine(store, plugins=shop.plugins()))
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
