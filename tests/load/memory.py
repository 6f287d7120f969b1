"""Watches the memory of a server over a million calls.

    uv run poe memory [--calls 1000000] [--every 100000] [--database sqlite]
    uv run poe memory --profile balances --calls 300000 --json

ghz sends one profile in a closed loop, 64 in flight on each of 8 connections, to a
server with all plugins. What is resident is told after each so many calls; it has to
stay within five hundredths of what it was after the first of them, and the run fails if
it does not. Until then SQLite fills its cache of pages, which is 64 MiB: with samples
that come sooner it grows by some 700 bytes a call.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from tests.load.bench import machine
from tests.load.databases import DATABASES, fresh_database
from tests.load.profiles import load_profile
from tests.load.rows import Bed, unary
from tests.load.tools import need_ghz


RUN: Final = 10_000
"""Calls of one run of ghz: it keeps the times of all of them."""

SLACK: Final = 0.05
"""How far memory may move from what it was after the first calls, as a share."""

PROFILES: Final = ("earn", "burn", "balances", "activity")
_BAR: Final = 40


class Sample(NamedTuple):
    """Is what was resident after so many calls, in bytes."""

    calls: int
    resident_bytes: int


def drift(samples: Sequence[Sample]) -> float:
    """Returns the farthest that memory was from its first sample, as a share of it."""
    first = samples[0].resident_bytes
    moves = [sample.resident_bytes / first - 1 for sample in samples]
    return max(moves, key=abs)


def samples_of(
    send: Callable[[int], object],
    resident_bytes: Callable[[], int],
    *,
    calls: int,
    every: int,
) -> Iterator[Sample]:
    """Yields what is resident after each `every` calls, sent some at a time."""
    for done in range(every, calls + 1, every):
        left = every
        while left:
            send(min(left, RUN))
            left -= min(left, RUN)
        yield Sample(done, resident_bytes())


@click.command()
@click.option("--calls", default=1_000_000, show_default=True, help="Calls in all.")
@click.option("--every", default=100_000, show_default=True, help="Calls of a sample.")
@click.option(
    "--profile", default="earn", show_default=True, type=click.Choice(PROFILES)
)
@click.option(
    "--database", default="sqlite", show_default=True, type=click.Choice(DATABASES)
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def memory(
    *, calls: int, every: int, profile: str, database: str, as_json: bool
) -> None:
    """Tells what a server occupies after each so many calls."""
    need_ghz()
    if calls < 2 * every:
        message = (
            f"{every:,} calls and as many again are the least that can be compared"
        )
        raise click.UsageError(message)
    found = _measure(calls, every, profile, database)
    show(found, as_json=as_json)
    if abs(drift(found)) > SLACK:
        sys.exit(f"memory moved by {drift(found):+.1%}")


def _measure(calls: int, every: int, profile: str, database: str) -> list[Sample]:
    columns = (TextColumn("calling"), BarColumn(), MofNCompleteColumn())
    console, found = Console(stderr=True), []
    with (
        TemporaryDirectory(prefix="points-memory-") as name,
        fresh_database(database, Path(name)) as url,
        ExitStack() as stack,
        Progress(*columns, TimeRemainingColumn(), console=console) as progress,
    ):
        task = progress.add_task("calling", total=calls)
        bed = Bed(database, Path(name), stack, lambda _: url, RUN, 1)
        server = bed.extended

        def send(count: int) -> None:
            bed.calls = count
            unary(bed, server, load_profile(profile))()
            progress.advance(task, count)

        for sample in samples_of(send, server.resident_bytes, calls=calls, every=every):
            found.append(sample)
            console.print(_line(sample, found[0]))
    return found


def _line(sample: Sample, first: Sample) -> str:
    moved = sample.resident_bytes / first.resident_bytes - 1
    return f"{sample.calls:>11,} calls {_mib(sample):7.1f} MiB {moved:+6.1%}"


def _mib(sample: Sample) -> float:
    return sample.resident_bytes / 2**20


def show(found: Sequence[Sample], *, as_json: bool) -> None:
    """Prints the samples, as JSON for programs or as a table with bars."""
    if as_json:
        told: dict[str, Any] = {
            "machine": machine(),
            "samples": [sample._asdict() for sample in found],
            "drift": drift(found),
        }
        click.echo(json.dumps(told))
        return
    table = Table(title=", ".join(f"{k} {v}" for k, v in machine().items()))
    for column in ("calls", "resident MiB", "from the first"):
        table.add_column(column, justify="right")
    table.add_column("")
    most = max(sample.resident_bytes for sample in found)
    for sample in found:
        moved = sample.resident_bytes / found[0].resident_bytes - 1
        bar = "█" * round(sample.resident_bytes / most * _BAR)
        table.add_row(f"{sample.calls:,}", f"{_mib(sample):.1f}", f"{moved:+.1%}", bar)
    Console(width=max(100, Console().width)).print(table)


if __name__ == "__main__":
    memory()
