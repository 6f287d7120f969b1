"""`points demo`: a tour with real purchases."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from rich.console import Console

from points.cli.background import background_server
from points.client import PointsError
from points.demo import PurchaseLogMissingError, StalledError, run
from points.domain.bounds import BATCH_COMMANDS_MAX
from points.store.opening import parse_url


@click.command()
@click.option(
    "--database-url",
    help="A database that is still empty. [default: a temporary SQLite file]",
)
@click.option(
    "--target",
    help="A server that is running already, host:port; two or more of one database"
    " as ipv4:HOST:PORT,HOST:PORT.",
)
@click.option(
    "--batch",
    type=click.IntRange(1, BATCH_COMMANDS_MAX),
    help="Commands in one call of BatchWrite. [default: a call for each]",
)
@click.option(
    "--limit", type=click.IntRange(1), help="Only so many purchases. [default: all]"
)
@click.option(
    "--in-flight",
    type=click.IntRange(1, 1_024),
    default=64,
    show_default=True,
    help="Calls under way at a time.",
)
def demo(
    *,
    database_url: str | None,
    target: str | None,
    batch: int | None,
    limit: int | None,
    in_flight: int,
) -> None:
    """Replays 69,659 real purchases through a real server and checks the books.

    Starts a server on a temporary database, creates a member for each buyer of
    a music shop of 1997, earns one point per whole dollar, and then does the same
    once more to show that repeated request ids change nothing. Exit status 1 means
    that something did not hold.
    """
    if database_url and target:
        raise click.UsageError("--database-url starts a server, --target names one")
    console = Console()
    try:
        with _server(database_url, target) as address:
            holds = run(
                address,
                batch=batch,
                limit=limit,
                in_flight=in_flight,
                console=console,
            )
    except (PurchaseLogMissingError, PointsError, StalledError) as error:
        raise click.ClickException(str(error)) from error
    if not holds:
        sys.exit(1)


@contextmanager
def _server(database_url: str | None, target: str | None) -> Iterator[str]:
    if target:
        yield target
        return
    with TemporaryDirectory(prefix="points-demo-") as folder:
        url = database_url or f"sqlite:///{Path(folder) / 'points.db'}"
        parse_url(url)
        with background_server(url) as address:
            yield address
