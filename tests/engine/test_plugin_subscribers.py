"""Subscribers: told of what was committed, at least once, in the order of each part."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from points.engine.engine import Engine
from points.engine.plugins.background import Background
from points.engine.plugins.purging import given_up_of
from points.engine.plugins.subscribing import HELD_SECONDS, tell
from points.plugin import Context, Event, Subscriber
from points.store.opening import Store
from tests.clock import SECOND
from tests.domain.build import burn, create_member, earn
from tests.engine.build import carry_out, differences
from tests.engine.ledger import advance
from tests.engine.shop import Message, Shop, call
from tests.store.build import rows


MakeEngine = Callable[..., Engine]


def shout(context: Context, request: Message) -> Message:
    """Emits an event."""
    context.emit("shout", {"word": request.word})
    return Message()


class Ear:
    """Hears events, and fails as often as it is told to."""

    def __init__(self, *events: str, attempts: int = 3) -> None:
        self.heard: list[Event] = []
        self.failures = 0
        self.subscriber = Subscriber(
            name="ear",
            events=frozenset(events),
            handler=self.hear,
            attempts=attempts,
        )

    def hear(self, event: Event) -> None:
        """Hears an event."""
        if self.failures:
            self.failures -= 1
            raise ConnectionError("nobody is there")
        self.heard.append(event)

    def shop(self) -> Shop:
        """Returns the shop with this ear."""
        more = {"subscribers": (self.subscriber,)}
        return Shop(extra={"shout": shout}, more=more)

    def told(self, engine: Engine, holder: str = "me") -> list[str]:
        """Has the ear told, and returns what it has heard so far."""
        tell(engine, "shop", self.subscriber, holder)
        return [event.payload.get("word") or event.name for event in self.heard]


@pytest.fixture
def ear() -> Ear:
    """Returns an ear for burns and shouts."""
    return Ear("BURN", "shout")


@pytest.fixture
def shop(make_engine: MakeEngine, store: Store, ear: Ear) -> Engine:
    """Returns an engine with Ada, who has 100 points, and the ear at her shop."""
    engine = make_engine(store, plugins=ear.shop().plugins())
    carry_out(engine, create_member(), earn(request_id="r2", points=100))
    ear.told(engine)
    return engine


def letters(store: Store) -> list[Any]:
    """Returns the dead letters."""
    query = "SELECT body FROM document WHERE collection = 'dead:ear'"
    return [json.loads(body) for (body,) in rows(store, query)]


def test_a_new_subscriber_is_told_of_what_comes_from_then_on(
    shop: Engine, ear: Ear
) -> None:
    assert ear.heard == []

    carry_out(shop, burn(request_id="b", points=30), earn(request_id="e"))

    assert ear.told(shop) == ["BURN"]
    assert ear.told(shop) == ["BURN"]
    (event,) = ear.heard
    assert (event.member_id, event.plugin) == ("ada", "")
    assert event.payload["points.points"] == "-30"


def test_what_a_call_emits_is_told_in_order(shop: Engine, ear: Ear) -> None:
    for number, word in enumerate(("one", "two", "three")):
        carry_out(shop, call("shout", request_id=f"w{number}", word=word))

    assert ear.told(shop) == ["one", "two", "three"]
    assert len({event.event_id for event in ear.heard}) == 3


def test_what_was_refused_is_told_to_nobody(shop: Engine, ear: Ear) -> None:
    carry_out(shop, burn(request_id="b", points=500))

    assert ear.told(shop) == []


def test_an_event_that_fails_is_told_again_later_and_what_is_behind_it_waits(
    shop: Engine, ear: Ear
) -> None:
    ear.failures = 1
    carry_out(
        shop, call("shout", word="one"), call("shout", request_id="2", word="two")
    )

    assert ear.told(shop) == []
    assert ear.told(shop) == []
    advance(shop, SECOND)

    assert ear.told(shop) == ["one", "two"]
    assert letters(shop.store) == []


def test_an_event_that_keeps_failing_becomes_a_dead_letter(
    shop: Engine, ear: Ear
) -> None:
    ear.failures = 3
    carry_out(
        shop, call("shout", word="one"), call("shout", request_id="2", word="two")
    )

    for _ in range(3):
        ear.told(shop)
        advance(shop, 10 * SECOND)

    assert ear.told(shop) == ["two"]
    (letter,) = letters(shop.store)
    assert letter["event"]["payload"] == {"word": "one"}
    assert letter["why"] == "ConnectionError: nobody is there"
    assert given_up_of(shop, "shop") == {"subscriber/ear": 1}
    assert differences(shop.store) == []


def test_a_restart_goes_on_where_it_was(
    make_engine: MakeEngine, shop: Engine, ear: Ear, store: Store
) -> None:
    carry_out(shop, call("shout", word="one"))
    ear.told(shop)
    carry_out(shop, call("shout", request_id="2", word="two"))

    other = make_engine(store, plugins=ear.shop().plugins())

    assert ear.told(other) == ["one", "two"]


def test_another_server_tells_only_once_the_first_is_gone(
    shop: Engine, ear: Ear
) -> None:
    carry_out(shop, call("shout", word="one"))
    ear.told(shop, "me")
    carry_out(shop, call("shout", request_id="2", word="two"))

    assert ear.told(shop, "second") == ["one"]
    advance(shop, HELD_SECONDS * SECOND)

    assert ear.told(shop, "second") == ["one", "two"]


def test_the_threads_tell_by_themselves_though_another_subscriber_hangs(
    make_engine: MakeEngine, store: Store
) -> None:
    heard, go_on = threading.Event(), threading.Event()

    def hang(_event: Event) -> None:
        go_on.wait(30)

    def hear(_event: Event) -> None:
        heard.set()

    every = frozenset({"EARN"})
    subscribers = (
        Subscriber(name="hangs", events=every, handler=hang),
        Subscriber(name="hears", events=every, handler=hear),
    )
    plugins = Shop(more={"subscribers": subscribers}).plugins()
    engine = make_engine(store, plugins=plugins)
    for each in subscribers:
        tell(engine, "shop", each, "before")
    advance(engine, HELD_SECONDS * SECOND)
    background = Background(engine)
    background.start()
    try:
        carry_out(engine, create_member(), earn(request_id="e"))
        assert heard.wait(20)
    finally:
        go_on.set()
        background.stop()
