"""Calls that list the installed plugins, and switch them off and on."""

from __future__ import annotations

from points.client.connection import Connection
from points.client.requests import given_or_new
from points.v1.plugin_service_pb2 import (
    PLUGIN_STATE_DISABLED,
    PLUGIN_STATE_ENABLED,
    GetPluginRequest,
    GetPluginResponse,
    ListPluginsRequest,
    ListPluginsResponse,
    PurgePluginRequest,
    PurgePluginResponse,
    SetPluginStateRequest,
    SetPluginStateResponse,
)


class PluginCalls(Connection):
    """Has the calls of the plugin service."""

    def list_plugins(self) -> ListPluginsResponse:
        """Lists every installed plugin with what became of it."""
        return self._call(self.plugins.ListPlugins, ListPluginsRequest())

    def get_plugin(self, name: str) -> GetPluginResponse:
        """Tells one plugin with all that it declares.

        Args:
            name: Name of the plugin.
        """
        return self._call(self.plugins.GetPlugin, GetPluginRequest(name=name))

    def enable_plugin(
        self,
        name: str,
        *,
        operator: str,
        reason: str,
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> SetPluginStateResponse:
        """Lets a plugin take part again, on every server.

        Args:
            name: Name of the plugin.
            operator: Who wants it, 1 to 128 characters.
            reason: Why, 1 to 256 characters.
            request_id: Made up if absent.
            validate_only: Does every check and changes nothing.
        """
        request = SetPluginStateRequest(
            name=name,
            state=PLUGIN_STATE_ENABLED,
            operator=operator,
            reason=reason,
            validate_only=validate_only,
        )
        return self._set_plugin_state(request, request_id)

    def disable_plugin(
        self,
        name: str,
        *,
        operator: str,
        reason: str,
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> SetPluginStateResponse:
        """Lets a plugin no longer take part, on any server; its data stays.

        Args:
            name: Name of the plugin.
            operator: Who wants it, 1 to 128 characters.
            reason: Why, 1 to 256 characters.
            request_id: Made up if absent.
            validate_only: Does every check and changes nothing.
        """
        request = SetPluginStateRequest(
            name=name,
            state=PLUGIN_STATE_DISABLED,
            operator=operator,
            reason=reason,
            validate_only=validate_only,
        )
        return self._set_plugin_state(request, request_id)

    def purge_plugin(
        self,
        name: str,
        *,
        operator: str,
        reason: str,
        request_id: str | None = None,
        validate_only: bool = False,
    ) -> PurgePluginResponse:
        """Removes documents of a plugin that takes no part, 500 at most.

        Call it until none remain. The records still tell what there was.

        Args:
            name: Name of the plugin, installed or not.
            operator: Who wants it, 1 to 128 characters.
            reason: Why, 1 to 256 characters.
            request_id: Made up if absent.
            validate_only: Does every check and changes nothing.
        """
        request = PurgePluginRequest(
            name=name,
            operator=operator,
            reason=reason,
            request_id=given_or_new(request_id),
            validate_only=validate_only,
        )
        return self._call(self.plugins.PurgePlugin, request)

    def _set_plugin_state(
        self, request: SetPluginStateRequest, request_id: str | None
    ) -> SetPluginStateResponse:
        request.request_id = given_or_new(request_id)
        return self._call(self.plugins.SetPluginState, request)
