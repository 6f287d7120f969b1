"""Keeps a bounded number of calls in flight until each of them is answered.

All state belongs to the one thread that asks for answers. The threads of gRPC only
put finished calls into a queue, so there is nothing to lock.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count
from queue import Empty, SimpleQueue
from time import monotonic, perf_counter_ns
from typing import Generic, TypeVar

import grpc

from points.client import PointsError, Unavailable, points_error


Request = TypeVar("Request")
Answer = TypeVar("Answer")

BACKOFF_SECONDS_MIN = 0.05
BACKOFF_SECONDS_MAX = 1.0


class StalledError(Exception):
    """Says that the server has answered nothing for longer than is bearable."""

    def __init__(self, patience_seconds: float, last: PointsError | None) -> None:
        """Keeps how long was waited and the last error, if there was one."""
        self.patience_seconds = patience_seconds
        self.last = last
        super().__init__(f"no progress for {patience_seconds:g} s: {last or 'silence'}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(Generic[Request, Answer]):
    """Is a request with its answer and how long the answered attempt took."""

    request: Request
    answer: Answer
    nanoseconds: int


class Window(Generic[Request, Answer]):
    """Sends requests that come in lanes, `size` lanes side by side.

    Within a lane a request is sent once the one before is answered. A call whose
    outcome is unknown, or for which the server has no room, is sent again as it
    is; any other error ends everything.

    Attributes:
        repeated: Calls that were sent again so far.
    """

    def __init__(
        self,
        send: Callable[[Request], grpc.Future[Answer]],
        *,
        size: int,
        patience_seconds: float,
    ) -> None:
        """Takes how to send a request; nothing is sent yet.

        Args:
            send: Begins a call.
            size: Calls in flight at most, above zero.
            patience_seconds: How long to go on without any answer.
        """
        self.repeated = 0
        self._send = send
        self._size = size
        self._patience_seconds = patience_seconds
        self._answer_time = monotonic()
        self._open_count = 0
        self._finished: SimpleQueue[_Attempt[Request, Answer]] = SimpleQueue()
        self._resting: list[tuple[float, int, _Attempt[Request, Answer]]] = []
        self._serial = count()
        self._last_error: PointsError | None = None

    def answers(
        self,
        lanes: Iterable[Iterable[Request]],
    ) -> Iterator[Answered[Request, Answer]]:
        """Yields each request with its answer, as the answers come in.

        Raises:
            PointsError: A call failed for good.
            StalledError: The patience is at its end.
        """
        # All slots share one iterator of lanes: who is done takes the next lane.
        remaining = iter(lanes)
        self._answer_time = monotonic()
        for _ in range(self._size):
            self._advance(chain.from_iterable(remaining))
        while self._open_count:
            attempt = self._next_finished()
            error = attempt.call.exception()
            if isinstance(error, grpc.RpcError):
                self._rest(attempt, points_error(error, attempt.request))
            else:
                yield self._settle(attempt)

    def _advance(self, slot: Iterator[Request]) -> None:
        request = next(slot, None)
        if request is not None:
            self._open_count += 1
            self._begin(_Attempt(slot=slot, request=request))

    def _begin(self, attempt: _Attempt[Request, Answer]) -> None:
        def finish(_: object) -> None:
            attempt.end_ns = perf_counter_ns()
            self._finished.put(attempt)

        attempt.begin_ns = perf_counter_ns()
        attempt.call = self._send(attempt.request)
        attempt.call.add_done_callback(finish)

    def _settle(
        self,
        attempt: _Attempt[Request, Answer],
    ) -> Answered[Request, Answer]:
        self._answer_time = monotonic()
        self._open_count -= 1
        self._advance(attempt.slot)
        return Answered(
            request=attempt.request,
            answer=attempt.call.result(),
            nanoseconds=attempt.end_ns - attempt.begin_ns,
        )

    def _rest(self, attempt: _Attempt[Request, Answer], error: PointsError) -> None:
        """Keeps a failed call until it is time to send it again."""
        if not _may_be_repeated(error):
            raise error
        self._last_error = error
        self._check_patience()
        due = monotonic() + _backoff_seconds(attempt.repetitions, error)
        attempt.repetitions += 1
        heapq.heappush(self._resting, (due, next(self._serial), attempt))

    def _next_finished(self) -> _Attempt[Request, Answer]:
        while True:
            self._send_rested()
            try:
                return self._finished.get(timeout=self._seconds_to_wait())
            except Empty:
                self._check_patience()

    def _send_rested(self) -> None:
        while self._resting and self._resting[0][0] <= monotonic():
            _, _, attempt = heapq.heappop(self._resting)
            self.repeated += 1
            self._begin(attempt)

    def _seconds_to_wait(self) -> float:
        wake_time = self._answer_time + self._patience_seconds
        if self._resting:
            wake_time = min(wake_time, self._resting[0][0])
        return max(0.0, wake_time - monotonic())

    def _check_patience(self) -> None:
        if monotonic() - self._answer_time >= self._patience_seconds:
            raise StalledError(self._patience_seconds, self._last_error)


@dataclass(slots=True, kw_only=True)
class _Attempt(Generic[Request, Answer]):
    slot: Iterator[Request]
    request: Request
    call: grpc.Future[Answer] = field(init=False)
    begin_ns: int = 0
    end_ns: int = 0
    repetitions: int = 0


def _may_be_repeated(error: PointsError) -> bool:
    # A server that stops cancels what it no longer finishes; nobody else does.
    return (
        isinstance(error, Unavailable)
        or error.retry_after_seconds is not None
        or error.code is grpc.StatusCode.CANCELLED
    )


def _backoff_seconds(repetitions: int, error: PointsError) -> float:
    doubled = BACKOFF_SECONDS_MIN * (1 << min(repetitions, 10))
    return max(min(doubled, BACKOFF_SECONDS_MAX), error.retry_after_seconds or 0.0)
