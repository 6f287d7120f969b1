"""Several server processes behind one port, and the parent that looks after them.

The parent keeps the port: its socket is bound and never listens, so that a free port
stays the same one while workers come and go. Each worker listens on it with
SO_REUSEPORT, and the kernel spreads connections over them. They are spawned, never
forked: threads and channels of gRPC do not survive a fork.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final

import structlog

from points.server.plugins.switches import Hung
from points.server.serving import CannotListen


BROKEN: Final = 2
"""Status of a worker whose books are wrong: then none may go on."""

PAUSE_SECONDS_MAX: Final = 30.0
"""Longest pause before a worker that keeps dying is started again."""

STEADY_SECONDS: Final = 10.0
"""How long a worker has to live for its successor to be started at once."""

_STOPPED: Final = frozenset({0, -signal.SIGTERM, -signal.SIGINT})
"""Statuses of those who were asked to stop, and did; some before they could listen."""

_log = structlog.get_logger("points.workers")
_spawning = get_context("spawn")

Target = Callable[..., None]
"""What a worker runs: with its number, and a connection to say that it serves."""


@contextmanager
def kept_address(address: str) -> Iterator[str]:
    """Yields the address with its port, which workers can share and nobody listens on.

    Raises CannotListen.
    """
    host, _, port = address.rpartition(":")
    try:
        _bind(host, port, shared=False).close()  # nobody may be there already
        kept = _bind(host, port, shared=True)
    except (OSError, ValueError) as error:
        message = f"cannot listen on {address}: is another server running there?"
        raise CannotListen(message) from error
    with kept:
        yield f"{host}:{kept.getsockname()[1]}"


def _bind(host: str, port: str, *, shared: bool) -> socket.socket:
    family, kind, *_, place = socket.getaddrinfo(
        host.strip("[]"), int(port), type=socket.SOCK_STREAM
    )[0]
    bound = socket.socket(family, kind)
    try:
        # What has ended lately leaves connections behind, which are in nobody's way.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        bound.bind(place)
    except OSError:
        bound.close()
        raise
    return bound


def follow_parent() -> None:
    """Has this worker stop, as if asked to, once its parent is gone."""
    parent = parent_process()
    assert parent is not None, "only a worker has a parent"

    def watch() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="points-parent", daemon=True).start()


@dataclass
class Worker:
    """Is the place of one process: None while one is to be started at `start_time`.

    Then that is when it was started, on the monotonic clock. `early_deaths` counts
    those that have ended soon after they were started, one after the other.
    """

    number: int
    process: BaseProcess | None = None
    ready: Connection | None = None
    early_deaths: int = 0
    start_time: float = 0.0
    has_served: bool = False


class Workers:
    """Starts workers, starts each again that dies, and stops them all.

    `target` is run in each with its number, a connection and `arguments`. What a
    worker sends first says that it serves; a plugin that has hung in one, which then
    ends, is told to `on_hung` before its successor is started.
    """

    def __init__(
        self,
        target: Target,
        count: int,
        arguments: Sequence[Any],
        on_hung: Callable[[Hung], None] = lambda _: None,
    ) -> None:
        self._target = target
        self._arguments = arguments
        self._on_hung = on_hung
        self._workers = [Worker(number) for number in range(count)]
        self._has_greeted = False

    def run(self, *, on_ready: Callable[[], None], stop_seconds: float) -> int:
        """Returns a status once SIGINT, SIGTERM or a worker that must not go on came.

        `on_ready` is called once all serve. Workers get `stop_seconds` to end, after
        that they are killed. The status is 0 if they were asked to stop and did, 2 if
        books are wrong, and 1 otherwise, such as if a first start fails.
        """
        with _woken_by_signals() as wake:
            try:
                failed = self._look_after(wake, on_ready)
            finally:
                statuses = self._stop(stop_seconds)
        if BROKEN in (failed, *statuses):
            return BROKEN
        return 0 if failed is None and _STOPPED.issuperset(statuses) else 1

    def _look_after(
        self, wake: socket.socket, on_ready: Callable[[], None]
    ) -> int | None:
        """Returns the status of a worker that ends all, None if asked to stop."""
        while True:
            self._start_due()
            if wake in wait([wake, *self._awaited()], self._pause()):
                return None
            for worker in self._workers:
                self._hear(worker)
                status = self._ended(worker)
                if status == BROKEN or (status is not None and not self._has_greeted):
                    return status
            if not self._has_greeted and all(w.has_served for w in self._workers):
                self._has_greeted = True
                on_ready()

    def _start_due(self) -> None:
        now = time.monotonic()
        for worker in self._workers:
            if worker.process is None and worker.start_time <= now:
                self._start(worker, now)

    def _start(self, worker: Worker, now: float) -> None:
        worker.ready, theirs = _spawning.Pipe(duplex=False)
        arguments = (worker.number, theirs, *self._arguments)
        process = _spawning.Process(
            target=self._target, args=arguments, name=f"points-worker-{worker.number}"
        )
        process.start()
        theirs.close()
        worker.process, worker.start_time, worker.has_served = process, now, False

    def _awaited(self) -> Iterator[Any]:
        for worker in self._workers:
            if worker.process is not None:
                yield worker.process.sentinel
            if worker.ready is not None:
                yield worker.ready

    def _pause(self) -> float | None:
        """Returns the seconds until a worker is to be started, None if none is."""
        starts = [w.start_time for w in self._workers if w.process is None]
        return max(0.0, min(starts) - time.monotonic()) if starts else None

    def _hear(self, worker: Worker) -> None:
        """Notes what a worker has said: that it serves, or that a plugin hangs."""
        while worker.ready is not None and worker.ready.poll():
            try:
                told = worker.ready.recv()
            except EOFError:  # it is gone
                worker.ready.close()
                worker.ready = None
                return
            if isinstance(told, Hung):
                self._on_hung(told)
            else:
                worker.has_served = True

    def _ended(self, worker: Worker) -> int | None:
        """Returns the status of a worker that has ended, and plans its successor."""
        process = worker.process
        if process is None or process.exitcode is None:
            return None
        self._hear(worker)  # Its last words may have come since.
        self._plan_successor(worker, time.monotonic())
        _log.warning("worker_ended", worker=worker.number, status=process.exitcode)
        return process.exitcode

    def _plan_successor(self, worker: Worker, now: float) -> None:
        """Plans it for now, or for later if one after the other dies early."""
        is_early = now - worker.start_time < STEADY_SECONDS
        worker.early_deaths = worker.early_deaths + 1 if is_early else 0
        pause = 2.0 ** (worker.early_deaths - 2) if worker.early_deaths > 1 else 0.0
        worker.process = None
        worker.start_time = now + min(pause, PAUSE_SECONDS_MAX)

    def _stop(self, stop_seconds: float) -> list[int]:
        """Asks all to stop, and returns the status of each that was still there."""
        living = [each.process for each in self._workers if each.process is not None]
        deadline = time.monotonic() + stop_seconds
        for process in living:
            process.terminate()
        for process in living:
            process.join(max(0.0, deadline - time.monotonic()))
            if process.exitcode is None:
                process.kill()
                process.join()
        return [process.exitcode or 0 for process in living]


@contextmanager
def _woken_by_signals() -> Iterator[socket.socket]:
    """Yields a socket that can be read once the process was asked to stop."""
    wake, sender = socket.socketpair()

    def note(*_: object) -> None:
        sender.send(b"x")

    before: Mapping[int, Any] = {
        number: signal.signal(number, note)
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    with wake, sender:
        try:
            yield wake
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
