"""How a server process ends: asked to, or because its books are wrong."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest

from points.client import PointsClient, PointsError, earn_request
from points.store.opening import open_store
from points.v1.ledger_service_pb2 import EarnResponse
from tests.server.holding import execute, held_up
from tests.serving import ServerProcess


@dataclass(frozen=True, slots=True)
class Stopped:
    """Is a server that was asked to stop while a call was under way."""

    answer: EarnResponse
    status: int
    log: Path
    database_url: str


@pytest.fixture(scope="module", params=[signal.SIGINT, signal.SIGTERM])
def stopped(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Stopped:
    """Returns a server that got each signal, and what became of the call."""
    folder = tmp_path_factory.mktemp("stopped")
    url = f"sqlite:///{folder / 'points.db'}"
    server = ServerProcess.start(url, "--drain-seconds=0.2", folder=folder)
    with PointsClient(server.address) as client:
        client.create_member("alice")
        with held_up(url):
            earn = earn_request("alice", 10, reason="purchase", request_id="r")
            call = client.ledger.Earn.future(earn)
            client.get_member("alice")
            server.process.send_signal(request.param)
            with pytest.raises(grpc.FutureTimeoutError):
                call.result(timeout=0.5)
        answer = call.result(timeout=20)
    return Stopped(answer, server.process.wait(timeout=30), server.log, url)


def test_a_call_under_way_is_answered(stopped: Stopped) -> None:
    assert stopped.answer.transaction.balance_after == 10


def test_a_server_that_is_asked_to_stop_ends_with_0(stopped: Stopped) -> None:
    assert stopped.status == 0


def test_the_log_is_json_to_its_end(stopped: Stopped) -> None:
    lines = [json.loads(line) for line in stopped.log.read_text().splitlines()]

    assert {"rpc", "stopping"} <= {line["event"] for line in lines}


def test_the_file_is_free_once_its_server_has_gone(stopped: Stopped) -> None:
    with open_store(stopped.database_url) as store:
        assert store.part_count == 64


def test_a_server_whose_books_are_wrong_ends_with_2(
    start_server: Callable[..., ServerProcess], sqlite_url: str
) -> None:
    server = start_server(sqlite_url)
    with PointsClient(server.address) as client:
        client.create_member("alice")
        client.earn("alice", 10, reason="purchase")
        execute(sqlite_url, "UPDATE account SET balance = 0 WHERE floor = 0")
        with pytest.raises(PointsError) as raised:
            client.burn("alice", 10, reason="reward")

    assert raised.value.reason == "INTERNAL"
    assert server.process.wait(timeout=30) == 2
    assert "books_broken" in server.log.read_text()
