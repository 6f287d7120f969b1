"""Finds and loads the installed plugins, each behind its own guard.

A broken plugin never stops the server: it is listed as FAILED with the reason.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import EntryPoint, entry_points
from typing import Final

import pluggy

from points.plugin import hooks
from points.plugin.manifest import Manifest


GROUP: Final = "points.plugins"


class PluginState(StrEnum):
    """Tells whether a plugin takes part."""

    ENABLED = "ENABLED"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginStatus:
    """Is what became of one installed plugin."""

    name: str
    distribution: str
    state: PluginState
    version: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Host:
    """Is the plugins that take part, and the status of every installed one."""

    manager: pluggy.PluginManager
    statuses: tuple[PluginStatus, ...]


def load_plugins(found: Iterable[EntryPoint] | None = None) -> Host:
    """Loads the plugins, all installed ones by default, in the order of their names."""
    manager = pluggy.PluginManager(hooks.PROJECT)
    manager.add_hookspecs(hooks)
    installed = entry_points(group=GROUP) if found is None else found
    ordered = sorted(installed, key=lambda entry: entry.name)
    return Host(manager, tuple(_load(manager, entry) for entry in ordered))


def _load(manager: pluggy.PluginManager, entry: EntryPoint) -> PluginStatus:
    distribution = entry.dist.name if entry.dist else ""
    try:
        version = _register(manager, entry).version
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the rest runs, whatever
        return PluginStatus(
            name=entry.name,
            distribution=distribution,
            state=PluginState.FAILED,
            reason=f"{type(error).__name__}: {error}",
        )
    return PluginStatus(
        name=entry.name,
        distribution=distribution,
        state=PluginState.ENABLED,
        version=version,
    )


def _register(manager: pluggy.PluginManager, entry: EntryPoint) -> Manifest:
    """Registers a plugin and returns its manifest; raises whatever is wrong with it."""
    plugin = entry.load()
    manager.register(plugin, name=entry.name)
    try:
        return _manifest(manager, entry)
    except BaseException:
        manager.unregister(plugin)
        raise


def _manifest(manager: pluggy.PluginManager, entry: EntryPoint) -> Manifest:
    manager.check_pending()
    caller = manager.subset_hook_caller(
        "manifest",
        [other for name, other in manager.list_name_plugin() if name != entry.name],
    )
    manifests = caller()
    if not (len(manifests) == 1 and isinstance(manifests[0], Manifest)):
        message = "the plugin has no manifest: implement the hook `manifest`"
        raise TypeError(message)
    found: Manifest = manifests[0]
    return found
