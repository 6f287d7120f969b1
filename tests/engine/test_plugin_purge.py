"""What plugins keep goes: of an erased member, and of a plugin that was left behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from points.domain.commands import EraseMember, PurgePlugin
from points.domain.decisions.plugins import purged_count
from points.domain.documents import Document, object_home
from points.domain.identity import part_of
from points.domain.plugin_calls import PluginCall
from points.domain.refusals import MemberErased, NothingDue, PluginEnabled
from points.domain.values import Erasure
from points.engine.engine import Engine
from points.engine.plugins.plugins import Plugins
from points.engine.plugins.purging import PAGE, left_of
from points.plugin import Context, Owner
from points.plugin import Job as PluginJob
from points.plugin.registry import Plugin, Registry
from points.store.opening import Store, open_store
from points.store.transport import ExportFile, import_file, write_export
from points.store.writing.subscriptions import keep
from tests.clock import NOON
from tests.domain.build import create_member, earn
from tests.domain.test_merge import erase
from tests.engine.build import balance, carry_out, differences, result
from tests.engine.shop import BOARD, STAMPS, Bid, Message, Shop, Stamps, call
from tests.store.build import rows


MakeEngine = Callable[..., Engine]


def fill(context: Context, request: Message) -> Message:
    """Keeps as many documents of the member as are wanted, and a job that waits."""
    for number in range(request.fields["count"]):
        context.state.put(STAMPS, request.member_id, Stamps(number), key=f"{number}")
    context.schedule("settle", NOON + 1, owner=request.member_id)
    return Message()


def name_board(context: Context, request: Message) -> Message:
    """Keeps a board of a name."""
    context.state.put(BOARD, request.board, Bid(request.member_id, 1, ""))
    return Message()


def nothing(_context: Context, _run: Any) -> None:
    """Does nothing."""


def shop(name: str = "shop") -> Plugin:
    """Returns a shop that keeps as much as is wanted."""
    extra = {"Fill": fill, "Name": name_board}
    job = PluginJob(name="settle", handler=nothing, owner=Owner.MEMBER)
    return replace(Shop(extra=extra, name=name).plugin(), jobs=(job,))


@pytest.fixture
def engine(make_engine: MakeEngine, store: Store) -> Engine:
    """Returns an engine with the shop, and with members who have points and stamps."""
    running = make_engine(store, plugins=Plugins(Registry((shop(),))))
    for name in ("ada", "bob", "cleo"):
        earned = earn(member_id=name, request_id="r2", points=100)
        carry_out(running, create_member(member_id=name), earned)
        carry_out(running, call("Stamp", member_id=name))
        carry_out(running, call("Fill", member_id=name, request_id="f", count=3))
        carry_out(running, call("Name", member_id=name, request_id="n", board=name))
    return running


def kept(store: Store, where: str = "") -> list[tuple[Any, ...]]:
    """Returns plugin, collection, owner and key of all documents."""
    found = rows(store, f"SELECT plugin, collection, owner, key FROM document {where}")
    return sorted(tuple(row) for row in found)


def forget(request_id: str = "erase", **fields: Any) -> EraseMember:
    """Returns the erasure of Ada."""
    return erase(request_id=request_id, **fields)


def purge(engine: Engine, request_id: str = "p", **fields: str) -> PurgePlugin:
    """Returns the command that removes what the shop has now."""
    asked = {"operator": "ann", "reason": "gone", **fields}
    places = left_of(engine, "shop").places
    return PurgePlugin.of("shop", places, request_id=request_id, **asked)


def without_shop(engine: Engine) -> Engine:
    """Returns the engine with the shop switched off."""
    engine.plugins.registry = Registry()
    return engine


def purge_all(engine: Engine) -> list[int]:
    """Removes page after page, and returns how many documents each had."""
    counts: list[int] = []
    while left_of(engine, "shop").total:
        found = engine.execute(purge(engine, f"p{len(counts)}")).record.result
        assert isinstance(found, PluginCall)
        counts.append(purged_count(found))
    return counts


def test_a_purge_leaves_no_document_and_moves_no_point(engine: Engine) -> None:
    before = [balance(engine, name) for name in ("ada", "bob", "cleo")]
    had = len(kept(engine.store))

    assert purge_all(without_shop(engine)) == [had]
    assert kept(engine.store) == []
    assert [balance(engine, name) for name in ("ada", "bob", "cleo")] == before
    assert differences(engine.store) == []


def test_a_purge_goes_page_by_page(engine: Engine) -> None:
    carry_out(engine, call("Fill", request_id="many", count=PAGE + 100))
    had = len(kept(engine.store))

    assert purge_all(without_shop(engine)) == [PAGE, had - PAGE]
    assert differences(engine.store) == []


def test_what_other_plugins_keep_stays(make_engine: MakeEngine, store: Store) -> None:
    both = Plugins(Registry((shop(), shop("mall"))))
    engine = make_engine(store, plugins=both)
    carry_out(engine, create_member())
    mall = call("Fill", request_id="f", count=2)
    mall = replace(mall, plugin="mall", method="mall.Service/Fill")
    carry_out(engine, call("Fill", count=2))
    carry_out(engine, mall)

    purge_all(without_shop(engine))

    assert {plugin for plugin, *_ in kept(store)} == {"mall"}
    assert differences(store) == []


def test_a_purge_again_changes_nothing_and_is_answered_as_before(
    engine: Engine,
) -> None:
    first = engine.execute(purge(without_shop(engine)))
    heads = rows(engine.store, "SELECT * FROM head ORDER BY part")

    again = engine.execute(purge(engine))
    with pytest.raises(NothingDue):
        engine.execute(purge(engine, "another"))

    assert again.replayed
    assert again.record == first.record
    assert rows(engine.store, "SELECT * FROM head ORDER BY part") == heads


def test_an_enabled_plugin_is_not_purged(engine: Engine) -> None:
    had = kept(engine.store)

    with pytest.raises(PluginEnabled):
        engine.execute(purge(engine))

    assert kept(engine.store) == had


def test_a_purge_may_only_be_checked(engine: Engine) -> None:
    had = kept(engine.store)

    engine.execute(purge(without_shop(engine)), validate_only=True)

    assert kept(engine.store) == had


def test_how_far_subscribers_have_come_goes_with_a_purge(engine: Engine) -> None:
    cursor = Document(0, "shop", "cursor:mail", "mail", "", 1, "{}")
    keep(engine.store.backend, cursor.place(), lambda _found: [cursor])

    purge_all(without_shop(engine))

    assert kept(engine.store) == []
    assert differences(engine.store) == []


def test_a_ledger_moves_after_a_purge_and_an_erasure(
    engine: Engine, tmp_path: Path
) -> None:
    carry_out(engine, forget())
    carry_out(without_shop(engine), purge(engine))
    path = tmp_path / "ledger.jsonl"
    with path.open("wb") as file:
        write_export(engine.store, file)

    url = f"sqlite:///{tmp_path / 'other.db'}"
    with open_store(url, part_count=engine.store.part_count) as other:
        import_file(other, ExportFile(path))

        assert kept(other) == []
        assert differences(other) == []


def test_an_erased_member_leaves_no_document(engine: Engine) -> None:
    before = kept(engine.store)

    (answer,) = carry_out(engine, forget())

    assert isinstance(result(answer), Erasure)
    of_ada = [each for each in before if each[2] == "ada" and each[1] != "board"]
    assert {collection for _, collection, *_ in of_ada} == {"stamps", "job:settle"}
    assert kept(engine.store) == [each for each in before if each not in of_ada]
    assert differences(engine.store) == []


def test_what_a_plugin_that_is_gone_keeps_of_a_member_goes_as_well(
    engine: Engine,
) -> None:
    carry_out(without_shop(engine), forget())

    assert {owner for _, kind, owner, _ in kept(engine.store) if kind != "board"} == {
        "bob",
        "cleo",
    }
    assert differences(engine.store) == []


def test_what_was_kept_in_the_batch_of_the_erasure_goes_as_well(
    engine: Engine,
) -> None:
    late = call("Fill", request_id="late", count=9)

    carry_out(engine, late, forget())

    assert kept(engine.store, "WHERE owner = 'ada' AND collection <> 'board'") == []
    assert differences(engine.store) == []


def test_an_erasure_that_is_refused_or_checked_forgets_nothing(engine: Engine) -> None:
    had = kept(engine.store)

    carry_out(engine, forget(), validate_only=True)
    assert kept(engine.store) == had

    carry_out(engine, forget())
    again = result(carry_out(engine, forget("again"))[0])
    assert isinstance(again, MemberErased)
    assert differences(engine.store) == []


def test_an_object_of_the_members_own_name_stays(engine: Engine) -> None:
    count = engine.store.part_count
    name = next(
        name
        for name in map(str, range(100_000))
        if part_of(name, count) == part_of(object_home("shop", name), count)
    )
    carry_out(engine, create_member(member_id=name))
    carry_out(engine, call("Name", name, board=name), call("Stamp", name, "s"))

    carry_out(engine, forget(member_id=name))

    assert kept(engine.store, f"WHERE owner = '{name}'") == [
        ("shop", "board", name, "")
    ]
