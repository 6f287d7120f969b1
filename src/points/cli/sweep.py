"""`points sweep`: sweeps once, now."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from points.cli.logs import set_up_logs
from points.cli.options import program_in, settings_flags
from points.engine.engine import running_engine
from points.engine.sweeper import Swept
from points.engine.sweeper import sweep as sweep_once
from points.program.bridge import program_of_text
from points.settings import load_settings
from points.store.opening import open_store, open_store_to_read


@click.command()
@settings_flags("database_url", "log_level")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def sweep(*, as_json: bool, **flags: Any) -> None:
    """Does what time asks for, and says what it did.

    Expires lots and lapses holds whose time is over, and gives notice of lots that
    will expire soon.

    Servers do that by themselves, each sweep_interval_seconds; a SQLite file can
    be swept only while no server has it. Exit status 2 means that something was
    left for the next sweep.
    """
    settings = load_settings(**flags)
    set_up_logs(settings)
    with open_store_to_read(settings.database_url):
        # A file that is not there is not made: nothing could be due in it.
        pass
    with (
        open_store(settings.database_url) as store,
        running_engine(
            store, program_in(settings), compile_document=program_of_text
        ) as engine,
    ):
        swept = sweep_once(engine)
        if as_json:
            click.echo(json.dumps(asdict(swept)))
        else:
            _show(swept, store.place)
    if swept.failed or not swept.finished:
        sys.exit(2)


def _show(swept: Swept, place: str) -> None:
    click.echo(f"swept {place}")
    table = Table()
    table.add_column("what")
    table.add_column("count", justify="right")
    table.add_row("lapsed holds", f"{swept.lapsed_holds:,}")
    if swept.lapsed_claims:
        table.add_row("lapsed claims", f"{swept.lapsed_claims:,}")
    table.add_row("swept lots", f"{swept.swept_lots:,}")
    table.add_row("announced lots", f"{swept.noticed_lots:,}")
    for what, sums in (
        ("expired", swept.expired_points),
        ("cancelled", swept.cancelled_points),
    ):
        for unit, points in sorted(sums.items()):
            table.add_row(f"{what} {unit}", f"{points:,}")
    if swept.swept_standings:
        table.add_row("standings", f"{swept.swept_standings:,}")
    if swept.noticed_demotions:
        table.add_row("announced demotions", f"{swept.noticed_demotions:,}")
    if swept.scored_members:
        table.add_row("scored members", f"{swept.scored_members:,}")
    if swept.failed:
        table.add_row("left for the next sweep", f"{swept.failed:,}")
    Console().print(table)
