"""Keys and certificates, as files hold them."""

from __future__ import annotations

from pathlib import Path

import click


def read_pem(path: str) -> bytes:
    """Returns what a file holds; raises click.ClickException."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error
