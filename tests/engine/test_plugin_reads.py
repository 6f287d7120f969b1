"""What one call of a plugin may read: what was not foreseen has a bound."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import pytest

from points.domain.plugin_calls import PluginCall
from points.domain.refusals import Internal
from points.engine.demand import Demand
from points.engine.engine import Engine
from points.engine.gaps import GaveWay
from points.engine.jobs import Outcome, Routed
from points.engine.plugins.queries import QUERY_READS_MAX, answer_query
from points.engine.plugins.work import READS_MAX
from points.plugin import Context
from points.store.errors import CommitUnknown, StoreLost
from points.store.opening import Store
from points.store.writing.batch import Batch
from tests.domain.build import create_member, earn
from tests.engine.build import balance, carry_out, differences, only_answer, submit
from tests.engine.shop import STAMPS, Message, Shop, call, stamp_reads


MakeEngine = Callable[..., Engine]

WAYS: Final[Mapping[str, Callable[[Context, int], Any]]] = {
    "documents": lambda ctx, number: ctx.state.get(STAMPS, f"m{number}"),
    "lists": lambda ctx, number: ctx.state.list(STAMPS, f"m{number}"),
    "balances": lambda ctx, number: ctx.ledger.balance(member_id=f"m{number}"),
    "counters": lambda ctx, number: ctx.counters.used(f"c{number}"),
}


def wander(context: Context, request: Message) -> Message:
    """Earns a point, and reads as much as is asked for, each by itself."""
    if not request.is_query:
        context.ledger.earn(1)
    for number in range(request.count):
        WAYS[request.way](context, number)
    return Message(count=request.count)


def stubborn(context: Context, request: Message) -> Message:
    """Reads on whatever it is told."""
    for number in range(request.count):
        try:
            WAYS[request.way](context, number)
        except Exception:  # noqa: BLE001, S112 - it should not, and some will
            continue
    return Message()


@pytest.fixture
def shop(make_engine: MakeEngine, store: Store) -> Engine:
    """Returns an engine with the shop, and Ada."""
    extra = {f.__name__: f for f in (wander, stubborn, far)}
    reads = dict.fromkeys(extra, stamp_reads)
    engine = make_engine(store, plugins=Shop(extra=extra, reads=reads).plugins())
    carry_out(engine, create_member(), earn(request_id="r2", points=100))
    return engine


def came_to(engine: Engine, name: str, **fields: Any) -> Any:
    """Returns what a call came to: its result, or why there is none."""
    answer = only_answer(submit(engine, call(name, **fields)))
    return answer.record.result if isinstance(answer, Outcome) else answer


@pytest.mark.parametrize("way", WAYS)
def test_a_call_reads_as_much_that_was_not_foreseen_as_it_may_and_no_more(
    shop: Engine, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    enough = came_to(shop, "wander", way=way, count=READS_MAX)
    assert isinstance(enough, PluginCall)
    before = balance(shop)
    capsys.readouterr()

    found = came_to(shop, "wander", request_id="more", way=way, count=READS_MAX + 1)

    assert isinstance(found, Internal)
    shown = capsys.readouterr().out
    assert "plugin 'shop' reads more than 256 times" in shown
    assert "shop.Service/wander" in shown
    assert balance(shop) == before
    assert differences(shop.store) == []


def far(context: Context, request: Message) -> Message:
    """Looks at as many documents as is asked for, which are read together."""
    names = [f"m{number}" for number in range(request.count)]
    context.state.expect(STAMPS, [(name, "") for name in names])
    found = [context.state.get(STAMPS, name) for name in names]
    return Message(count=len(found))


def test_documents_that_are_expected_are_one_read_however_many(shop: Engine) -> None:
    assert isinstance(came_to(shop, "far", count=4 * READS_MAX), PluginCall)
    assert query(shop, "far", count=READS_MAX).count == READS_MAX


@pytest.mark.parametrize("way", WAYS)
def test_a_batch_that_is_begun_again_counts_its_reads_anew(
    shop: Engine, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    losses, write = iter(range(3)), Batch.write

    def lose(batch: Batch, changes: Any) -> None:
        if next(losses, None) is not None:
            raise StoreLost("away")
        write(batch, changes)

    monkeypatch.setattr(Batch, "write", lose)

    assert isinstance(came_to(shop, "wander", way=way, count=READS_MAX), PluginCall)


@pytest.mark.parametrize("error", [GaveWay, StoreLost, CommitUnknown])
@pytest.mark.parametrize("name", ["wander", "stubborn"])
def test_a_batch_that_ends_while_a_plugin_reads_is_no_failure_of_the_plugin(
    shop: Engine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    error: type[Exception],
) -> None:
    ends, read_now = iter(range(3)), Demand.read_now

    def read(demand: Demand, wanted: Routed) -> bool:
        if next(ends, None) is not None:
            raise error("away")
        return read_now(demand, wanted)

    monkeypatch.setattr(Demand, "read_now", read)
    waiting = submit(shop, call(name, way="balances", count=2), can_wait=True)

    found = only_answer(waiting)

    assert isinstance(found, Outcome)
    assert next(ends, None) is None
    assert "plugin_failed" not in capsys.readouterr().out
    assert differences(shop.store) == []


def test_who_does_not_listen_reads_no_more_than_others(shop: Engine) -> None:
    found = came_to(shop, "stubborn", way="balances", count=4 * READS_MAX)

    assert isinstance(found, PluginCall)
    assert differences(shop.store) == []


def query(engine: Engine, name: str = "wander", **fields: Any) -> Any:
    """Returns what a query of Ada answers."""
    request = Message(is_query=True, **fields)
    path = f"shop.Service/{name}"
    return answer_query(engine, "shop", path, request, member_id="ada")


@pytest.mark.parametrize("way", ["documents", "lists", "counters"])
def test_a_query_takes_as_many_statements_as_it_may_and_no_more(
    shop: Engine, way: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert query(shop, way=way, count=QUERY_READS_MAX).count == QUERY_READS_MAX

    with pytest.raises(Internal):
        query(shop, way=way, count=QUERY_READS_MAX + 1)

    shown = capsys.readouterr().out
    assert "plugin 'shop' reads more than 2000 times in a query" in shown
