"""What a plugin says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


API_VERSION: Final = "1.0"
"""Version of what authors write against; a plugin names the one it was written for.

The first number grows when something is taken away, the second when something is
added: a plugin loads where the first is the same and the second not below its own.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """Introduces a plugin: its name, its version, and what it does in a sentence.

    `name` is 1-32 of a-z, 0-9 and `_`, beginning with a letter. `api` is the plugin
    API it was written for. `requires` are names of plugins that have to take part;
    they are loaded before it. Plugins of lower `priority` come first.
    """

    name: str
    version: str
    summary: str
    owner: str = ""
    api: str = API_VERSION
    requires: tuple[str, ...] = ()
    priority: int = 100
