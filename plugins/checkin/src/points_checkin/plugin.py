"""What the plugin declares to the host."""

from __future__ import annotations

from points.plugin import Manifest, hookimpl


@hookimpl
def manifest() -> Manifest:
    """Returns who the plugin is."""
    return Manifest(
        name="checkin",
        version="0.1.0",
        summary="Points for coming back, day after day",
        owner="points",
    )
