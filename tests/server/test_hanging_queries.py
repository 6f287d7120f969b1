"""Queries of a plugin that do not end: others are served, and the plugin is named."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from points.domain.refusals import PluginBusy
from points.engine.plugins.breaker import Breaker
from points.server.liveness import Hang, HangLimit, watched
from points.server.plugins.seats import Seats
from points.server.serving import ServingOptions
from points.server.threads import QUERIES_MAX, READ_THREADS
from points.testing.served import Served, running_served
from tests.plugin import greeter, sleeper
from tests.plugin.greeter import CountRequest, Greetings
from tests.server.failures import Failure, failure_of
from tests.server.test_liveness import wait_until


SERVING = health_pb2.HealthCheckResponse.SERVING
COUNT = f"{greeter.SERVICE}/Count"


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Served]:
    """Yields a server that is soon impatient, whose plugin may sleep."""
    options = ServingOptions(hang_seconds=0.2)
    url = f"sqlite:///{tmp_path}/points.db"
    greeter.AWAKE.clear()
    with running_served(url, greeter.host(), options) as served:
        try:
            yield served
        finally:
            greeter.AWAKE.set()


def count(served: Served) -> Any:
    """Returns what asks the plugin."""
    return served.channel.unary_unary(
        f"/{COUNT}",
        request_serializer=CountRequest.SerializeToString,
        response_deserializer=Greetings.FromString,
    )


def watch(served: Served, member_id: str) -> Any:
    """Returns a watch of what the plugin answers."""
    method = served.channel.unary_stream(
        f"/{greeter.SERVICE}/WatchCount",
        request_serializer=CountRequest.SerializeToString,
        response_deserializer=Greetings.FromString,
    )
    return method(CountRequest(member_id=member_id), timeout=60)


def test_queries_that_hang_leave_threads_to_others_and_are_named(
    running: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    running.client.create_member("ada")
    sleep = CountRequest(member_id="sleep")
    # This caller goes away: its thread does not.
    gone = refused(running, "sleep", timeout=0.2)
    assert gone.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    watching = watch(running, "sleep")
    breaker = running.engine.plugins.breaker
    wait_until(lambda: len(breaker.queries()) == QUERIES_MAX)
    more = [count(running).future(sleep, timeout=60) for _ in range(2 * READ_THREADS)]

    assert failure_of(count(running), sleep) == Failure(
        code=grpc.StatusCode.RESOURCE_EXHAUSTED,
        reason="PLUGIN_BUSY",
        metadata={"plugin": "greeter", "query_limit": "2"},
    )
    assert {each.code() for each in more} == {grpc.StatusCode.RESOURCE_EXHAUSTED}
    assert len(breaker.queries()) == QUERIES_MAX
    assert running.client.earn("ada", 7, reason="order").transaction
    assert running.client.get_balances("ada", unit="points").balances
    health = health_pb2_grpc.HealthStub(running.channel)
    assert health.Check(health_pb2.HealthCheckRequest()).status == SERVING

    greeter.AWAKE.set()
    assert next(watching).count == 0
    watching.cancel()
    assert count(running)(CountRequest(member_id="ada"), timeout=60).count == 0
    shown = capsys.readouterr().out
    assert shown.count("plugin_hangs") == QUERIES_MAX
    assert COUNT in shown


@pytest.fixture
def both(tmp_path: Path) -> Iterator[Served]:
    """Yields a server of two plugins whose queries may sleep."""
    greeter.AWAKE.clear()
    with running_served(f"sqlite:///{tmp_path}/points.db", sleeper.host()) as served:
        try:
            yield served
        finally:
            greeter.AWAKE.set()


def sleep_on(served: Served, count: int) -> list[Any]:
    """Has queries of the second plugin begin that do not end."""
    ask = served.channel.unary_unary(
        f"/{sleeper.SERVICE}/Sleep",
        request_serializer=CountRequest.SerializeToString,
        response_deserializer=Greetings.FromString,
    )
    return [ask.future(CountRequest(), timeout=60) for _ in range(count)]


def test_the_core_reads_on_though_all_queries_of_two_plugins_hang(both: Served) -> None:
    both.client.create_member("ada")
    both.client.earn("ada", 7, reason="order")
    sleep = CountRequest(member_id="sleep")
    asleep = sleep_on(both, 2 * READ_THREADS)
    breaker = both.engine.plugins.breaker
    wait_until(lambda: len(breaker.queries()) == QUERIES_MAX)
    more = [count(both).future(sleep, timeout=60) for _ in range(2 * READ_THREADS)]
    wait_until(lambda: len(breaker.queries()) == 2 * QUERIES_MAX)

    for _ in range(2 * READ_THREADS):
        (balance,) = both.client.get_balances("ada", unit="points").balances
        assert balance.available == 7
    assert failure_of(count(both), sleep) == Failure(
        code=grpc.StatusCode.RESOURCE_EXHAUSTED,
        reason="PLUGIN_BUSY",
        metadata={"plugin": "greeter", "query_limit": "2"},
    )

    greeter.AWAKE.set()
    found = [each.exception() for each in (*asleep, *more)]
    assert found.count(None) == 2 * QUERIES_MAX
    assert count(both)(CountRequest(member_id="ada"), timeout=60).count == 0


def refused(served: Served, member_id: str, timeout: float = 60) -> Any:
    """Returns how a query fails."""
    with pytest.raises(grpc.RpcError) as failed:
        count(served)(CountRequest(member_id=member_id), timeout=timeout)
    return failed.value


@pytest.mark.parametrize("member_id", ["leave", "interrupt"])
def test_a_query_that_would_end_the_process_is_a_failure_like_any_other(
    running: Served, member_id: str
) -> None:
    assert refused(running, member_id).code() is grpc.StatusCode.INTERNAL
    assert count(running)(CountRequest(member_id="ada"), timeout=60).count == 0


def test_a_query_that_goes_on_hanging_ends_the_server_but_not_its_health() -> None:
    breaker, told, ended = Breaker(), list[bool](), list[Hang]()
    over = threading.Event()

    def end(hang: Hang) -> None:
        ended.append(hang)
        over.set()

    with watched(breaker, hang_seconds=0.05, limit=HangLimit(0.1, end)) as liveness:
        liveness.on_change = told.append
        with breaker.answering(("apple", "Tell")):
            assert over.wait(20)

    assert [each[:2] for each in ended] == [("apple", "Tell")]
    assert told == []


def test_the_time_that_the_database_takes_is_not_a_querys_own() -> None:
    breaker = Breaker()
    with breaker.answering(("apple", "Tell")):
        for _ in range(3):
            with breaker.reading():
                time.sleep(0.1)
                (so_far,) = breaker.queries().values()
        time.sleep(0.05)
        (own,) = breaker.queries().values()

    assert own - so_far >= 0.05
    assert so_far < 0.1
    assert breaker.queries() == {}


def test_a_query_that_reads_now_and_then_is_named_once_and_ends_the_server(
    capsys: pytest.CaptureFixture[str],
) -> None:
    breaker, over = Breaker(), threading.Event()
    limit = HangLimit(0.3, lambda _: over.set())
    with (
        watched(breaker, hang_seconds=0.05, limit=limit),
        breaker.answering(("apple", "Tell")),
    ):
        while not over.is_set():
            with breaker.reading():
                time.sleep(0.02)
            time.sleep(0.02)

    assert capsys.readouterr().out.count("plugin_hangs") == 1


def test_a_query_that_only_waits_for_the_database_never_ends_the_server() -> None:
    breaker, ended = Breaker(), list[Hang]()
    with (
        watched(breaker, hang_seconds=0.05, limit=HangLimit(0.1, ended.append)),
        breaker.answering(("apple", "Tell")),
        breaker.reading(),
    ):
        time.sleep(1)

    assert ended == []


def test_a_line_that_moves_is_waited_in_however_long_it_is() -> None:
    async def ask(seats: Seats, threads: ThreadPoolExecutor, number: int) -> int:
        await seats.take("apple")
        return await seats.run("apple", threads, slowly, number)

    def slowly(number: int) -> int:
        time.sleep(0.05)
        return number

    async def run() -> list[int]:
        seats = Seats(limit=1, still_seconds=0.3)
        with ThreadPoolExecutor(4) as threads:
            asked = [ask(seats, threads, number) for number in range(12)]
            return await asyncio.gather(*asked)

    assert asyncio.run(run()) == list(range(12))


def test_whoever_leaves_the_line_takes_no_seat_along() -> None:
    async def run() -> None:
        seats = Seats(limit=1, still_seconds=0.05)
        held = threading.Event()
        with ThreadPoolExecutor(4) as threads:
            await seats.take("apple")
            holding = asyncio.ensure_future(seats.run("apple", threads, held.wait))
            await asyncio.sleep(0)
            gone = asyncio.ensure_future(seats.take("apple"))
            await asyncio.sleep(0)
            gone.cancel()
            with pytest.raises(PluginBusy):
                await seats.take("apple")
            held.set()
            await holding
            await seats.take("apple")
            with pytest.raises(PluginBusy):
                await seats.take("apple")

    asyncio.run(run())


def test_a_seat_is_passed_on_by_whoever_cannot_use_it() -> None:
    async def run() -> None:
        seats = Seats(limit=1, still_seconds=20)
        threads = ThreadPoolExecutor(1)
        await seats.take("apple")
        gone, next_one = (asyncio.ensure_future(seats.take("apple")) for _ in range(2))
        await asyncio.sleep(0)
        threads.shutdown()
        with pytest.raises(RuntimeError):  # The server is about to end.
            await seats.run("apple", threads, time.monotonic)
        gone.cancel()  # It has been given the seat, and has not come round to it.
        await asyncio.wait_for(next_one, 20)
        with pytest.raises(asyncio.CancelledError):
            await gone

    asyncio.run(run())


def test_a_seat_of_all_goes_to_the_first_whose_plugin_may_have_it() -> None:
    async def run() -> list[str]:
        seats, told = Seats(limit=1, limit_of_all=2, still_seconds=20), list[str]()
        ends = {name: threading.Event() for name in ("apple", "pear")}

        async def sit(plugin: str) -> None:
            await seats.take(plugin)
            told.append(plugin)

        with ThreadPoolExecutor(4) as threads:
            running = []
            for name, end in ends.items():
                await seats.take(name)
                running.append(seats.run(name, threads, end.wait))
            held = asyncio.gather(*running)
            line = [asyncio.ensure_future(sit(n)) for n in ("apple", "plum", "pear")]
            await asyncio.sleep(0)
            ends["pear"].set()
            await asyncio.wait_for(line[1], 20)
            assert told == ["plum"]
            ends["apple"].set()
            await asyncio.wait_for(line[0], 20)
            line[2].cancel()
            await held
        return told

    assert asyncio.run(run()) == ["plum", "apple"]


def test_who_waits_for_others_is_busy_once_they_stand_still() -> None:
    async def run() -> PluginBusy:
        seats = Seats(limit=1, limit_of_all=2, still_seconds=0.05)
        for plugin in ("apple", "pear"):
            await seats.take(plugin)
        with pytest.raises(PluginBusy) as refused:
            await seats.take("plum")
        return refused.value

    assert asyncio.run(run()) == PluginBusy("plum", 2)
