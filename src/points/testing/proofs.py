"""What a plugin has to stand: repetition, races, and a crash at any point."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

from structlog.testing import capture_logs

from points.domain.refusals import Refusal
from points.testing.bench import Bench, Crashed, with_request_id


class CrashPoint(StrEnum):
    """Names where the engine dies, in the order of a batch.

    READ: before anything was read. WRITE: with everything decided and some of it
    written. ANSWER: committed, but nobody was told.
    """

    READ = "READ"
    WRITE = "WRITE"
    ANSWER = "ANSWER"


def assert_idempotent(bench: Bench, request: Any, method: str = "") -> Any:
    """Makes a call twice, asserts that it happened once, and returns the response.

    The second answer is the first one to the byte, and records nothing.
    """
    once = with_request_id(request)
    first = bench.call_for_bytes(once, method)
    heads = bench.heads()
    assert bench.call_for_bytes(once, method) == first, "another answer"
    assert bench.heads() == heads, "the repetition was recorded"
    return bench.call(once, method)


def race(bench: Bench, count: int, request_of: Callable[[int], Any]) -> list[Any]:
    """Makes calls from as many threads at once; returns responses and refusals.

    In the order of their numbers; `request_of` makes the request of each.
    """
    barrier = threading.Barrier(count)

    def call(number: int) -> Any:
        request = request_of(number)
        barrier.wait()
        try:
            return bench.call(request)
        except Refusal as refusal:
            return refusal

    with ThreadPoolExecutor(count) as threads:
        return list(threads.map(call, range(count)))


@contextmanager
def crash_at(bench: Bench, point: CrashPoint) -> Iterator[None]:
    """Lets the engine die at a point of the next batch, and starts a new one.

    The call in the block, or the jobs that `run_due` runs there, raise Crashed, which
    ends here: whether it took effect tells the same call after the block.
    """
    backend = bench.engine.store.backend
    writing = ("INSERT", "UPDATE", "DELETE")
    caller = threading.current_thread()

    def on_statement(sql: str, _values: object) -> None:
        if threading.current_thread() is caller:
            return  # looks for jobs that are due: it is the engine that dies
        if point is CrashPoint.READ or sql.lstrip().upper().startswith(writing):
            _die()

    if point is CrashPoint.ANSWER:
        bench.on_commit = _die
    else:
        backend.on_statement = on_statement
    # What the dying writer says is no news here.
    with _quiet_threads(), capture_logs():
        try:
            yield
        except Crashed:
            pass
        else:
            raise AssertionError("nothing was written in the block: no crash")
        finally:
            backend.on_statement = None
            bench.on_commit = lambda: None
            bench.restart()


def _die() -> None:
    # The one exception that the writer lets pass and that plugins cannot keep.
    raise SystemExit("crash_at")


@contextmanager
def _quiet_threads() -> Iterator[None]:
    """Lets the writer's thread end without a word."""
    kept = threading.excepthook
    threading.excepthook = lambda _told: None
    try:
        yield
    finally:
        threading.excepthook = kept
