"""Runs a PostgreSQL whose data stays, for ledgers that take hours to fill.

    uv run poe postgresql /var/tmp/kept [--port 5433]
    export POINTS_TEST_PG_URL=postgresql://postgres@127.0.0.1:5433/postgres
    uv run poe grow --database-url postgresql+psycopg://postgres@127.0.0.1:5433/grown

It runs until Ctrl-C, and goes on with the same data the next time. With the variable
set, tests and benchmarks make their databases there, too: on the disk on which the
filled ledger is, and not in memory.
"""

from __future__ import annotations

import signal
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import psycopg

from tests.postgresql.cluster import SUPERUSER
from tests.postgresql.installation import (
    copy_installation,
    first_installation,
    give_away,
    installations,
    log_file,
    spawn,
)
from tests.postgresql.ports import LOOPBACK
from tests.postgresql.server import URL_VARIABLE


if TYPE_CHECKING:
    from collections.abc import Iterator

PORT: Final = 5433
DATABASE: Final = "grown"
_START_SECONDS_MAX: Final = 60

# As a small server in production: what it is measured with should not be its limit.
_SETTINGS: Final = (
    f"--listen_addresses={LOOPBACK}",
    "--unix_socket_directories=",
    "--max_connections=200",
    "--shared_buffers=512MB",
    "--max_wal_size=4GB",
)


@contextmanager
def kept_server(folder: Path, port: int = PORT) -> Iterator[str]:
    """Yield the URL of an empty database, or of what it holds by now; stop in the end.

    Args:
        folder: Where the data stays. The account of the server must reach it.
        port: Of the loopback address; nothing else may listen on it.

    Raises:
        PostgresMissingError: There is no PostgreSQL to be found.
        RuntimeError: It does not start; the log in the folder says why.
    """
    folder.mkdir(parents=True, exist_ok=True)
    give_away(folder)
    programs = _prepared(folder)
    command = (str(programs / "postgres"), f"-D{folder / 'data'}", f"--port={port}")
    server = spawn((*command, *_SETTINGS), directory=folder)
    try:
        yield _database(server, folder, port)
    finally:
        # The fast way: what is committed is on disk, and nobody waits for clients.
        server.send_signal(signal.SIGINT)
        server.wait()


def _prepared(folder: Path) -> Path:
    """Return the programs; they make the data directory unless it is there."""
    programs = first_installation(installations())
    try:
        spawn((str(programs / "postgres"), "--version"), directory=folder).wait()
    except PermissionError:
        # In a home that only root may enter, as with the clusters of tests.
        kept = folder / "programs"
        kept.mkdir(exist_ok=True)
        programs = copy_installation(programs, into=kept)
    if not (folder / "data").exists():
        flags = (f"--username={SUPERUSER}", "--auth=trust", "--encoding=UTF8")
        command = (str(programs / "initdb"), f"--pgdata={folder / 'data'}", *flags)
        _check(spawn((*command, "--locale=C"), directory=folder).wait(), folder)
    return programs


def _database(server: subprocess.Popen[bytes], folder: Path, port: int) -> str:
    """Return the URL of the database once the server answers; make it if need be."""
    deadline = time.monotonic() + _START_SECONDS_MAX
    where = f"{SUPERUSER}@{LOOPBACK}:{port}"
    while True:
        try:
            connection = psycopg.connect(
                f"postgresql://{where}/postgres?connect_timeout=2", autocommit=True
            )
            break
        except psycopg.OperationalError:
            _check(server.poll() or 0, folder)
            _check(int(time.monotonic() > deadline), folder)
            time.sleep(0.05)
    with connection, suppress(psycopg.errors.DuplicateDatabase):
        connection.execute(f"CREATE DATABASE {DATABASE} TEMPLATE template0")
    return f"postgresql+psycopg://{where}/{DATABASE}"


def _check(status: int, folder: Path) -> None:
    if status:
        message = f"PostgreSQL did not start: see {log_file(folder)}"
        raise RuntimeError(message)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--port", default=PORT, show_default=True, help="Port to listen on.")
def keep(*, folder: Path, port: int) -> None:
    """Run PostgreSQL on FOLDER until Ctrl-C."""
    with kept_server(folder.resolve(), port) as url:
        click.echo(f"export {URL_VARIABLE}={url.rpartition('/')[0]}/postgres")
        click.echo(f"uv run poe grow --database-url {url}")
        click.echo(f"uv run poe bench --only grown --grown {url}")
        with suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    keep()
