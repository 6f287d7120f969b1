"""A PostgreSQL server, for those tests of plugins that run on both databases."""

from __future__ import annotations

import pytest
from tests.postgresql.fixtures import postgres_server
from tests.postgresql.server import PostgresServer


__all__ = ["postgres_server"]


@pytest.fixture(scope="session")
def points_postgresql(postgres_server: PostgresServer) -> str:
    """Returns the address of the server that all of them share."""
    url: str = postgres_server.maintenance_url.render_as_string(hide_password=False)
    return url
