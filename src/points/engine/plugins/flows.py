"""What passes through the channels of a plugin: declared flows, up to their caps."""

from __future__ import annotations

from points.domain.commands.base import LedgerCommand
from points.engine.plugins.work import Work
from points.plugin.channels import Flow


class Flows:
    """Holds what a plugin has the ledger do against the channels it has declared."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._channels = {each.name: each for each in work.plugin.channels}

    def pass_through(self, command: LedgerCommand, flow: Flow) -> None:
        """Raises ValueError unless the command's channel lets the flow through."""
        channel = self._channels.get(command.channel)
        if channel is None or flow not in channel.flows:
            raise ValueError(f"channel {command.channel!r} lets no {flow} through")
