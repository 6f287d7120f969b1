"""What plugins may do wrong, in each of their hooks, and what the host does then."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from structlog.testing import capture_logs

from points.domain.refusals import Refusal
from points.engine.engine import Engine
from points.engine.plugins.job_runner import run_due_jobs
from points.engine.plugins.queries import answer_query
from points.engine.plugins.subscribing import tell
from points.plugin import (
    Collection,
    Context,
    OnFailure,
    Owner,
    Reaction,
    Recorded,
    Subscriber,
    Transform,
)
from points.store.opening import Store
from tests.clock import NOON
from tests.domain.build import burn, create_member, earn
from tests.engine.build import balance, differences, only_answer, result, submit
from tests.engine.shop import STAMPS, Message, Shop, Stamps, call
from tests.store.build import rows


Wrong = Callable[[Any, Any], Any]

HOSTS: Final = Collection(name="plugin_state", type=Stamps, owner=Owner.OBJECT)
"""Looks like what the host keeps of plugins that are switched off."""


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


def write_what_the_host_keeps(context: Context, _about: Any) -> Any:
    """Keeps a document among those of the host."""
    context.state.put(HOSTS, "shop", Stamps(1))


def swallow_and_fail(context: Context, _about: Any) -> Any:
    """Does something, keeps what goes wrong, and fails all the same."""
    context.ledger.earn(5, member_id="ada")
    try:
        context.ledger.burn(10**9, member_id="ada")
    except Refusal:
        raise RuntimeError from None


def write_core_tables(path: str) -> Wrong:
    """Returns what writes to the core's tables behind the back of the context."""

    def write(_context: Context, _about: Any) -> Any:
        connection = sqlite3.connect(path, timeout=0)
        try:
            connection.execute("UPDATE account SET balance = 1000000")
            connection.commit()
        finally:
            connection.close()

    return write


ALONE: Final[Mapping[str, Wrong]] = {
    each.__name__: each for each in (fail, leave, recurse, answer_rubbish)
}
"""What a function can do that is given no context."""

WRONG: Final[Mapping[str, Wrong]] = {
    **ALONE,
    **{
        each.__name__: each
        for each in (
            flood_documents,
            flood_events,
            flood_ledger,
            write_too_much,
            earn_half_a_point,
            use_another_ones_channel,
            write_what_the_host_keeps,
            swallow_and_fail,
        )
    },
}


class Told(NamedTuple):
    """Is what the host did with a hook that was wrong.

    `answer` is what became of the call, or of an earning that the hook is about;
    `failures` is how many calls the host has counted as failures; `log` has the names
    of what it has logged.
    """

    hook: str
    wrong: str
    answer: str
    failures: int
    log: str

    def line(self) -> str:
        """Returns the row of the report."""
        counted = str(self.failures)
        return f"{self.hook:<11}{self.wrong:<27}{self.answer:<15}{counted:<5}{self.log}"


HEADING: Final = f"{'hook':<11}{'what it does':<27}{'came to':<15}{'bad':<5}in the log"


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
    """Returns the records of plain commands as they are stored."""
    query = "SELECT member_id, request_id, kind, body FROM record"
    found = rows(store, f"{query} ORDER BY part, number")
    return [row for row in found if row[2] != "CALL"]


def core_of(engine: Engine, store: Store) -> Any:
    """Returns all that the core has come to: what it keeps, and what it shows."""
    return records(store), balance(engine), differences(store)


def wrongs_of(hook: str, path: str) -> Mapping[str, Wrong]:
    """Returns what a hook can do wrong, by name, with the database at a path.

    Who runs outside of the writer's transaction and opens the file could write there:
    that is for the audit to find, and not tried here.
    """
    if hook in CONTEXTLESS:
        return ALONE
    if hook not in WRITERS:
        return WRONG
    return {**WRONG, "write_core_tables": write_core_tables(path)}


def shop_of(hook: str, wrong: Wrong) -> Shop:
    """Returns a shop of which one hook is wrong."""
    return Shop(**_SHOPS[hook](wrong))


