"""`points serve --workers`: several processes behind one port."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from points.cli.workers import Target, Workers, kept_address
from points.client import PointsClient, Unavailable
from points.server.serving import CannotListen
from points.store.opening import open_store_to_read
from points.store.proof.audit import audit
from tests.cli import working
from tests.cli.conftest import Points
from tests.serving import ServerProcess


StartServer = Callable[..., ServerProcess]
CALLERS: Final = 8
PATIENCE_SECONDS: Final = 60


def children(pid: int) -> set[int]:
    """Returns the processes that a process has started and that live."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return {int(each) for each in text.split() if is_worker(int(each))}


def is_worker(pid: int) -> bool:
    """Says whether a process is a worker, and not what keeps track of them."""
    try:
        return b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def until(condition: Callable[[], bool]) -> None:
    """Waits for a condition; raises AssertionError if it does not come true."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def earn_through(address: str, member_id: str, stop: threading.Event) -> int:
    """Earns one point after the other until told to stop; returns how many."""
    count = 0
    while not stop.is_set():
        # A connection of its own, so that the kernel chooses a worker each time.
        with PointsClient(address, timeout_seconds=30) as client:
            for _ in range(10):
                earn_one(client, member_id)
                count += 1
    return count


def earn_one(client: PointsClient, member_id: str) -> None:
    """Earns one point, repeated with its request id for as long as it takes."""
    request_id = str(uuid.uuid4())
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with suppress(Unavailable):
            client.earn(member_id, 1, reason="work", request_id=request_id)
            return
    raise AssertionError(f"{request_id} was never answered")


def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost(
    start_server: StartServer, postgres_database: str
) -> None:
    server = start_server(postgres_database, "--migrate", "--workers=2")
    parent = server.process.pid
    names = [f"m{number}" for number in range(CALLERS)]
    with PointsClient(server.address) as client:
        for name in names:
            client.create_member(name)
    before, stop = children(parent), threading.Event()

    with ThreadPoolExecutor(CALLERS) as threads:
        earned = [
            threads.submit(earn_through, server.address, name, stop) for name in names
        ]
        time.sleep(0.5)
        victim = min(before)
        os.kill(victim, signal.SIGKILL)
        until(lambda: len(children(parent) - {victim}) == 2)
        stop.set()
        counts = [each.result(PATIENCE_SECONDS) for each in earned]
    with PointsClient(server.address) as client:
        found = [client.get_balances(name).balances[0].available for name in names]
    status = server.stop()

    assert len(before) == 2
    assert found == counts
    assert (status, [pid for pid in before if is_worker(pid)]) == (0, [])
    log = server.log.read_text()
    assert log.count('"worker_ended"') == 1
    assert '"stopping"' in log  # of one at least: the successor may just be starting
    with open_store_to_read(postgres_database) as store:
        assert audit(store.backend).differences == []


def test_workers_do_not_outlive_their_parent() -> None:
    command = [sys.executable, "-m", "tests.cli.working"]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert parent.stdout is not None
    with parent.stdout as said:
        said.readline()
    workers = children(parent.pid)

    parent.kill()
    parent.wait()

    assert len(workers) == 2
    until(lambda: not any(map(is_worker, workers)))


def test_a_file_has_one_server_process(points: Points) -> None:
    ended = points("serve", "--workers=2")

    assert (ended.status, ended.err) == (
        1,
        "Error: a SQLite file has one server process: --workers needs PostgreSQL\n",
    )


def run(
    target: Target, *arguments: object, on_ready: Callable[[], None] = lambda: None
) -> int:
    """Runs two workers and returns the status."""
    return Workers(target, 2, arguments).run(on_ready=on_ready, stop_seconds=5)


def stop() -> None:
    """Asks those who look after workers to stop."""
    os.kill(os.getpid(), signal.SIGTERM)


@pytest.fixture
def handlers() -> Iterator[None]:
    """Checks that signals are handled afterwards as they were before."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.usefixtures("handlers")
@pytest.mark.parametrize(("status", "expected"), [(1, 1), (2, 2), (0, 1)])
def test_a_start_that_fails_ends_all(status: int, expected: int) -> None:
    assert run(working.ends, status) == expected


@pytest.mark.usefixtures("handlers")
def test_wrong_books_of_one_end_all_with_2(tmp_path: Path) -> None:
    def greet() -> None:
        (tmp_path / working.GREETED).touch()

    assert run(working.serves_once, str(tmp_path), 2, on_ready=greet) == 2


@pytest.mark.usefixtures("handlers")
def test_workers_that_are_asked_to_stop_end_with_0() -> None:
    assert run(working.serves, on_ready=stop) == 0


@pytest.mark.usefixtures("handlers")
def test_one_that_ends_has_a_successor(tmp_path: Path) -> None:
    successors = [tmp_path / f"next{number}" for number in range(2)]

    def greet() -> None:
        (tmp_path / working.GREETED).touch()
        waiting.start()

    def stop_then() -> None:
        until(lambda: all(each.exists() for each in successors))
        stop()

    waiting = threading.Thread(target=stop_then)
    status = run(working.serves_once, str(tmp_path), 1, on_ready=greet)
    waiting.join()

    assert status == 0


def test_an_address_is_kept_for_workers_and_for_nobody_else() -> None:
    with kept_address("127.0.0.1:0") as address:
        port = int(address.rpartition(":")[2])

        assert port > 0


@pytest.mark.parametrize("address", ["256.0.0.1:0", "nowhere"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with (
        pytest.raises(CannotListen, match=f"cannot listen on {address}"),
        kept_address(address),
    ):
        pass
