"""Queries of plugins: they read a snapshot and change nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from points.domain.refusals import Internal, PluginDeclined
from points.engine.engine import Engine
from points.engine.plugins.queries import answer_query
from points.plugin import Context, Refused
from points.store.opening import Store
from tests.domain.build import create_member, earn
from tests.engine.build import carry_out
from tests.engine.shop import NO_BOARD, STAMPS, Message, Shop, Stamps, call


def card(context: Context, _request: Message) -> Message:
    """Returns what there is to know of a member."""
    stamps = context.state.get(STAMPS, context.call.member_id)
    balance, member = context.ledger.balance(), context.member()
    return Message(
        count=stamps.count if stamps else 0,
        available=balance.available,
        state=member.state,
        zone=context.zone,
    )


def everybody(context: Context, request: Message) -> Message:
    """Returns a page of all stamps."""
    found = context.state.scan(STAMPS, after=request.after, limit=request.limit)
    return Message(found=[[owner, key, each.count] for owner, key, each in found])


def cheat(context: Context, _request: Message) -> Message:
    """Tries to earn."""
    context.ledger.earn(10)
    return Message()


def refuse(_context: Context, _request: Message) -> Message:
    """Says no."""
    raise Refused(NO_BOARD, board="b")


def fill(context: Context, request: Message) -> Message:
    """Gives a member as many stamp cards as are asked for."""
    for number in range(request.count):
        context.state.put(STAMPS, request.member_id, Stamps(number), f"{number}")
    return Message()


@pytest.fixture
def shop(make_engine: Callable[..., Engine], store: Store) -> Engine:
    """Returns an engine with the shop, and Ada, who has 100 points."""
    extra = {f.__name__: f for f in (card, everybody, cheat, refuse, fill)}
    engine = make_engine(store, plugins=Shop(extra=extra).plugins())
    given = earn(request_id="r2", points=100)
    carry_out(engine, create_member(), given)
    return engine


def ask(engine: Engine, name: str, **fields: object) -> Message:
    """Returns the answer to a query of Ada."""
    method, request = f"shop.Service/{name}", Message(**fields)
    found = answer_query(engine, "shop", method, request, member_id="ada")
    assert isinstance(found, Message)
    return found


def test_a_query_sees_what_was_committed(shop: Engine) -> None:
    shop.execute(call("Stamp"))

    found = ask(shop, "card")

    assert found.fields == {
        "count": 1,
        "available": 110,
        "state": "ACTIVE",
        "zone": "UTC",
    }


def test_a_scan_goes_through_whole_owners_in_their_order(shop: Engine) -> None:
    for name, count in (("bob", 2), ("ada", 3), ("cy", 1)):
        shop.execute(call("fill", name, count=count))

    first = ask(shop, "everybody", after="", limit=4).found
    rest = ask(shop, "everybody", after="ada", limit=4).found

    assert [owner for owner, _, _ in first] == ["ada"] * 3
    assert [owner for owner, _, _ in rest] == ["bob", "bob", "cy"]


def test_a_query_that_changes_something_fails(shop: Engine) -> None:
    with pytest.raises(Internal):
        ask(shop, "cheat")


def test_a_query_is_refused_by_reasons_of_its_own(shop: Engine) -> None:
    with pytest.raises(PluginDeclined) as caught:
        ask(shop, "refuse")

    assert caught.value.name == "NO_BOARD"
