"""Sends traffic from several threads until it is told to stop or the server dies."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final

import grpc

from points.client import PointsClient, PointsError, Refused, Unavailable, points_error
from points.v1.ledger_service_pb2 import BatchWriteRequest, EarnRequest
from tests.crash.journal import Journal
from tests.crash.traffic import Request, Traffic


SECONDS_MAX: Final = 30.0
"""How long a call may take: longer than any pause of a loaded machine."""


@contextmanager
def load(
    addresses: Sequence[str], journal: Journal, *, threads: int, seed: int
) -> Iterator[threading.Event]:
    """Loads the servers while the block runs; each thread ends when its server does.

    Yields an event that is set once something was answered. Raises PointsError if
    any answer was neither an acceptance, nor a refusal, nor lost.
    """
    stop, answered = threading.Event(), threading.Event()

    def work(number: int) -> None:
        traffic = Traffic(seed * 1_000 + number)
        with PointsClient(addresses[number % len(addresses)]) as client:
            while not stop.is_set() and send(client, traffic.next(), journal):
                answered.set()

    with ThreadPoolExecutor(threads) as pool:
        working = [pool.submit(work, number) for number in range(threads)]
        try:
            yield answered
        finally:
            stop.set()
    for future in working:
        future.result()


def send(client: PointsClient, request: Request, journal: Journal) -> bool:
    """Sends one request, remembers its answer, and says whether there was one."""
    try:
        response = _method(client, request)(request, timeout=SECONDS_MAX)
    except grpc.RpcError as error:
        return _failed(points_error(error, request), request, journal)
    journal.accept(request, response)
    return True


def resend(client: PointsClient, journal: Journal) -> None:
    """Sends what got no answer once more, under the same request ids."""
    for request in journal.take_doubtful():
        assert send(client, request, journal), "the server has gone again"


def _failed(error: PointsError, request: Request, journal: Journal) -> bool:
    if isinstance(error, Unavailable):
        journal.doubt(request)
        return False
    if isinstance(error, Refused):
        journal.refuse(request, error)
        return True
    raise error


def _method(client: PointsClient, request: Request) -> Any:
    if isinstance(request, BatchWriteRequest):
        return client.ledger.BatchWrite
    if isinstance(request, EarnRequest):
        return client.ledger.Earn
    return client.ledger.Burn
