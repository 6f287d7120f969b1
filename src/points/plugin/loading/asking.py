"""Asks a plugin what it declares, and checks all of the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Final

from points.plugin.loading import declared
from points.plugin.loading.found import Found
from points.plugin.loading.importing import Hooks
from points.plugin.loading.services import check_service
from points.plugin.manifest import Manifest
from points.plugin.registry import Plugin
from points.plugin.statuses import Wrong


Check = Callable[[str, Any], None]
"""Raises Wrong if a thing that the plugin of this name declares makes no sense."""

_CHECKS: Final[Mapping[str, Check]] = MappingProxyType(
    {
        "services": check_service,
        "channels": declared.check_channel,
        "collections": declared.check_collection,
        "reasons": declared.check_reason,
        "transforms": declared.check_transform,
        "reactions": declared.check_reaction,
        "subscribers": declared.check_subscriber,
        "jobs": declared.check_job,
        "commands": declared.check_command,
    }
)
"""The hooks that return lists, each with what is checked about their members."""

ITEMS_MAX: Final = 1_000
"""Most things of one kind that a plugin declares: more are a mistake in a loop."""


def plugin_of(found: Found, manifest: Manifest, hooks: Hooks) -> Plugin:
    """Returns what the plugin declares; raises Wrong, or whatever its hooks raise."""
    lists = {name: _list(manifest.name, name, hooks) for name in _CHECKS}
    model = hooks["config_model"]() if "config_model" in hooks else None
    if model is not None:
        declared.check_model(model)
    return Plugin(
        manifest=manifest,
        distribution=found.distribution,
        config_model=model,
        **lists,
    )


def _list(plugin: str, hook: str, hooks: Hooks) -> tuple[Any, ...]:
    if hook not in hooks:
        return ()
    items = _items(hook, hooks[hook]())
    for item in items:
        _CHECKS[hook](plugin, item)
    names = [declared.name_of(item) for item in items]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise Wrong(f"the hook {hook} returns {twice[0]} twice")
    return items


def _items(hook: str, answer: Any) -> tuple[Any, ...]:
    if isinstance(answer, str | bytes | Mapping) or not isinstance(answer, Iterable):
        raise Wrong(f"the hook {hook} must return a list, not {type(answer).__name__}")
    items: list[Any] = []
    for item in answer:
        if len(items) == ITEMS_MAX:
            raise Wrong(f"the hook {hook} returns more than {ITEMS_MAX} things")
        items.append(item)
    return tuple(items)
