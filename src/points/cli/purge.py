"""`points plugins purge`: removes what a plugin that takes no part has left."""

from __future__ import annotations

import json
import sys
from typing import NamedTuple

import click
from rich.console import Console
from rich.progress import Progress

from points.cli.connecting import calling
from points.cli.served_program import ADDRESS
from points.client import PointsClient
from points.v1.plugin_service_pb2 import PurgePluginResponse


@click.command()
@click.argument("name")
@ADDRESS
@click.option("--operator", required=True, help="Who wants it.")
@click.option("--reason", required=True, help="Why.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
def purge(
    *, name: str, address: str, operator: str, reason: str, yes: bool, as_json: bool
) -> None:
    """Removes all documents of a plugin that is disabled or no longer installed.

    With its jobs that wait, what its members moved under caps, and how far its
    subscribers have come. Points stay, and so do the records of what it did. It may
    be broken off and begun again. Exit status 2 means that something is left.
    """
    with calling(address) as client:
        purging = Purging(client, name, operator, reason)
        total = purging.total()
        if total and not yes:
            question = f"Remove {total:,} documents of {name} for ever?"
            click.confirm(question, abort=True, err=True)
        done = purging.run(total)
    if as_json:
        click.echo(json.dumps({"name": name, **done._asdict()}))
    else:
        click.echo(
            f"{name}: {done.purged:,} documents removed, {done.remaining:,} left"
        )
    if done.remaining:
        sys.exit(2)


class Purged(NamedTuple):
    """Is how many documents were removed, and how many are left."""

    purged: int = 0
    remaining: int = 0


class Purging(NamedTuple):
    """Is a purge that somebody answers for."""

    client: PointsClient
    name: str
    operator: str
    reason: str

    def total(self) -> int:
        """Returns how many documents there are, and changes nothing."""
        return self._page(validate_only=True).remaining_documents

    def run(self, total: int) -> Purged:
        """Removes page after page, until nothing is left or nothing goes."""
        done = Purged(remaining=total)
        with Progress(console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("purging", total=total)
            while done.remaining:
                page = self._page()
                removed = done.purged + page.purged_documents
                done = Purged(removed, page.remaining_documents)
                progress.update(task, completed=removed)
                if not page.purged_documents:
                    break
        return done

    def _page(self, *, validate_only: bool = False) -> PurgePluginResponse:
        return self.client.purge_plugin(
            self.name,
            operator=self.operator,
            reason=self.reason,
            validate_only=validate_only,
        )
