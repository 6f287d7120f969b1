"""Imports a plugin behind a guard, and reads its manifest."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from inspect import iscoroutinefunction
from typing import Any, Final

import pluggy

from points.plugin.loading.compatibility import check_api
from points.plugin.loading.declared import check_manifest
from points.plugin.loading.found import Found
from points.plugin.manifest import Manifest
from points.plugin.statuses import Wrong


Hooks = Mapping[str, Callable[[], Any]]
"""The hooks that a plugin implements, by name."""

NO_MANIFEST: Final = "the plugin has no manifest: implement the hook `manifest`"

_CLASH: Final = re.compile(r"duplicate (?:symbol|file name) '?([\w./]+)'?")


def import_plugin(found: Found, manager: pluggy.PluginManager) -> Hooks:
    """Registers the plugin and returns its hooks; raises whatever is wrong with it."""
    plugin = found.entry.load()
    if manager.register(plugin, name=found.name) is None:
        raise Wrong(f"the name {found.name} is blocked")
    try:
        manager.check_pending()
        return _hooks(plugin, manager)
    except BaseException:
        manager.unregister(plugin)
        raise


def manifest_of(found: Found, hooks: Hooks) -> Manifest:
    """Returns who the plugin is; raises NotTaken, or whatever its hook raises."""
    if "manifest" not in hooks:
        raise Wrong(NO_MANIFEST)
    manifest = hooks["manifest"]()
    if not isinstance(manifest, Manifest):
        raise Wrong(NO_MANIFEST)
    check_manifest(manifest, installed_as=found.name)
    check_api(manifest.api)
    return manifest


def clashing_proto(error: BaseException) -> str:
    """Returns the proto file or name that is taken already; empty for other errors."""
    clash = _CLASH.search(str(error)) if isinstance(error, TypeError) else None
    return clash[1] if clash else ""


def _hooks(plugin: object, manager: pluggy.PluginManager) -> Hooks:
    hooks = {}
    for caller in manager.get_hookcallers(plugin) or ():
        for implementation in caller.get_hookimpls():
            if implementation.plugin is plugin:
                _check_plain(caller.name, implementation)
                hooks[caller.name] = implementation.function
    return hooks


def _check_plain(name: str, implementation: pluggy.HookImpl) -> None:
    if implementation.wrapper or implementation.hookwrapper:
        raise Wrong(f"the hook {name} wraps those of others: hooks here only declare")
    if iscoroutinefunction(implementation.function):
        raise Wrong(f"the hook {name} is asynchronous: hooks are plain functions")
