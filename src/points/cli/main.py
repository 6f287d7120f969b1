"""`points`: the command and its sub-commands."""

from __future__ import annotations

import sys
from typing import Final

import click

from points.cli.ending import in_one_line
from points.cli.lazy import LazyGroup, Offer


COMMANDS: Final = {
    "close": Offer(
        "points.cli.close:close",
        "Closes the books up to an instant: nothing may be dated back before it.",
    ),
    "demo": Offer(
        "points.cli.demo:demo",
        "Replays 69,659 real purchases through a real server and checks the books.",
    ),
    "export": Offer(
        "points.cli.transport:export_ledger",
        "Writes every record as a line of JSON, beside a running server if need be.",
    ),
    "import": Offer(
        "points.cli.transport:import_ledger",
        "Makes an empty database the ledger of an exported FILE.",
    ),
    "migrate": Offer(
        "points.cli.migrate:migrate",
        "Makes or migrates the tables, and says which database it did that to.",
    ),
    "plugin": Offer("points.cli.plugins:plugin", "Begins a new plugin."),
    "plugins": Offer(
        "points.cli.plugins:plugins",
        "Lists, checks, switches and purges plugins, and begins new ones.",
    ),
    "program": Offer(
        "points.cli.program:program",
        "Checks, compares and applies documents of a program.",
    ),
    "serve": Offer(
        "points.cli.serve:serve",
        "Serves the ledger over gRPC until Ctrl-C or SIGTERM.",
    ),
    "sweep": Offer(
        "points.cli.sweep:sweep",
        "Does what time asks for, and says what it did.",
    ),
    "verify": Offer(
        "points.cli.verify:verify",
        "Adds up every account, lot and member from the records and says what differs.",
    ),
    "watch": Offer(
        "points.cli.watch:watch",
        "Prints every decided command of a running server, a line each, until Ctrl-C.",
    ),
}


# Help may be wider than click's 80: URLs do not break well.
@click.group(
    cls=LazyGroup,
    offers=COMMANDS,
    more="points.cli.plugin_groups:plugin_groups",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="points-engine")
def points() -> None:
    """Runs an atomic points ledger behind gRPC.

    Try `points serve`, or `points demo` for a tour with real purchases.
    """


def main() -> None:
    """Runs the command line; what the user can mend ends in one line and status 1."""
    if not __debug__:
        sys.exit("points: python -O would switch off its own checks: run without -O")
    with in_one_line():
        status = points.main(prog_name="points", standalone_mode=False)
        sys.stdout.flush()
        sys.exit(status)
