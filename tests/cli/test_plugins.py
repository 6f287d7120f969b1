"""`points plugins`, what plugins add to the command line, and what a server says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from points.cli import plugin_groups
from points.cli.main import COMMANDS as OWN_COMMANDS
from points.plugin.loading.declared import RESERVED
from tests.cli.conftest import Points
from tests.plugin.build import install, manifest
from tests.serving import ServerProcess


NO_MANIFEST = "the plugin has no manifest: implement the hook `manifest`"

COMMANDS = """
import click
from pydantic import BaseModel

class Settings(BaseModel):
    cost: int = 5

@click.command()
@click.argument("who")
def greet(who):
    click.echo(f"hello {who}")

@hookimpl
def commands():
    return [greet]

@hookimpl
def config_model():
    return Settings
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Yields a folder with a good plugin and two broken ones, which Python sees."""
    folder = tmp_path / "site"
    folder.mkdir()
    install(folder, "greeter", manifest("greeter", version="2.5") + COMMANDS)
    install(folder, "mute", "")
    install(folder, "odd", "raise RuntimeError('[/no] [red]markup')")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.setenv("PYTHONPATH", str(folder))
    monkeypatch.setenv("POINTS_PLUGINS", "greeter,mute,odd")
    plugin_groups.loaded.cache_clear()
    yield folder
    plugin_groups.loaded.cache_clear()


def told(points: Points, *arguments: str) -> Any:
    """Returns what a command prints as JSON."""
    return json.loads(points(*arguments, "--json").out)


def test_the_installed_plugins_are_listed_with_their_state(
    points: Points, site: Path
) -> None:
    assert site
    listed = points("plugins", "list").out

    assert "greeter  2.5" in listed
    assert "FAILED" in listed
    assert "[red]markup" in listed


def test_the_list_is_there_for_programs(points: Points, site: Path) -> None:
    assert site
    found = {each["name"]: each for each in told(points, "plugins", "list")}

    assert found["greeter"]["state"] == "ENABLED"
    assert found["greeter"]["commands"] == ["greet"]
    assert found["mute"]["reason"] == NO_MANIFEST
    assert found["checkin"]["state"] == "DISABLED"


def test_a_check_fails_if_a_plugin_does_not_take_part(
    points: Points, site: Path
) -> None:
    assert site
    good, bad = points("plugins", "check", "greeter"), points("plugins", "check")

    assert (good.status, good.out) == (0, "greeter 2.5: ENABLED\n")
    assert bad.status == 2
    assert f"mute: FAILED: {NO_MANIFEST}\n" in bad.out


def test_a_check_of_what_is_not_installed_fails(points: Points, site: Path) -> None:
    assert site
    ended = points("plugins", "check", "gone")

    assert (ended.status, ended.out) == (2, "gone: it is not installed\n")


def test_a_plugin_adds_commands(points: Points, site: Path) -> None:
    assert site

    assert points("greeter", "greet", "ann").out == "hello ann\n"
    assert "greeter" in points("--help").out


def test_a_name_of_no_command_and_no_plugin_is_refused(
    points: Points, site: Path
) -> None:
    assert site
    assert "No such command 'gone'" in points("gone").err


def test_no_plugin_may_have_the_name_of_a_command() -> None:
    assert set(OWN_COMMANDS) <= RESERVED


def test_the_schema_has_the_settings_of_plugins(points: Points, site: Path) -> None:
    assert site
    schema = json.loads(points("program", "schema").out)

    sections = schema["properties"]["plugins"]["properties"]
    assert sections["greeter"] == {"$ref": "#/$defs/plugin_greeter"}
    assert schema["$defs"]["plugin_greeter"]["properties"]["cost"]["default"] == 5


def test_a_file_is_checked_by_the_models_of_plugins(
    points: Points, site: Path, tmp_path: Path
) -> None:
    assert site
    file = tmp_path / "program.yaml"
    unit = "{kind: currency, expiry: {after: P12M}}"
    file.write_text(
        f"program: x\nunits:\n  points: {unit}\nplugins:\n  greeter: {{cost: much}}\n"
    )

    ended = points("program", "validate", str(file))

    assert ended.status == 2
    assert "plugins.greeter.cost" in ended.out + ended.err


def test_a_server_says_what_became_of_each_plugin(
    start_server: Callable[..., ServerProcess],
    points: Points,
    sqlite_url: str,
    site: Path,
) -> None:
    assert site
    server = start_server(sqlite_url, "--plugins=greeter,mute,odd")
    address = f"--address={server.address}"
    (said,) = [
        line
        for line in server.output.read_text().splitlines()
        if line.startswith("plugins  ")
    ]
    operator = ("--operator=ann", "--reason=test")
    off = points("plugins", "disable", "greeter", address, *operator)
    listed = {each["name"]: each for each in told(points, "plugins", "list", address)}
    on = points("plugins", "enable", "greeter", address, *operator)

    assert "greeter 2.5" in said
    assert f"mute FAILED ({NO_MANIFEST})" in said
    assert "odd FAILED (RuntimeError: [/no] [red]markup)" in said
    assert off.out == "greeter is switched off\n"
    assert listed["greeter"]["state"] == "PLUGIN_STATE_DISABLED"
    assert listed["greeter"]["reason"] == "switched off by ann: test"
    assert on.out == "greeter is switched on\n"
    assert "greeter" in points("plugins", "list", address).out


def test_a_server_does_not_start_without_what_is_required(
    points: Points, sqlite_url: str, site: Path
) -> None:
    assert site
    ended = points(
        "serve", "--database-url", sqlite_url, "--required-plugins", "mute,gone"
    )

    assert ended.status == 1
    assert f"plugin mute is required: FAILED: {NO_MANIFEST}" in ended.err
    assert "plugin gone is required: it is not installed" in ended.err
