"""`points plugins new`: the folder of a plugin that works, to be changed."""

from __future__ import annotations

import re
from importlib.metadata import version
from importlib.resources import as_file, files
from pathlib import Path
from typing import Final

import click

from points.plugin.loading.declared import RESERVED
from points.plugin.manifest import API_VERSION


_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")


@click.command(name="new")
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where it goes.  [default: the name, in this folder]",
)
def scaffold(*, name: str, folder: Path | None) -> None:
    """Makes the folder of a new plugin: proto, handlers, state, settings and tests.

    It works as it is: install it with `pip install -e`, run its tests, and serve it.
    """
    check_name(name)
    target = folder or Path(name)
    if target.exists() and any(target.iterdir()):
        raise click.ClickException(f"{target} is there already, and not empty")
    write_plugin(name, target)
    click.echo(f"{target} is a plugin that works. Next:")
    for line in (
        f"cd {target}",
        "pip install -e . pytest",
        "pytest",
        "points serve",
    ):
        click.echo(f"  {line}")


def check_name(name: str) -> None:
    """Raises click.ClickException for what is no name of a plugin."""
    if not _NAME.fullmatch(name):
        raise click.ClickException(
            f"{name!r} is no name: 1-32 of a-z, 0-9 and _, beginning with a letter"
        )
    if name in RESERVED:
        raise click.ClickException(f"the name {name} is kept for the host itself")


def write_plugin(name: str, target: Path) -> None:
    """Writes the plugin of this name into a folder; raises click.ClickException."""
    try:
        from copier import run_copy  # noqa: PLC0415 - only authors need it
    except ImportError:
        raise click.ClickException(
            "this needs the kit: pip install 'points-engine[kit]'"
        ) from None
    with as_file(files("points.cli") / "template") as template:
        run_copy(
            str(template),
            target,
            data={
                "name": name,
                "title": name.replace("_", " ").capitalize(),
                "camel": "".join(part.capitalize() for part in name.split("_")),
                "api": API_VERSION,
                "engine": version("points-engine"),
            },
            defaults=True,
            quiet=True,
        )
