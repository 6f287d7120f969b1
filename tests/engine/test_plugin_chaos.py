"""A plugin that does everything wrong: the core goes on as if it were not there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from points.domain.plugin_calls import PluginCall
from points.domain.refusals import Internal, PluginUnavailable, Refusal
from points.engine.engine import Engine
from points.engine.plugins.breaker import FAILURES_MAX, OPEN_SECONDS, Breaker
from points.plugin import Context, OnFailure, Reaction, Recorded, Transform
from points.store.opening import Store
from tests.domain.build import burn, create_member, earn
from tests.engine.build import (
    balance,
    carry_out,
    differences,
    only_answer,
    result,
    submit,
)
from tests.engine.shop import STAMPS, Message, Shop, Stamps, call
from tests.store.build import rows


MakeEngine = Callable[..., Engine]

KEPT: list[Context] = []
"""Contexts that a careless plugin keeps for later."""


def fail(_context: Context, _about: Any) -> Any:
    """Raises what nobody foresees."""
    raise ZeroDivisionError


def leave(_context: Context, _about: Any) -> Any:
    """Ends the process, if it could."""
    raise SystemExit(1)


def recurse(context: Context, about: Any) -> Any:
    """Never comes to an end."""
    return recurse(context, about)


def answer_rubbish(_context: Context, _about: Any) -> Any:
    """Answers with what is no message and no award."""
    return object()


def flood_documents(context: Context, _about: Any) -> Any:
    """Keeps more documents than one call may."""
    for number in range(2_000):
        context.state.put(STAMPS, "ada", Stamps(number), str(number))


def flood_events(context: Context, _about: Any) -> Any:
    """Tells more than one call may."""
    for _ in range(2_000):
        context.emit("spam", {})


def flood_ledger(context: Context, _about: Any) -> Any:
    """Has the ledger do more than one call may."""
    for _ in range(2_000):
        context.ledger.earn(1, member_id="ada")


def write_too_much(context: Context, _about: Any) -> Any:
    """Keeps a document of another kind."""
    context.state.put(STAMPS, "ada", "no stamps")  # type: ignore[misc]


def earn_half_a_point(context: Context, _about: Any) -> Any:
    """Earns what is no number of points."""
    context.ledger.earn(0.5, member_id="ada")  # type: ignore[arg-type]


def use_another_ones_channel(context: Context, _about: Any) -> Any:
    """Earns in the core's channel."""
    context.ledger.earn(5, member_id="ada", channel="core")


def swallow_and_fail(context: Context, _about: Any) -> Any:
    """Does something, keeps what goes wrong, and fails all the same."""
    context.ledger.earn(5, member_id="ada")
    try:
        context.ledger.burn(10**9, member_id="ada")
    except Refusal:
        raise RuntimeError from None


WRONG: Mapping[str, Callable[[Context, Any], Any]] = {
    each.__name__: each
    for each in (
        fail,
        leave,
        recurse,
        answer_rubbish,
        flood_documents,
        flood_events,
        flood_ledger,
        write_too_much,
        earn_half_a_point,
        use_another_ones_channel,
        swallow_and_fail,
    )
}


def history(engine: Engine) -> list[Any]:
    """Returns what plain commands come to."""
    commands = [
        create_member(),
        earn(request_id="e1", points=100),
        burn(request_id="b1", points=30),
        burn(request_id="b2", points=500),
        earn(request_id="e2", points=7),
    ]
    return [result(only_answer(submit(engine, command))) for command in commands]


def records(store: Store) -> list[Any]:
    """Returns all records as they are stored, but for what chance has made."""
    query = "SELECT part, number, member_id, request_id, kind, body FROM record"
    return [tuple(row) for row in rows(store, f"{query} ORDER BY 1, 2")]


