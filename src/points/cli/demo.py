"""`points demo`: a tour with real purchases."""

from __future__ import annotations

import click


@click.command()
def demo() -> None:
    """Replays."""
