"""Makes the members that the load profiles need, with points to spend.

python -m tests.load.prepare 127.0.0.1:50051
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final

from points.client import PointsClient
from points.client.requests import (
    batch_command,
    create_member_request,
    earn_request,
)
from points.v1.hold_pb2 import Hold
from points.v1.ledger_service_pb2 import BatchCommand
from tests.load.profiles import MEMBERS


FUNDS: Final = 1_000_000_000
REFUSED: Final = "one-in-ten-0"
"""The one of ten members without any points, whose burns are refused."""


def prepare(client: PointsClient) -> None:
    """Makes the members and gives them points; done again, it changes nothing."""
    names = [f"load-{number}" for number in range(MEMBERS)]
    names += [f"one-in-ten-{number}" for number in range(10)]
    client.batch_write(list(_creations(names)))
    client.batch_write(list(_funds(name for name in names if name != REFUSED)))


def _creations(names: Iterable[str]) -> Iterator[BatchCommand]:
    for name in names:
        yield batch_command(create_member_request(name, request_id="prepare"))


def _funds(names: Iterable[str]) -> Iterator[BatchCommand]:
    for name in names:
        request = earn_request(name, FUNDS, reason="load", request_id="prepare-funds")
        yield batch_command(request)


def open_holds(client: PointsClient, count: int) -> list[dict[str, Any]]:
    """Returns what captures the open holds, as many as there are up to a count."""
    found: list[Hold] = []
    for number in range(MEMBERS):
        found += client.list_holds(f"load-{number}", page_size=1_000)
        if len(found) >= count:
            break
    return [
        {
            "member_id": hold.member_id,
            "hold_id": hold.hold_id,
            "request_id": f"capture-{hold.hold_id}",
        }
        for hold in found[:count]
    ]


if __name__ == "__main__":
    with PointsClient(sys.argv[1], timeout_seconds=60) as points:
        prepare(points)
