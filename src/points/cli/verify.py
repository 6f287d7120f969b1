"""`points verify`: works all state out anew from the records and compares."""

from __future__ import annotations

import sys
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from points.cli.options import settings_flags
from points.settings import load_settings
from points.store.opening import open_store_to_read
from points.store.proof.audit import audit
from points.store.proof.findings import Audit


_SHOWN_MAX = 50
"""Differences shown: the first few tell what is wrong, thousands do not."""


@click.command()
@settings_flags("database_url")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def verify(*, as_json: bool, **flags: Any) -> None:
    """Adds up every account, lot and member from the records and says what differs.

    Reads only, beside a running server if need be. Exit status 0 means that
    everything agrees, 1 that the database cannot be read, 2 that it differs.
    """
    settings = load_settings(**flags)
    console = Console(stderr=True)
    with (
        open_store_to_read(settings.database_url) as store,
        Progress(console=console, transient=True) as progress,
    ):
        task = progress.add_task("verifying")

        def show(found: Audit) -> None:
            total, completed = found.total_record_count, found.counts.records
            progress.update(task, total=total, completed=completed)

        found = audit(store.backend, on_progress=show)
    if as_json:
        click.echo(found.as_json())
    else:
        _show(found, store.place)
    if found.finding_count:
        sys.exit(2)


def _show(found: Audit, place: str) -> None:
    console = Console()
    click.echo(f"verified {place}")
    table = Table()
    for name in ("records", "transactions", "members", "accounts", "lots"):
        table.add_column(name, justify="right")
    counts = found.counts
    table.add_row(
        *(
            f"{count:,}"
            for count in (
                counts.records,
                counts.transactions,
                counts.members,
                counts.accounts,
                counts.lots,
            )
        )
    )
    console.print(table)
    for difference in found.differences[:_SHOWN_MAX]:
        click.echo(f"{click.style('differs', fg='red')} {difference}")
    verdict = "everything agrees with the records"
    if found.finding_count:
        verdict = f"{found.finding_count} differences"
    click.echo(verdict)
