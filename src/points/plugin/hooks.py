"""The hooks that a plugin may implement."""

from __future__ import annotations

from typing import Final

import pluggy

from points.plugin.manifest import Manifest


PROJECT: Final = "points"

hookspec: Final = pluggy.HookspecMarker(PROJECT)
hookimpl: Final = pluggy.HookimplMarker(PROJECT)


@hookspec
def manifest() -> Manifest:
    """Returns who the plugin is. Every plugin implements this."""
    raise NotImplementedError
