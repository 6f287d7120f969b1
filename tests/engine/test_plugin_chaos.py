"""A plugin that does everything wrong: the core goes on as if it were not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from points.domain.plugin_calls import PluginCall
from points.domain.program import Program
from points.domain.refusals import Internal, PluginUnavailable
from points.engine.engine import Engine, running_engine
from points.engine.plugins.breaker import Breaker
from points.engine.plugins.failures import FAILURES_MAX, OPEN_SECONDS
from points.plugin import Context, OnFailure, Reaction, Recorded, Transform
from points.store.opening import Store
from tests.clock import Clock
from tests.domain.build import create_member, earn
from tests.engine.build import (
    balance,
    carry_out,
    differences,
    only_answer,
    result,
    submit,
)
from tests.engine.chaos import (
    HEADING,
    HOOKS,
    WRONG,
    Told,
    core_of,
    fail,
    history,
    provoked,
    shop_of,
    wrongs_of,
)
from tests.engine.shop import STAMPS, Message, Shop, call
from tests.store.build import rows
from tests.store.cleaning import emptied


MakeEngine = Callable[..., Engine]

KEPT: list[Context] = []
"""Contexts that a careless plugin keeps for later."""


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
    query = "SELECT number, member_id, request_id, kind FROM record"
    assert rows(sqlite_store, f"{query} ORDER BY part, number") == [
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


def test_what_fails_for_one_member_is_done_for_all_others(
    make_engine: MakeEngine, sqlite_store: Store
) -> None:
    def fails_for_ada(_context: Context, recorded: Recorded) -> None:
        if recorded.member_id == "ada":
            raise RuntimeError

    reaction = Reaction(
        name="r",
        kinds=frozenset({"EARN"}),
        handler=fails_for_ada,
        on_failure=OnFailure.ABORT,
    )
    engine = make_engine(
        sqlite_store, plugins=Shop(more={"reactions": (reaction,)}).plugins()
    )
    carry_out(engine, create_member(), create_member(member_id="bob"))

    found = [
        result(only_answer(submit(engine, earn(request_id=f"e{number}"))))
        for number in range(3 * FAILURES_MAX)
    ]
    carry_out(engine, earn(member_id="bob", request_id="e"))

    assert [type(each) for each in found] == [Internal] * 5 + [PluginUnavailable] * 10
    assert (balance(engine), balance(engine, "bob")) == (0, 100)


SAID: Final = {
    "method": ("Internal", "plugin_failed"),
    "reads": ("Internal", "plugin_failed"),
    "query": ("Internal", "plugin_failed"),
    "job": ("PluginCall", "job_failed"),
    "reaction": ("Transaction", "plugin_skipped"),
    "wanted": ("Transaction", "plugin_failed"),
    "subscriber": ("Transaction", "subscriber_failed"),
    "transform": ("Transaction", "plugin_skipped"),
}
"""What comes of a call, or of an earning beside the hook, and what the log says."""

TAKE_ANYTHING: Final = frozenset({"query", "job", "wanted", "subscriber"})
"""Hooks whose answer is of no matter here: the server checks that of a query."""


def report(store: Store, program: Program, clock: Clock) -> list[Told]:
    """Returns what the host did with each hook that was wrong in each way.

    Raises AssertionError if anything of the core differs from a ledger without it.
    """
    with running_engine(emptied(store), program, clock=clock) as engine:
        expected = history(engine), core_of(engine, store)
    found = []
    for hook in HOOKS:
        for name, wrong in wrongs_of(hook, store.place).items():
            plugins = shop_of(hook, wrong).plugins()
            running = running_engine(
                emptied(store), program, clock=clock, plugins=plugins
            )
            with running as engine:
                told, results = provoked(engine, hook, name, wrong)
                assert (results, core_of(engine, store)) == expected, told
            found.append(told)
    return found


def test_whatever_a_hook_does_the_core_is_as_without_it_and_the_host_says_so(
    sqlite_store: Store, program: Program, clock: Clock
) -> None:
    found = report(sqlite_store, program, clock)

    for told in found:
        came_to, logged = SAID[told.hook]
        lines = set(told.log.split()) - {"plugin_slow"}  # As the machine has it.
        if told.wrong == "answer_rubbish" and told.hook in TAKE_ANYTHING:
            assert lines == set(), told
            continue
        assert told.answer == came_to, told
        assert logged in lines, told
    assert {told.hook for told in found} == SAID.keys()
    print("", HEADING, *(each.line() for each in found), sep="\n")  # noqa: T201
