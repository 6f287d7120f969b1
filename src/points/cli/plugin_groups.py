"""`points <plugin> <command>`: what plugins add to the command line."""

from __future__ import annotations

from functools import cache

import click

from points.plugin.host import Host, load_plugins
from points.plugin.registry import Plugin
from points.settings import load_settings


class WithPlugins(click.Group):
    """Is the command line: its own commands, then those of the plugins.

    Plugins are loaded only when a name is none of its own, or all are listed.
    """

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Returns the command of a name, None if there is none."""
        own = super().get_command(ctx, cmd_name)
        if own is not None:
            return own
        plugin = loaded().registry.by_name.get(cmd_name)
        return _group(plugin) if plugin and plugin.commands else None

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names of all commands, those of plugins last."""
        own = super().list_commands(ctx)
        more = [plugin.name for plugin in loaded().plugins if plugin.commands]
        return [*own, *(name for name in more if name not in own)]


@cache
def loaded() -> Host:
    """Returns the plugins that the settings allow, loaded once for a command line."""
    return load_plugins(allowed=load_settings().plugins)


def _group(plugin: Plugin) -> click.Group:
    commands = {command.name: command for command in plugin.commands}
    return click.Group(plugin.name, commands=commands, help=plugin.manifest.summary)
