"""Runs a plugin's function behind a guard: what fails is undone, told and counted."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar, TypeVarTuple, Unpack
from uuid import uuid4

import structlog

from points.domain.refusals import (
    Internal,
    PluginDeclined,
    PluginRefused,
    PluginUnavailable,
    Refusal,
)
from points.engine.plugins.breaker import Breaker
from points.engine.plugins.work import MISSING, Work
from points.plugin.refusals import PASSING, Refused


Done = TypeVar("Done")
Given = TypeVarTuple("Given")

SLOW_SECONDS: Final = 0.05
"""A function that takes longer is named in the log: everybody waits for the writer."""

_log = structlog.get_logger("points.plugins")


def guarded(
    work: Work,
    breaker: Breaker,
    do: Callable[[Unpack[Given]], Done],
    *given: *Given,
) -> Done:
    """Returns what is done for a call; undoes it all if it raises.

    Raises the Refusal of a plugin or of the core, Internal for whatever else a
    plugin raises, PluginUnavailable if that has happened too often, what asks for
    more to be read. And what has ended a read on demand, and the batch with it.
    """
    hook = work.hook
    if breaker.failures and breaker.is_open(hook, work.member_id):
        raise PluginUnavailable(*hook)
    workspace = work.workspace
    mark, showed_new = workspace.mark(), workspace.shows_new
    workspace.shows_new = True
    outer, began = breaker.running, time.perf_counter()
    breaker.running = (hook, began)
    try:
        done = do(*given)
    except BaseException as error:  # noqa: BLE001 - nothing it did may stay
        workspace.undo(mark)
        raise _told(work, breaker, error) from None
    finally:
        workspace.shows_new = showed_new
        work.is_over = True
        seconds = time.perf_counter() - began
        breaker.running = outer
        breaker.tally.add_call(hook, seconds)
        if seconds > SLOW_SECONDS:
            _watch(work, seconds)
    if over := workspace.lost or work.missing:
        workspace.undo(mark)
        raise over
    if breaker.failures:
        breaker.succeeded(hook, work.member_id)
    return done


def _watch(work: Work, seconds: float) -> None:
    plugin, hook = work.hook
    _log.warning("plugin_slow", plugin=plugin, hook=hook, seconds=round(seconds, 3))


def _told(work: Work, breaker: Breaker, error: BaseException) -> BaseException:
    """Returns what the caller is told of what a plugin has raised, and counts it."""
    hook = work.hook
    if over := work.workspace.lost or work.missing:
        return over
    if isinstance(error, MISSING):
        return error
    if isinstance(error, Refused):
        breaker.succeeded(hook, work.member_id)
        return refusal_of(hook[0], error)
    if isinstance(error, Refusal):
        breaker.succeeded(hook, work.member_id)
        return error
    if isinstance(error, Exception | SystemExit):
        breaker.failed(hook, work.member_id)
        return failure_of(*hook, error)
    return error


def refusal_of(plugin: str, refused: Refused) -> Refusal:
    """Returns a plugin's no as the core stores it, or does not."""
    reason, details = refused.reason, refused.metadata
    kind = PluginDeclined if reason.answer in PASSING else PluginRefused
    return kind(plugin, reason.name, reason.answer.value, str(refused), details)


def failure_of(plugin: str, hook: str, error: BaseException) -> Internal:
    """Returns what a caller is told of a failure; the log has all of it."""
    failure = Internal(uuid4().hex[:12])
    _log.error(
        "plugin_failed",
        plugin=plugin,
        hook=hook,
        error_id=failure.error_id,
        exc_info=error,
    )
    return failure
