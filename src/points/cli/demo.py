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
from points.demo import (
    LedgerInUseError,
    PurchaseLogMissingError,
    StalledError,
    run,
    run_program,
)
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
    "--limit",
    "--purchases",
    "limit",
    type=click.IntRange(1),
    help="Only so many purchases. [default: all]",
)
@click.option(
    "--in-flight",
    type=click.IntRange(1, 1_024),
    default=64,
    show_default=True,
    help="Calls under way at a time.",
)
@click.option(
    "--program",
    type=click.Choice(["retail"]),
    help="Plays the purchases under this worked example instead, on a clock that"
    " follows the log, with no server between.",
)
@click.option("--json", "as_json", is_flag=True, help="With --program: print JSON.")
def demo(
    *,
    database_url: str | None,
    target: str | None,
    batch: int | None,
    limit: int | None,
    in_flight: int,
    program: str | None,
    as_json: bool,
) -> None:
    """Replays 69,659 real purchases through a real server and checks the books.

    Starts a server on a temporary database, creates a member for each buyer of
    a music shop of 1997, earns one point per whole dollar, and then does the same
    once more to show that repeated request ids change nothing. Exit status 1 means
    that something did not hold.

    With --program retail the same purchases are activities under rules: tiers are
    reached and lost, points wait for parcels, are spent and expire.
    """
    if database_url and target:
        raise click.UsageError("--database-url starts a server, --target names one")
    if program and (target or batch):
        raise click.UsageError("--program takes no server: no --target, no --batch")
    if as_json and not program:
        raise click.UsageError("--json is for --program")
    try:
        holds = (
            _play(database_url, limit, as_json=as_json)
            if program
            else _replay(database_url, target, batch, limit, in_flight)
        )
    except (
        PurchaseLogMissingError,
        LedgerInUseError,
        PointsError,
        StalledError,
    ) as error:
        raise click.ClickException(str(error)) from error
    if not holds:
        sys.exit(1)


def _play(database_url: str | None, limit: int | None, *, as_json: bool) -> bool:
    with _database(database_url) as url:
        return run_program(
            url,
            limit=limit,
            as_json=as_json,
            console=Console(),
            progress_console=Console(stderr=True),
        )


def _replay(
    database_url: str | None,
    target: str | None,
    batch: int | None,
    limit: int | None,
    in_flight: int,
) -> bool:
    with _server(database_url, target) as address:
        return run(
            address,
            batch=batch,
            limit=limit,
            in_flight=in_flight,
            console=Console(),
        )


@contextmanager
def _server(database_url: str | None, target: str | None) -> Iterator[str]:
    if target:
        yield target
        return
    with _database(database_url) as url, background_server(url) as address:
        yield address


@contextmanager
def _database(database_url: str | None) -> Iterator[str]:
    """Yields the URL of a database, of a temporary one if none is given."""
    with TemporaryDirectory(prefix="points-demo-") as folder:
        url = database_url or f"sqlite:///{Path(folder) / 'points.db'}"
        parse_url(url)
        yield url
