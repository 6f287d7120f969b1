"""Helpers of tests of the change feed: watchers, and a ledger with some history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import Any, Final

import grpc

from points.client import PointsClient
from points.client.connection import Connection
from points.v1.change_pb2 import Change
from points.v1.ledger_service_pb2 import WatchRequest, WatchResponse
from tests.server import build


MEMBERS: Final = ("ada", "bob", "eve")
HISTORY: Final = 15
"""Changes of `fill`: three members created, twelve earns."""

Places = list[tuple[int, int]]


@contextmanager
def connected(address: str, **options: int) -> Iterator[Connection]:
    """Yields stubs on a channel of their own, without retries."""
    plain = {"grpc.enable_retries": 0, "grpc.use_local_subchannel_pool": 1}
    with grpc.insecure_channel(address, list((plain | options).items())) as channel:
        yield Connection(channel, timeout_seconds=20)


def fill(address: str, rounds: int = 4) -> None:
    """Creates three members and lets each of them earn in each round."""
    with PointsClient(address, timeout_seconds=20) as client:
        for name in MEMBERS:
            client.create_member(name, request_id="create")
        for number in range(rounds):
            earn_each(client, str(number))


def earn_each(client: PointsClient, request_id: str) -> None:
    """Lets each member earn in a call of its own."""
    for name in MEMBERS:
        client.earn(name, 10, reason="purchase", request_id=request_id)


class Watch:
    """Is one call of Watch with what it has told so far."""

    def __init__(self, stubs: Connection, **fields: Any) -> None:
        self.call = stubs.ledger.Watch(WatchRequest(**fields), timeout=60)
        self.changes: list[Change] = []
        self.token = ""

    def message(self) -> WatchResponse:
        """Returns the next message."""
        message: WatchResponse = next(self.call)
        what = message.WhichOneof("message")
        if what == "change":
            self.changes.append(message.change)
        self.token = getattr(message, str(what)).resume_token
        return message

    def checkpoint(self) -> Any:
        """Returns the next checkpoint, behind any number of changes."""
        while True:
            message = self.message()
            if message.HasField("checkpoint"):
                return message.checkpoint

    def until(self, count: int) -> Sequence[Change]:
        """Returns all changes once there are as many."""
        while len(self.changes) < count:
            self.message()
        return self.changes

    def end(self) -> grpc.RpcError:
        """Returns the error with which the call ends."""
        try:
            while True:
                self.message()
        except grpc.RpcError as error:
            return error


@contextmanager
def watching(stubs: Connection, **fields: Any) -> Iterator[Watch]:
    """Watches for the length of the block."""
    watch = Watch(stubs, **fields)
    try:
        yield watch
    finally:
        watch.call.cancel()


def places(changes: Sequence[Change]) -> Places:
    """Returns part and number of each change."""
    return [(change.part, change.number) for change in changes]


def is_gapless(changes: Sequence[Change]) -> bool:
    """Says whether the changes of each part are 1, 2, 3 and so on, in this order."""
    numbers: dict[int, int] = {}
    for change in changes:
        if change.number != numbers.get(change.part, 0) + 1:
            return False
        numbers[change.part] = change.number
    return True


class Writers:
    """Are several clients that earn at once, each for all members."""

    def __init__(
        self, addresses: Sequence[str], rounds: int, prefix: str = "w"
    ) -> None:
        self._threads = [
            Thread(target=_write, args=(address, rounds, f"{prefix}{index}"))
            for index, address in enumerate(addresses)
        ]

    def __enter__(self) -> None:
        """Starts them."""
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        """Waits for them."""
        for thread in self._threads:
            thread.join()


def _write(address: str, rounds: int, prefix: str) -> None:
    with PointsClient(address, timeout_seconds=20) as client:
        for number in range(rounds):
            earn_each(client, f"{prefix}-{number}")


def large_earns(count: int) -> Any:
    """Returns a batch of earns that are large to tell of, 28 kB each."""
    metadata = {f"key-{number}": "x" * 500 for number in range(50)}
    return build.batch(*(build.earn("ada", metadata=metadata) for _ in range(count)))
