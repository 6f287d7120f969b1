"""Kills servers for as long as wanted: `python -m tests.crash.soak --kills 200`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time_ns
from typing import Final

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
from rich.table import Column, Table

import tests.environment  # noqa: F401 - before gRPC is imported
from tests.cli.bytecode import bytecode_in
from tests.crash.checks import Findings
from tests.crash.crashes import Crashes
from tests.crash.journal import Journal
from tests.postgresql.server import own_server


_SHOWN_MAX: Final = 20
_FATES: Final = ("accepted", "refused", "replayed", "unanswered")


@click.command()
@click.option("--kills", type=click.IntRange(1), default=200, show_default=True)
@click.option(
    "--database",
    type=click.Choice(["sqlite", "postgresql"]),
    default="sqlite",
    show_default=True,
    help="PostgreSQL is a server of its own, and killed in turn.",
)
@click.option("--threads", type=click.IntRange(1), default=6, show_default=True)
@click.option(
    "--seconds",
    type=click.FloatRange(0.0),
    default=1.0,
    show_default=True,
    help="Longest load before a kill.",
)
@click.option("--minutes", type=float, default=inf, help="Ends earlier then.")
@click.option("--seed", type=int, help="Of chance. [default: another each time]")
def soak(
    *,
    kills: int,
    database: str,
    threads: int,
    seconds: float,
    minutes: float,
    seed: int | None,
) -> None:
    """Kills servers under load and checks that no answer was ever lost.

    Exit status 1 means that one was, or that the books do not add up.
    """
    console = Console()
    chosen = time_ns() % 1_000_000 if seed is None else seed
    console.print(f"seed {chosen}")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="points-soak-")))
        stack.enter_context(bytecode_in(folder / "bytecode"))
        postgres = None
        if database == "postgresql":
            postgres = stack.enter_context(own_server())
        crashes = Crashes(
            postgres.url("postgres") if postgres else f"sqlite:///{folder}/points.db",
            folder=folder,
            threads=threads,
            seconds_max=seconds,
            minutes_max=minutes,
            seed=chosen,
            postgres=postgres,
        )
        findings = _run(console, crashes, kills)
    _report(console, findings, crashes)
    if findings.wrong:
        sys.exit(1)


def _run(console: Console, crashes: Crashes, kills: int) -> Findings:
    with _progress(console) as progress:
        task = progress.add_task("", total=kills, found=0)

        def show(findings: Findings) -> None:
            found = len(crashes.journal.acknowledged)
            progress.update(task, advance=1, found=found)
            for wrong in findings.wrong[:_SHOWN_MAX]:
                progress.console.print(wrong, style="red", markup=False)

        return crashes.run(kills, show)


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


def _report(console: Console, findings: Findings, crashes: Crashes) -> None:
    console.print(_kills(findings, crashes))
    console.print(_commands(findings, crashes.journal))
    for wrong in findings.wrong[:_SHOWN_MAX]:
        console.print(wrong, style="red", markup=False)


def _kills(findings: Findings, crashes: Crashes) -> Table:
    table = Table("killed", *map(_right, ("times", "acknowledged", "found", "wrong")))
    for victim, count in Counter(crashes.victims).items():
        table.add_row(victim, f"{count:,}")
    counts = findings.acknowledged, findings.found, len(findings.wrong)
    times = len(crashes.victims)
    table.add_row("in all", *(f"{count:,}" for count in (times, *counts)))
    return table


def _commands(findings: Findings, journal: Journal) -> Table:
    """Returns what became of each command; what the server did by itself is last."""
    table = Table("command", *map(_right, _FATES))
    for name in sorted({name for name, _ in journal.counts}):
        table.add_row(name, *(f"{journal.counts[name, fate]:,}" for fate in _FATES))
    table.add_section()
    for kind, count in sorted(findings.unasked.items()):
        table.add_row(kind, f"{count:,}")
    return table


def _right(name: str) -> Column:
    return Column(name, justify="right")


if __name__ == "__main__":
    soak()