def provoked(engine: Engine, hook: str, name: str, wrong: Wrong) -> tuple[Told, Any]:
    """Returns what the host did, and what the core has come to beside it."""
    with capture_logs() as lines:
        if hook == "subscriber":
            # It is told of what comes from now on.
            tell(engine, "shop", _subscriber(wrong), "me")
        results = history(engine)
        try:
            answer = _PROVOKED.get(hook, _earned)(engine, wrong)
        except Refusal as refusal:
            answer = type(refusal).__name__
    log = " ".join(sorted({each["event"] for each in lines}))
    failures = sum(engine.plugins.breaker.tally.failures.values())
    return Told(hook, name, answer, failures, log), results


def _reaction(wrong: Wrong, on_failure: OnFailure = OnFailure.SKIP) -> Reaction:
    def react(context: Context, recorded: Recorded) -> None:
        if wrong(context, recorded) is not None:
            raise TypeError

    kinds = frozenset({"EARN", "BURN"})
    return Reaction(name="r", kinds=kinds, handler=react, on_failure=on_failure)


def _wanted(wrong: Wrong) -> Reaction:
    def wanted(config: Any, kind: str) -> bool:
        return bool(wrong(config, kind))

    kinds = frozenset({"EARN", "BURN"})
    return Reaction(name="r", kinds=kinds, handler=lambda *_: None, wanted=wanted)


def _schedule(context: Context, _request: Message) -> Message:
    context.schedule("work", NOON, owner="b")
    return Message()


def _subscriber(wrong: Wrong) -> Subscriber:
    return Subscriber(
        name="s", events=frozenset({"EARN"}), handler=lambda e: wrong(None, e)
    )


_SHOPS: Final[Mapping[str, Callable[[Wrong], dict[str, Any]]]] = {
    "method": lambda wrong: {"extra": {"Wrong": wrong}},
    "reads": lambda wrong: {"reads": {"Stamp": lambda about: wrong(None, about)}},
    "query": lambda wrong: {"extra": {"Wrong": wrong}},
    "job": lambda wrong: {"extra": {"Plan": _schedule}, "jobs": {"work": wrong}},
    "reaction": lambda wrong: {"more": {"reactions": (_reaction(wrong),)}},
    "wanted": lambda wrong: {"more": {"reactions": (_wanted(wrong),)}},
    "subscriber": lambda wrong: {"more": {"subscribers": (_subscriber(wrong),)}},
    "transform": lambda wrong: {
        "more": {
            "transforms": (
                Transform(name="t", handler=wrong, on_failure=OnFailure.SKIP),
            )
        }
    },
}

HOOKS: Final = tuple(_SHOPS)

CONTEXTLESS: Final = frozenset({"reads", "wanted", "subscriber"})
"""Hooks whose functions are given no context."""

WRITERS: Final = ("method", "job", "reaction", "transform")
"""Hooks that run inside the writer's transaction."""


def _called(engine: Engine, method: str) -> str:
    found = only_answer(submit(engine, call(method, request_id="wrong")))
    return type(result(found)).__name__


def _asked(engine: Engine, _wrong: Wrong) -> str:
    method = "shop.Service/Wrong"
    found = answer_query(engine, "shop", method, Message(), member_id="ada")
    return type(found).__name__


def _ran(engine: Engine, _wrong: Wrong) -> str:
    _called(engine, "Plan")
    found: list[Any] = []
    run_due_jobs(engine, found.append, threading.Event())
    return " ".join(type(result(each)).__name__ for each in found)


def _heard(engine: Engine, wrong: Wrong) -> str:
    tell(engine, "shop", _subscriber(wrong), "me")
    return _earned(engine, wrong)


def _earned(engine: Engine, _wrong: Wrong) -> str:
    """Returns what an earning comes to that was carried out beside the hook."""
    found = only_answer(submit(engine, earn(request_id="e2", points=7)))
    return type(result(found)).__name__


_PROVOKED: Final[Mapping[str, Callable[[Engine, Wrong], str]]] = {
    "method": lambda engine, _: _called(engine, "Wrong"),
    "reads": lambda engine, _: _called(engine, "Stamp"),
    "query": _asked,
    "job": _ran,
    "subscriber": _heard,
}
