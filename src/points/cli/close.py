"""`points close`: closes the books of a running server."""

from __future__ import annotations

from datetime import UTC

import click

from points.cli.connecting import calling
from points.cli.options import instant_of
from points.client.client import DEFAULT_TARGET


@click.command()
@click.option(
    "--target", default=DEFAULT_TARGET, show_default=True, help="A server, host:port."
)
@click.option(
    "--until",
    required=True,
    help="First instant that stays open, as 2026-01-01T00:00:00Z.",
)
@click.option("--operator", required=True, help="Who closes the books.")
@click.option("--reason", required=True, help="Why, as 2025-12.")
@click.option("--request-id", help="Makes it safe to repeat.  [default: a new one]")
def close(
    *, target: str, until: str, operator: str, reason: str, request_id: str | None
) -> None:
    """Closes the books up to an instant: nothing may be dated back before it.

    Each part of the ledger records its closing trial balance.
    """
    with calling(target) as client:
        closed = client.close_books(
            instant_of(until, "--until"),
            operator=operator,
            reason=reason,
            request_id=request_id,
        ).close
    shown = closed.until_time.ToDatetime(UTC).isoformat()
    click.echo(f"the books are closed until {shown}")
