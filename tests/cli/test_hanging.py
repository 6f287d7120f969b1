"""A plugin that holds a real server up: the server begins anew without it."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from textwrap import dedent
from typing import Any

import grpc
import pytest

from points.cli import hanging
from points.client import PointsClient, PointsError
from points.server.liveness import Hang
from points.server.plugins.switches import Hung
from points.settings import load_settings
from points.store.opening import open_store_to_read
from points.store.proof.audit import audit
from points.v1 import plugin_service_pb2 as pb
from tests.plugin import greeter
from tests.plugin.build import install, manifest
from tests.serving import ServerProcess


HANGING = """
    import time
    from points.plugin import Reaction

    def hang(ctx, recorded):
        while recorded.reason == "loop":
            pass
        if recorded.reason == "sleep":
            time.sleep(600)

    @hookimpl
    def reactions():
        kinds = frozenset({"EARN"})
        return [Reaction(name="stuck", kinds=kinds, handler=hang)]
    """
PATIENCE_SECONDS = 60

Start = Callable[..., ServerProcess]


ASKING = """
    from tests.plugin import greeter

    @hookimpl
    def services():
        return greeter.GREETER.services

    @hookimpl
    def channels():
        return greeter.GREETER.channels

    @hookimpl
    def collections():
        return greeter.GREETER.collections
    """
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def port() -> int:
    """Returns a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        found: int = free.getsockname()[1]
        return found


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Start]:
    """Yields what starts a server with a plugin that hangs, and little patience."""
    started: list[ServerProcess] = []

    def start_one(
        url: str,
        *flags: str,
        log: Path | None = None,
        name: str = "glue",
        hooks: str = HANGING,
    ) -> ServerProcess:
        site = tmp_path / "site"
        site.mkdir()
        code = manifest(name) + dedent(hooks)
        install(site, name, code)
        server = ServerProcess.start(
            url,
            f"--address=127.0.0.1:{port}",
            "--plugin-hang-seconds=0.5",
            f"--plugins={name}",
            *flags,
            folder=tmp_path,
            environment={"PYTHONPATH": f"{site}{os.pathsep}{REPOSITORY}"},
            log=log,
        )
        started.append(server)
        return server

    yield start_one
    for server in started:
        server.kill()


def until_done(call: Callable[[], object]) -> None:
    """Repeats a call while the server cannot answer it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            call()
        except PointsError:
            assert time.monotonic() < deadline
            time.sleep(0.2)
        else:
            return


def glue(client: PointsClient, name: str = "glue") -> pb.Plugin:
    """Returns what the server tells of the plugin."""
    return next(each for each in client.list_plugins().plugins if each.name == name)


def test_a_server_that_a_plugin_holds_up_begins_anew_without_it(
    start: Start, tmp_path: Path
) -> None:
    server = start("sqlite:///points.db")
    with PointsClient(server.address, timeout_seconds=30) as client:
        client.create_member("ada")

        until_done(lambda: client.earn("ada", 7, reason="loop", request_id="once"))

        assert client.earn("ada", 7, reason="loop", request_id="once").replayed
        (balance,) = client.get_balances("ada", unit="points").balances
        assert balance.available == 7
        found = glue(client)
        assert found.state == pb.PLUGIN_STATE_DISABLED
        assert found.reason.startswith("switched off by points: hung for ")
        assert found.reason.endswith(" s in reaction/stuck")

        client.enable_plugin("glue", operator="ann", reason="mended")
        assert glue(client).state == pb.PLUGIN_STATE_ENABLED
        until_done(lambda: client.earn("ada", 7, reason="sleep", request_id="two"))
        assert glue(client).state == pb.PLUGIN_STATE_DISABLED

    assert server.process.poll() is None  # it is the same process still
    assert server.stop() == 0
    assert "plugin_ends_server" in server.log.read_text()
    assert "glue DISABLED (switched off by points: hung" in server.output.read_text()
    with open_store_to_read(f"sqlite:///{tmp_path}/points.db") as store:
        assert audit(store.backend).differences == []


def test_a_server_in_which_a_query_hangs_begins_anew_without_its_plugin(
    start: Start, tmp_path: Path
) -> None:
    server = start("sqlite:///points.db", name="greeter", hooks=ASKING)
    with PointsClient(server.address, timeout_seconds=30) as client:
        client.create_member("ada")

        with grpc.insecure_channel(server.address) as channel:
            count: Any = channel.unary_unary(
                f"/{greeter.SERVICE}/Count",
                request_serializer=greeter.CountRequest.SerializeToString,
            )
            with pytest.raises(grpc.RpcError):
                count(greeter.CountRequest(member_id="sleep"), timeout=60)

        until_done(lambda: client.earn("ada", 7, reason="order", request_id="once"))
        found = glue(client, "greeter")
        assert found.state == pb.PLUGIN_STATE_DISABLED
        assert found.reason.startswith("switched off by points: hung for ")
        assert found.reason.endswith(f" s in {greeter.SERVICE}/Count")

    assert server.process.poll() is None  # it is the same process still
    assert server.stop() == 0
    assert "plugin_ends_server" in server.log.read_text()
    with open_store_to_read(f"sqlite:///{tmp_path}/points.db") as store:
        assert audit(store.backend).differences == []


def test_a_worker_that_a_plugin_holds_up_is_replaced_by_one_without_it(
    start: Start, postgres_database: str
) -> None:
    server = start(postgres_database, "--migrate", "--workers=2")
    with PointsClient(server.address, timeout_seconds=30) as client:
        until_done(lambda: client.create_member("ada", request_id="ada"))
        until_done(lambda: client.earn("ada", 7, reason="loop", request_id="once"))

        assert client.earn("ada", 7, reason="loop", request_id="once").replayed
        assert glue(client).state == pb.PLUGIN_STATE_DISABLED
    assert server.stop() == 0


@pytest.fixture
def unread(tmp_path: Path) -> Iterator[Path]:
    """Yields a pipe that is full, and that nobody reads."""
    path = tmp_path / "unread"
    os.mkfifo(path)
    reading = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    writing = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    yield path
    os.close(writing)
    os.close(reading)


@pytest.mark.parametrize("kind", ["full disk", "pipe that nobody reads"])
def test_a_server_whose_log_takes_nothing_begins_anew_all_the_same(
    start: Start, unread: Path, kind: str
) -> None:
    log = Path("/dev/full") if kind == "full disk" else unread
    server = start("sqlite:///points.db", log=log)
    with PointsClient(server.address, timeout_seconds=30) as client:
        client.create_member("ada")

        until_done(lambda: client.earn("ada", 7, reason="loop", request_id="once"))

        assert glue(client).state == pb.PLUGIN_STATE_DISABLED
    assert server.process.poll() is None


class Left(BaseException):
    """Is raised where a process would end."""


@pytest.mark.parametrize("is_stopping", [True, False])
def test_a_process_that_cannot_leave_as_it_should_ends(
    monkeypatch: pytest.MonkeyPatch, *, is_stopping: bool
) -> None:
    left, statuses = list[Hung](), list[int]()

    def leave(hung: Hung) -> None:
        left.append(hung)
        raise BrokenPipeError

    def leave_process(status: int) -> None:
        statuses.append(status)
        raise Left

    monkeypatch.setattr(os, "_exit", leave_process)
    limit = hanging.limit_of(load_settings(), leave)
    assert limit is not None
    with pytest.raises(Left):
        limit.end(Hang("glue", "reaction/stuck", 30.0, is_stopping))

    assert statuses == [hanging.HUNG]
    assert len(left) == (not is_stopping)
