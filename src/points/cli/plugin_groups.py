"""`points <plugin> <command>`: what plugins add to the command line."""

from __future__ import annotations

from functools import cache

import click

from points.plugin.host import Host, load_plugins
from points.plugin.registry import Plugin
from points.settings import load_settings


def plugin_groups() -> dict[str, click.Command]:
    """Returns what each plugin with commands adds, by its name."""
    return {
        plugin.name: _group(plugin) for plugin in loaded().plugins if plugin.commands
    }


@cache
def loaded() -> Host:
    """Returns the plugins that the settings allow, loaded once for a command line."""
    return load_plugins(allowed=load_settings().plugins)


def _group(plugin: Plugin) -> click.Group:
    commands = {command.name: command for command in plugin.commands}
    return click.Group(plugin.name, commands=commands, help=plugin.manifest.summary)
