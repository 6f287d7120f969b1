"""Decides calls of plugins: runs their functions, and undoes what has failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import structlog

from points.domain.bounds import POINTS_MAX
from points.domain.commands import CallPlugin, Earn, Reverse
from points.domain.commands.plugins import JOB_METHOD
from points.domain.documents import Document
from points.domain.program import Program
from points.domain.refusals import (
    NothingDue,
    NotReversible,
    PluginDisabled,
    PluginRefused,
    PluginUnavailable,
    Refusal,
)
from points.domain.state import Decision
from points.domain.values import Kind, Record
from points.engine.jobs import Routed
from points.engine.plugins.breaker import Breaker
from points.engine.plugins.calls import messages_of, method_of, plugin_of
from points.engine.plugins.context import CommandContext
from points.engine.plugins.guarding import guarded
from points.engine.plugins.job_runs import Waiting, document_of_run
from points.engine.plugins.reacting import look_ahead, record_reaction, recorded_of
from points.engine.plugins.settings import Settings, program_of_version
from points.engine.plugins.work import Work, name_of_call
from points.engine.programs import Programs
from points.engine.workspace import Workspace
from points.plugin.context import Call, Random
from points.plugin.reactions import Award, OnFailure, Reaction, Transform
from points.plugin.refusals import Answer
from points.plugin.registry import Plugin, Registry


NOTHING_AWARDED: Final = "NOTHING_AWARDED"
"""Is the reason of an earn of which a transform has left nothing."""

REACTIONS_DEEP: Final = 4
"""How often reactions may follow from what reactions have recorded."""

_log = structlog.get_logger("points.plugins")


@dataclass(frozen=True)
class Dispatch:
    """Is the plugins that take part, under one version of the program."""

    registry: Registry
    programs: Programs
    program: Program
    settings: Settings
    random: Random
    breaker: Breaker

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
        return guarded(
            work,
            self.breaker,
            lambda: work.decision(answer(self._context(work, command))),
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
        if work.workspace.stock.documents.get(document.place()) != document:
            raise NothingDue(document.owner)  # It was moved, or is run already.
        waiting = Waiting.of(document)

        def run() -> Decision:
            work.put(Document.gone(document.place()))
            context = self._context(work, command)
            job.handler(context, waiting.run(document))
            return work.decision(b"")

        try:
            return guarded(work, self.breaker, run)
        except Refusal as refusal:
            _log.warning(
                "job_failed", plugin=work.plugin.name, job=name, why=str(refusal)
            )
        failed = work.anew()
        failed.put(Document.gone(document.place()))
        failed.put(waiting.failed(document, job, work.workspace.now))
        return failed.decision(b"")

    def transformed(self, workspace: Workspace, command: Earn, part: int) -> Earn:
        """Returns an earn as the plugins would have it.

        Raises the Refusal of one that refuses it or, if it says so, fails.
        """
        for plugin, transform in self.registry.transforms:
            own = {each.name for each in plugin.channels}
            wanted = not transform.channels or command.channel in transform.channels
            if wanted and command.channel not in own:
                work = self._work_about(
                    workspace, plugin, f"transform/{transform.name}", command, part
                )
                command = self._transformed(work, transform, command)
        return command

    def _transformed(self, work: Work, transform: Transform, command: Earn) -> Earn:
        before = Award(
            command.member_id,
            command.unit,
            command.points,
            command.channel,
            command.reason,
        )
        call = Call(work.method, work.member_id, "")

        def change() -> Award:
            after = transform.handler(self._in_context(work, call), before)
            _check_award(before, after)
            return after

        try:
            after = guarded(work, self.breaker, change)
        except Refusal as refusal:
            if _is_skipped(work, transform.on_failure, refusal):
                return command
            raise
        if not after.points:
            raise PluginRefused(
                work.plugin.name,
                NOTHING_AWARDED,
                Answer.FAILED_PRECONDITION.value,
                f"{transform.name} awards nothing",
                {},
            )
        return replace(command, points=after.points)

    @cached_property
    def reacts(self) -> bool:
        """Says whether any plugin reacts to anything."""
        return bool(self.registry.reactions)

    @cached_property
    def transforms(self) -> bool:
        """Says whether any plugin changes awards."""
        return bool(self.registry.transforms)

    def react(self, workspace: Workspace, start: int) -> None:
        """Has plugins react to all that was recorded since, and to what follows.

        Raises the Refusal of a reaction that says so, and what asks for more to be
        read.
        """
        for _ in range(REACTIONS_DEEP):
            records = workspace.records_since(start)
            start += len(records)
            for record in records:
                for bound in self.registry.reactions.get(record.kind, ()):
                    self._react(workspace, *bound, record)
        if workspace.records_since(start):
            _log.warning("reactions_too_deep", levels=REACTIONS_DEEP)

    def _react(
        self, workspace: Workspace, plugin: Plugin, reaction: Reaction, record: Record
    ) -> None:
        told = recorded_of(record)
        if told is None or record.channel in {each.name for each in plugin.channels}:
            return
        what = f"reaction/{reaction.name}"
        work = self._work_about(workspace, plugin, what, record, record.part)
        work.name = name_of_call(what, *map(str, record.place()))
        call = Call(what, record.member_id, "")

        def do() -> Decision:
            reaction.handler(self._in_context(work, call), told)
            return work.decision(b"")

        try:
            decision = guarded(work, self.breaker, do)
        except Refusal as refusal:
            if _is_skipped(work, reaction.on_failure, refusal):
                return
            raise
        if not work.is_idle:
            record_reaction(work, record, decision)

    def foreseen(self, commands: Sequence[Routed]) -> list[Routed]:
        """Returns what reads for the plugins that the commands will interest."""
        if not self._interested:
            return []
        found = ((each, self._interested.get(each.command.kind)) for each in commands)
        return [look_ahead(routed, plugins) for routed, plugins in found if plugins]

    @cached_property
    def _interested(self) -> Mapping[Kind, Sequence[Plugin]]:
        """Returns the plugins that look at members for commands of each kind.

        A call of a plugin may record anything.
        """
        found: dict[Kind, dict[str, Plugin]] = {}
        for kind, bound in self.registry.reactions.items():
            for each in (Kind(kind), Kind.CALL):
                found.setdefault(each, {}).update(
                    (b.plugin.name, b.plugin) for b in bound
                )
        for bound_one in self.registry.transforms:
            plugin = bound_one.plugin
            for each in (Kind.EARN, Kind.CALL):
                found.setdefault(each, {})[plugin.name] = plugin
        return {kind: tuple(plugins.values()) for kind, plugins in found.items()}

    def check_reversible(self, workspace: Workspace, command: Reverse) -> None:
        """Raises NotReversible for what a channel gave that takes nothing back."""
        record = workspace.transaction(command.place) if command.place else None
        found = self.registry.channels.get(record.channel) if record else None
        if record and found and not found[1].is_reversible:
            code = command.reason_code.value if command.reason_code else ""
            raise NotReversible(command.transaction_id, record.kind.value, code)

    def _work(self, workspace: Workspace, plugin: Plugin, routed: Routed) -> Work:
        command = routed.command
        assert isinstance(command, CallPlugin)
        whose = (command.object_id, command.caller_id, command.request_id)
        return Work(
            plugin=plugin,
            method=command.method,
            workspace=workspace,
            program=self.extended,
            part=routed.part,
            member_id=command.caller_id,
            name=name_of_call(*whose),
            part_count=workspace.part_count,
            transform=self.transformed if self.transforms else None,
        )

    def _work_about(
        self,
        workspace: Workspace,
        plugin: Plugin,
        method: str,
        about: Record | Earn,
        part: int,
    ) -> Work:
        """Returns the work of a plugin on account of something of others."""
        return Work(
            plugin=plugin,
            method=method,
            workspace=workspace,
            program=self.extended,
            part=part,
            member_id=about.member_id,
            name=name_of_call(method, about.member_id, about.request_id),
            part_count=workspace.part_count,
            is_reading=isinstance(about, Earn),
            transform=self.transformed if self.transforms else None,
        )

    def _context(self, work: Work, command: CallPlugin) -> CommandContext:
        request_id = "" if command.is_job else command.request_id
        return self._in_context(work, Call(work.method, work.member_id, request_id))

    def _in_context(self, work: Work, call: Call) -> CommandContext:
        def config(version: int | None) -> Any:
            program = self.program
            if version is not None:
                program = program_of_version(self.programs, version)
            return self.settings.of(work.plugin, program)

        return CommandContext(work, call, self.random, config)


def _check_award(before: Award, after: object) -> None:
    """Raises TypeError unless only the points have changed, to what they may be."""
    is_award = isinstance(after, Award) and type(after.points) is int
    if not (isinstance(after, Award) and is_award):
        raise TypeError(f"a transform answers an Award, not {after!r}")
    if after != before._replace(points=after.points):
        raise TypeError("a transform changes the points of an award alone")
    if not 0 <= after.points <= POINTS_MAX:
        raise ValueError(f"a transform awards {after.points} points")


def _is_skipped(work: Work, on_failure: OnFailure, refusal: Refusal) -> bool:
    """Says whether the command goes on without the function that has refused."""
    if on_failure is OnFailure.ABORT:
        return False
    if not isinstance(refusal, PluginUnavailable):
        name, why = work.plugin.name, str(refusal)
        _log.warning("plugin_skipped", plugin=name, hook=work.method, why=why)
    return True
