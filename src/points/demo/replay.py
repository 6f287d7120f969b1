"""Replays purchases against a server and measures how it answers."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from points.client import PointsClient
from points.demo.phases import batch_phases, creations, earns, unary_phases
from points.demo.tally import Tally
from points.demo.window import Window


if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import grpc

    from points.demo.phases import Acknowledged, Phase
    from points.demo.purchases import Purchase
    from points.demo.tally import ReplayReport
    from points.demo.window import Answered

    OnProgress = Callable[[int, int], None]

# Below the length of a server's queue, so that batches do not crowd each other out.
COMMANDS_IN_FLIGHT_MAX = 8_000

# Each channel has a connection of its own. A server that was restarted is found
# again within a second; gRPC by itself waits up to two minutes.
CHANNEL_OPTIONS = [
    ("grpc.use_local_subchannel_pool", 1),
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
    total = _command_count(purchases)
    tally = Tally()
    began = perf_counter()
    with _clients(settings) as clients, _journal(settings.journal) as record:
        for phase in _phases(purchases, settings):
            for _ in _play(phase, settings, clients, tally, record):
                on_progress(tally.acknowledged, total)
    return tally.report(seconds=perf_counter() - began)
