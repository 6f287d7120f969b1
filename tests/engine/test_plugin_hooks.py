"""Channels, jobs, reactions and transforms of plugins, and what their failures do."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from points.domain.commands import RecordActivity, Reverse
from points.domain.plugin_calls import PluginCall
from points.domain.refusals import (
    BudgetExhausted,
    Internal,
    LimitExceeded,
    NotReversible,
    PluginRefused,
)
from points.domain.values import ReasonCode
from points.engine.engine import Engine, running_engine
from points.engine.jobs import Job, Outcome
from points.engine.plugins.breaker import Breaker
from points.engine.plugins.job_runner import run_due_jobs
from points.engine.sweeper import sweep
from points.plugin import (
    Cap,
    Channel,
    Context,
    Flow,
    OnFailure,
    Reaction,
    Recorded,
    Refused,
    Run,
    Window,
)
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from points.store.opening import Store
from tests.clock import DAY, NOON, SECOND, Clock
from tests.domain.build import burn, create_member, earn
from tests.engine.build import (
    balance,
    carry_out,
    differences,
    only_answer,
    result,
    submit,
)
from tests.engine.ledger import advance
from tests.engine.shop import STAMPS, TOO_LOW, Message, Shop, Stamps, call
from tests.store.build import rows, statements


MakeEngine = Callable[..., Engine]


def with_members(engine: Engine, *names: str) -> Engine:
    """Creates members with 100 points each."""
    for name in names or ("ada", "bob"):
        given = earn(member_id=name, request_id="r2", points=100)
        carry_out(engine, create_member(member_id=name), given)
    return engine


def came_to(engine: Engine, command: Any) -> Any:
    """Returns what a command came to."""
    return result(only_answer(submit(engine, command)))


def documents(store: Store, collection: str = "stamps") -> dict[str, Any]:
    """Returns the documents of a collection by their owners."""
    query = f"SELECT owner, body FROM document WHERE collection = '{collection}'"
    return {owner: json.loads(body) for owner, body in rows(store, query)}


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


def later(context: Context, request: Message) -> Message:
    """Has the job stamp a board later."""
    context.schedule("close", request.at, owner="b", body={"by": request.member_id})
    return Message()


def close(context: Context, run: Run) -> None:
    """Gives whoever has asked a point."""
    context.ledger.earn(1, member_id=run.body["by"])


def run_jobs(engine: Engine) -> list[Any]:
    """Runs what is due, and returns what the runs came to."""
    found: list[Any] = []
    run_due_jobs(engine, found.append, threading.Event())
    return found


def test_a_job_runs_once_it_is_due(make_engine: MakeEngine, store: Store) -> None:
    shop = Shop(extra={"Later": later}, jobs={"close": close})
    engine = with_members(make_engine(store, plugins=shop.plugins()))
    carry_out(engine, call("Later", at=NOON + SECOND))

    assert run_jobs(engine) == []
    advance(engine, SECOND)
    assert sweep(engine).run_jobs == 1
    assert run_jobs(engine) == []

    assert balance(engine) == 101
    assert documents(store, "job:close") == {}
    assert differences(store) == []


def test_a_job_that_was_called_off_does_not_run(
    make_engine: MakeEngine, store: Store
) -> None:
    def off(context: Context, _request: Message) -> Message:
        context.unschedule("close", owner="b")
        return Message()

    shop = Shop(extra={"Later": later, "Off": off}, jobs={"close": close})
    engine = with_members(make_engine(store, plugins=shop.plugins()))
    carry_out(engine, call("Later", at=NOON))

    carry_out(engine, call("Off", request_id="o"))

    assert run_jobs(engine) == []


def in_chunks(count: int) -> Shop:
    """Returns a shop with a job that runs so many times, each one at once."""

    def chunk(context: Context, run: Run) -> None:
        left = run.body["left"]
        context.ledger.earn(1, member_id="ada")
        if left > 1:
            body = {"left": left - 1}
            context.schedule("chunk", run.due_time, owner=run.owner, body=body)

    def begin(context: Context, _request: Message) -> Message:
        context.schedule("chunk", context.now, owner="b", body={"left": count})
        return Message()

    return Shop(extra={"Begin": begin}, jobs={"chunk": chunk})


def test_a_job_may_have_itself_run_again_at_once(
    make_engine: MakeEngine, store: Store
) -> None:
    engine = with_members(make_engine(store, plugins=in_chunks(5).plugins()))
    carry_out(engine, call("Begin"))

    assert len(run_jobs(engine)) == 5
    assert balance(engine) == 105


def test_a_run_of_a_job_waits_for_a_gap_that_callers_leave(
    make_engine: MakeEngine, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = with_members(make_engine(store, plugins=in_chunks(2).plugins()))
    carry_out(engine, call("Begin"))
    queued, submit_now = list[Job](), engine.writer.submit

    def note(jobs: Sequence[tuple[Job, object]]) -> None:
        queued.extend(each for each, _ in jobs)
        submit_now(jobs)

    monkeypatch.setattr(engine.writer, "submit", note)
    run_jobs(engine)

    assert [each.can_wait for each in queued] == [True, True]


def test_two_servers_run_a_job_once(
    make_engine: MakeEngine, postgresql_store: Store
) -> None:
    shop = Shop(extra={"Later": later}, jobs={"close": close})
    engines = [make_engine(postgresql_store, plugins=shop.plugins()) for _ in range(2)]
    with_members(engines[0])
    for number in range(10):
        body = call("Later", request_id=f"l{number}", at=NOON)
        carry_out(engines[0], body)
        threads = [threading.Thread(target=run_jobs, args=(e,)) for e in engines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert balance(engines[0]) == 110
    assert differences(postgresql_store) == []


class NeverOpen(Breaker):
    """Leaves nothing alone."""

    def is_open(self, hook: tuple[str, str], home: str) -> bool:
        """Says no."""
        del hook, home
        return False


def test_a_job_that_fails_is_tried_again_with_longer_pauses_and_given_up(
    make_engine: MakeEngine, store: Store
) -> None:
    def fail(context: Context, _run: Run) -> None:
        context.ledger.earn(1, member_id="ada")
        raise RuntimeError

    shop = Shop(extra={"Later": later}, jobs={"close": fail})
    engine = with_members(make_engine(store, plugins=shop.plugins()))
    engine.plugins.breaker = NeverOpen()
    carry_out(engine, call("Later", at=NOON))

    pauses = []
    while documents(store, "job:close"):
        run_jobs(engine)
        due = rows(
            store, "SELECT due_time FROM document WHERE collection = 'job:close'"
        )
        pauses += [each - engine.clock() for (each,) in due]
        advance(engine, pauses[-1])

    assert pauses == [SECOND << n for n in range(9)]
    assert documents(store, "failed:close")["b"]["attempt"] == 10
    assert balance(engine) == 100
    assert differences(store) == []


def reacting(
    handler: Callable[[Context, Recorded], None],
    on_failure: OnFailure = OnFailure.SKIP,
    kinds: frozenset[str] = frozenset({"EARN", "BURN"}),
) -> Shop:
    """Returns the shop with a reaction."""
    one = Reaction(name="count", kinds=kinds, handler=handler, on_failure=on_failure)
    return Shop(more={"reactions": (one,)})


WAITING = """
program: shop
units: {points: {kind: currency}}
rules:
  visit:
    activities: [visit]
    awards: [{unit: points, points: {fixed: 5}}]
    claim: {within: P2D}
