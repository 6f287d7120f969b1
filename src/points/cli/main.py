"""`points`: the command and its sub-commands."""

from __future__ import annotations

import sys

import click

from points.cli.close import close
from points.cli.demo import demo
from points.cli.ending import in_one_line
from points.cli.migrate import migrate
from points.cli.plugin_groups import WithPlugins
from points.cli.plugins import plugin, plugins
from points.cli.program import program
from points.cli.serve import serve
from points.cli.sweep import sweep
from points.cli.transport import export_ledger, import_ledger
from points.cli.verify import verify
from points.cli.watch import watch


# Help may be wider than click's 80: URLs do not break well.
@click.group(
    cls=WithPlugins,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="points-engine")
def points() -> None:
    """Runs an atomic points ledger behind gRPC.

    Try `points serve`, or `points demo` for a tour with real purchases.
    """


for command in (
    serve,
    demo,
    migrate,
    program,
    plugins,
    plugin,
    sweep,
    verify,
    watch,
    close,
    export_ledger,
    import_ledger,
):
    points.add_command(command)


def main() -> None:
    """Runs the command line; what the user can mend ends in one line and status 1."""
    if not __debug__:
        sys.exit("points: python -O would switch off its own checks: run without -O")
    with in_one_line():
        sys.exit(points.main(prog_name="points", standalone_mode=False))