@pytest.mark.parametrize("name", WRONG)
def test_the_core_comes_to_the_same_beside_hooks_that_are_wrong(
    make_engine: MakeEngine, sqlite_store: Store, name: str
) -> None:
    wrong = WRONG[name]

    def react(context: Context, recorded: Recorded) -> None:
        if wrong(context, recorded) is not None:
            raise TypeError

    reaction = Reaction(name="r", kinds=frozenset({"EARN", "BURN"}), handler=react)
    transform = Transform(name="t", handler=wrong, on_failure=OnFailure.SKIP)
    more = {"reactions": (reaction,), "transforms": (transform,)}
    engine = make_engine(sqlite_store, plugins=Shop(more=more).plugins())

    found = history(engine)

    assert [type(each).__name__ for each in found] == [
        "Member",
        "Transaction",
        "Transaction",
        "InsufficientPoints",
        "Transaction",
    ]
    assert [row[1:5] for row in records(sqlite_store)] == [
        (1, "ada", "r1", "CREATE_MEMBER"),
        (2, "ada", "e1", "EARN"),
        (3, "ada", "b1", "BURN"),
        (4, "ada", "b2", "BURN"),
        (5, "ada", "e2", "EARN"),
    ]
    assert balance(engine) == 77
    assert differences(sqlite_store) == []


@pytest.mark.parametrize("name", WRONG)
def test_a_method_that_is_wrong_changes_nothing(
    make_engine: MakeEngine, sqlite_store: Store, name: str
) -> None:
    extra = {"Wrong": WRONG[name]}
    engine = make_engine(sqlite_store, plugins=Shop(extra=extra).plugins())
    carry_out(engine, create_member())

    found = carry_out(engine, call("Wrong"), earn(request_id="e", points=5))

    assert [type(result(each)).__name__ for each in found] == [
        "Internal",
        "Transaction",
    ]
    assert balance(engine) == 5
    assert rows(sqlite_store, "SELECT * FROM document") == []
    assert differences(sqlite_store) == []


def test_a_context_is_of_no_use_once_its_call_is_over(
    make_engine: MakeEngine, sqlite_store: Store
) -> None:
    def keep(context: Context, _request: Message) -> Message:
        KEPT.append(context)
        return Message()

    engine = make_engine(sqlite_store, plugins=Shop({"Keep": keep}).plugins())
    carry_out(engine, create_member(), call("Keep", request_id="k"))

    uses: list[Callable[[Context], object]] = [
        lambda c: c.ledger.earn(5),
        lambda c: c.state.get(STAMPS, "ada"),
        lambda c: c.schedule("late", 0, owner="b"),
    ]
    for use in uses:
        with pytest.raises(RuntimeError, match="is over"):
            use(KEPT[-1])


def test_what_keeps_failing_is_left_alone_for_a_while(
    make_engine: MakeEngine, sqlite_store: Store
) -> None:
    now = [0.0]
    plugins = Shop(extra={"Fail": fail}).plugins()
    plugins.breaker = Breaker(lambda: now[0])
    engine = make_engine(sqlite_store, plugins=plugins)
    carry_out(engine, create_member())

    def came_to(number: int) -> Any:
        return result(
            only_answer(submit(engine, call("Fail", request_id=f"f{number}")))
        )

    found = [came_to(number) for number in range(FAILURES_MAX + 1)]
    stamped = result(only_answer(submit(engine, call("Stamp", request_id="s"))))
    now[0] += OPEN_SECONDS
    later = [came_to(number) for number in (100, 101)]

    assert [type(each) for each in found] == [Internal] * 5 + [PluginUnavailable]
    assert isinstance(stamped, PluginCall)
    assert [type(each) for each in later] == [Internal, PluginUnavailable]
    assert plugins.breaker.opened() == [("shop", "shop.Service/Fail")]


def test_a_reaction_about_money_that_keeps_failing_stops_what_it_is_about(
    make_engine: MakeEngine, sqlite_store: Store
) -> None:
    reaction = Reaction(
        name="r",
        kinds=frozenset({"EARN"}),
        handler=fail,
        on_failure=OnFailure.ABORT,
    )
    plugins = Shop(more={"reactions": (reaction,)}).plugins()
    engine = make_engine(sqlite_store, plugins=plugins)
    carry_out(engine, create_member())

    found = [
        result(only_answer(submit(engine, earn(request_id=f"e{number}"))))
        for number in range(FAILURES_MAX + 1)
    ]

    assert [type(each) for each in found] == [Internal] * 5 + [PluginUnavailable]
    assert balance(engine) == 0
