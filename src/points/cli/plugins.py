"""`points plugins`: what is installed, what became of it, and a new one."""

from __future__ import annotations

import json
import sys
from typing import Any

import click
from google.protobuf.json_format import MessageToDict
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from points.cli.connecting import calling
from points.cli.plugin_groups import loaded
from points.cli.purge import purge
from points.cli.scaffold import scaffold
from points.cli.served_program import ADDRESS
from points.plugin.host import Host, PluginState, PluginStatus
from points.plugin.registry import Plugin
from points.v1 import plugin_service_pb2 as pb


_OPERATOR = click.option("--operator", required=True, help="Who wants it.")
_REASON = click.option("--reason", required=True, help="Why.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")


@click.group()
def plugins() -> None:
    """Lists, checks, switches and purges plugins, and begins new ones."""


@plugins.command(name="list")
@click.option(
    "--address", help="A server, host:port, to ask.  [default: those installed here]"
)
@_JSON
def list_command(*, address: str | None, as_json: bool) -> None:
    """Lists the installed plugins with what became of each.

    Of a server with --address: there some may be switched off.
    """
    if address is not None:
        _tell_served(address, as_json=as_json)
        return
    host = loaded()
    if as_json:
        click.echo(json.dumps([_as_table(host, each) for each in host.statuses]))
    else:
        Console().print(_table(host.statuses))


@plugins.command()
@click.argument("names", metavar="[NAME]...", nargs=-1)
@_JSON
def check(*, names: tuple[str, ...], as_json: bool) -> None:
    """Loads plugins as a server would, and says what is wrong with them.

    All installed ones unless named. Exit status 0 means that every one of them takes
    part, 2 that one does not.
    """
    host = loaded()
    checked = [s for s in host.statuses if not names or s.name in names]
    missing = sorted(set(names) - {status.name for status in checked})
    if as_json:
        told = [_as_table(host, status) for status in checked]
        click.echo(json.dumps({"plugins": told, "not_installed": missing}))
    else:
        for status in checked:
            click.echo(_sentence(status))
        for name in missing:
            click.echo(f"{name}: it is not installed")
    if missing or not all(status.takes_part for status in checked):
        sys.exit(2)


@plugins.command()
@click.argument("name")
@ADDRESS
@_OPERATOR
@_REASON
def enable(*, name: str, address: str, operator: str, reason: str) -> None:
    """Lets a plugin take part again, on every server of the ledger."""
    with calling(address) as client:
        client.enable_plugin(name, operator=operator, reason=reason)
    click.echo(f"{name} is switched on")


@plugins.command()
@click.argument("name")
@ADDRESS
@_OPERATOR
@_REASON
def disable(*, name: str, address: str, operator: str, reason: str) -> None:
    """Switches a plugin off on every server of the ledger; its data stays."""
    with calling(address) as client:
        client.disable_plugin(name, operator=operator, reason=reason)
    click.echo(f"{name} is switched off")


@click.group()
def plugin() -> None:
    """Begins a new plugin."""


plugins.add_command(scaffold)
plugins.add_command(purge)
plugin.add_command(scaffold)


def _table(statuses: tuple[PluginStatus, ...]) -> Table:
    table = Table(box=None, pad_edge=False)
    for title in ("name", "version", "state", "distribution", ""):
        table.add_column(title, overflow="fold")
    for status in statuses:
        cells = (status.name, status.version, str(status.state), status.distribution)
        last = status.reason or status.summary
        table.add_row(*map(escape, (*cells, last)))
    return table


def _tell_served(address: str, *, as_json: bool) -> None:
    with calling(address) as client:
        found = client.list_plugins().plugins
    statuses = tuple(map(_status, found))
    if as_json:
        told = [MessageToDict(each, preserving_proto_field_name=True) for each in found]
        click.echo(json.dumps(told))
    else:
        Console().print(_table(statuses))


def _status(message: pb.Plugin) -> PluginStatus:
    state = pb.PluginState.Name(message.state).removeprefix("PLUGIN_STATE_")
    return PluginStatus(
        name=message.name,
        distribution=message.distribution,
        state=PluginState(state),
        version=message.version,
        reason=message.reason,
        summary=message.summary,
    )


def _sentence(status: PluginStatus) -> str:
    if status.takes_part:
        return f"{status.name} {status.version}: {status.state}"
    return f"{status.name}: {status.state}: {status.reason}"


def _as_table(host: Host, status: PluginStatus) -> dict[str, Any]:
    found = [each for each in host.plugins if each.name == status.name]
    declared = _declared(found[0]) if found and status.takes_part else {}
    return {
        "name": status.name,
        "version": status.version,
        "state": str(status.state),
        "reason": status.reason,
        "distribution": status.distribution,
        "summary": status.summary,
        **declared,
    }


def _declared(found: Plugin) -> dict[str, Any]:
    return {
        "api": found.manifest.api,
        "requires": list(found.manifest.requires),
        "services": [each.descriptor.full_name for each in found.services],
        "channels": [each.name for each in found.channels],
        "collections": [each.name for each in found.collections],
        "reasons": [each.name for each in found.reasons],
        "jobs": [each.name for each in found.jobs],
        "commands": [each.name for each in found.commands],
    }
