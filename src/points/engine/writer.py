"""The one thread that writes. See the package's docstring for a batch's phases."""

from __future__ import annotations

import random
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Final, TypeAlias
from uuid import uuid4

import structlog

from points.domain.books import BooksBroken
from points.domain.refusals import Internal, QueueFull, ServerStopping, StoreUnavailable
from points.engine.aside import Aside
from points.engine.batch import Decided, run_batch
from points.engine.gaps import Gaps, GaveWay
from points.engine.gathering import Gathering
from points.engine.jobs import Answer, Job
from points.engine.plugins.plugins import Plugins
from points.engine.programs import Programs
from points.engine.tallies import WriterTally
from points.engine.waiting import Waiting
from points.store.databases.backend import Backend
from points.store.errors import CommitUnknown, StoreLost, StoreRejected


Deliver: TypeAlias = Callable[[Sequence[tuple[object, Sequence[Answer]]]], None]
"""Takes the tickets of a batch with their answers; called in the writer thread."""

ROUNDS_MAX: Final = 3
"""Batches in which a job may find its part busy before the writer waits for it."""

_PAUSE_SECONDS: Final = 0.02
_PAUSE_SECONDS_MAX: Final = 1.0

_log = structlog.get_logger("points.engine")


@dataclass(frozen=True, slots=True, kw_only=True)
class WriterLimits:
    """Bounds of the writer.

    `queue_limit` commands may wait, `batch_limit` commands go into one batch
    (a larger job makes a larger batch), and for `patience_seconds` a batch is
    tried again while the database is away. For `gather_seconds` at most the writer
    waits for many callers who were answered just now, for less if batches take less.
    """

    queue_limit: int = 16_384
    batch_limit: int = 256
    patience_seconds: float = 5.0
    gather_seconds: float = 0.05


