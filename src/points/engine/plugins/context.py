"""The context of a call under way: all that a handler works with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from points.domain.commands import Reads
from points.domain.documents import JOB_PREFIX, Document
from points.domain.identity import part_of
from points.domain.ladders import Climber
from points.domain.plugin_calls import Emitted
from points.domain.refusals import MemberNotFound
from points.engine.plugins.counting import CommandCounters
from points.engine.plugins.job_runs import Waiting
from points.engine.plugins.keys import Keyring
from points.engine.plugins.ledger import CommandLedger, member_of
from points.engine.plugins.missing import is_climber_known, is_member_known, look
from points.engine.plugins.state import CommandState
from points.engine.plugins.views import untiered_view_of, view_of
from points.engine.plugins.work import Work
from points.plugin.context import Call, MemberView, Random
from points.plugin.registry import Plugin


class Supplies(Protocol):
    """Is what the contexts of all calls have in common."""

    @property
    def random(self) -> Random:
        """Returns where chance comes from."""

    @property
    def keyring(self) -> Keyring:
        """Returns the keys of all plugins."""

    def config(self, plugin: Plugin, version: int | None) -> Any:
        """Returns the settings of a plugin in a version, or the one in force."""


class CommandContext:
    """Is `points.plugin.Context` of a command, a job or a reaction."""

    __slots__ = ("_config", "_counters", "_ledger", "_state", "_supplies", "_work")

    def __init__(self, work: Work, supplies: Supplies) -> None:
        self._work = work
        self._supplies = supplies
        self._ledger: CommandLedger | None = None
        self._state: CommandState | None = None
        self._counters: CommandCounters | None = None
        self._config: Any = None

    @property
    def random(self) -> Random:
        """Returns where chance comes from."""
        return self._supplies.random

    @property
    def call(self) -> Call:
        """Returns the call that is answered."""
        work = self._work
        return Call(work.method, work.member_id, work.request)

    @property
    def ledger(self) -> CommandLedger:
        """Returns the points."""
        if self._ledger is None:
            self._ledger = CommandLedger(self._work)
        return self._ledger

    @property
    def state(self) -> CommandState:
        """Returns the plugin's documents."""
        if self._state is None:
            self._state = CommandState(self._work)
        return self._state

    @property
    def counters(self) -> CommandCounters:
        """Returns the plugin's counters."""
        if self._counters is None:
            self._counters = CommandCounters(self._work)
        return self._counters

    @property
    def keys(self) -> tuple[bytes, ...]:
        """Returns the plugin's keys: the first one seals, all of them open."""
        return self._supplies.keyring.of(self._work.plugin.name)

    @property
    def now(self) -> int:
        """Returns the instant of the call."""
        return self._work.workspace.now

    @property
    def zone(self) -> str:
        """Returns the name of the program's IANA zone."""
        return self._work.program.zone.key

    @property
    def config(self) -> Any:
        """Returns the configuration in force."""
        if self._config is None:
            self._config = self._supplies.config(self._work.plugin, None)
        return self._config

    @property
    def config_version(self) -> int:
        """Returns the version of the program that the configuration came with."""
        return self._work.program.version

    def config_at(self, version: int) -> Any:
        """Returns the configuration of an earlier version of the program."""
        return self._supplies.config(self._work.plugin, version)

    def member(self, member_id: str = "") -> MemberView:
        """Returns a member, that of the request if none is named.

        Raises MemberNotFound.
        """
        work = self._work
        work.check_open()
        name = member_id or member_of(work)
        workspace, part = work.workspace, part_of(name, work.part_count)
        climbs = work.program.ladders is not None
        is_known = is_climber_known if climbs else is_member_known
        if not is_known(workspace, part, name):
            asks = Reads(progress=climbs, standings=climbs)
            work.check_read(look(name, asks, work.part_count))
        found = workspace.member(part, name)
        if found is None:
            raise MemberNotFound(name)
        if not climbs:
            return untiered_view_of(found)
        standings = workspace.standings(part, name)
        progress = workspace.progress(part, name)
        climber = Climber(found, standings, progress)
        return view_of(climber, work.program, workspace.now)

    def schedule(
        self,
        job: str,
        at: int,
        *,
        owner: str,
        key: str = "",
        body: Mapping[str, Any] | None = None,
    ) -> None:
        """Has a job run at an instant, in the part of an owner of documents."""
        place = self._job_place(job, owner, key)
        waiting = Waiting(due_time=at, body=body or {}, scheduled_by=self._work.name)
        self._work.put(Document(*place, 1, waiting.text(), at))

    def unschedule(self, job: str, *, owner: str, key: str = "") -> None:
        """Has a job not run, if it has not yet."""
        self._work.put(Document.gone(self._job_place(job, owner, key)))

    def emit(self, name: str, payload: Mapping[str, str]) -> None:
        """Tells subscribers and watchers of the feed, if the command commits."""
        self._work.check_open()
        pairs = tuple((str(k), str(v)) for k, v in sorted(payload.items()))
        self._work.emit(Emitted(name, pairs))

    def _job_place(
        self, job: str, owner: str, key: str
    ) -> tuple[int, str, str, str, str]:
        """Returns where a job waits; raises LookupError for one not declared."""
        work = self._work
        work.check_open()
        declared = next((each for each in work.plugin.jobs if each.name == job), None)
        if declared is None:
            raise LookupError(f"job {job!r} is not declared")
        part = work.part_of(declared.owner, owner)
        place = (part, work.plugin.name, JOB_PREFIX + job, owner, key)
        work.check_locked(place)
        return place
