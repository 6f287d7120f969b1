"""What an author of plugins imports: `from points.plugin import Manifest, hookimpl`.

A plugin is a module or object that a distribution names under the entry point
group `points.plugins`. It implements the hooks of `points.plugin.hooks`.
"""

from points.plugin.hooks import hookimpl
from points.plugin.manifest import Manifest


__all__ = ["Manifest", "hookimpl"]
