"""Fixtures: one server per database for all tests here, and clients of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from shutil import copy
from typing import Any, Final

import grpc
import pytest

from points.client import PointsClient, new_request_id
from points.client.connection import Connection
from points.domain.program import Program, program_of
from points.server.serving import ServingOptions
from points.store.opening import Store
from points.v1.hold_pb2 import Hold
from tests.engine.climbing import program_with
from tests.postgresql.server import PostgresServer
from tests.server import build
from tests.server.running import LoopThread, Served, served, served_on
from tests.store.cleaning import migrated_file, migrated_once


ANYWHERE: Final = ServingOptions(address="127.0.0.1:0")


@pytest.fixture(scope="session")
def shared_program() -> Program:
    """Returns the program of the shared servers."""
    program = program_of(
        # Only one test counts in giants: it leaves no room for a second.
        currency_units=("points", "miles", "giants"),
        growth_units=("qualifying_points",),
        sinks=("redemption", "donation"),
    )
    return replace(program, ladders=program_with().ladders)


@pytest.fixture(scope="session")
def sqlite_server(
    loop_thread: LoopThread,
    shared_program: Program,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """Yields the shared server on a SQLite file."""
    path: Path = tmp_path_factory.mktemp("shared") / "points.db"
    url = f"sqlite:///{path}"
    with served(loop_thread, url, shared_program, ANYWHERE) as running:
        yield running


@pytest.fixture(scope="session")
def postgresql_server(
    loop_thread: LoopThread, shared_program: Program, postgres_server: PostgresServer
) -> Iterator[Served]:
    """Yields the shared server on a PostgreSQL database."""
    with (
        postgres_server.fresh_database() as url,
        served(loop_thread, url, shared_program, ANYWHERE) as running,
    ):
        yield running


# Not parametrized fixtures of the session: pytest would tear one down for the
# other whenever the random order of the tests goes from one to the other.
@pytest.fixture(params=["sqlite", "postgresql"])
def server(request: pytest.FixtureRequest) -> Served:
    """Returns the shared server on each database."""
    running: Served = request.getfixturevalue(f"{request.param}_server")
    return running


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns a migrated SQLite file to copy."""
    return migrated_file(tmp_path_factory.mktemp("migrated"))


@pytest.fixture(scope="session")
def migrated_postgresql(postgres_server: PostgresServer) -> Iterator[str]:
    """Yields the name of a migrated PostgreSQL database to copy."""
    with migrated_once(postgres_server) as name:
        yield name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yields the URL of a database of the test's own of each kind, migrated."""
    migrated = request.getfixturevalue(f"migrated_{request.param}")
    if request.param == "sqlite":
        copy(migrated, tmp_path / "points.db")
        yield f"sqlite:///{tmp_path / 'points.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.fresh_database(template=migrated) as url:
        yield url


@pytest.fixture
def serve_reused(
    store: Store, loop_thread: LoopThread, shared_program: Program
) -> Iterator[Callable[..., Served]]:
    """Yields a function that runs a server on a store which other tests use later.

    It starts in a tenth of the time of `serve`, and cannot be started again.
    """
    with ExitStack() as stack:

        def start(program: Program = shared_program, **options: Any) -> Served:
            wanted = replace(ANYWHERE, **options)
            running = served_on(loop_thread, store, program, wanted)
            return stack.enter_context(running)

        yield start


@pytest.fixture
def serve(
    database_url: str, loop_thread: LoopThread, shared_program: Program
) -> Iterator[Callable[..., Served]]:
    """Yields a function that runs a server of the test's own on each database."""
    with ExitStack() as stack:

        def start(url: str = database_url, **options: Any) -> Served:
            wanted = replace(ANYWHERE, **options)
            running = served(loop_thread, url, shared_program, wanted)
            return stack.enter_context(running)

        yield start


@pytest.fixture
def client(server: Served) -> Iterator[PointsClient]:
    """Yields a client of the shared server on each database."""
    with PointsClient(server.address, timeout_seconds=20) as connected:
        yield connected


@pytest.fixture
def channel(server: Served) -> Iterator[grpc.Channel]:
    """Yields a channel without the client's settings, retries above all."""
    with grpc.insecure_channel(
        server.address, [("grpc.enable_retries", 0), ("grpc.enable_http_proxy", 0)]
    ) as opened:
        yield opened


@pytest.fixture
def stubs(channel: grpc.Channel) -> Connection:
    """Returns the stubs of both services on the plain channel."""
    return Connection(channel, timeout_seconds=20)


@pytest.fixture
def member(client: PointsClient) -> str:
    """Returns the id of a new member."""
    member_id = f"member-{new_request_id()}"
    client.create_member(member_id)
    return member_id


@pytest.fixture
def stranger() -> str:
    """Returns the id of a member that does not exist."""
    return f"stranger-{new_request_id()}"


@pytest.fixture
def saver(stubs: Connection, member: str) -> str:
    """Returns the id of a new member who has 100 points."""
    stubs.ledger.Earn(build.earn(member, 100))
    return member


@pytest.fixture
def held(stubs: Connection, saver: str) -> Hold:
    """Returns an open hold of 40 of the saver's 100 points."""
    return stubs.ledger.PlaceHold(build.place_hold(saver, metadata={"lot": "7"})).hold
