"""What two plugins must not both have: the first in order keeps it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from points.plugin.loading.found import Found
from points.plugin.registry import Plugin
from points.plugin.statuses import Wrong


def check_files(found: Found, others: Iterable[Found]) -> None:
    """Raises Wrong if another plugin's distribution puts a module in the same place.

    One of the two would be imported for both, so this is asked before.
    """
    for other in others:
        both = found.files & other.files
        if both and other.distribution != found.distribution:
            raise Wrong(
                f"{found.origin} and {other.origin} both have the module {min(both)}"
            )


def check_channels(plugin: Plugin, others: Sequence[Plugin]) -> None:
    """Raises Wrong if another plugin has a channel of the same name."""
    taken = {channel.name: other for other in others for channel in other.channels}
    for channel in plugin.channels:
        if other := taken.get(channel.name):
            raise Wrong(
                f"the channel {channel.name} of {_said(plugin)} is one of"
                f" {_said(other)} already"
            )


def proto_clash(found: Found, proto: str, others: Sequence[Plugin]) -> str:
    """Returns the sentence about a proto file or name that another plugin has."""
    owners = (other for other in others if _has_proto(other, proto))
    owner = next(owners, None)
    whose = _said(owner) if owner else "something imported before"
    return f"the proto {proto} of {found.origin} is one of {whose} already"


def _has_proto(plugin: Plugin, proto: str) -> bool:
    files = [service.descriptor.file for service in plugin.services]
    return any(
        proto == file.name or f"{proto}.".startswith(f"{file.package}.")
        for file in files
    )


def _said(plugin: Plugin) -> str:
    return f"{plugin.distribution or 'no distribution'} ({plugin.name})"
