"""The order of the plugins: those that others need, then by priority and name."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from points.plugin.manifest import Manifest


def ordered(manifests: Collection[Manifest]) -> tuple[list[str], dict[str, str]]:
    """Returns the names in order, and why each of the others cannot take part.

    A plugin comes behind all that it requires. One that requires what is not there,
    or itself in the end, has no place, and neither has one that requires it.
    """
    waiting = {manifest.name: manifest for manifest in manifests}
    left_out: dict[str, str] = {}
    order: list[str] = []
    while waiting:
        ready = [
            manifest
            for manifest in waiting.values()
            if set(manifest.requires) <= {*order}
        ]
        if ready:
            first = min(ready, key=lambda each: (each.priority, each.name))
            order.append(first.name)
            del waiting[first.name]
        else:
            left_out |= _stuck(waiting, left_out, order)
    return order, left_out


def _stuck(
    waiting: dict[str, Manifest], left_out: Mapping[str, str], order: list[str]
) -> dict[str, str]:
    """Takes those out that can never be ready, and returns why."""
    there = {*waiting, *order}
    missing = {
        name: f"it requires the plugin {needed}, which does not take part"
        for name, manifest in waiting.items()
        for needed in reversed(manifest.requires)
        if needed not in there or needed in left_out
    }
    reasons = missing or {name: _cycle(name, waiting) for name in waiting}
    for name in reasons:
        del waiting[name]
    return reasons


def _cycle(start: str, waiting: Mapping[str, Manifest]) -> str:
    """Returns the sentence that names the circle that a plugin waits for."""
    way = [start]
    while True:
        needed = next(n for n in waiting[way[-1]].requires if n in waiting)
        if needed in way:
            circle = [*way[way.index(needed) :], needed]
            return f"plugins require each other in a circle: {' -> '.join(circle)}"
        way.append(needed)
