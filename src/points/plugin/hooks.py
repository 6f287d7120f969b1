"""The hooks that a plugin may implement, each asked once, at start."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pluggy

from points.plugin.channels import Channel
from points.plugin.documents import Collection
from points.plugin.manifest import Manifest
from points.plugin.methods import Service
from points.plugin.reactions import Job, Reaction, Subscriber, Transform
from points.plugin.refusals import Reason


PROJECT: Final = "points"

hookspec: Final = pluggy.HookspecMarker(PROJECT)
hookimpl: Final = pluggy.HookimplMarker(PROJECT)


@hookspec
def manifest() -> Manifest:
    """Returns who the plugin is. Every plugin implements this."""
    raise NotImplementedError


@hookspec
def config_model() -> type[Any]:
    """Returns the pydantic model of the plugin's section of the program document.

    It has a default for everything: a program need not name the plugin. Documents
    are checked by it when they are validated and applied.
    """
    raise NotImplementedError


@hookspec
def services() -> Sequence[Service]:
    """Returns the gRPC services of the plugin."""
    raise NotImplementedError


@hookspec
def channels() -> Sequence[Channel]:
    """Returns the channels in which the plugin moves points; the first is usual."""
    raise NotImplementedError


@hookspec
def collections() -> Sequence[Collection[Any]]:
    """Returns the kinds of documents that the plugin keeps."""
    raise NotImplementedError


@hookspec
def reasons() -> Sequence[Reason]:
    """Returns the reasons for which the plugin refuses."""
    raise NotImplementedError


@hookspec
def transforms() -> Sequence[Transform]:
    """Returns what changes awards before they are decided."""
    raise NotImplementedError


@hookspec
def reactions() -> Sequence[Reaction]:
    """Returns what is done about transactions, within them."""
    raise NotImplementedError


@hookspec
def subscribers() -> Sequence[Subscriber]:
    """Returns who is told of events after their commit."""
    raise NotImplementedError


@hookspec
def jobs() -> Sequence[Job]:
    """Returns the work that is done at later times."""
    raise NotImplementedError


@hookspec
def commands() -> Sequence[Any]:
    """Returns click commands, served as `points <plugin> <command>`."""
    raise NotImplementedError


@hookspec
def started() -> None:
    """Is called before the first call is answered; raising makes the plugin FAILED."""
    raise NotImplementedError


@hookspec
def stopping() -> None:
    """Is called after the last call was answered."""
    raise NotImplementedError


@hookspec
def health() -> str:
    """Returns what is wrong with the plugin, empty for nothing: DEGRADED if anything.

    Asked now and then, never in the writer.
    """
    raise NotImplementedError
