"""Many watchers, slow ones, several servers, restarts: nothing missed or seen twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from grpc import StatusCode

from points.client import PointsClient
from points.client.connection import Connection
from points.domain.program import Program
from points.engine.feed import FeedLimits
from points.server.watchers import WatchLimits
from points.v1.change_pb2 import Change
from tests.server.conftest import ANYWHERE
from tests.server.failures import details_of, status_of
from tests.server.running import LoopThread, Served, served
from tests.server.watching import (
    HISTORY,
    Watch,
    Writers,
    connected,
    earn_each,
    fill,
    is_gapless,
    large_earns,
    places,
    watching,
)


Serve = Callable[..., Served]

WATCHERS = 200
NARROW = WatchLimits(buffer_limit=20, feed=FeedLimits(changes_read=10))


def test_watch_is_gapless_and_in_order_while_many_write(serve_reused: Serve) -> None:
    address = serve_reused().address
    fill(address)
    with (
        connected(address) as stubs,
        watching(stubs) as watch,
        Writers([address] * 4, rounds=20),
    ):
        changes = watch.until(HISTORY + 4 * 20 * 3)

    assert is_gapless(changes)
    assert len(set(places(changes))) == HISTORY + 240


def test_watches_that_begin_while_many_write_miss_nothing(serve_reused: Serve) -> None:
    address = serve_reused().address
    fill(address)
    count = HISTORY + 2 * 20 * 3
    with connected(address) as stubs, ExitStack() as stack:
        begun: list[Watch] = []
        with Writers([address] * 2, rounds=20):
            for _ in range(12):
                begun.append(stack.enter_context(watching(stubs)))
                time.sleep(0.01)
        seen = [watch.until(count) for watch in begun]

    assert [is_gapless(changes) for changes in seen] == [True] * 12
    assert {len(set(places(changes))) for changes in seen} == {count}


def test_two_hundred_watchers_get_everything(serve_reused: Serve) -> None:
    address = serve_reused().address
    fill(address)
    count = HISTORY + 5 * 3
    with connected(address) as stubs, ExitStack() as stack:
        begun = [stack.enter_context(watching(stubs)) for _ in range(WATCHERS)]
        with ThreadPoolExecutor(8) as threads:
            list(threads.map(Watch.checkpoint, begun))
            with Writers([address], rounds=5):
                pass
            seen = list(threads.map(lambda watch: watch.until(count), begun))

    assert all(is_gapless(changes) for changes in seen)
    assert {tuple(sorted(places(changes))) for changes in seen} == {
        tuple(sorted(places(seen[0])))
    }
    assert len(seen[0]) == count


def flood(address: str, batches: int) -> int:
    """Earns so much that no buffer on the way holds it; returns how many changes."""
    with PointsClient(address, timeout_seconds=60) as client:
        for _ in range(batches):
            client.ledger.BatchWrite(large_earns(100))
    return batches * 100


def test_a_watcher_that_does_not_read_is_cut_off_and_goes_on_with_its_token(
    serve_reused: Serve,
) -> None:
    address = serve_reused(watch_limits=NARROW).address
    fill(address)
    with connected(address, **{"grpc.http2.bdp_probe": 0}) as stubs:
        with watching(stubs, from_now=True) as watch:
            checkpoint = watch.checkpoint()
            count = flood(address, 3)
            info = ended_with(watch)
        before = list(watch.changes)
        with watching(stubs, resume_token=info.metadata["resume_token"]) as again:
            rest = again.until(count - len(before))

    assert info.reason == "WATCHER_TOO_SLOW"
    # It may be cut off before the first change has reached it.
    last = before[-1] if before else checkpoint
    assert info.metadata["resume_token"] == last.resume_token
    assert len(before) < count
    assert len(set(places([*before, *rest]))) == count


def test_a_watcher_that_does_not_read_holds_nobody_up(serve_reused: Serve) -> None:
    address = serve_reused(watch_limits=NARROW).address
    fill(address)
    with (
        connected(address) as stubs,
        watching(stubs, from_now=True) as idle,
        connected(address) as others,
        watching(others, from_now=True, member_ids=["bob"]) as watch,
    ):
        idle.checkpoint()
        watch.checkpoint()
        flood(address, 2)
        with PointsClient(address) as client:
            client.earn("bob", 1, reason="small")
        (change,) = watch.until(1)

    assert change.outcome.transaction.reason == "small"


def ended_with(watch: Watch, code: StatusCode = StatusCode.ABORTED) -> Any:
    """Returns why a watch ended."""
    error = watch.end()
    assert isinstance(error, grpc.Call)
    assert error.code() is code
    (info,) = details_of(status_of(error), ErrorInfo())
    return info


def test_a_watch_beyond_the_limit_is_refused_until_another_ends(
    serve_reused: Serve,
) -> None:
    address = serve_reused(watch_limits=replace(NARROW, watcher_limit=1)).address
    fill(address)
    with connected(address) as stubs:
        with watching(stubs) as first:
            first.checkpoint()
            error = Watch(stubs).end()
        assert eventually_tells(stubs)

    status = status_of(error)
    (info,) = details_of(status, ErrorInfo())
    assert (info.reason, dict(info.metadata)) == (
        "WATCHERS_FULL",
        {"watcher_limit": "1"},
    )
    assert details_of(status, RetryInfo())


def eventually_tells(stubs: Connection) -> bool:
    """Watches again and again until the server has room."""
    for _ in range(200):
        with watching(stubs) as watch, suppress(grpc.RpcError):
            return watch.message().HasField("change")
        time.sleep(0.02)
    return False


@pytest.mark.parametrize("drain_seconds", [0.0, 0.5])
def test_a_server_that_stops_ends_its_watches_at_once(
    serve_reused: Serve, drain_seconds: float
) -> None:
    server = serve_reused(drain_seconds=drain_seconds, grace_seconds=30)
    fill(server.address)
    with connected(server.address) as stubs, watching(stubs) as watch:
        watch.checkpoint()
        started = time.monotonic()
        server.stop()
        stopped = time.monotonic() - started
        info = ended_with(watch, StatusCode.UNAVAILABLE)

    assert info.reason == "SERVER_STOPPING"
    assert stopped < drain_seconds + 5


def test_a_watch_goes_on_after_a_restart(serve: Serve) -> None:
    first = serve()
    fill(first.address)
    with connected(first.address) as stubs, watching(stubs) as watch:
        before = list(watch.until(HISTORY - 4))
    first.stop()
    second = serve()
    with PointsClient(second.address) as client:
        earn_each(client, "after")
    with (
        connected(second.address) as stubs,
        watching(stubs, resume_token=before[-1].resume_token) as watch,
    ):
        after = watch.until(7)

    assert is_gapless([*before, *after])
    assert len(set(places([*before, *after]))) == HISTORY + 3


@pytest.fixture
def pair(
    postgres_database: str, loop_thread: LoopThread, shared_program: Program
) -> Iterator[Sequence[Served]]:
    """Yields two servers on one PostgreSQL database, with some history."""
    with ExitStack() as stack:
        servers = [
            stack.enter_context(
                served(loop_thread, postgres_database, shared_program, ANYWHERE)
            )
            for _ in range(2)
        ]
        fill(servers[0].address)
        yield servers


def test_watchers_of_two_servers_see_what_both_commit(pair: Sequence[Served]) -> None:
    count = HISTORY + 2 * 10 * 3
    with ExitStack() as stack:
        watches = [
            stack.enter_context(
                watching(stack.enter_context(connected(server.address)))
            )
            for server in pair
        ]
        with Writers([server.address for server in pair], rounds=10):
            seen = [list(watch.until(count)) for watch in watches]

    assert [is_gapless(changes) for changes in seen] == [True, True]
    assert sorted(places(seen[0])) == sorted(places(seen[1]))


def test_a_watch_goes_from_server_to_server_with_its_token(
    pair: Sequence[Served],
) -> None:
    count = HISTORY + 2 * 10 * 3
    changes: list[Change] = []
    token = ""
    with (
        ExitStack() as stack,
        Writers([server.address for server in pair], rounds=10),
    ):
        stubs = [stack.enter_context(connected(server.address)) for server in pair]
        while len(changes) < count:
            for server in stubs:
                with watching(server, resume_token=token) as watch:
                    changes.extend(watch.until(min(5, count - len(changes))))
                    token = watch.token or token

    assert is_gapless(changes)
    assert len(set(places(changes))) == count


def test_a_watch_leaves_one_line_in_the_log_with_its_messages(
    serve_reused: Serve, capsys: pytest.CaptureFixture[str]
) -> None:
    server = serve_reused()
    fill(server.address)
    with connected(server.address) as stubs, watching(stubs) as watch:
        watch.checkpoint()
    server.stop()

    lines = [line for line in capsys.readouterr().out.splitlines() if "Watch" in line]
    assert len(lines) == 1
    assert f"messages={HISTORY + 1}" in lines[0]