"""


def test_a_reaction_may_take_back_what_waits_to_be_collected(
    store: Store, clock: Clock
) -> None:
    def refuse(context: Context, recorded: Recorded) -> None:
        context.ledger.reverse(recorded.transaction_id, reason="not today")

    plugins = reacting(refuse, kinds=frozenset({"ACTIVITY"})).plugins()
    program = to_program(load_document(WAITING))
    with running_engine(store, program, clock=clock, plugins=plugins) as engine:
        visit = RecordActivity(member_id="ada", request_id="v", activity_type="visit")
        carry_out(engine, create_member(), visit)

    assert rows(store, "SELECT state FROM claim") == [("REVERSED",)]
    assert differences(store) == []


def count(context: Context, recorded: Recorded) -> None:
    """Adds a stamp for every transaction."""
    before = context.state.get(STAMPS, recorded.member_id) or Stamps(0)
    context.state.put(STAMPS, recorded.member_id, Stamps(before.count + 1))


def test_a_reaction_is_recorded_with_what_it_reacts_to(
    make_engine: MakeEngine, store: Store
) -> None:
    seen: list[Recorded] = []

    def look(context: Context, recorded: Recorded) -> None:
        seen.append(recorded)
        count(context, recorded)

    engine = with_members(make_engine(store, plugins=reacting(look).plugins()), "ada")

    carry_out(engine, burn(request_id="b", points=30, reason="voucher"))

    assert documents(store) == {"ada": {"count": 2}}
    last = seen[-1]
    assert (last.kind, last.points, last.reason) == ("BURN", {"points": -30}, "voucher")
    query = "SELECT kind FROM record WHERE request_id LIKE 'system/reaction/%'"
    assert rows(store, query) == [("CALL",), ("CALL",)]
    assert differences(store) == []


def test_a_reaction_reads_what_it_needs_with_the_batch(
    make_engine: MakeEngine, store: Store
) -> None:
    engine = with_members(make_engine(store, plugins=reacting(count).plugins()), "ada")

    with statements(store.backend) as seen:
        carry_out(engine, *[earn(request_id=f"e{n}") for n in range(20)])

    assert sum("FROM head" in sql or "head.part" in sql for sql, _ in seen) == 1
    assert documents(store) == {"ada": {"count": 21}}


def test_a_reaction_that_wants_no_kind_costs_no_reading(
    make_engine: MakeEngine, store: Store
) -> None:
    asked: list[str] = []

    def wanted(_config: Any, kind: str) -> bool:
        asked.append(kind)
        return kind == "BURN"

    one = Reaction(
        name="count",
        kinds=frozenset({"EARN", "BURN"}),
        handler=count,
        wanted=wanted,
    )
    plugins = Shop(more={"reactions": (one,)}).plugins()
    engine = with_members(make_engine(store, plugins=plugins), "ada")

    with statements(store.backend) as seen:
        carry_out(engine, earn(request_id="e"))
    carry_out(engine, burn(request_id="b"))

    assert not any("FROM document" in sql or "JOIN document" in sql for sql, _ in seen)
    assert documents(store) == {"ada": {"count": 1}}
    assert sorted(asked) == ["BURN", "EARN"]


def test_a_reaction_that_earns_is_not_reacted_to_by_its_own_plugin(
    make_engine: MakeEngine, store: Store
) -> None:
    def reward(context: Context, _recorded: Recorded) -> None:
        context.ledger.earn(1)

    engine = with_members(make_engine(store, plugins=reacting(reward).plugins()), "ada")

    assert balance(engine) == 101


def test_a_reaction_that_fails_is_passed_by_alone(
    make_engine: MakeEngine, store: Store
) -> None:
    def fail(context: Context, recorded: Recorded) -> None:
        count(context, recorded)
        context.ledger.earn(50)
        raise RuntimeError

    engine = with_members(make_engine(store, plugins=reacting(fail).plugins()), "ada")

    assert (balance(engine), documents(store)) == (100, {})
    assert differences(store) == []


def test_a_reaction_about_money_refuses_what_it_reacts_to(
    make_engine: MakeEngine, store: Store
) -> None:
    def forbid(_context: Context, recorded: Recorded) -> None:
        if recorded.kind == "BURN":
            raise Refused(TOO_LOW, points=1)

    shop = reacting(forbid, OnFailure.ABORT)
    engine = with_members(make_engine(store, plugins=shop.plugins()), "ada")

    found = came_to(engine, burn(request_id="b", points=30))

    assert isinstance(found, PluginRefused)
    assert balance(engine) == 100
    again = only_answer(submit(engine, burn(request_id="b", points=30)))
    assert isinstance(again, Outcome)
    assert again.replayed
    assert differences(store) == []
