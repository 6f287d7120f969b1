"""What the plugin declares to the host."""

from __future__ import annotations

from points.plugin import Manifest, hookimpl


@hookimpl
def manifest() -> Manifest:
    """Returns who the plugin is."""
    return Manifest(
        name="auction",
        version="0.1.0",
        summary="Bids that are holds on real points",
        owner="points",
    )
