"""Loads a server of its own with each profile and holds the ledger against it.

    uv run poe load [--profile earn] [--calls 2000] [--database sqlite]
    uv run poe load --profile earn --rps 500
    uv run poe load --profile earn --knee

In a closed loop each caller waits for its answer; with `--rps` calls come at a rate,
answered or not; `--knee` raises the rate step by step until the server falls behind.
Whatever the figures, the run fails unless there is one transaction for each OK and
none for anything else, and the ledger proves right.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from points.client import PointsClient
from tests.load.bench import machine
from tests.load.databases import DATABASES, fresh_database
from tests.load.ghz import need_ghz
from tests.load.prepare import main as prepare
from tests.load.profiles import Profile, load_profile, profile_names
from tests.load.sending import Line, Sender, serving


TABLE_WIDTH: Final = 120


@click.command()
@click.option(
    "--profile",
    "names",
    multiple=True,
    type=click.Choice(profile_names()),
    help="Profile to run, all of them by default; may be repeated.",
)
@click.option(
    "--database",
    "databases",
    multiple=True,
    type=click.Choice(DATABASES),
    help="Database to serve from, both by default.",
)
@click.option("--calls", default=0, help="Calls of a run; the profile's by default.")
@click.option("--rps", default=0, help="Calls a second, whatever the server does.")
@click.option("--knee", is_flag=True, help="Raise the rate until it falls behind.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def load(
    names: tuple[str, ...],
    databases: tuple[str, ...],
    *,
    calls: int,
    rps: int,
    knee: bool,
    as_json: bool,
) -> None:
    """Loads a server with ghz, and checks the ledger behind it."""
    need_ghz()
    lines: list[Line] = []
    chosen = names or _in_order(profile_names())
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(
            "loading", total=len(chosen) * len(databases or DATABASES)
        )
        for database in databases or DATABASES:
            for found in _load_one(database, chosen, calls, rps, knee=knee):
                lines += found
                progress.advance(task)
    show(lines, as_json=as_json)
    if any(line.problems for line in lines):
        sys.exit("the ledger does not hold what was answered")


def _in_order(names: list[str]) -> list[str]:
    """Returns the names with the placing of holds before what captures them."""
    return sorted(names, key=lambda name: (name == "capture-hold", name))


def _load_one(
    database: str,
    names: list[str] | tuple[str, ...],
    calls: int,
    rps: int,
    *,
    knee: bool,
) -> Iterator[list[Line]]:
    """Yields the lines of each profile, all on one server."""
    with (
        TemporaryDirectory(prefix="points-load-") as name,
        fresh_database(database, Path(name)) as url,
        serving(url, Path(name)) as address,
        PointsClient(address, timeout_seconds=60) as client,
    ):
        prepare(address)
        sender = Sender(address, database, client, Path(name))
        for profile in map(load_profile, names):
            yield list(_lines_of(sender, profile, calls, rps, knee=knee))


def _lines_of(
    sender: Sender, profile: Profile, calls: int, rps: int, *, knee: bool
) -> Iterator[Line]:
    if profile.name == "watch":
        yield from sender.watched(profile, load_profile("earn"))
    elif knee:
        yield from sender.knee(profile)
    else:
        yield sender.send(profile, calls or profile.call_count, rps)


def show(lines: list[Line], *, as_json: bool) -> None:
    """Prints the lines, as JSON for programs or as a table."""
    if as_json:
        found = [asdict(line) for line in lines]
        click.echo(json.dumps({"machine": machine(), "runs": found}))
        return
    table = Table(title=", ".join(f"{k} {v}" for k, v in machine().items()))
    columns = ("profile", "database", "rate", "calls/s", "p50 ms", "p99 ms", "OK", "no")
    for column in (*columns, "ledger"):
        table.add_column(column, no_wrap=True)
    for line in lines:
        table.add_row(*_cells(line))
    Console(width=TABLE_WIDTH).print(table)


def _cells(line: Line) -> list[str]:
    run = line.run
    return [
        line.profile,
        line.database,
        str(line.offered or "-"),
        f"{run.rate:,.0f}",
        f"{run.p50_ms:.1f}",
        f"{run.p99_ms:.1f}",
        str(run.accepted),
        str(run.call_count - run.accepted),
        "; ".join(line.problems) or "holds",
    ]


if __name__ == "__main__":
    load()
