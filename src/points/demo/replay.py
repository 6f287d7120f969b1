"""Replays purchases against a server and measures how it answers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import Any, TextIO

import grpc

from points.client import PointsClient
from points.demo.phases import Phase, batch_phases, creations, earns, unary_phases
from points.demo.purchases import Purchase
from points.demo.tally import ReplayReport, Tally
from points.demo.window import Window


OnProgress = Callable[[int, int], None]

# Below the length of a server's queue, so that batches do not crowd each other out.
COMMANDS_IN_FLIGHT_MAX = 8_000

# Each channel has a connection of its own. The window repeats calls and counts how
# often, so the channel does not. A server that was restarted is found again within
# a second; gRPC by itself waits up to two minutes.
CHANNEL_OPTIONS = [
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_retries", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySettings:
    """Says how to replay.

    Attributes:
        target: Address of the server.
        batch: Commands of a batch, 1 to 10,000; None means a call for each.
        in_flight: Calls in flight at most, above zero.
        channels: Connections that share the calls, above zero.
        timeout_seconds: How long a single call may take.
        patience_seconds: How long to go on repeating without any answer.
        journal: File to which a line `member_id TAB request_id` is appended for
            each acknowledged command; None means no file.
    """

    target: str
    batch: int | None = None
    in_flight: int = 64
    channels: int = 4
    timeout_seconds: float = 15.0
    patience_seconds: float = 60.0
    journal: Path | None = None

    @property
    def window_size(self) -> int:
        """Returns how many calls are in flight: fewer if they are large batches."""
        calls_max = max(2, COMMANDS_IN_FLIGHT_MAX // (self.batch or 1))
        return min(self.in_flight, calls_max)


def replay(
    purchases: Sequence[Purchase],
    settings: ReplaySettings,
    *,
    on_progress: OnProgress = lambda _done, _total: None,
) -> ReplayReport:
    """Creates the members, earns their points and returns how it went.

    A server may be killed and started again meanwhile: what was not answered is
    sent again with the same request id.

    Args:
        purchases: What to replay; those of one member follow one another.
        settings: How to replay.
        on_progress: Is told after each answer how many commands are acknowledged
            and how many there are.

    Raises:
        PointsError: A call failed for good; `Refused` if the server said no.
        StalledError: There was no answer for too long.
    """
    total = sum(1 for _ in creations(purchases)) + sum(1 for _ in earns(purchases))
    began = perf_counter()
    with _open_run(settings) as run:
        for phase in _phases(purchases, settings.batch):
            for _ in run.play(phase):
                on_progress(run.tally.acknowledged, total)
    return run.tally.report(seconds=perf_counter() - began)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    settings: ReplaySettings
    clients: list[PointsClient]
    journal: TextIO
    tally: Tally

    def play(self, phase: Phase[Any, Any]) -> Iterator[None]:
        """Makes all calls of the phase and yields after each answer."""
        window = Window(
            self._sender(phase),
            size=self.settings.window_size,
            patience_seconds=self.settings.patience_seconds,
        )
        for answered in window.answers(phase.lanes):
            self.tally.latencies_ns.append(answered.nanoseconds)
            for command in phase.acknowledged(answered.request, answered.answer):
                self.tally.count(command)
                self.journal.write(f"{command.member_id}\t{command.request_id}\n")
            yield
        self.tally.repeated += window.repeated

    def _sender(self, phase: Phase[Any, Any]) -> Callable[[Any], grpc.Future[Any]]:
        methods = cycle([phase.method(client) for client in self.clients])
        timeout = self.settings.timeout_seconds
        return lambda request: next(methods).future(request, timeout=timeout)


@contextmanager
def _open_run(settings: ReplaySettings) -> Iterator[_Run]:
    with ExitStack() as stack:
        clients = [
            stack.enter_context(PointsClient(settings.target, options=CHANNEL_OPTIONS))
            for _ in range(settings.channels)
        ]
        # Line by line, so that the journal is whole even if this process is killed.
        journal = (settings.journal or Path(os.devnull)).open("a", buffering=1)
        stack.enter_context(journal)
        yield _Run(settings=settings, clients=clients, journal=journal, tally=Tally())


def _phases(
    purchases: Sequence[Purchase],
    batch: int | None,
) -> list[Phase[Any, Any]]:
    if batch is None:
        return unary_phases(purchases)
    return batch_phases(purchases, size=batch)
