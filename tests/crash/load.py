"""Sends traffic from several threads until it is told to stop or the server dies."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from typing import Any, Final

import grpc

from points.client import PointsClient, PointsError, Refused, Unavailable, points_error
from tests.crash.facts import Request
from tests.crash.journal import Journal, command_name
from tests.crash.traffic import Traffic


SECONDS_MAX: Final = 30.0
"""How long a call may take: longer than any pause of a loaded machine."""


_REPEATED: Final = 0.03
"""Share of the requests that are sent once more though they were answered."""

_PAUSE_SECONDS: Final = 0.05


@contextmanager
def load(
    addresses: Sequence[str],
    journal: Journal,
    *,
    threads: int,
    seed: int,
    is_enduring: bool = False,
) -> Iterator[threading.Event]:
    """Loads the servers while the block runs; each thread ends when its server does.

    Those that are enduring go on after an answer that was lost. Yields an event
    that is set once something was answered. Raises PointsError if any answer was
    neither an acceptance, nor a refusal, nor lost.
    """
    stop, answered = threading.Event(), threading.Event()

    def work(number: int) -> None:
        requests = _requests(journal, seed * 1_000 + number)
        with PointsClient(addresses[number % len(addresses)]) as client:
            while not stop.is_set():
                if send(client, next(requests), journal):
                    answered.set()
                elif not is_enduring or stop.wait(_PAUSE_SECONDS):
                    return

    with ThreadPoolExecutor(threads) as pool:
        working = [pool.submit(work, number) for number in range(threads)]
        try:
            yield answered
        finally:
            stop.set()
    for future in working:
        future.result()


def _requests(journal: Journal, seed: int) -> Iterator[Request]:
    """Yields new requests, and now and then one that was answered before."""
    traffic = Traffic(seed, journal.targets)
    chance = Random(seed)  # noqa: S311 - no secret
    while True:
        if journal.recent and chance.random() < _REPEATED:
            yield chance.choice(journal.recent)
        yield traffic.next()


def send(client: PointsClient, request: Request, journal: Journal) -> bool:
    """Sends one request, remembers its answer, and says whether there was one."""
    try:
        response = _method(client, request)(request, timeout=SECONDS_MAX)
    except grpc.RpcError as error:
        return _failed(points_error(error, request), request, journal)
    journal.accept(request, response)
    return True


def resend(client: PointsClient, journal: Journal, *, recent_count: int = 0) -> None:
    """Sends what got no answer once more, under the same request ids.

    So many of the latest that were answered are sent again too: the journal
    compares the answers.
    """
    recent = list(journal.recent)[-recent_count:] if recent_count else []
    for request in [*journal.take_doubtful(), *recent]:
        assert send(client, request, journal), "the server has gone again"


def resend_general(client: PointsClient, journal: Journal) -> None:
    """Sends all again that concerns no member: the journal compares the answers."""
    for request, _ in list(journal.general.values()):
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
    name = command_name(request)
    services = (
        client.ledger,
        client.members,
        client.activities,
        client.budgets,
        client.tiers,
    )
    return next(getattr(each, name) for each in services if hasattr(each, name))
