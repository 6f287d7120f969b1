"""Documents of an earlier version: taken along as they are read, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from points.domain.plugin_calls import PluginCall
from points.domain.refusals import Internal
from points.engine.engine import Engine
from points.plugin import Collection, Context
from points.store.opening import Store
from tests.engine.build import balance, differences
from tests.engine.build_plugins import MakeEngine, came_to, documents, with_members
from tests.engine.shop import Message, Shop, call


@dataclass(frozen=True)
class Card:
    """Is what stamps are from version 2 on."""

    count: int
    color: str


class Painted:
    """Is the shop with cards, whose upgrade fails for counts that it `dreads`."""

    def __init__(self, dreads: int = 0) -> None:
        self.dreads = dreads
        self.cards = Collection(
            name="stamps", type=Card, version=2, upgrades={1: self.upgrade}
        )

    def upgrade(self, tree: Any) -> Any:
        """Gives stamps a color."""
        if tree["count"] == self.dreads:
            raise KeyError("color")
        return {**tree, "color": "red"}

    def look(self, context: Context, request: Message) -> Message:
        """Earns a point, and counts a card up, the color as it was."""
        context.ledger.earn(1)
        card = context.state.get(self.cards, request.member_id)
        assert card is not None
        after = Card(card.count + 1, card.color)
        context.state.put(self.cards, request.member_id, after)
        return Message(count=after.count)

    def shop(self) -> Shop:
        """Returns the shop."""
        more = {"collections": (self.cards,)}
        return Shop(extra={"look": self.look}, more=more)


def stamped(make_engine: MakeEngine, store: Store) -> Engine:
    """Returns an engine in which Ada has one stamp, and Bob has two."""
    engine = with_members(make_engine(store, plugins=Shop().plugins()))
    came_to(engine, call("Stamp", "ada", "s1"))
    came_to(engine, call("Stamp", "bob", "s1"))
    came_to(engine, call("Stamp", "bob", "s2"))
    return engine


def test_a_document_is_upgraded_when_it_is_read_and_kept_when_it_is_written(
    make_engine: MakeEngine, store: Store
) -> None:
    stamped(make_engine, store)
    engine = make_engine(store, plugins=Painted().shop().plugins())

    assert isinstance(came_to(engine, call("look", "ada", "l1")), PluginCall)

    assert documents(store)["ada"] == {"count": 2, "color": "red"}
    assert documents(store)["bob"] == {"count": 2}
    assert differences(store) == []


def test_an_upgrade_that_fails_for_one_member_leaves_that_one_as_it_was(
    make_engine: MakeEngine, store: Store
) -> None:
    stamped(make_engine, store)
    painted = Painted(dreads=2)
    engine = make_engine(store, plugins=painted.shop().plugins())

    assert isinstance(came_to(engine, call("look", "bob", "l1")), Internal)
    assert isinstance(came_to(engine, call("look", "ada", "l1")), PluginCall)

    assert documents(store)["bob"] == {"count": 2}
    assert balance(engine, "bob") == 120
    painted.dreads = 0
    assert isinstance(came_to(engine, call("look", "bob", "l1")), PluginCall)
    assert documents(store)["bob"] == {"count": 3, "color": "red"}
    assert differences(store) == []
