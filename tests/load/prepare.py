"""Makes what the load profiles need: members with points, seeds and auctions.

python -m tests.load.prepare 127.0.0.1:50051
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final

import grpc

from points.client import PointsClient
from points.client.requests import (
    batch_command,
    create_member_request,
    earn_request,
)
from points.v1.hold_pb2 import PlaceHoldRequest
from points.v1.ledger_service_pb2 import BatchCommand
from points.v1.outcome_pb2 import Outcome
from tests.load.calling import sender
from tests.load.profiles import MEMBERS, preparing_profiles


FUNDS: Final = 1_000_000_000
REFUSED: Final = "one-in-ten-0"
"""The one of ten members without any points, whose burns are refused."""

BATCH: Final = 1_000
"""Holds that are placed at a time."""

CROWD: Final = 5_000
"""Members of a load run, for profiles in which a member can do a thing but once."""


def prepare(client: PointsClient, *, member_count: int = MEMBERS) -> None:
    """Makes the members and gives them points; done again, it changes nothing."""
    names = [f"load-{number}" for number in range(member_count)]
    names += [f"one-in-ten-{number}" for number in range(10)]
    client.batch_write(list(_creations(names)))
    client.batch_write(list(_funds(name for name in names if name != REFUSED)))


def prepare_plugins(channel: grpc.Channel, *, member_count: int = MEMBERS) -> None:
    """Sends what the profiles of plugins need; again on that day it changes nothing."""
    for profile in preparing_profiles():
        send = sender(channel, profile)
        for number in range(min(member_count, profile.call_count)):
            assert send(profile.request(number)), profile


def _creations(names: Iterable[str]) -> Iterator[BatchCommand]:
    for name in names:
        yield batch_command(create_member_request(name, request_id="prepare"))


def _funds(names: Iterable[str]) -> Iterator[BatchCommand]:
    for name in names:
        request = earn_request(name, FUNDS, reason="load", request_id="prepare-funds")
        yield batch_command(request)


def new_holds(client: PointsClient, first: int, count: int) -> list[dict[str, Any]]:
    """Returns what captures as many new holds; `first` is their number, never had."""
    found: list[dict[str, Any]] = []
    for start in range(first, first + count, BATCH):
        end = min(start + BATCH, first + count)
        answer = client.batch_write([_hold(number) for number in range(start, end)])
        found += [_capture(each.outcome) for each in answer.outcomes]
    return found


def _hold(number: int) -> BatchCommand:
    request = PlaceHoldRequest(
        member_id=f"load-{number % MEMBERS}",
        unit="points",
        points=1,
        reason="load",
        request_id=f"to-capture-{number}",
    )
    return batch_command(request)


def _capture(placed: Outcome) -> dict[str, Any]:
    hold_id = placed.transaction.hold_id
    assert hold_id, placed
    return {
        "member_id": placed.member_id,
        "hold_id": hold_id,
        "request_id": f"capture-{hold_id}",
    }


def main(address: str) -> None:
    """Makes everything behind a server."""
    with (
        PointsClient(address, timeout_seconds=60) as client,
        grpc.insecure_channel(address) as channel,
    ):
        prepare(client, member_count=CROWD)
        prepare_plugins(channel)


if __name__ == "__main__":
    main(sys.argv[1])
