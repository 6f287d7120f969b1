"""Members who become one, and what plugins keep of both."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from points.domain.commands import MergeMembers
from points.domain.plugin_calls import PluginCall
from points.domain.refusals import Internal
from points.domain.values import Transaction
from points.engine.plugins.work import MERGE_CHANGES_MAX
from points.plugin import Context, OnFailure, Reaction, Recorded
from points.store.opening import Store
from tests.engine.build import balance, differences
from tests.engine.build_plugins import MakeEngine, came_to, documents, with_members
from tests.engine.shop import STAMPS, Shop, Stamps, call


MERGE = MergeMembers(
    member_id="ada",
    request_id="m",
    into_member_id="bob",
    operator="ann",
    reason="two cards of one person",
)


def unite(context: Context, recorded: Recorded) -> None:
    """Gives the stamps of who was merged to who goes on."""
    taken = context.state.get(STAMPS, recorded.counterparty)
    mine = context.state.get(STAMPS, recorded.member_id) or Stamps(0)
    if taken is not None:
        context.state.put(STAMPS, recorded.member_id, Stamps(mine.count + taken.count))
        context.state.delete(STAMPS, recorded.counterparty)


def fail(_context: Context, _recorded: Recorded) -> None:
    """Cannot do it."""
    raise RuntimeError


def merging(handler: Callable[[Context, Recorded], None]) -> Shop:
    """Returns the shop with something that it does about merges."""
    one = Reaction(
        name="merge",
        kinds=frozenset({"MERGE_IN"}),
        handler=handler,
        on_failure=OnFailure.ABORT,
    )
    return Shop(more={"reactions": (one,)})


@pytest.mark.parametrize("has_own", [True, False])
def test_documents_go_along_in_the_merge_itself(
    make_engine: MakeEngine, store: Store, *, has_own: bool
) -> None:
    engine = with_members(make_engine(store, plugins=merging(unite).plugins()))
    came_to(engine, call("Stamp", "ada", "s1"))
    if has_own:
        came_to(engine, call("Stamp", "bob", "s2"))

    assert isinstance(came_to(engine, MERGE), Transaction)

    found = {owner: body for owner, body in documents(store).items() if body}
    assert found == {"bob": {"count": 2 if has_own else 1}}
    assert balance(engine, "bob") == 200 + (20 if has_own else 10)
    assert differences(store) == []
    after = came_to(engine, call("Stamp", "bob", "s3"))
    assert isinstance(after, PluginCall)


def test_a_merge_that_a_plugin_cannot_follow_is_refused_as_a_whole(
    make_engine: MakeEngine, store: Store
) -> None:
    engine = with_members(make_engine(store, plugins=merging(fail).plugins()))
    came_to(engine, call("Stamp", "ada", "s1"))
    before = documents(store)

    assert isinstance(came_to(engine, MERGE), Internal)

    assert documents(store) == before
    assert (balance(engine), balance(engine, "bob")) == (110, 100)


def test_without_a_reaction_documents_stay_where_they_are(
    make_engine: MakeEngine, store: Store
) -> None:
    engine = with_members(make_engine(store, plugins=Shop().plugins()))
    came_to(engine, call("Stamp", "ada", "s1"))

    assert isinstance(came_to(engine, MERGE), Transaction)

    assert documents(store) == {"ada": {"count": 1}}


@pytest.mark.parametrize(
    ("count", "kind"),
    [(MERGE_CHANGES_MAX, Transaction), (MERGE_CHANGES_MAX + 1, Internal)],
)
def test_a_reaction_to_a_merge_may_change_more_than_a_call(
    make_engine: MakeEngine, store: Store, count: int, kind: type[object]
) -> None:
    def keep(context: Context, recorded: Recorded) -> None:
        """Keeps many documents."""
        for number in range(count):
            context.state.put(STAMPS, recorded.member_id, Stamps(1), f"{number}")

    engine = with_members(make_engine(store, plugins=merging(keep).plugins()))

    assert isinstance(came_to(engine, MERGE), kind)
    assert len(documents(store)) == (kind is Transaction)
    assert differences(store) == []
