"""Commands that a server submits by itself: a few at a time, until it should stop.

They are carried out in the gaps that callers leave: see `points.engine.gaps`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from typing import Final

from points.domain.commands import Command
from points.engine.engine import Engine
from points.engine.jobs import Answer, Job


COMMANDS_MAX: Final = 64
"""Commands queued at a time: they take no more of the queue's room."""

_LOOK_SECONDS: Final = 0.1
"""How long one that should stop may go on waiting for its answers."""


class Stopped(Exception):  # noqa: N818 - nothing has failed
    """It should end here."""


def carry_out_all(
    engine: Engine,
    commands: Sequence[Command],
    add: Callable[[Answer], None],
    stopped: threading.Event,
) -> None:
    """Has all commands carried out, and tells what becomes of each.

    Raises Stopped, QueueFull and ServerStopping, with some of them done.
    """
    for start in range(0, len(commands), COMMANDS_MAX):
        if stopped.is_set():
            raise Stopped
        some = commands[start : start + COMMANDS_MAX]
        for future in _answered(_queued(engine, some), stopped):
            (answer,) = future.result()
            add(answer)


def _queued(
    engine: Engine, commands: Sequence[Command]
) -> list[Future[Sequence[Answer]]]:
    routed = [engine.route(command) for command in commands]
    jobs = [Job(commands=(each,), can_wait=True) for each in routed]
    futures: list[Future[Sequence[Answer]]] = [Future() for _ in jobs]
    engine.submit(list(zip(jobs, futures, strict=True)))
    return futures


def _answered(
    futures: list[Future[Sequence[Answer]]], stopped: threading.Event
) -> list[Future[Sequence[Answer]]]:
    """Returns the futures once all have their answers."""
    while wait(futures, timeout=_LOOK_SECONDS).not_done:
        if stopped.is_set():
            raise Stopped
    return futures
