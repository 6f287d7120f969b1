"""Fixtures that every layer uses: stores on both databases, engines, real servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import tests.environment  # before gRPC is imported
import tests.moderation  # noqa: F401 - how thorough properties are
from points.client import PointsClient
from points.domain.program import Program, program_of
from points.engine.engine import Engine, running_engine
from points.store.opening import Store, open_store
from tests.cli.bytecode import shared_bytecode
from tests.clock import Clock
from tests.postgresql.fixtures import (
    own_postgres_server,
    postgres_database,
    postgres_proxy,
    postgres_server,
)
from tests.postgresql.proxy import TcpProxy
from tests.postgresql.server import PostgresServer
from tests.server.running import LoopThread
from tests.serving import ServerProcess
from tests.store.cleaning import emptied, file_opened_once, opened_once


__all__ = [
    "own_postgres_server",
    "postgres_database",
    "postgres_proxy",
    "postgres_server",
    "shared_bytecode",
]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Yields the URL of a fresh database: every test that uses it runs on both."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'points.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.fresh_database() as url:
        yield url


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Returns the URL of a fresh SQLite file, for what does not depend on it."""
    return f"sqlite:///{tmp_path / 'points.db'}"


@pytest.fixture
def program() -> Program:
    """Returns a program with two currencies, a growth unit and three sinks."""
    return program_of(
        currency_units=("points", "miles"),
        growth_units=("qualifying_points",),
        sinks=("redemption", "donation", "auction"),
    )


@pytest.fixture
def clock() -> Clock:
    """Returns a clock that stands still until a test moves it."""
    return Clock()


@pytest.fixture
def distant_store(postgres_database: str, postgres_proxy: TcpProxy) -> Iterator[Store]:
    """Yields a store on PostgreSQL behind a proxy."""
    with open_store(postgres_proxy.url(postgres_database), migrating=True) as opened:
        yield opened


@pytest.fixture(scope="session")
def reused_postgresql_store(postgres_server: PostgresServer) -> Iterator[Store]:
    """Yields a store on PostgreSQL that is emptied before each test."""
    with opened_once(postgres_server) as opened:
        yield opened


@pytest.fixture(scope="session")
def reused_sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """Yields a store in a SQLite file that is emptied before each test."""
    with file_opened_once(tmp_path_factory.mktemp("reused")) as opened:
        yield opened


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Store:
    """Returns an empty store on each database, whose schema must be left alone."""
    store: Store = request.getfixturevalue(f"{request.param}_store")
    return store


@pytest.fixture
def fresh_store(database_url: str) -> Iterator[Store]:
    """Yields a store of this test alone on each database."""
    with open_store(database_url, migrating=True) as opened:
        yield opened


@pytest.fixture
def sqlite_store(reused_sqlite_store: Store) -> Store:
    """Returns an empty store in a SQLite file, whose schema must be left alone."""
    return emptied(reused_sqlite_store)


@pytest.fixture
def postgresql_store(reused_postgresql_store: Store) -> Store:
    """Returns an empty store on PostgreSQL, whose schema must be left alone."""
    return emptied(reused_postgresql_store)


@pytest.fixture
def engine(store: Store, program: Program, clock: Clock) -> Iterator[Engine]:
    """Yields a running engine on each database."""
    with running_engine(store, program, clock=clock) as running:
        yield running


@pytest.fixture(scope="session")
def loop_thread() -> Iterator[LoopThread]:
    """Yields the one event loop that every server of the test process runs on."""
    thread = LoopThread()
    thread.start()
    yield thread
    thread.stop()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., ServerProcess]]:
    """Yields a function that starts `points serve` as a process of its own."""
    started: list[ServerProcess] = []

    def start(database_url: str, *flags: str) -> ServerProcess:
        server = ServerProcess.start(database_url, *flags, folder=tmp_path)
        started.append(server)
        return server

    yield start
    for server in started:
        server.kill()


@pytest.fixture
def server(
    start_server: Callable[..., ServerProcess], database_url: str
) -> ServerProcess:
    """Returns a server process on a fresh database of each kind."""
    return start_server(database_url, "--migrate")


@pytest.fixture
def server_address(server: ServerProcess) -> str:
    """Returns host and port of a server process on each database."""
    return server.address


@pytest.fixture
def client(server_address: str) -> Iterator[PointsClient]:
    """Yields a client of a server process on each database."""
    with PointsClient(server_address) as connected:
        yield connected
