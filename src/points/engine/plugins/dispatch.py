"""Decides calls of plugins: runs their functions, and undoes what has failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import structlog

from points.domain.bounds import NEVER, POINTS_MAX
from points.domain.commands import CallPlugin, Earn, PurgePlugin, Reverse
from points.domain.commands.plugins import JOB_METHOD
from points.domain.documents import Document
from points.domain.program import Program
from points.domain.refusals import (
    NothingDue,
    NotReversible,
    PluginDisabled,
    PluginEnabled,
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
from points.engine.plugins.foresight import Foresight
from points.engine.plugins.guarding import failure_of, guarded
from points.engine.plugins.job_runs import Waiting, document_of_run
from points.engine.plugins.keys import Keyring
from points.engine.plugins.reacting import (
    Listening,
    record_reaction,
    recorded_of,
)
from points.engine.plugins.settings import Settings, program_of_version
from points.engine.plugins.work import MERGE_CHANGES_MAX, Work
from points.engine.programs import Programs
from points.engine.tallies import Hook
from points.engine.workspace import Workspace
from points.plugin.context import Random
from points.plugin.reactions import Award, OnFailure, Reaction, Recorded, Transform
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
    keyring: Keyring

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
            lambda: work.decision(answer(self._context(work))),
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
            context = self._context(work)
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
        after = waiting.failed(document, job, work.workspace.now)
        if after.due_time == NEVER:
            self.breaker.tally.add_given_up(work.hook)
        failed.put(after)
        return failed.decision(b"")

    def transformed(self, workspace: Workspace, command: Earn, part: int) -> Earn:
        """Returns an earn as the plugins would have it.

        Raises the Refusal of one that refuses it or, if it says so, fails.
        """
        for plugin, transform in self.registry.transforms:
            own = {each.name for each in plugin.channels}
            wanted = not transform.channels or command.channel in transform.channels
            if wanted and command.channel not in own:
                method = f"transform/{transform.name}"
                work = self._transforming(workspace, plugin, method, command, part)
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

        def change() -> Award:
            after = transform.handler(self._context(work), before)
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
        return bool(self._listening)

    @cached_property
    def transforms(self) -> bool:
        """Says whether any plugin changes awards."""
        return bool(self.registry.transforms)

    @cached_property
    def _listening(self) -> Mapping[str, Sequence[Listening]]:
        """Returns who reacts to records of each kind."""
        wanted = {
            kind: [each for each in bound if self._is_wanted(*each, kind)]
            for kind, bound in self.registry.reactions.items()
        }
        return {
            kind: tuple(Listening.of(*each) for each in bound)
            for kind, bound in wanted.items()
            if bound
        }

    def _is_wanted(self, plugin: Plugin, reaction: Reaction, kind: str) -> bool:
        """Says whether records of a kind concern a reaction: if in doubt, they do."""
        if reaction.wanted is None:
            return True
        hook = (plugin.name, f"wanted/{reaction.name}")
        try:
            with self.breaker.asking(hook):
                return reaction.wanted(self.config(plugin, None), kind)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - of the plugin
            failure_of(*hook, error)
            return True

    def react(self, workspace: Workspace, start: int) -> None:
        """Has plugins react to all that was recorded since, and to what follows.

        Raises the Refusal of a reaction that says so, and what asks for more to be
        read.
        """
        for _ in range(REACTIONS_DEEP):
            records = workspace.records_since(start)
            if not records:
                return
            start += len(records)
            for record in records:
                listening = self._listening.get(record.kind)
                told = recorded_of(record) if listening else None
                if listening and told:
                    self._react_all(workspace, listening, record, told)
        if workspace.records_since(start):
            _log.warning("reactions_too_deep", levels=REACTIONS_DEEP)

    def _react_all(
        self,
        workspace: Workspace,
        listening: Sequence[Listening],
        record: Record,
        told: Recorded,
    ) -> None:
        for plugin, reaction, channels, hook in listening:
            if record.channel in channels:
                continue
            work = self._reacting(workspace, plugin, hook, record)
            if record.kind is Kind.MERGE_IN:
                work.changes_max = MERGE_CHANGES_MAX
            context = CommandContext(work, self)
            try:
                guarded(work, self.breaker, reaction.handler, context, told)
            except Refusal as refusal:
                if _is_skipped(work, reaction.on_failure, refusal):
                    continue
                raise
            if not work.is_idle:
                record_reaction(work, record, work.decision(b""))

    def _reacting(
        self, workspace: Workspace, plugin: Plugin, hook: Hook, record: Record
    ) -> Work:
        # In their order: it is made for every reaction to every record.
        identity = (hook[1], record.part, record.number)
        return Work(
            plugin,
            hook,
            workspace,
            self.extended,
            record.part,
            record.member_id,
            identity,
            self._transform,
        )

    @cached_property
    def _transform(self) -> Callable[[Workspace, Earn, int], Earn] | None:
        return self.transformed if self.transforms else None

    @cached_property
    def foresight(self) -> Foresight:
        """Returns what tells which documents the plugins will look at."""
        transforming = (bound.plugin for bound in self.registry.transforms)
        asked = [(Kind.EARN, plugin) for plugin in transforming]
        for kind, listening in self._listening.items():
            asked += [(Kind(kind), each.plugin) for each in listening]
        return Foresight.of(self.registry, asked)

    def check_reversible(self, workspace: Workspace, command: Reverse) -> None:
        """Raises NotReversible for what a channel gave that takes nothing back."""
        record = workspace.transaction(command.place) if command.place else None
        found = self.registry.channels.get(record.channel) if record else None
        if record and found and not found[1].is_reversible:
            code = command.reason_code.value if command.reason_code else ""
            raise NotReversible(command.transaction_id, record.kind.value, code)

    def check_purgeable(self, command: PurgePlugin) -> None:
        """Raises PluginEnabled for a plugin that takes part on this server.

        What others run is not known here: it is for the operator to disable it first.
        """
        if command.plugin in self.registry.by_name:
            raise PluginEnabled(command.plugin)

    def _work(self, workspace: Workspace, plugin: Plugin, routed: Routed) -> Work:
        command = routed.command
        assert isinstance(command, CallPlugin)
        whose = (command.object_id, command.caller_id, command.request_id)
        return Work(
            plugin=plugin,
            hook=(plugin.name, command.method),
            workspace=workspace,
            program=self.extended,
            part=routed.part,
            member_id=command.caller_id,
            identity=whose,
            request="" if command.is_job else command.request_id,
            transform=self._transform,
        )

    def _transforming(
        self,
        workspace: Workspace,
        plugin: Plugin,
        method: str,
        command: Earn,
        part: int,
    ) -> Work:
        return Work(
            plugin=plugin,
            hook=(plugin.name, method),
            workspace=workspace,
            program=self.extended,
            part=part,
            member_id=command.member_id,
            identity=(method, command.member_id, command.request_id),
            is_reading=True,
        )

    def _context(self, work: Work) -> CommandContext:
        return CommandContext(work, self)

    def config(self, plugin: Plugin, version: int | None) -> Any:
        """Returns the settings of a plugin in a version, or the one in force."""
        program = self.program
        if version is not None:
            program = program_of_version(self.programs, version)
        return self.settings.of(plugin, program, in_force=self.program)


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
        plugin, hook = work.hook
        _log.warning("plugin_skipped", plugin=plugin, hook=hook, why=str(refusal))
    return True
