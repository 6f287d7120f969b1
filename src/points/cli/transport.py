"""`points export` and `points import`: a ledger as a file, and back."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

import click
from rich.console import Console
from rich.progress import Progress

from points.cli.options import settings_flags
from points.settings import load_settings
from points.store.opening import open_store_to_fill, open_store_to_read
from points.store.transport import ExportFile, OnProgress, import_file, write_export


_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("export")
@settings_flags("database_url")
@click.option(
    "--output", type=_FILE, help="Where to write.  [default: standard output]"
)
@click.option(
    "--format",
    type=click.Choice(["jsonl"]),
    default="jsonl",
    show_default=True,
    expose_value=False,
)
def export_ledger(*, output: Path | None, **flags: Any) -> None:
    """Writes every record as a line of JSON, beside a running server if need be.

    The first line describes the ledger, the last one sums it up. `points import`
    makes the same ledger of it, on either database.
    """
    settings = load_settings(**flags)
    with (
        open_store_to_read(settings.database_url) as store,
        _output(output) as file,
        _shown("exporting") as on_progress,
    ):
        count = write_export(store, file, on_progress=on_progress)
    click.echo(f"exported {count:,} records of {store.place}", err=True)


@click.command("import")
@settings_flags("database_url")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)
)
def import_ledger(*, file: Path, **flags: Any) -> None:
    """Makes an empty database the ledger of an exported FILE.

    The file is read and proved first; then all of it is written, or nothing. Tables
    are made if there are none.
    """
    url = load_settings(**flags).database_url
    with _shown("checking") as on_progress:
        export = ExportFile(file)
        export.check(on_progress=on_progress)
    with (
        open_store_to_fill(url, part_count=export.header.part_count) as store,
        _shown("importing") as on_progress,
    ):
        count = import_file(store, export, on_progress=on_progress)
    click.echo(f"imported {count:,} records into {store.place}")


@contextmanager
def _output(path: Path | None) -> Iterator[BinaryIO]:
    """Opens where to write; raises ClickException if that fails."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    # A link stays one: what it points to is written.
    is_plain = path.is_file() or not path.exists()
    opened = _whole(path.resolve()) if is_plain else path.open("wb")
    try:
        with opened as file:
            yield file
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise click.ClickException(message) from error


@contextmanager
def _whole(path: Path) -> Iterator[BinaryIO]:
    """Opens a file that gets its name once it is whole, and on the disk.

    It is of this process alone: another one may write the same export.
    """
    half = path.with_name(f"{path.name}.{uuid4().hex[:12]}.half")
    try:
        with half.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


@contextmanager
def _shown(what: str) -> Iterator[OnProgress]:
    """Shows a bar on standard error for the length of the block."""
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)

        def show(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield show
