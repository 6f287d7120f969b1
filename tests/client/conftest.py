"""Fixtures: a scripted server and a client of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from points.client import PointsClient
from tests.client.scripted import Script, scripted_server


@pytest.fixture
def script() -> Iterator[Script]:
    """Runs a server that plays the returned script."""
    with scripted_server() as script:
        yield script


@pytest.fixture
def client(script: Script) -> Iterator[PointsClient]:
    """Connects to the scripted server."""
    with PointsClient(script.address) as client:
        yield client
