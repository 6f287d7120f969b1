"""A plugin that holds the writer up: it is named, and health says so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from points.engine.plugins.breaker import Breaker
from points.server import liveness
from points.server.liveness import Hang, HangLimit, watched
from points.server.serving import ServingOptions
from points.testing.served import Served, running_served
from tests.plugin import greeter
from tests.plugin.greeter import GreetRequest


SERVING = health_pb2.HealthCheckResponse.SERVING
NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Served]:
    """Yields a server that is soon impatient."""
    options = ServingOptions(hang_seconds=0.2)
    url = f"sqlite:///{tmp_path}/points.db"
    with running_served(url, greeter.host(), options) as served:
        yield served


def becomes(served: Served, state: int, service: str = "") -> bool:
    """Says whether the health of a service becomes this within a while."""
    stub = health_pb2_grpc.HealthStub(served.channel)
    request = health_pb2.HealthCheckRequest(service=service)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if stub.Check(request, timeout=20).status == state:
            return True
        time.sleep(0.02)
    return False


def test_a_function_that_hangs_is_named_and_health_says_so_until_it_ends(
    running: Served, capsys: pytest.CaptureFixture[str]
) -> None:
    running.client.create_member("ada")
    greeter.AWAKE.clear()
    multi = running.channel.unary_unary(
        f"/{greeter.SERVICE}/Greet",
        request_serializer=GreetRequest.SerializeToString,
        response_deserializer=greeter.Greetings.FromString,
    )
    request = GreetRequest(member_id="ada", request_id="once", how="sleep")
    answer = multi.future(request, timeout=60)

    assert becomes(running, NOT_SERVING)
    assert becomes(running, NOT_SERVING, "points.v1.LedgerService")
    greeter.AWAKE.set()

    assert answer.result().count == 1
    assert becomes(running, SERVING)
    shown = capsys.readouterr().out
    assert "plugin_hangs" in shown
    assert "plugin_goes_on" in shown
    assert f"{greeter.SERVICE}/Greet" in shown
    assert running.client.get_balances("ada", unit="points").balances[0].available == 3


@pytest.mark.parametrize("is_stopping", [True, False])
def test_what_hangs_on_the_way_to_the_writer_ends_the_server_too(
    *, is_stopping: bool
) -> None:
    breaker, found, ended = Breaker(), list[Hang](), threading.Event()

    def end(hang: Hang) -> None:
        found.append(hang)
        ended.set()

    limit = HangLimit(0.1, end)
    with watched(breaker, hang_seconds=0.05, limit=limit) as liveness:
        liveness.is_stopping = is_stopping
        with breaker.asking(("apple", "reads")):
            assert ended.wait(20)

    (hang,) = found
    assert (hang.plugin, hang.hook) == ("apple", "reads")
    assert hang.seconds >= 0.1
    assert hang.is_stopping is is_stopping


class Deaf:
    """Is a log that takes no lines."""

    def __getattr__(self, level: str) -> object:
        """Raises OSError."""
        raise OSError(28, level)


def test_a_log_that_takes_no_lines_hides_nothing_that_hangs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(liveness, "_log", Deaf())
    breaker, told, ended = Breaker(), list[bool](), threading.Event()
    limit = HangLimit(0.6, lambda _: ended.set())
    with watched(breaker, hang_seconds=0.05, limit=limit) as watching:
        watching.on_change = told.append
        with breaker.asking(("apple", "reads")):
            wait_until(lambda: told == [False])
        wait_until(lambda: told == [False, True])
        with breaker.asking(("apple", "reads")):
            assert ended.wait(20)

    assert told == [False, True, False]


def wait_until(is_so: Callable[[], bool]) -> None:
    """Waits a while for something to be so."""
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)
