"""Plugins that never come to an end: they are ended, and nobody else notices."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from points.domain.plugin_calls import PluginCall
from points.domain.refusals import Internal, PluginUnavailable
from points.engine.engine import Engine
from points.engine.plugins.breaker import FAILURES_MAX
from points.engine.plugins.guarding import Guard
from points.engine.plugins.job_runner import run_due_jobs
from points.engine.plugins.plugins import Plugins
from points.engine.plugins.timing import OutOfTime, Stopwatch, Watchdog
from points.plugin import Award, Context, OnFailure, Reaction, Run, Transform
from points.store.opening import Store
from tests.domain.build import create_member, earn
from tests.engine.build import (
    balance,
    carry_out,
    differences,
    only_answer,
    result,
    submit,
)
from tests.engine.shop import STAMPS, Message, Shop, Stamps, call
from tests.engine.test_plugin_chaos import MakeEngine, history, records
from tests.store.build import rows


# Where the collector of garbage runs just then, it keeps what is raised, and says so;
# a tenth of a second later it is raised again.
pytestmark = pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)

BOUND = 0.1
"""Seconds that a function may take here; it is noticed a tenth later."""

ANSWERED = 3.0
"""Seconds in which everybody else is answered."""


def loop(_context: Context, _about: Any) -> Any:
    """Goes round for ever."""
    while True:
        pass


def swallow(_context: Context, _about: Any) -> Any:
    """Keeps all that is foreseen, for ever."""
    while True:
        try:
            loop(_context, _about)
        except Exception:  # noqa: BLE001, S112 - that is what is wrong with it
            continue


def swallow_all(context: Context, about: Any) -> Any:
    """Keeps whatever is raised, twice, and then answers as if nothing were."""
    for _ in range(2):
        with suppress(BaseException):
            loop(context, about)
    return about if isinstance(about, Award) else Message()


def loop_at_last(context: Context, about: Any) -> Any:
    """Goes round for ever while it is being ended."""
    try:
        return loop(context, about)
    finally:
        loop(context, about)


def loop_over_documents(context: Context, _about: Any) -> Any:
    """Keeps the same document for ever."""
    while True:
        context.state.put(STAMPS, "ada", Stamps(1))


def loop_over_points(context: Context, _about: Any) -> Any:
    """Earns for ever, were it not for what has gone wrong."""
    while True:
        with suppress(Exception):
            context.ledger.earn(1, member_id="ada")


def loop_over_balances(context: Context, _about: Any) -> Any:
    """Looks at a balance for ever."""
    while True:
        context.ledger.balance(member_id="ada")


def oversleep(_context: Context, about: Any) -> Any:
    """Waits too long, and then answers as it should."""
    time.sleep(2 * BOUND)
    return about if isinstance(about, Award) else Message()


HANGING: Mapping[str, Callable[[Context, Any], Any]] = {
    each.__name__: each
    for each in (
        loop,
        swallow,
        swallow_all,
        loop_at_last,
        loop_over_documents,
        loop_over_points,
        loop_over_balances,
        oversleep,
    )
}


def bounded(shop: Shop) -> Plugins:
    """Returns the plugins of a shop, whose functions may take little time."""
    plugins = shop.plugins()
    plugins.guard = Guard(bound_seconds=BOUND)
    return plugins


def came_to(engine: Engine, command: Any) -> Any:
    """Returns what a command came to."""
    return result(only_answer(submit(engine, command)))


@pytest.mark.parametrize("hook", ["reactions", "transforms"])
@pytest.mark.parametrize("name", HANGING)
def test_the_core_comes_to_the_same_beside_hooks_that_hang(
    make_engine: MakeEngine, sqlite_store: Store, name: str, hook: str
) -> None:
    hang = HANGING[name]
    kinds = frozenset({"EARN"})

    def react(context: Context, about: Any) -> None:
        hang(context, about)

    hooks: dict[str, Any] = {
        "reactions": Reaction(name="r", kinds=kinds, handler=react),
        "transforms": Transform(name="t", handler=hang, on_failure=OnFailure.SKIP),
    }
    plugins = bounded(Shop(more={hook: (hooks[hook],)}))
    engine = make_engine(sqlite_store, plugins=plugins)

    began = time.monotonic()
    found = history(engine)
    taken = time.monotonic() - began

    assert [type(each).__name__ for each in found] == [
        "Member",
        "Transaction",
        "Transaction",
        "InsufficientPoints",
        "Transaction",
    ]
    assert [row[2:5] for row in records(sqlite_store)] == [
        ("ada", "r1", "CREATE_MEMBER"),
        ("ada", "e1", "EARN"),
        ("ada", "b1", "BURN"),
        ("ada", "b2", "BURN"),
        ("ada", "e2", "EARN"),
    ]
    assert balance(engine) == 77
    assert differences(sqlite_store) == []
    assert taken < ANSWERED


@pytest.mark.parametrize("name", HANGING)
def test_a_method_that_hangs_is_ended_and_changes_nothing(
    make_engine: MakeEngine, sqlite_store: Store, name: str
) -> None:
    engine = make_engine(sqlite_store, plugins=bounded(Shop({"Hang": HANGING[name]})))
    carry_out(engine, create_member(), create_member(member_id="bob", request_id="b"))

    began = time.monotonic()
    found = carry_out(
        engine,
        call("Hang"),
        earn(request_id="e", points=5),
        earn(request_id="e", member_id="bob", points=7),
        call("Stamp", request_id="s"),
    )
    taken = time.monotonic() - began

    kinds = [type(result(each)).__name__ for each in found]
    assert kinds == ["Internal", "Transaction", "Transaction", "PluginCall"]
    assert (balance(engine), balance(engine, "bob")) == (15, 7)
    assert len(rows(sqlite_store, "SELECT * FROM document")) == 1
    assert differences(sqlite_store) == []
    assert taken < ANSWERED


def test_a_hook_about_money_that_hangs_stops_what_it_is_about(
    make_engine: MakeEngine, sqlite_store: Store
) -> None:
    kinds, abort = frozenset({"EARN"}), OnFailure.ABORT
    reaction = Reaction(name="r", kinds=kinds, handler=loop, on_failure=abort)
    plugins = bounded(Shop(more={"reactions": (reaction,)}))
    engine = make_engine(sqlite_store, plugins=plugins)
    carry_out(engine, create_member())

    assert isinstance(came_to(engine, earn(request_id="e1")), Internal)
    assert balance(engine) == 0
    assert differences(sqlite_store) == []


def test_a_job_that_hangs_waits_for_another_try(
    make_engine: MakeEngine, sqlite_store: Store
) -> None:
    def later(context: Context, _request: Message) -> Message:
        context.schedule("hang", context.now, owner="ada")
        return Message()

    def hang(context: Context, run: Run) -> None:
        context.ledger.earn(5, member_id=run.owner)
        loop(context, run)

    shop = Shop({"Later": later}, jobs={"hang": hang})
    engine = make_engine(sqlite_store, plugins=bounded(shop))
    carry_out(engine, create_member(), call("Later", request_id="l"))

    found: list[Any] = []
    run_due_jobs(engine, found.append, threading.Event())

    waiting = rows(sqlite_store, "SELECT body FROM document WHERE due_time IS NOT NULL")
    assert [type(result(each)) for each in found] == [PluginCall]
    assert len(waiting) == 1
    assert '"attempt":2' in waiting[0][0].replace(" ", "")
    assert balance(engine) == 0
    assert differences(sqlite_store) == []


def test_what_keeps_hanging_is_left_alone(
    make_engine: MakeEngine, sqlite_store: Store
) -> None:
    engine = make_engine(sqlite_store, plugins=bounded(Shop({"Hang": loop})))
    carry_out(engine, create_member())

    calls = [call("Hang", request_id=f"h{n}") for n in range(FAILURES_MAX + 1)]
    found = [type(came_to(engine, each)) for each in calls]

    assert found == [Internal] * FAILURES_MAX + [PluginUnavailable]


def test_what_a_plugin_says_that_it_reads_may_not_take_for_ever(
    make_engine: MakeEngine, sqlite_store: Store
) -> None:
    def reads(_request: Message) -> Any:
        while True:
            pass

    shop = Shop({"Hang": oversleep}, reads={"Hang": reads})
    engine = make_engine(sqlite_store, plugins=bounded(shop))

    with pytest.raises(Internal):
        engine.route(call("Hang"))


def test_the_time_of_another_plugin_is_its_own(
    make_engine: MakeEngine, sqlite_store: Store
) -> None:
    """One earns, of which another makes nothing for ever: the first goes on."""
    transform = Transform(name="t", handler=loop, on_failure=OnFailure.SKIP)
    other = Shop(name="other", more={"transforms": (transform,), "collections": ()})
    plugins = bounded(Shop())
    registry = plugins.registry
    plugins.registry = replace(registry, plugins=(*registry.plugins, other.plugin()))
    engine = make_engine(sqlite_store, plugins=plugins)
    carry_out(engine, create_member())

    assert isinstance(came_to(engine, call("Stamp", request_id="s")), PluginCall)
    assert balance(engine) == 10
    assert plugins.guard.breaker.has_failures


@pytest.fixture(scope="module")
def hasty() -> Stopwatch:
    """Is a stopwatch of this thread that is looked at all the time."""
    return Watchdog(poll_seconds=0.000_01).stopwatch()


def test_nothing_but_the_function_is_ever_ended(hasty: Stopwatch) -> None:
    """Functions that end just when their time does, thousands of times."""

    def spin(seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            pass

    ended = outside = 0
    for number in range(4_000):
        try:
            hasty.run(0.000_1, spin, 0.000_08 + number % 40 / 1_000_000)
        except OutOfTime:
            ended += 1
        try:
            spin(0.000_02)
        except OutOfTime:
            outside += 1

    assert outside == 0
    assert 0 < ended < 4_000


def test_what_is_shielded_is_done_whole_or_not_at_all(hasty: Stopwatch) -> None:
    journal: list[int] = []
    state: dict[int, int] = {}

    def change(key: int) -> None:
        journal.append(key)
        for _ in range(50):
            pass
        state[key] = key

    def work(start: int) -> None:
        key = start
        while True:
            key += 1
            with suppress(Exception):
                hasty.shielded(change, key)

    for number in range(500):
        with pytest.raises(OutOfTime):
            hasty.run(0.000_2, work, number * 1_000_000)

    assert journal == list(state)
    assert len(journal) > 500
