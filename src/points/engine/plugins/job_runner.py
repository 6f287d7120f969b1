"""Runs the jobs of plugins once they are due, whichever server finds them first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import structlog

from points.domain.commands import CallPlugin
from points.domain.documents import JOB_PREFIX
from points.domain.refusals import QueueFull, ServerStopping
from points.engine.engine import Engine
from points.engine.jobs import Answer
from points.engine.plugins.job_runs import run_of
from points.engine.submitting import Stopped, carry_out_all
from points.plugin.registry import Registry
from points.store.errors import StoreLost
from points.store.reads.due import OF_DOCUMENTS, DueDocument, due_documents


POLL_SECONDS: Final = 1.0
"""Pause between two looks: no job is later than that by much."""

PASSES_MAX: Final = 1_000
"""Most times that jobs are looked for in one go: some are due again at once."""

_PAGE: Final = 1_000

_log = structlog.get_logger("points.plugins")


def run_due_jobs(
    engine: Engine, add: Callable[[Answer], None], stopped: threading.Event
) -> None:
    """Runs all jobs that are due, and those which they leave due.

    Some are due again and again, as the thousands of steps of a settlement are: the
    writer takes each up in a gap that callers leave. Raises Stopped, QueueFull,
    ServerStopping and StoreLost.
    """
    for _ in range(PASSES_MAX if engine.plugins.registry.jobs else 0):
        if not _run_once(engine, add, stopped):
            return


def _run_once(
    engine: Engine, add: Callable[[Answer], None], stopped: threading.Event
) -> int:
    """Runs what is due now, each once; returns how many runs that were."""
    count = 0
    for page in _pages(engine):
        commands = list(_commands(engine.plugins.registry, page))
        count += len(commands)
        carry_out_all(engine, commands, add, stopped)
    return count


def _pages(engine: Engine) -> Iterator[Sequence[DueDocument]]:
    backend, now = engine.store.backend, engine.clock()
    after: Sequence[Any] = OF_DOCUMENTS
    while page := due_documents(backend, now=now, after=after, limit=_PAGE):
        yield page
        if len(page) < _PAGE:
            return
        after = page[-1][: len(OF_DOCUMENTS)]


def _commands(registry: Registry, page: Sequence[DueDocument]) -> Iterator[CallPlugin]:
    """Yields the runs; jobs of plugins that take no part wait."""
    for due in page:
        job = registry.jobs.get((due.plugin, due.collection.removeprefix(JOB_PREFIX)))
        if job is not None:
            yield run_of(due.document(), job)


class JobRunner:
    """Looks for jobs again and again, in a thread of its own."""

    def __init__(self, engine: Engine, poll_seconds: float = POLL_SECONDS) -> None:
        self._engine = engine
        self._poll_seconds = poll_seconds
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="points-jobs")

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; what it has queued is still carried out."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.wait(self._poll_seconds):
            try:
                run_due_jobs(self._engine, _ignore, self._stopped)
            except (Stopped, QueueFull, ServerStopping):
                continue
            except StoreLost as error:
                _log.warning("store_lost", error=str(error))
            except Exception as error:  # noqa: BLE001 - the next look may do better
                _log.warning("jobs_failed", exc_info=error)


def _ignore(_answer: Answer) -> None: ...
