"""PluginService: what became of the installed plugins, and switching them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Final

from points.domain.commands import PurgePlugin
from points.domain.decisions.plugins import purged_count
from points.domain.plugin_calls import PluginCall
from points.domain.refusals import InvalidArgument, NothingDue, PluginNotFound
from points.engine.engine import Engine
from points.engine.plugins.purging import given_up_of, left_of
from points.engine.plugins.requests import call_of
from points.plugin.registry import Plugin
from points.plugin.statuses import PluginState, PluginStatus
from points.server.plugins.roster import Roster
from points.server.plugins.switches import SET_STATE
from points.server.writes import Writes
from points.v1 import plugin_service_pb2 as pb


_STATES: Final = {
    state: pb.PluginState.Value(f"PLUGIN_STATE_{state}") for state in PluginState
}


class PluginService:
    """Answers the calls of `points.v1.PluginService`."""

    def __init__(self, engine: Engine, writes: Writes, roster: Roster) -> None:
        self._engine = engine
        self._writes = writes
        self._roster = roster

    async def list_plugins(
        self, _request: pb.ListPluginsRequest
    ) -> pb.ListPluginsResponse:
        """Lists every installed plugin."""
        found = [self._message(status) for status in self._roster.statuses()]
        return pb.ListPluginsResponse(plugins=found)

    async def get_plugin(self, request: pb.GetPluginRequest) -> pb.GetPluginResponse:
        """Tells one plugin, with the schema of its settings and what was given up."""
        if not request.name:
            raise InvalidArgument({"name": "is required"})
        found = [s for s in self._roster.statuses() if s.name == request.name]
        if not found:
            raise PluginNotFound(request.name)
        status = next((each for each in found if each.takes_part), found[0])
        message = self._message(status)
        plugin = self._loaded(status)
        if plugin is not None and plugin.config_model is not None:
            schema = plugin.config_model.model_json_schema()
            message.config_schema = json.dumps(schema, sort_keys=True)
        given_up = await asyncio.to_thread(given_up_of, self._engine, request.name)
        message.given_up.update(given_up)
        return pb.GetPluginResponse(plugin=message)

    async def set_plugin_state(
        self, request: pb.SetPluginStateRequest
    ) -> pb.SetPluginStateResponse:
        """Switches a plugin off or on, on every server of the ledger."""
        core = self._engine.plugins.registry.by_name["core"]
        method = self._engine.plugins.registry.methods["core", SET_STATE]
        outcome = await self._writes.execute(
            call_of(core, SET_STATE, method, request),
            validate_only=request.validate_only,
        )
        await asyncio.to_thread(self._roster.refresh, self._engine)
        written: bytes = outcome.record.result.response  # type: ignore[union-attr] # that of a call
        return pb.SetPluginStateResponse.FromString(written)

    async def purge_plugin(
        self, request: pb.PurgePluginRequest
    ) -> pb.PurgePluginResponse:
        """Removes documents of a plugin that takes no part, a page at a time."""
        command = PurgePlugin.of(
            request.name,
            operator=request.operator,
            reason=request.reason,
            request_id=request.request_id,
        )
        command.check()
        left = await asyncio.to_thread(left_of, self._engine, request.name)
        try:
            outcome = await self._writes.execute(
                replace(command, places=left.places),
                validate_only=request.validate_only,
            )
        except NothingDue:
            return pb.PurgePluginResponse(remaining_documents=left.total)
        left = await asyncio.to_thread(left_of, self._engine, request.name)
        call = outcome.record.result
        assert isinstance(call, PluginCall)
        return pb.PurgePluginResponse(
            purged_documents=purged_count(call), remaining_documents=left.total
        )

    def _message(self, status: PluginStatus) -> pb.Plugin:
        message = pb.Plugin(
            name=status.name,
            distribution=status.distribution,
            version=status.version,
            summary=status.summary,
            state=_STATES[status.state],
            reason=status.reason,
        )
        plugin = self._loaded(status)
        if plugin is not None:
            _fill_declared(message, plugin)
        return message

    def _loaded(self, status: PluginStatus) -> Plugin | None:
        """Returns what the plugin declares; None where it was not loaded."""
        for plugin in self._roster.loaded.plugins:
            if (plugin.name, plugin.distribution) == (status.name, status.distribution):
                return plugin
        return None


def _fill_declared(message: pb.Plugin, plugin: Plugin) -> None:
    message.owner = plugin.manifest.owner
    message.api_version = plugin.manifest.api
    message.requires.extend(plugin.manifest.requires)
    message.services.extend(each.descriptor.full_name for each in plugin.services)
    message.channels.extend(each.name for each in plugin.channels)
    message.collections.extend(each.name for each in plugin.collections)
    message.jobs.extend(each.name for each in plugin.jobs)
    message.reasons.extend(each.name for each in plugin.reasons)
