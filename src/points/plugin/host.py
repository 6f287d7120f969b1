"""Finds and loads the installed plugins, each behind its own guard.

A broken plugin never stops the server: it is listed as FAILED with the reason, and
so is one that requires it. What took part is frozen into a registry.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint
from typing import Any, Final

import pluggy

from points.plugin import hooks as specifications
from points.plugin.configuration import Where, section_problems
from points.plugin.deadlines import START_SECONDS, TookTooLong, within
from points.plugin.hooks import PROJECT
from points.plugin.loading.asking import plugin_of
from points.plugin.loading.collisions import check_channels, check_files, proto_clash
from points.plugin.loading.compatibility import check_before_import
from points.plugin.loading.found import Found, find_plugins
from points.plugin.loading.importing import (
    Hooks,
    clashing_proto,
    import_plugin,
    manifest_of,
)
from points.plugin.loading.ordering import ordered
from points.plugin.manifest import Manifest
from points.plugin.naming import Names
from points.plugin.registry import Plugin, Registry
from points.plugin.statuses import (
    NotTaken,
    PluginState,
    PluginStatus,
    Wrong,
    reason_of,
)


__all__ = ["EVERY", "Host", "PluginState", "PluginStatus", "load_plugins"]

EVERY: Final = "*"
"""Stands in the list of allowed plugins for all that are installed."""

_GUARDED: Final = (Exception, SystemExit, TookTooLong)
"""What a plugin may raise without more than itself failing."""


@dataclass(frozen=True, slots=True)
class Host:
    """Is the plugins that take part, in their order, and the status of each installed.

    `hooks` are those that each implements, by its name.
    """

    statuses: tuple[PluginStatus, ...] = ()
    plugins: tuple[Plugin, ...] = ()
    hooks: Mapping[str, Hooks] = field(default_factory=dict)

    @property
    def registry(self) -> Registry:
        """Returns what the engine looks things up in."""
        return Registry(self.plugins)

    def section_problems(
        self,
        name: str,
        section: Mapping[str, Any],
        units: Collection[str],
        sinks: Collection[str],
    ) -> tuple[tuple[Where, str], ...]:
        """Returns what is wrong with the settings of a plugin in a document.

        `units` and `sinks` are those of the document.
        """
        by_name = {plugin.name: plugin for plugin in self.plugins}
        names = Names(frozenset(units), frozenset(sinks))
        return section_problems(by_name, name, section, names)

    def status(self, name: str) -> PluginStatus | None:
        """Returns the status of the plugin that has the name, if one has it."""
        found = [status for status in self.statuses if status.name == name]
        return next(iter(sorted(found, key=lambda each: not each.takes_part)), None)

    def missing(self, required: Iterable[str]) -> Mapping[str, str]:
        """Returns which of these plugins do not take part, and why each does not."""
        there = {plugin.name for plugin in self.plugins}
        return {name: self._why_not(name) for name in required if name not in there}

    def _why_not(self, name: str) -> str:
        status = self.status(name)
        return f"{status.state}: {status.reason}" if status else "it is not installed"

    def started(self, *, seconds: float = START_SECONDS) -> Host:
        """Tells every plugin that calls are about to come; returns who is left.

        One that has not started within so many seconds has failed.
        """
        host = self
        for plugin in self.plugins:
            if plugin not in host.plugins:
                continue
            try:
                with within(seconds, f"the hook started of {plugin.name}"):
                    host.hooks[plugin.name].get("started", _nothing)()
            except _GUARDED as error:
                host = host.without(plugin.name, PluginState.FAILED, reason_of(error))
        return host

    def stopping(self, *, seconds: float = START_SECONDS) -> Mapping[str, str]:
        """Tells every plugin that the last call was answered, the last plugin first.

        Returns what those raised that did, or took longer, by name.
        """
        raised = {}
        for plugin in reversed(self.plugins):
            try:
                with within(seconds, f"the hook stopping of {plugin.name}"):
                    self.hooks[plugin.name].get("stopping", _nothing)()
            except _GUARDED as error:
                raised[plugin.name] = reason_of(error)
        return raised

    def health(self, name: str) -> str:
        """Returns what a plugin says is wrong with it, empty for nothing."""
        try:
            told = self.hooks[name].get("health", _healthy)()
        except _GUARDED as error:
            return reason_of(error)
        return told if isinstance(told, str) else f"health says {told!r:.64}"

    def without(self, name: str, state: PluginState, reason: str) -> Host:
        """Returns the host without a plugin, and without those that require it."""
        left = tuple(plugin for plugin in self.plugins if plugin.name != name)
        statuses = tuple(
            replace(status, state=state, reason=reason)
            if status.name == name and status.takes_part
            else status
            for status in self.statuses
        )
        host = replace(self, plugins=left, statuses=statuses)
        for plugin in left:
            if name in plugin.manifest.requires:
                why = f"it requires the plugin {name}, which does not take part"
                host = host.without(plugin.name, state, why)
        return host


def load_plugins(
    entries: Iterable[EntryPoint] | None = None,
    *,
    allowed: Collection[str] = (EVERY,),
    seconds: float = START_SECONDS,
) -> Host:
    """Loads the allowed plugins, of all installed ones by default.

    Whatever is wrong with one becomes its status, and so does an import, or a hook,
    that takes longer than so many seconds. The order is the same on every machine:
    what is required comes first, then priority and name decide.
    """
    loading = _Loading(allowed, seconds)
    every = find_plugins(entries)
    for found in every:
        loading.guard(found, lambda found=found: loading.take(found))  # type: ignore[misc] # binds now
    order, left_out = ordered([each.manifest for each in loading.taken.values()])
    for name, reason in left_out.items():
        loading.fail(loading.taken[name].found, PluginState.FAILED, reason)
    for name in order:
        taken = loading.taken[name]
        loading.guard(taken.found, lambda taken=taken: loading.ask(taken))  # type: ignore[misc] # binds now
    return loading.host(every)


@dataclass(frozen=True, slots=True)
class _Taken:
    """Is a plugin that was imported and has introduced itself."""

    found: Found
    manifest: Manifest
    hooks: Hooks


class _Loading:
    """Is one way through all plugins: what was found out about each so far."""

    def __init__(self, allowed: Collection[str], seconds: float) -> None:
        self._allowed = allowed
        self._seconds = seconds
        self._manager = pluggy.PluginManager(PROJECT)
        self._manager.add_hookspecs(specifications)
        self._statuses: dict[int, PluginStatus] = {}
        self._plugins: list[Plugin] = []
        self.taken: dict[str, _Taken] = {}

    def guard(self, found: Found, work: Callable[[], None]) -> None:
        """Does what may fail for the plugin alone."""
        try:
            with within(self._seconds, f"the start of {found.name}"):
                work()
        except NotTaken as wrong:
            self.fail(found, wrong.state, wrong.reason)
        except _GUARDED as error:
            proto = clashing_proto(error)
            why = proto_clash(found, proto, self._imported()) if proto else ""
            self.fail(found, PluginState.FAILED, why or reason_of(error))

    def take(self, found: Found) -> None:
        """Imports a plugin, unless something speaks against it before."""
        if EVERY not in self._allowed and found.name not in self._allowed:
            raise NotTaken(PluginState.DISABLED, "it is not among the allowed plugins")
        if first := self.taken.get(found.name):
            raise Wrong(
                f"{found.origin} and {first.found.origin} both have a plugin"
                f" {found.name}"
            )
        check_before_import(found)
        check_files(found, [taken.found for taken in self.taken.values()])
        hooks = import_plugin(found, self._manager)
        try:
            manifest = manifest_of(found, hooks)
        except BaseException:
            self._manager.unregister(name=found.name)
            raise
        self.taken[found.name] = _Taken(found, manifest, hooks)

    def ask(self, taken: _Taken) -> None:
        """Collects what a plugin declares."""
        self._check_required(taken.manifest)
        plugin = plugin_of(taken.found, taken.manifest, taken.hooks)
        check_channels(plugin, self._plugins)
        self._plugins.append(plugin)
        self._put(taken.found, PluginState.ENABLED, "")

    def fail(self, found: Found, state: PluginState, reason: str) -> None:
        """Writes down why a plugin does not take part."""
        self._put(found, state, reason)

    def host(self, every: Sequence[Found]) -> Host:
        """Returns what came of all that were found."""
        hooks = {plugin.name: self.taken[plugin.name].hooks for plugin in self._plugins}
        statuses = [self._statuses[id(found)] for found in every]
        return Host(tuple(statuses), tuple(self._plugins), hooks)

    def _check_required(self, manifest: Manifest) -> None:
        there = {plugin.name for plugin in self._plugins}
        for name in manifest.requires:
            if name not in there:
                raise Wrong(f"it requires the plugin {name}, which does not take part")

    def _imported(self) -> Sequence[Plugin]:
        """Returns what the plugins declare that were imported so far."""
        known = []
        for taken in self.taken.values():
            try:
                known.append(plugin_of(taken.found, taken.manifest, taken.hooks))
            except _GUARDED:
                continue
        return known

    def _put(self, found: Found, state: PluginState, reason: str) -> None:
        taken = self.taken.get(found.name)
        manifest = taken.manifest if taken and taken.found is found else None
        self._statuses[id(found)] = PluginStatus(
            name=found.name,
            distribution=found.distribution,
            state=state,
            version=manifest.version if manifest else found.version,
            reason=reason,
            summary=manifest.summary if manifest else "",
        )


def _nothing() -> None:
    return


def _healthy() -> str:
    return ""
