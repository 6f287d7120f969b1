"""How a process of ours ends on what its user can mend."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click

from points.mendable import Mendable


_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


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
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        _drop_output()
        advice = "make room, or write elsewhere"
        click.echo(f"points: cannot write: {error.strerror}: {advice}", err=True)
    else:
        return
    # Not click's own 2, which verify keeps for what it has found.
    sys.exit(1)


def _drop_output() -> None:
    """Lets go of what could not be written: Python would try again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
