"""Decides calls of plugins: runs their functions, and undoes what has failed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from uuid import uuid4

import structlog

from points.domain.commands import CallPlugin
from points.domain.commands.plugins import JOB_METHOD
from points.domain.documents import Document
from points.domain.program import Program
from points.domain.refusals import (
    Internal,
    PluginDeclined,
    PluginDisabled,
    PluginRefused,
    Refusal,
)
from points.domain.state import Decision
from points.engine.jobs import Routed
from points.engine.plugins.calls import messages_of, method_of, plugin_of
from points.engine.plugins.context import CommandContext
from points.engine.plugins.job_runs import Waiting, document_of_run
from points.engine.plugins.settings import Settings, program_of_version
from points.engine.plugins.work import MISSING, Work, name_of_call
from points.engine.programs import Programs
from points.engine.workspace import Workspace
from points.plugin.context import Call, Random
from points.plugin.refusals import PASSING, Refused
from points.plugin.registry import Plugin, Registry


_log = structlog.get_logger("points.plugins")


@dataclass(frozen=True)
class Dispatch:
    """Is the plugins that take part, under one version of the program."""

    registry: Registry
    programs: Programs
    program: Program
    settings: Settings
    random: Random

    @cached_property
    def extended(self) -> Program:
        """Returns the program in which each channel of a plugin is a sink, too."""
        sinks = self.program.sinks | frozenset(self.registry.channels)
        return replace(self.program, sinks=sinks)

    def decide(self, workspace: Workspace, routed: Routed) -> Decision:
        """Returns what a call does; what the ledger does for it is recorded already.

        Raises the Refusal that a plugin or the core answers with, PluginDisabled,
        Internal for whatever else a plugin raises, all with nothing changed, and
        what asks for more to be read.
        """
        command = routed.command
        assert isinstance(command, CallPlugin)
        plugin = plugin_of(self.registry, command.plugin)
        work = self._work(workspace, plugin, routed)
        if command.is_job:
            return self._run_job(work, command)
        answer = self._handler(plugin, command)
        return self._guarded(
            work, lambda: work.decision(answer(self._context(work, command)))
        )

    def _handler(self, plugin: Plugin, command: CallPlugin) -> Callable[[Any], bytes]:
        """Returns what makes the response to a call out of a context."""
        method = method_of(self.registry, plugin.name, command.method)
        kind = messages_of(plugin, command.method)[1]

        def answer(context: CommandContext) -> bytes:
            response = method.handler(context, command.request)
            if not isinstance(response, kind):
                found = type(response).__name__
                raise TypeError(f"the handler answers {found}, not {kind.__name__}")
            written: bytes = response.SerializeToString(deterministic=True)
            return written

        return answer

    def _run_job(self, work: Work, command: CallPlugin) -> Decision:
        """Returns what a run of a job does; one that fails waits once more."""
        document = document_of_run(command, work.part)
        name = command.method.removeprefix(JOB_METHOD)
        job = self.registry.jobs.get((work.plugin.name, name))
        if job is None:
            raise PluginDisabled(work.plugin.name)
        waiting = Waiting.of(document)

        def run() -> Decision:
            work.put(Document.gone(document.place()))
            context = self._context(work, command)
            job.handler(context, waiting.run(document))
            return work.decision(b"")

        try:
            return self._guarded(work, run)
        except Refusal as refusal:
            _log.warning(
                "job_failed", plugin=work.plugin.name, job=name, why=str(refusal)
            )
        failed = replace_work(work)
        failed.put(Document.gone(document.place()))
        failed.put(waiting.failed(document, job, work.workspace.now))
        return failed.decision(b"")

    def _guarded(self, work: Work, do: Callable[[], Decision]) -> Decision:
        """Returns what is done; undoes it if it raises, and tells refusals apart."""
        workspace = work.workspace
        mark = workspace.mark()
        workspace.shows_new = True
        try:
            decision = do()
        except BaseException as error:  # noqa: BLE001 - nothing it did may stay
            workspace.undo(mark)
            raise _told(work, error) from None
        finally:
            workspace.shows_new = False
            work.is_over = True
        if work.missing:
            workspace.undo(mark)
            raise work.missing
        return decision

    def _work(self, workspace: Workspace, plugin: Plugin, routed: Routed) -> Work:
        command = routed.command
        assert isinstance(command, CallPlugin)
        return Work(
            plugin=plugin,
            method=command.method,
            workspace=workspace,
            program=self.extended,
            part=routed.part,
            member_id=command.caller_id,
            name=name_of_call(command.object_id, command.caller_id, command.request_id),
            part_count=workspace.part_count,
        )

    def _context(self, work: Work, command: CallPlugin) -> CommandContext:
        def config(version: int | None) -> Any:
            program = self.program
            if version is not None:
                program = program_of_version(self.programs, version)
            return self.settings.of(work.plugin, program)

        request_id = "" if command.is_job else command.request_id
        call = Call(command.method, command.caller_id, request_id)
        return CommandContext(work, call, self.random, config)


def replace_work(work: Work) -> Work:
    """Returns the same call with nothing done."""
    return Work(
        plugin=work.plugin,
        method=work.method,
        workspace=work.workspace,
        program=work.program,
        part=work.part,
        member_id=work.member_id,
        name=work.name,
        part_count=work.part_count,
    )


def _told(work: Work, error: BaseException) -> BaseException:
    """Returns what the caller is told of what a plugin has raised."""
    if work.missing is not None:
        return work.missing
    if isinstance(error, Refused):
        return refusal_of(work.plugin.name, error)
    if isinstance(error, (Refusal, *MISSING)):
        return error
    if isinstance(error, Exception | SystemExit):
        return failure_of(work.plugin.name, work.method, error)
    return error


def refusal_of(plugin: str, refused: Refused) -> Refusal:
    """Returns a plugin's no as the core stores it, or does not."""
    reason = refused.reason
    kind = PluginDeclined if reason.answer in PASSING else PluginRefused
    return kind(
        plugin, reason.name, reason.answer.value, str(refused), refused.metadata
    )


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