class Writer:
    """Takes jobs from any thread, carries them out in one, and delivers answers."""

    def __init__(
        self,
        backend: Backend,
        programs: Programs,
        *,
        part_count: int,
        clock: Callable[[], int],
        deliver: Deliver,
        limits: WriterLimits | None = None,
        on_commit: Callable[[], None] = lambda: None,
        plugins: Plugins | None = None,
    ) -> None:
        self.tally = WriterTally()
        self._plugins = plugins or Plugins()
        self._backend = backend
        self._programs = programs
        self._part_count = part_count
        self._clock = clock
        self._deliver = deliver
        self._limits = limits or WriterLimits()
        self._on_commit = on_commit
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._waiting_count = 0
        self._count_lock = threading.Lock()
        self._gathering = Gathering(
            self._limits.batch_limit, self._limits.gather_seconds
        )
        self._missing = sys.maxsize
        self._aside = Aside(Gaps())
        self._enough = threading.Event()
        self._stopping = False
        self._broken: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="points-writer")

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Carries out all that waits, then ends the thread; later jobs are refused."""
        with self._count_lock:
            self._stopping = True
            self._queue.put(None)
        self._thread.join()

    @property
    def broken(self) -> BaseException | None:
        """Returns why the writer has stopped for good, None while it has not."""
        return self._broken

    @property
    def waiting_count(self) -> int:
        """Returns how many commands wait for an answer."""
        return self._waiting_count

    def submit(self, jobs: Sequence[tuple[Job, object]]) -> None:
        """Queues jobs together; the tickets beside them come back with the answers.

        A single job may be larger than the queue if nothing waits. Raises
        QueueFull and ServerStopping, with nothing queued.
        """
        size = sum(len(job.commands) for job, _ in jobs)
        with self._count_lock:
            if self._stopping or self._broken:
                raise ServerStopping
            waiting = self._waiting_count
            is_alone = not waiting and len(jobs) == 1
            if waiting + size > self._limits.queue_limit and not is_alone:
                raise QueueFull(self._limits.queue_limit)
            self._waiting_count = waiting + size
            # Within the lock, so that nothing is queued behind the end mark.
            for job, ticket in jobs:
                self._queue.put(Waiting(job, ticket))
            if self._queue.qsize() >= self._missing:
                self._enough.set()

    def _run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            # Nobody would write any more, so everybody has to know.
            _log.critical("writer_died", exc_info=error)
            self._broken = error
            raise

    def _work(self) -> None:
        left: list[Waiting] = []
        ended = False
        while left or not ended:
            taken, ended_now = self._take(left, block=not left and not ended)
            ended = ended or ended_now
            if taken:
                left = self._timed(taken)

    def _timed(self, taken: list[Waiting]) -> list[Waiting]:
        """Carries out a batch, and keeps what it tells of the next one."""
        others = sum(waiting.job.can_wait for waiting in taken)
        calls, started = len(taken) - others, time.monotonic()
        gives_way = not calls and self._aside.gives_way(started)
        try:
            left = self._carry_out(taken, self._give_way if gives_way else None)
        except GaveWay:
            self.tally.gave_way += 1
            self._aside.put_back(taken)
            return []
        ended = time.monotonic()
        waiting = self._queue.qsize()
        self._aside.batch_ended(
            started, ended, calls=calls, others=others, waiting=waiting
        )
        if calls:
            self._gathering.ended(calls + waiting, ended - started)
        return left

    def _give_way(self) -> None:
        """Raises GaveWay if somebody has come meanwhile."""
        if self._queue.qsize():
            raise GaveWay

    def _gather(self) -> None:
        """Waits for callers who are likely to come in a moment."""
        missing = self._gathering.missing()
        with self._count_lock:  # What is submitted together is queued by then.
            if self._queue.qsize() >= missing:
                return
            self._enough.clear()
            self._missing = missing
        have_come = self._enough.wait(self._gathering.seconds)
        self._missing = sys.maxsize
        self._gathering.waited(have_come=have_come)

    def _take(
        self, left: Sequence[Waiting], *, block: bool
    ) -> tuple[list[Waiting], bool]:
        """Returns what was left and whatever waits, up to the batch limit.

        What can wait is put aside, to be taken up as `Gaps` has it; at the end all
        of it is taken.
        """
        taken = list(left)
        size = sum(len(waiting.job.commands) for waiting in taken)
        while size < self._limits.batch_limit:
            try:
                waiting = self._queue.get(block=block, timeout=self._pause())
            except Empty:
                break
            if waiting is None:
                return [*taken, *self._aside.all()], True
            if waiting.job.can_wait:
                self._aside.put(waiting, time.monotonic())
                continue
            taken.append(waiting)
            size += len(waiting.job.commands)
            if block:
                self._gather()
            block = False
        limit, now = self._limits.batch_limit, time.monotonic()
        others = self._aside.due(limit, now, are_callers_waiting=bool(taken))
        return taken + others, False

    def _pause(self) -> float | None:
        """Returns how long to wait for callers, before others; None for ever."""
        return self._aside.pause(time.monotonic())

    def _carry_out(
        self, jobs: list[Waiting], check: Callable[[], None] | None = None
    ) -> list[Waiting]:
        """Runs one batch to its end, whatever it takes; returns what is left of it.

        Raises GaveWay, with nothing done, if the check does.
        """
        if self._broken:
            self._answer_all(jobs, StoreUnavailable())
            return []
        began = time.perf_counter()
        try:
            decided = self._persist(jobs, check)
        except GaveWay:
            raise
        except StoreRejected as error:
            return self._bisect(jobs, error)
        except BooksBroken as error:
            self._break(jobs, error)
            return []
        except Exception as error:  # noqa: BLE001 - the writer must not die of one job
            return self._bisect(jobs, error)
        if decided is None:
            self._answer_all(jobs, StoreUnavailable())
            return []
        seconds = time.perf_counter() - began
        self.tally.add_batch(seconds, [answers for _, answers in decided.answered])
        self._on_commit()
        self._answer(decided.answered)
        return list(decided.left)

    def _persist(
        self, jobs: list[Waiting], check: Callable[[], None] | None
    ) -> Decided | None:
        """Runs the batch until it is committed; None once patience is at its end."""
        deadline = time.monotonic() + self._limits.patience_seconds
        pause = _PAUSE_SECONDS
        wait = any(waiting.rounds >= ROUNDS_MAX for waiting in jobs)
        while True:
            try:
                decided = run_batch(
                    self._backend,
                    self._programs,
                    jobs,
                    part_count=self._part_count,
                    clock_time=self._clock(),
                    wait=wait,
                    plugins=self._plugins,
                    check=check,
                )
            except (StoreLost, CommitUnknown) as error:
                _log.warning("store_lost", error=str(error), jobs=len(jobs))
                if time.monotonic() > deadline:
                    return None
            else:
                # Nothing could be locked: then the next batch waits for the locks.
                if decided.answered or wait or len(decided.left) < len(jobs):
                    return decided
                wait = True
                continue
            # A little chance keeps several servers from trying in step.
            time.sleep(pause * random.uniform(0.5, 1.5))  # noqa: S311 - no secret
            pause = min(pause * 2, _PAUSE_SECONDS_MAX)
            wait = True

    def _bisect(self, jobs: list[Waiting], error: Exception) -> list[Waiting]:
        """Halves a batch that cannot be committed, down to the guilty command."""
        if len(jobs) == 1 and len(jobs[0].job.commands) > 1 and not jobs[0].job.atomic:
            jobs = jobs[0].pieces()
        if len(jobs) == 1:
            failure = Internal(uuid4().hex[:12])
            _log.error("job_failed", error_id=failure.error_id, exc_info=error)
            self._answer_all(jobs, failure)
            return []
        middle = len(jobs) // 2
        return self._carry_out(jobs[:middle]) + self._carry_out(jobs[middle:])

    def _break(self, jobs: list[Waiting], error: BooksBroken) -> None:
        """Stops for good: a wrong ledger must not go on."""
        failure = Internal(uuid4().hex[:12])
        _log.critical("books_broken", error_id=failure.error_id, error=str(error))
        self._broken = error
        self._answer_all(jobs, failure)

    def _answer_all(self, jobs: Iterable[Waiting], refusal: Answer) -> None:
        self._answer([(w, [refusal] * len(w.job.commands)) for w in jobs])

    def _answer(self, answered: Sequence[tuple[Waiting, Sequence[Answer]]]) -> None:
        with self._count_lock:
            self._waiting_count -= sum(len(answers) for _, answers in answered)
        for _, answers in answered:
            self.tally.add_answers(answers)
        complete = [pair for pair in map(_completed, answered) if pair is not None]
        try:
            self._deliver(complete)
        except Exception as error:  # noqa: BLE001 - callers that are gone cannot stop us
            _log.warning("answers_lost", jobs=len(answered), exc_info=error)


def _completed(
    pair: tuple[Waiting, Sequence[Answer]],
) -> tuple[object, Sequence[Answer]] | None:
    """Returns the ticket and all answers of a job; None while pieces are missing."""
    waiting, answers = pair
    if waiting.whole is None:
        return waiting.ticket, answers
    together = waiting.whole.add(waiting.ticket, answers[0])
    return None if together is None else (waiting.whole.waiting.ticket, together)
