"""Servers inside the test process, all on one event loop in a thread of its own.

grpc.aio wakes every loop of a process for every event, so there is one loop only.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from points.domain.program import Program
from points.engine.engine import Engine
from points.server.serving import ServingOptions, running_server
from points.store.opening import Store, open_store


Result = TypeVar("Result")


class LoopThread:
    """Runs an event loop in a thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="test-loop")

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the loop and its thread."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Runs a coroutine on the loop and returns its result."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()


@dataclass(frozen=True, slots=True)
class Served:
    """Is a running server: where it listens, its engine, and its database.

    `stop` may be called once more than needed.
    """

    address: str
    engine: Engine
    database_url: str
    stop: Callable[[], None]


@contextmanager
def served(
    loop: LoopThread, database_url: str, program: Program, options: ServingOptions
) -> Iterator[Served]:
    """Runs a server on the loop for the length of the block."""
    with ExitStack() as stack:
        store = stack.enter_context(open_store(database_url, migrating=True))
        started = stack.enter_context(served_on(loop, store, program, options))
        yield replace(started, database_url=database_url, stop=stack.close)


@contextmanager
def served_on(
    loop: LoopThread, store: Store, program: Program, options: ServingOptions
) -> Iterator[Served]:
    """Runs a server on an open store for the length of the block."""
    with ExitStack() as stack:
        running = running_server(store, program, options)
        engine, port = loop.run(running.__aenter__())
        stack.callback(lambda: loop.run(running.__aexit__(None, None, None)))
        url = store.backend.writing.url.render_as_string(hide_password=False)
        yield Served(f"127.0.0.1:{port}", engine, url, stack.close)
