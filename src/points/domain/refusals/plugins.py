"""Refusals that plugins answer with, and refusals on account of plugins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from points.domain.refusals.base import Frozen, Passing, Refusal


@dataclass(eq=False)
class PluginRefused(Frozen):
    """A plugin says no, for a reason of its own.

    `name` is the reason, sent under the domain `<plugin>.points`; `answer` is the
    status that callers see, and `details` are the metadata.
    """

    plugin: str
    name: str
    answer: str
    sentence: str
    details: dict[str, str]

    def __str__(self) -> str:
        return self.sentence

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = Refusal.__hash__

    def metadata(self) -> dict[str, str]:
        """Returns everything variable in the sentence, by name."""
        return dict(self.details)


@dataclass(eq=False)
class PluginDeclined(Passing):
    """A plugin says no to a call that may be put right: it is not stored."""

    plugin: str
    name: str
    answer: str
    sentence: str
    details: dict[str, str]

    def __str__(self) -> str:
        return self.sentence

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = Refusal.__hash__

    def metadata(self) -> dict[str, str]:
        """Returns everything variable in the sentence, by name."""
        return dict(self.details)


@dataclass(eq=False)
class PluginDisabled(Passing):
    """The plugin does not take part."""

    plugin: str
    template: ClassVar[str] = "plugin {plugin!r} is not enabled"


@dataclass(eq=False)
class PluginEnabled(Passing):
    """The plugin takes part, so that its data is in use."""

    plugin: str
    template: ClassVar[str] = "plugin {plugin!r} is enabled: disable it first"


@dataclass(eq=False)
class PluginNotFound(Passing):
    """No plugin of this name is installed."""

    plugin: str
    template: ClassVar[str] = "no plugin {plugin!r} is installed"


@dataclass(eq=False)
class PluginUnavailable(Passing):
    """The plugin has failed again and again, and is left alone for a while."""

    plugin: str
    hook: str
    template: ClassVar[str] = "{hook!r} of plugin {plugin!r} keeps failing: try later"


@dataclass(eq=False)
class PluginBusy(Passing):
    """As many queries of the plugin, or of all, run as may, and none of them ends."""

    plugin: str
    query_limit: int
    template: ClassVar[str] = (
        "{query_limit} queries run, which leaves none to plugin {plugin!r}, and none"
        " of them ends: try later"
    )
