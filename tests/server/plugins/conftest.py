"""Fixtures: a server with the greeter for each file, and members of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from points.client import PointsClient
from points.testing.served import Served, running_served
from tests.plugin import greeter


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Yields one server for all tests of a file, with the greeter."""
    path: Path = tmp_path_factory.mktemp("plugins") / "points.db"
    with running_served(f"sqlite:///{path}", greeter.host()) as served:
        yield served


@pytest.fixture
def client(running: Served) -> PointsClient:
    """Returns a client of the server."""
    return running.client


@pytest.fixture
def member_id(client: PointsClient, request: pytest.FixtureRequest) -> str:
    """Returns a member of the test's own."""
    name: str = request.node.name[:100]
    client.create_member(name)
    return name
