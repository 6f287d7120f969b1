"""Loads a server of its own with each profile and holds the ledger against it.

    uv run poe load [--profile earn] [--calls 2000] [--database sqlite]
    uv run poe load --profile earn --rps 500
    uv run poe load --knee [--profile earn] [--step-seconds 2] [--calls 500]

In a closed loop each caller waits for its answer; with `--rps` calls come at a rate,
answered or not; `--knee` raises the rate step by step, from half of what the closed
loop came to, until the server falls behind: it answers less than nine tenths of what
comes. All profiles with steps of 2 seconds take a quarter of an hour. Where ghz is
missing h2load stands in for it, as far as it can.

Whatever the figures, the run fails unless there is one transaction for each OK and
none for anything else, and the ledger proves right.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from points.client import PointsClient
from tests.load.bench import machine
from tests.load.databases import DATABASES, fresh_database
from tests.load.h2load import STREAMS, repeat
from tests.load.knee import Knee, Step, knees
from tests.load.prepare import main as prepare
from tests.load.profiles import Profile, load_profile, profile_names
from tests.load.sending import Line, Sender, serving
from tests.load.tools import GHZ, H2LOAD, load_tool


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
@click.option(
    "--step-seconds", default=5, show_default=True, help="How long each rate is kept."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def load(
    names: tuple[str, ...],
    databases: tuple[str, ...],
    *,
    calls: int,
    rps: int,
    knee: bool,
    step_seconds: int,
    as_json: bool,
) -> None:
    """Loads a server with ghz, and checks the ledger behind it."""
    tool = load_tool()
    _check(tool, is_paced=knee or bool(rps))
    lines: list[Line] = []
    asked = Asked(calls, rps, step_seconds if knee else 0, tool)
    chosen = _chosen(names, is_streaming=tool == GHZ and not knee)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(
            "loading", total=len(chosen) * len(databases or DATABASES)
        )
        for database in databases or DATABASES:
            for found in _load_one(database, chosen, asked):
                lines += found
                progress.advance(task)
                progress.console.print(f"{database}: {found[-1].profile}")
    show(lines, as_json=as_json)
    if knee and not as_json:
        show_knees(lines)
    wrong = [
        f"{line.profile} on {line.database} at {line.offered}/s: {problem}"
        for line in lines
        for problem in line.problems
    ]
    if wrong:
        sys.exit("\n".join(["the ledger does not hold what was answered:", *wrong]))


class Asked(NamedTuple):
    """Is how a profile is sent: how often, at which rate, how long for each step.

    0 stands for the calls of the profile, for no rate, and for no steps. `tool` is the
    program that sends.
    """

    calls: int
    rps: int
    step_seconds: int
    tool: str


def _check(tool: str, *, is_paced: bool) -> None:
    if tool == H2LOAD and is_paced:
        message = "calls that come at a rate need ghz"
        raise click.UsageError(message)


def _chosen(names: Sequence[str], *, is_streaming: bool) -> list[str]:
    """Returns the profiles to send: streams have no rate, and h2load no end of them."""
    found = names or profile_names()
    return [name for name in found if is_streaming or name not in STREAMS]


def _load_one(
    database: str, names: Sequence[str], asked: Asked
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
            yield list(_lines_of(sender, profile, asked))


def _lines_of(sender: Sender, profile: Profile, asked: Asked) -> Iterator[Line]:
    calls = asked.calls or profile.call_count
    if asked.tool == H2LOAD:
        yield repeat(sender, profile, calls)
    elif profile.name in STREAMS:
        yield from sender.watched(profile, load_profile("earn"))
    elif asked.step_seconds:
        yield from sender.knee(profile, calls, asked.step_seconds)
    else:
        yield sender.send(profile, calls, asked.rps)


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


def show_knees(lines: Sequence[Line]) -> None:
    """Prints for each profile where its server fell behind."""
    table = Table(title="knees")
    columns = ("profile", "database", "closed loop/s", "kept up with/s", "p50 ms")
    for column in (*columns, "p99 ms", "fell behind at/s", "answered/s"):
        table.add_column(column, justify="right", no_wrap=True)
    steps = [(e.profile, e.database, Step(e.offered, e.run)) for e in lines]
    for profile, database, knee in knees(steps):
        table.add_row(profile, database, f"{knee.closed.rate:,.0f}", *_ends(knee))
    Console(width=TABLE_WIDTH).print(table)


def _ends(knee: Knee) -> list[str]:
    kept_up, behind = knee.kept_up, knee.behind
    cells = ["", "", ""]
    if kept_up is not None:
        run = kept_up.run
        cells = [f"{kept_up.offered:,}", f"{run.p50_ms:.1f}", f"{run.p99_ms:.1f}"]
    if behind is None:
        return [*cells, "", ""]
    return [*cells, f"{behind.offered:,}", f"{behind.run.rate:,.0f}"]


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
