"""Kills servers for as long as wanted: `python -m tests.crash.soak --kills 200`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time_ns

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

import tests.environment  # noqa: F401 - before gRPC is imported
from tests.crash.checks import Findings
from tests.crash.crashes import Crashes


@click.command()
@click.option("--kills", type=click.IntRange(1), default=200, show_default=True)
@click.option(
    "--database-url",
    help="An empty database of its own. [default: a temporary SQLite file]",
)
@click.option("--threads", type=click.IntRange(1), default=6, show_default=True)
@click.option(
    "--seconds",
    type=click.FloatRange(0.0),
    default=1.0,
    show_default=True,
    help="Longest load before a kill.",
)
@click.option("--seed", type=int, help="Of chance. [default: another each time]")
def soak(
    *,
    kills: int,
    database_url: str | None,
    threads: int,
    seconds: float,
    seed: int | None,
) -> None:
    """Kills servers under load and checks that no answer was ever lost.

    Exit status 1 means that one was, or that the books do not add up.
    """
    console = Console()
    chosen = time_ns() % 1_000_000 if seed is None else seed
    console.print(f"seed {chosen}")
    with TemporaryDirectory(prefix="points-soak-") as folder:
        crashes = Crashes(
            database_url=database_url or f"sqlite:///{folder}/points.db",
            folder=Path(folder),
            threads=threads,
            seconds_max=seconds,
            seed=chosen,
        )
        with _progress(console) as progress:
            task = progress.add_task("", total=kills, found=0)

            def show(_: Findings) -> None:
                found = len(crashes.journal.acknowledged)
                progress.update(task, advance=1, found=found)

            findings = crashes.run(kills, show)
    _report(console, findings, kills=kills)
    if findings.wrong:
        sys.exit(1)


@contextmanager
def _progress(console: Console) -> Iterator[Progress]:
    columns = (
        TextColumn("killing"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[found]:,} acknowledged"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as progress:
        yield progress


def _report(console: Console, findings: Findings, *, kills: int) -> None:
    table = Table()
    for name in ("kills", "acknowledged", "found", "wrong"):
        table.add_column(name, justify="right")
    counts = (kills, findings.acknowledged, findings.found, len(findings.wrong))
    table.add_row(*(f"{count:,}" for count in counts))
    console.print(table)
    for wrong in findings.wrong[:20]:
        console.print(wrong, style="red", markup=False)


if __name__ == "__main__":
    soak()
