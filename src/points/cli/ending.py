"""How a process of ours ends on what its user can mend."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from points.mendable import Mendable


@contextmanager
def in_one_line() -> Iterator[None]:
    """Ends the process with one line and status 1 on what the user can mend."""
    try:
        yield
    except click.ClickException as error:
        error.show()
    except click.Abort:
        click.echo("stopped", err=True)
    except Mendable as error:
        click.echo(f"points: {error}", err=True)
    else:
        return
    # Not click's own 2, which verify keeps for what it has found.
    sys.exit(1)
