"""Fixtures: a scripted server and a client of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from points.client import PointsClient
from tests.client.scripted import scripted_server


if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.client.scripted import Script


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
