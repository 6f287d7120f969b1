"""`points close`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from points.client import PointsClient
from tests.cli.conftest import Points
from tests.postgresql.ports import free_port
from tests.serving import ServerProcess


WHO_AND_WHY = ("--operator=olga", "--reason=2025")


def test_books_are_closed(
    points: Points, start_server: Callable[..., ServerProcess], sqlite_url: str
) -> None:
    target = start_server(sqlite_url).address

    ended = points(
        "close", f"--target={target}", "--until=2025-01-01T01:00:00+01:00", *WHO_AND_WHY
    )

    assert ended.out == "the books are closed until 2025-01-01T00:00:00+00:00\n"
    with PointsClient(target) as client:
        (closed,) = client.list_closes()
    assert (closed.operator, closed.reason) == ("olga", "2025")


@pytest.mark.parametrize("until", ["2025", "tomorrow", "2025-01-01T00:00:00", ""])
def test_an_instant_needs_a_zone(points: Points, until: str) -> None:
    ended = points("close", f"--until={until}", *WHO_AND_WHY)

    assert ended.status == 1
    assert "is no instant with a zone" in ended.err


def test_a_server_that_is_not_there_ends_with_1(points: Points) -> None:
    ended = points(
        "close",
        f"--target=127.0.0.1:{free_port()}",
        "--until=2025-01-01T00:00:00Z",
        *WHO_AND_WHY,
    )

    assert ended.status == 1
    assert ended.err.startswith("Error: ")
