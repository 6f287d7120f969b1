"""The threads that work for plugins beside the writer: jobs and subscribers."""

from __future__ import annotations

import threading
from typing import Final
from uuid import uuid4

import structlog

from points.engine.engine import Engine
from points.engine.plugins.job_runner import JobRunner
from points.engine.plugins.subscribing import tell
from points.plugin.reactions import Subscriber
from points.store.errors import StoreLost


POLL_SECONDS: Final = 0.2
"""Pause between two looks for something to tell."""

_STOP_SECONDS: Final = 5.0
"""How long the end waits for a subscriber that hangs: it is told again elsewhere."""

_log = structlog.get_logger("points.plugins")


class Background:
    """Runs the jobs of plugins, and tells their subscribers, until it is stopped."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._jobs = JobRunner(engine)
        self._holder = uuid4().hex
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="points-subscribers")
        self._telling: dict[tuple[str, str], threading.Thread] = {}

    def start(self) -> None:
        """Starts the threads."""
        self._jobs.start()
        self._thread.start()

    def stop(self) -> None:
        """Ends the threads; one that hangs in a plugin is left behind."""
        self._stopped.set()
        self._jobs.stop()
        if self._thread.is_alive():
            self._thread.join()
        for thread in self._telling.values():
            thread.join(_STOP_SECONDS)

    def _run(self) -> None:
        """Keeps a thread for each subscriber: none waits for another one."""
        while True:
            for key in self._subscribers():
                known = self._telling.get(key)
                if known is None or not known.is_alive():
                    self._telling[key] = self._begin(*key)
            if self._stopped.wait(POLL_SECONDS):
                return

    def _begin(self, plugin: str, name: str) -> threading.Thread:
        thread = threading.Thread(
            target=self._tell, args=(plugin, name), name="points-tell", daemon=True
        )
        thread.start()
        return thread

    def _tell(self, plugin: str, name: str) -> None:
        """Tells a subscriber for as long as its plugin takes part."""
        while not self._stopped.wait(POLL_SECONDS):
            subscriber = self._subscribers().get((plugin, name))
            if subscriber is None:
                return
            try:
                while tell(self._engine, plugin, subscriber, self._holder):
                    if self._stopped.is_set():
                        return
            except StoreLost as error:
                _log.warning("store_lost", error=str(error))
            except Exception as error:  # noqa: BLE001 - the next look may do better
                _log.warning("telling_failed", plugin=plugin, exc_info=error)

    def _subscribers(self) -> dict[tuple[str, str], Subscriber]:
        plugins = self._engine.plugins.registry.plugins
        return {(p.name, each.name): each for p in plugins for each in p.subscribers}
