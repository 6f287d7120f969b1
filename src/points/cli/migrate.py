"""`points migrate`: brings a database to the schema of this version."""

from __future__ import annotations

from typing import Any

import click

from points.cli.options import settings_flags
from points.settings import load_settings
from points.store.opening import open_store


@click.command()
@settings_flags("database_url", "parts")
def migrate(**flags: Any) -> None:
    """Makes or migrates the tables, and says which database it did that to.

    Safe to repeat and to run from several places at once: they wait for one
    another. A SQLite file is also migrated by the server itself.
    """
    settings = load_settings(**flags)
    opened = open_store(
        settings.database_url, migrating=True, part_count=settings.parts
    )
    with opened as store:
        click.echo(f"{store.place} is up to date ({store.part_count} parts)")
