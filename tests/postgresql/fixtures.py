"""Fixtures that hand PostgreSQL to tests: one server for all, one to kill."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.postgresql.proxy import TcpProxy
from tests.postgresql.server import own_server, running_server


if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgresql.server import OwnPostgresServer, PostgresServer


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Yield the one server that all tests share; nobody may kill it."""
    with running_server() as server:
        yield server


@pytest.fixture
def postgres_database(postgres_server: PostgresServer) -> Iterator[str]:
    """Yield the URL of a new and empty database."""
    with postgres_server.fresh_database() as url:
        yield url


@pytest.fixture
def postgres_proxy(postgres_server: PostgresServer) -> Iterator[TcpProxy]:
    """Yield a proxy in front of the shared server."""
    with TcpProxy(upstream=postgres_server.address) as proxy:
        yield proxy


@pytest.fixture
def own_postgres_server() -> Iterator[OwnPostgresServer]:
    """Yield a server of this test alone, to kill, whatever the environment names."""
    with own_server() as server:
        yield server
