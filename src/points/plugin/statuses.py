"""What became of an installed plugin."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from points.plugin.deadlines import TookTooLong


class PluginState(StrEnum):
    """Tells whether a plugin takes part.

    DISABLED: the operator wants it so. INCOMPATIBLE: it was not imported, or not
    asked further, for it needs what is not here. FAILED: something is wrong with it.
    DEGRADED: it takes part, and says that something is wrong.
    """

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"
    INCOMPATIBLE = "INCOMPATIBLE"
    FAILED = "FAILED"
    DEGRADED = "DEGRADED"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginStatus:
    """Is what became of one installed plugin, and why if it does not take part.

    `version` is that of the manifest, or of the distribution where there is none.
    """

    name: str
    distribution: str
    state: PluginState
    version: str = ""
    reason: str = ""
    summary: str = ""

    @property
    def takes_part(self) -> bool:
        """Says whether the plugin's functions are called."""
        return self.state in (PluginState.ENABLED, PluginState.DEGRADED)


class NotTaken(Exception):  # noqa: N818 - says what becomes of a plugin
    """A plugin does not take part, for a reason that its author can mend."""

    def __init__(self, state: PluginState, reason: str) -> None:
        super().__init__(state, reason)
        self.state = state
        self.reason = reason


class Incompatible(NotTaken):
    """A plugin needs what is not here."""

    def __init__(self, reason: str) -> None:
        super().__init__(PluginState.INCOMPATIBLE, reason)


class Wrong(NotTaken):
    """A plugin declares what makes no sense, or clashes with another one."""

    def __init__(self, reason: str) -> None:
        super().__init__(PluginState.FAILED, reason)


def reason_of(error: BaseException) -> str:
    """Returns why a plugin does not take part: whatever it raised, in one line."""
    if isinstance(error, NotTaken):
        return error.reason
    if isinstance(error, TookTooLong):
        return str(error)
    return f"{type(error).__name__}: {error}"
