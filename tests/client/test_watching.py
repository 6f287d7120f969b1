"""The client's watch: goes on by itself through restarts, until told to stop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from threading import Thread

import pytest

from points.client import PointsClient, Refused, Unavailable
from points.v1.change_pb2 import Change
from tests.serving import ServerProcess


StartServer = Callable[..., ServerProcess]


@pytest.fixture
def server(start_server: StartServer, sqlite_url: str) -> ServerProcess:
    """Returns a server process; what each database does is for tests of the server."""
    return start_server(sqlite_url)


@pytest.fixture
def real(server: ServerProcess) -> Iterator[PointsClient]:
    """Yields a client of a real server, where Alice has earned three times."""
    with PointsClient(server.address, timeout_seconds=20) as client:
        client.create_member("alice")
        for number in range(3):
            client.earn("alice", 1, reason="purchase", request_id=str(number))
        yield client


def request_ids(changes: list[Change]) -> list[str]:
    """Returns the request ids of changes."""
    return [change.outcome.request_id for change in changes]


def test_a_watch_yields_changes_in_order(real: PointsClient) -> None:
    changes = list(islice(real.watch(kinds=["EARN"]), 3))

    assert request_ids(changes) == ["0", "1", "2"]


def test_a_watch_goes_on_behind_a_token(real: PointsClient) -> None:
    (_, second, *_) = islice(real.watch(), 3)

    rest = list(islice(real.watch(resume_token=second.resume_token), 2))

    assert request_ids(rest) == ["1", "2"]


def test_pages_go_on_behind_their_token(real: PointsClient) -> None:
    first = real.list_changes(member_ids=["alice"], page_size=2)
    second = real.list_changes(resume_token=first.resume_token)

    assert (first.has_more, second.has_more) == (True, False)
    assert request_ids([*first.changes, *second.changes])[1:] == ["0", "1", "2"]


def test_checkpoints_are_told_beside_the_changes(real: PointsClient) -> None:
    tokens: list[str] = []
    changes = real.watch(member_ids=["alice"], on_checkpoint=tokens.append)
    behind = list(islice(changes, 4))[-1].resume_token
    writing = Thread(target=real.earn, args=("alice", 1), kwargs={"reason": "more"})

    writing.start()
    next(changes)
    writing.join()

    assert set(tokens) == {behind}


def test_a_refusal_ends_the_watch(real: PointsClient) -> None:
    with pytest.raises(Refused) as raised:
        next(real.watch(resume_token="garbage"))  # noqa: S106 - no secret

    assert raised.value.reason == "RESUME_TOKEN_INVALID"


def earn_when_back(client: PointsClient) -> None:
    """Earns once the channel has noticed that the server is back."""
    while True:
        with suppress(Unavailable):
            client.earn("alice", 1, reason="purchase", request_id="after")
            return
        time.sleep(0.1)


def test_a_watch_goes_on_by_itself_after_a_restart(
    start_server: StartServer, server: ServerProcess, sqlite_url: str
) -> None:
    with PointsClient(server.address, timeout_seconds=20) as client:
        client.create_member("alice", request_id="create")
        changes = client.watch()
        seen = [next(changes)]
        client.earn("alice", 1, reason="purchase", request_id="before")
        seen.append(next(changes))

        server.stop()
        start_server(sqlite_url, f"--address={server.address}")
        earn_when_back(client)
        seen.append(next(changes))

    assert request_ids(seen) == ["create", "before", "after"]
    assert [change.number for change in seen] == [1, 2, 3]


def test_a_watch_from_now_stays_there_through_a_restart(
    start_server: StartServer, server: ServerProcess, sqlite_url: str
) -> None:
    tokens: list[str] = []
    with PointsClient(server.address, timeout_seconds=20) as client:
        client.create_member("alice", request_id="create")
        changes = client.watch(from_now=True, on_checkpoint=tokens.append)
        found: list[Change] = []
        reading = Thread(target=lambda: found.append(next(changes)))
        reading.start()
        while not tokens:
            reading.join(0.01)

        server.kill()
        start_server(sqlite_url, f"--address={server.address}")
        earn_when_back(client)
        reading.join(30)

    assert request_ids(found) == ["after"]
