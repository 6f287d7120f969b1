"""What the plugin declares to the host."""

from __future__ import annotations

from points.plugin import Manifest, hookimpl


@hookimpl
def manifest() -> Manifest:
    """Returns who the plugin is."""
    return Manifest(
        name="charity",
        version="0.1.0",
        summary="Giving points to causes: campaigns, matching pools, receipts",
        owner="points",
    )
