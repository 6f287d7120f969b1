"""A server in a process of its own, for as long as a command needs one."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import click


_STOP_SECONDS: Final = 30
_LISTENING: Final = "listening on "


@contextmanager
def background_server(database_url: str) -> Iterator[str]:
    """Runs `points serve` on a free port and yields its address; stops it at the end.

    Raises ClickException if it does not start: its own message is already shown.
    """
    command = [
        *(sys.executable, "-m", "points", "serve", "--migrate"),
        *("--address", "127.0.0.1:0", "--database-url", database_url),
        *("--log-level", "warning"),
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own program
        try:
            yield _address(process)
        finally:
            process.terminate()
            process.wait(_STOP_SECONDS)


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(_LISTENING):
            return line.removeprefix(_LISTENING).strip()
    raise click.ClickException("the server did not start")
