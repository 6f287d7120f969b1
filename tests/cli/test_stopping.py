"""How a server process ends: asked to, or because its books are wrong."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable

import grpc
import pytest

from points.client import PointsClient, PointsError, earn_request
from tests.server.holding import execute, held_up
from tests.serving import ServerProcess


StartServer = Callable[..., ServerProcess]


@pytest.fixture
def server(start_server: StartServer, sqlite_url: str) -> ServerProcess:
    """Returns a server process on a SQLite file."""
    return start_server(sqlite_url, "--drain-seconds=0.2", "--sinks=redemption,gift")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_a_server_that_is_asked_to_stop_answers_first_and_ends_with_0(
    server: ServerProcess, sqlite_url: str, number: signal.Signals
) -> None:
    with PointsClient(server.address) as client:
        client.create_member("alice")
        with held_up(sqlite_url):
            request = earn_request("alice", 10, reason="purchase", request_id="r")
            call = client.ledger.Earn.future(request)
            client.get_member("alice")
            server.process.send_signal(number)
            with pytest.raises(grpc.FutureTimeoutError):
                call.result(timeout=0.5)
        answer = call.result(timeout=20)

    assert answer.transaction.balance_after == 10
    assert server.process.wait(timeout=30) == 0


def test_a_server_whose_books_are_wrong_ends_with_2(
    server: ServerProcess, sqlite_url: str
) -> None:
    with PointsClient(server.address) as client:
        client.create_member("alice")
        client.earn("alice", 10, reason="purchase")
        execute(sqlite_url, "UPDATE account SET balance = 0 WHERE floor = 0")
        with pytest.raises(PointsError) as raised:
            client.burn("alice", 10, reason="reward")

    assert raised.value.reason == "INTERNAL"
    assert server.process.wait(timeout=30) == 2
    assert "books_broken" in server.log.read_text()


def test_the_log_of_a_server_that_stops_is_json_to_its_end(
    server: ServerProcess,
) -> None:
    server.stop()

    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["stopping"]


def test_a_file_is_free_once_its_server_has_gone(
    start_server: StartServer, server: ServerProcess, sqlite_url: str
) -> None:
    with PointsClient(server.address) as client:
        client.create_member("alice")
    server.stop()

    with PointsClient(start_server(sqlite_url).address) as client:
        assert client.get_member("alice").member
