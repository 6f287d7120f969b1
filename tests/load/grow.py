"""Fills a ledger through BatchWrite, and goes on where it stopped.

    uv run poe grow --transactions 10000000 --members 1000000 \
        --database-url sqlite:///grown.db
    uv run poe bench --only grown --grown sqlite:///grown.db

Ctrl-C and start it again as often as you like: the ledger knows what it has. At the
end it tells the size of a transaction, and how long a server takes to start; `bench`
sets that, and what it earns, beside a new ledger's. Two calls of a thousand commands
are in flight: one is decided while the other one is read and answered, and more would
wait for the one interpreter that does both.
"""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from points.client import PointsClient
from tests.load.growth import MEMBERS_LEAST, Growth, absolute, bytes_of
from tests.load.growth import grow as send
from tests.serving import ServerProcess


@click.command()
@click.option("--transactions", default=1_000_000, show_default=True, help="How many.")
@click.option(
    "--members",
    default=100_000,
    show_default=True,
    type=click.IntRange(min=MEMBERS_LEAST),
    help="Members that they belong to.",
)
@click.option("--database-url", default="sqlite:///grown.db", show_default=True)
def grow(*, transactions: int, members: int, database_url: str) -> None:
    """Fills a ledger, and tells what it takes on disk and at the start."""
    growth = Growth(members, transactions)
    url = absolute(database_url)
    with TemporaryDirectory(prefix="points-grow-") as folder:
        rate = _fill(url, growth, Path(folder))
        started = _start_seconds(url, Path(folder))
    size = bytes_of(url)
    click.echo(f"{transactions:,} transactions of {members:,} members")
    click.echo(f"sent             {rate:,.0f} commands/s")
    click.echo(f"on disk          {size:,} bytes, {size / transactions:,.0f} each")
    click.echo(f"start of server  {started:.1f} s")


def _fill(url: str, growth: Growth, folder: Path) -> float:
    """Sends what is missing; returns the commands a second."""
    total = growth.member_count + growth.transaction_count
    server = ServerProcess.start(url, "--migrate", folder=folder)
    columns = (TextColumn("growing"), BarColumn(), MofNCompleteColumn())
    console, count, first = Console(stderr=True), 0, None
    began = time.perf_counter()
    try:
        with (
            PointsClient(server.address, timeout_seconds=120) as client,
            Progress(*columns, TimeRemainingColumn(), console=console) as progress,
        ):
            task = progress.add_task("growing", total=total)
            for count in send(client, growth):
                first = count if first is None else first
                progress.update(task, completed=min(count, total))
        server.stop()
    finally:
        server.kill()
    return (count - (first or 0)) / (time.perf_counter() - began)


def _start_seconds(url: str, folder: Path) -> float:
    """Returns how long a server takes until it answers."""
    began = time.perf_counter()
    server = ServerProcess.start(url, folder=folder)
    took = time.perf_counter() - began
    server.stop()
    return took


if __name__ == "__main__":
    grow()
