"""Reactions of plugins: what they do with what is recorded, and if they fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from points.domain.commands import RecordActivity
from points.domain.refusals import PluginRefused
from points.engine.engine import running_engine
from points.engine.jobs import Outcome
from points.plugin import Context, OnFailure, Reaction, Recorded, Refused
from points.program.bridge import to_program
from points.program.loading.documents import load_document
from points.store.opening import Store
from tests.clock import Clock
from tests.domain.build import burn, create_member, earn
from tests.engine.build import balance, carry_out, differences, only_answer, submit
from tests.engine.build_plugins import MakeEngine, came_to, documents, with_members
from tests.engine.shop import STAMPS, TOO_LOW, Shop, Stamps
from tests.store.build import rows, statements


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
